"""Which files a folder of classes holds, whatever else lies in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from evo_nas.data.images.class_folders import list_class_folders, list_images
from evo_nas.errors import UserError
from tests.data.images.conftest import noise, save


def reasons(root: Path) -> dict[str, str]:
    return {each.path: each.reason for each in list_class_folders(root).bad}


def test_files_are_listed_by_class_and_name(animals: Path) -> None:
    save(animals / "cats" / "persian" / "white" / "0.JPG", noise())
    save(animals / "cats" / "persian" / "1.Jpeg", noise())
    for ignored in (".DS_Store", ".hidden.png", "notes.txt", "Thumbs.db"):
        (animals / "dogs" / ignored).write_bytes(b"not looked at")
    (animals / ".git").mkdir()
    (animals / "README.md").write_text("not looked at")
    found = list_class_folders(animals)
    cats = ["0.png", "1.png", "2.png", "3.png", "persian/1.Jpeg", "persian/white/0.JPG"]
    assert [file.name for file in found.files] == [f"cats/{name}" for name in cats] + [
        f"dogs/{seed}.png" for seed in range(4, 8)
    ]
    assert [file.class_name for file in found.files] == ["cats"] * 6 + ["dogs"] * 4
    assert found.bad == ()
    assert [file.path.name for file in list_images(animals / "cats" / "persian").files] == ["1.Jpeg", "0.JPG"]


def test_whatever_cannot_be_taken_is_named(animals: Path, tmp_path: Path) -> None:
    outside = save(tmp_path / "secret.png", noise())
    cats = animals / "cats"
    (cats / "out.png").symlink_to(outside)
    (cats / "loop.png").symlink_to(cats / "pool.png")
    (cats / "pool.png").symlink_to(cats / "loop.png")
    (cats / "nothing.png").symlink_to(cats / "none.png")
    (cats / "again").symlink_to(animals, target_is_directory=True)
    (cats / "inside.png").symlink_to(animals / "dogs" / "4.png")
    os.mkfifo(cats / "pipe.png")
    (animals / "linked").symlink_to(tmp_path, target_is_directory=True)
    (animals / "empty").mkdir()
    save(animals / "loose.png", noise())
    assert reasons(animals) == {
        "cats/again": "is a link to a folder, which is not followed",
        "cats/loop.png": "is a link that leads nowhere",
        "cats/nothing.png": "is a link that leads nowhere",
        "cats/out.png": "is a link out of the folder, which is not followed; copy the file here",
        "cats/pipe.png": "is no ordinary file",
        "cats/pool.png": "is a link that leads nowhere",
        "empty/": "holds no image that can be taken, so it is no class",
        "linked": "is a link to a folder, which is not followed; move the folder here",
        "loose.png": "lies in no folder of a class",
    }
    names = [file.name for file in list_class_folders(animals).files]
    assert len(names) == 9
    assert "cats/inside.png" in names


def test_odd_names_are_read_and_shown_on_one_line(animals: Path) -> None:
    save(animals / "cats" / "two\nlines \x1b[31m ü.png", noise())
    broken = Path(os.fsdecode(os.fsencode(animals / "cats") + b"/caf\xe9.png"))
    save(broken, noise())
    names = [file.name for file in list_class_folders(animals).files]
    assert "cats/two\\nlines \\x1b[31m ü.png" in names
    assert "cats/caf\\xe9.png" in names


def test_a_folder_that_may_not_be_opened_is_named(animals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.scandir

    def guarded(path: object) -> object:
        if str(path).endswith("dogs"):
            raise PermissionError(13, "Permission denied")
        return real(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", guarded)
    assert reasons(animals)["dogs/"] == "cannot be opened (Permission denied)"


def test_no_images_at_all(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder; give one that holds a folder of images for each class"):
        list_class_folders(tmp_path / "none")
    (tmp_path / "none-yet").mkdir()
    with pytest.raises(UserError, match="no images of any class were found; expected none-yet/CLASS/IMAGE"):
        list_class_folders(tmp_path / "none-yet")
    save(tmp_path / "flat" / "a.png", noise())
    with pytest.raises(UserError, match=r"the first that is bad: a\.png lies in no folder of a class"):
        list_class_folders(tmp_path / "flat")
