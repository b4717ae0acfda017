"""Files that were made to harm: each is named, none is fatal, and memory stays bounded."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from tests.data.images.conftest import noise, save

MEMORY_MB = 1000

LOAD = """
import json, resource, sys
from pathlib import Path
from evo_nas.config import DataSettings
from evo_nas.data import load_data
settings = DataSettings(images="train", on_bad_image="skip", image_size=(8, 8))
data = load_data(settings, base=Path(sys.argv[1]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps({"rows": data.num_rows, "classes": data.classes, "shape": data.input_shape, "peak_mb": peak}))
"""


def loaded(folder: Path) -> tuple[dict[str, object], str]:
    """What a process of its own makes of `train` in a folder, and what it says."""
    done = subprocess.run([sys.executable, "-c", LOAD, str(folder)], capture_output=True, text=True, check=True)
    return json.loads(done.stdout), done.stderr


def write_png(path: Path, width: int, height: int, *, colours: bool) -> None:
    """A whole PNG of zeros, 8 bits of red, green and blue or 1 bit of grey a pixel, without holding it in memory."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checked = kind + content
        return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))

    def packed() -> Iterator[bytes]:
        pack, row = zlib.compressobj(1), bytes(1 + (3 * width if colours else (width + 7) // 8))
        for _ in range(height):
            yield pack.compress(row)
        yield pack.flush()

    depth, kind = (8, 2) if colours else (1, 0)
    header = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    content = b"".join(packed())
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", content) + chunk(b"IEND", b""))


def test_every_hostile_file_is_named_and_none_is_fatal(tmp_path: Path) -> None:
    for seed in range(6):
        save(tmp_path / "train" / ("cats", "dogs")[seed % 2] / f"good {seed}.png", noise(seed=seed))
    cats, dogs = tmp_path / "train" / "cats", tmp_path / "train" / "dogs"
    (cats / "text.jpg").write_text("I am a text")
    (cats / "zero.png").touch()
    write_png(cats / "bomb.png", 20_000, 20_000, colours=False)
    write_png(cats / "quiet bomb.png", 9_000, 9_000, colours=False)
    photo = save(tmp_path / "photo.jpg", noise(64, 64)).read_bytes()
    (dogs / "half.jpg").write_bytes(photo[: len(photo) // 2])
    Image.fromarray(noise()).convert("CMYK").save(dogs / "cmyk.jpg")
    frames = [Image.fromarray(noise(seed=seed)) for seed in (1, 2)]
    frames[0].save(dogs / "moving.gif", save_all=True, append_images=frames[1:])
    (cats / "link.png").symlink_to(save(tmp_path / "outside.png", noise()))
    (cats / "circle.png").symlink_to(cats / "circle.png")
    os.mkfifo(cats / "pipe.png")
    save(dogs / "two\nlines.png", noise())
    (dogs / "bad\nname.png").touch()
    (dogs / ".DS_Store").write_bytes(b"\0")
    (tmp_path / "train" / "empty").mkdir()
    answer, said = loaded(tmp_path)
    assert (answer["rows"], answer["classes"]) == (6 + 3, ["cats", "dogs"])
    said = " ".join(said.split())
    for name, reason in (
        ("cats/text.jpg", "is not an image that can be read, whatever its name says"),
        ("cats/zero.png", "is empty (0 bytes)"),
        ("cats/bomb.png", "has far more than the 33,554,432 pixels that are decoded"),
        ("cats/quiet bomb.png", "has 9,000 x 9,000 pixels, more than the 33,554,432 that are decoded"),
        ("dogs/half.jpg", "is damaged (image file is truncated"),
        ("cats/link.png", "is a link out of the folder"),
        ("cats/circle.png", "is a link that leads nowhere"),
        ("cats/pipe.png", "is no ordinary file"),
        ("dogs/bad\\nname.png", "is empty (0 bytes)"),
        ("empty/", "holds no image that can be taken"),
    ):
        assert f"{name} {reason}" in said
    assert "10 images left out" in said
    assert 0 < int(str(answer["peak_mb"])) < MEMORY_MB


@pytest.mark.slow
def test_the_largest_pictures_that_are_taken_are_decoded_one_at_a_time(tmp_path: Path) -> None:
    for kind in ("cats", "dogs"):
        (tmp_path / "train" / kind).mkdir(parents=True)
        write_png(tmp_path / "train" / kind / "0.png", 5_792, 5_793, colours=True)
        for copy in range(1, 4):
            os.link(tmp_path / "train" / kind / "0.png", tmp_path / "train" / kind / f"{copy}.png")
    answer, _ = loaded(tmp_path)
    assert answer["rows"] == 8
    assert 0 < int(str(answer["peak_mb"])) < MEMORY_MB
