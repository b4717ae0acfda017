"""Images in, pixels out: folders of files, idx files and arrays become uint8 [rows, height, width, channels].

Read `decoding.py` (one file), then `class_folders.py` (which files), `folder_data.py` (all of them) and `sources.py`
(what may be named in [data]). Pillow is imported here alone, when the first image is opened.
"""
