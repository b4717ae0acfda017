"""What a person reads of a run: tables, curves, graphs. Reads records and a run folder; trains nothing.

`tables.py` and `generations.py` write the CSV files, `graphml.py` the graphs; `curves.py` and `family_picture.py` draw,
and are the only ones that load matplotlib, when they draw. `importance/` asks which genes mattered, and draws that.
"""
