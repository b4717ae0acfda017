"""A folder a class as a data set: its rows, its cache, its test rows, and images that are refused or left out."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from evo_nas.config import DataSettings, parse_settings
from evo_nas.data import Dataset, dataset_from_images, describe_images, load_data, split_rows
from evo_nas.data.images import folder_data
from evo_nas.data.images.progress import Unwatched
from evo_nas.errors import UserError
from tests.data.images.conftest import Load, noise, save

PIXELS = np.stack([noise(seed=seed) for seed in range(8)])
KINDS = np.array(["cats"] * 4 + ["dogs"] * 4)


def decodes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are decoded from now on."""
    names: list[str] = []
    real = folder_data.read_pixels

    def counted(path: Path, look: object) -> np.ndarray:
        names.append(path.name)
        return real(path, look)  # type: ignore[arg-type]

    monkeypatch.setattr(folder_data, "read_pixels", counted)
    return names


def test_rows_are_the_images(animals: Path, load: Load) -> None:
    data = load()
    assert (data.name, data.classes, data.task, data.input_shape) == ("train", ("cats", "dogs"), "binary", (6, 5, 3))
    np.testing.assert_array_equal(data.pixels, PIXELS)
    assert data.target.tolist() == [0] * 4 + [1] * 4
    assert not data.pixels.flags.writeable
    assert describe_images(data) == "train: 8 images of 6 x 5 x 3; 2 classes: cats 4, dogs 4"


def test_the_same_images_are_the_same_data_wherever_they_came_from(animals: Path, load: Load, tmp_path: Path) -> None:
    np.savez(tmp_path / "rows.npz", x=PIXELS, y=KINDS)
    np.savez(tmp_path / "floats.npz", x=PIXELS / 255.0, y=KINDS)
    np.save(tmp_path / "x.npy", PIXELS)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    others: list[Dataset] = [
        load(images="rows.npz"),
        load_data(DataSettings(path="floats.npz"), base=tmp_path),
        dataset_from_images(PIXELS, KINDS),
        dataset_from_images(mapped, KINDS),
        load(fit="crop"),
    ]
    assert {other.fingerprint for other in others} == {load().fingerprint}
    assert others[3].pixels is mapped, "what is on the disk is not copied"
    changed = PIXELS.copy()
    changed[7, 5, 4, 2] ^= 1
    assert dataset_from_images(changed, KINDS).fingerprint != load().fingerprint
    assert dataset_from_images(PIXELS, KINDS[::-1]).fingerprint != load().fingerprint


def test_images_are_decoded_once(animals: Path, load: Load, monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    decoded = decodes(monkeypatch)
    assert load().fingerprint == load().fingerprint
    assert len(decoded) == 8
    assert len(list(cache.iterdir())) == 1
    load(colour="grey")
    assert len(decoded) == 16
    save(animals / "cats" / "0.png", noise(seed=9))
    os.utime(animals / "cats" / "0.png", ns=(1, 1))
    assert (load().pixels[0] == noise(seed=9)).all()
    assert len(decoded) == 24


def test_a_cache_that_is_not_wanted_is_not_left(animals: Path, load: Load, cache: Path) -> None:
    np.testing.assert_array_equal(load(cache="none").pixels, PIXELS)
    assert not list(cache.iterdir())


def test_what_a_killed_process_left_is_forgotten_in_the_end(animals: Path, load: Load, cache: Path) -> None:
    for name in (".old.7.tmp", ".new.8.tmp"):
        (cache / name).mkdir(parents=True)
        (cache / name / "pixels.npy").write_bytes(b"a part")
    for path in (cache / ".old.7.tmp" / "pixels.npy", cache / ".old.7.tmp"):
        os.utime(path, (1.0, 1.0))
    load()
    assert sorted(path.name for path in cache.iterdir())[0] == ".new.8.tmp"
    assert len(list(cache.iterdir())) == 2


@pytest.mark.parametrize("damage", ["cut", "changed", "no header", "another header"])
def test_a_damaged_cache_is_filled_again(
    animals: Path, load: Load, monkeypatch: pytest.MonkeyPatch, cache: Path, damage: str
) -> None:
    load()
    (entry,) = cache.iterdir()
    pixels, header = entry / "pixels.npy", entry / "entry.json"
    pixels.chmod(0o644)
    content = bytearray(pixels.read_bytes())
    if damage == "cut":
        pixels.write_bytes(content[:-1])
    elif damage == "changed":
        content[-1] ^= 1
        pixels.write_bytes(content)
    elif damage == "no header":
        header.unlink()
    else:
        header.write_text("[]")
    decoded = decodes(monkeypatch)
    np.testing.assert_array_equal(load().pixels, PIXELS)
    assert len(decoded) == 8
    load()
    assert len(decoded) == 8


def test_a_disk_that_refuses_is_said(
    animals: Path, load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("EVO_NAS_CACHE", str(tmp_path / "file"))
    with pytest.raises(
        UserError, match=r"decoded images cannot be kept there .* set EVO_NAS_CACHE to a folder with room"
    ):
        load()


def test_classes_that_are_numbers_are_classes_in_their_order(tmp_path: Path, load: Load) -> None:
    for number in range(25):
        for name in "ab":
            save(tmp_path / "train" / str(number) / f"{name}.png", noise(seed=number))
    data = load()
    assert (data.task, data.classes) == ("multiclass", tuple(map(str, range(25))))
    assert sorted(set(load(task="regression").target)) == list(range(25))


def test_size_and_colours_are_guessed_or_given(animals: Path, load: Load) -> None:
    save(animals / "cats" / "large.png", noise(400, 300))
    assert load().input_shape == (6, 5, 3)
    assert load(image_size=[4, 7], colour="grey").input_shape == (4, 7, 1)
    for path in animals.rglob("*.png"):
        with Image.open(path) as image:
            image.convert("L").save(path)
    assert load().input_shape == (6, 5, 1)
    assert load(colour="colour").input_shape == (6, 5, 3)


def test_given_test_rows_are_the_test_rows(animals: Path, load: Load, tmp_path: Path) -> None:
    save(tmp_path / "test" / "cats" / "x.png", noise(9, 9, seed=20, channels=1))
    save(tmp_path / "test" / "dogs" / "y.png", noise(seed=21))
    data = load(test_images="test")
    assert (data.num_rows, data.num_test, data.target[-2:].tolist()) == (10, 2, [0, 1])
    assert data.input_shape == (6, 5, 3), "test images decide nothing"
    split = split_rows(data, DataSettings(images="train", test_fraction=0.5, confirmation_fraction=0.25))
    assert split.test.tolist() == [8, 9]
    assert len(split.confirmation) == 2
    assert sorted([*split.confirmation, *split.search]) == list(range(8))
    assert data.fingerprint != dataset_from_images(data.pixels, data.target).fingerprint
    assert "of which 2 came as test images" in describe_images(data)
    save(tmp_path / "test" / "birds" / "z.png", noise())
    with pytest.raises(UserError, match=r"the class 'birds' has a single image \(test/birds/z\.png\); one is needed"):
        load(test_images="test")
    save(tmp_path / "test" / "birds" / "zz.png", noise(seed=1))
    with pytest.raises(UserError, match="the class 'birds' has test rows and none to learn from; add images of it"):
        load(test_images="test")


def test_a_class_alone_is_told_by_its_folder(load: Load, tmp_path: Path) -> None:
    for number in range(2):
        save(tmp_path / "alone" / "cats" / f"{number}.png", noise(seed=number))
    with pytest.raises(UserError, match="alone: all images are of the class 'cats'; give a folder for each class"):
        load(images="alone")


def test_test_images_that_can_be_learnt_from_are_named(
    animals: Path, load: Load, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seed in (("cats/new.png", 50), ("cats/old.png", 2), ("dogs/moved.png", 0), ("dogs/new.png", 51)):
        save(tmp_path / "test" / name, noise(seed=seed))
    load(test_images="test")
    assert " ".join(capsys.readouterr().err.split()) == (
        f"{tmp_path / 'test'}: 2 images of the test rows can also be learnt from, so the test score will flatter: "
        "test/cats/old.png is also train/cats/2.png; test/dogs/moved.png is also train/cats/0.png"
    )


def test_bad_images_are_refused_by_name_or_left_out_by_name(
    animals: Path, load: Load, capsys: pytest.CaptureFixture[str]
) -> None:
    (animals / "cats" / "text.jpg").write_text("I am a text")
    (animals / "dogs" / "0 bytes.png").touch()
    (animals / "empty").mkdir()
    for _ in range(2):  # the second time from the cache
        with pytest.raises(UserError) as refused:
            load()
        assert str(refused.value) == (
            f"{animals}: 3 images cannot be taken: empty/ holds no image that can be taken, so it is no class; "
            "cats/text.jpg is not an image that can be read, whatever its name says; "
            'dogs/0 bytes.png is empty (0 bytes); mend or remove them, or set on_bad_image = "skip" in [data]'
        )
    for _ in range(2):
        data = load(on_bad_image="skip")
        said = capsys.readouterr().err
        assert "3 images left out: empty/ holds no image" in said
        assert "cats/text.jpg is not an image" in said
        np.testing.assert_array_equal(data.pixels, PIXELS)
        assert data.target.tolist() == [0] * 4 + [1] * 4


def test_of_many_bad_images_ten_are_named_and_the_others_counted(animals: Path, load: Load) -> None:
    for number in range(15):
        (animals / "cats" / f"{number:02}.jpg").touch()
    with pytest.raises(UserError) as refused:
        load()
    said = str(refused.value)
    assert said.startswith(f"{animals}: 15 images cannot be taken: cats/00.jpg is empty")
    assert "cats/09.jpg is empty (0 bytes); and 5 more; mend or remove them" in said
    assert "10.jpg" not in said


def test_a_file_that_may_not_be_read_is_named(animals: Path, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def guarded(path: object, flags: int, mode: int = 0o777) -> int:
        if str(path).endswith("3.png"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, mode)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", guarded)
    with pytest.raises(UserError, match=r"cats/3\.png may not be read; change its permissions"):
        load()


def test_nothing_but_bad_images(tmp_path: Path, load: Load) -> None:
    for name in ("a/1.png", "b/2.png"):
        save(tmp_path / "train" / name, noise())
        (tmp_path / "train" / name).write_bytes(b"no image")
    with pytest.raises(UserError, match=r"2 images cannot be taken: a/1.png is not an image .*; no image is left"):
        load(on_bad_image="skip")
    with pytest.raises(UserError, match="there are no rows"):
        load(on_bad_image="skip", image_size=[4, 4], colour="grey")


def test_keys_that_say_nothing_about_such_rows_are_refused(animals: Path, load: Load, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"\[data\] categorical: it is about the rows of a table, and these are images"):
        load(categorical=["a"])
    (tmp_path / "rows.csv").write_text("a,y\n1,0\n2,1\n3,0\n4,1\n")
    table = {"path": "rows.csv", "target": "y", "image_size": (3, 3)}
    with pytest.raises(UserError, match=r"\[data\] image_size: it is about images, and these are the rows of a table"):
        load_data(DataSettings.model_validate(table), base=tmp_path)
    with pytest.raises(
        UserError, match="a folder cannot be read as a CSV file; where it holds images, give it as images"
    ):
        load_data(DataSettings(path="train"), base=tmp_path)


def test_whoever_watches_is_told_of_every_image(animals: Path, tmp_path: Path) -> None:
    class Counting(Unwatched):
        def __init__(self) -> None:
            self.told: dict[str, int] = {}

        def follow(self, items, total, what):  # type: ignore[no-untyped-def]
            for number, item in enumerate(items, start=1):
                self.told[f"{what}, {total} images"] = number
                yield item

    watcher = Counting()
    load_data(DataSettings(images="train"), base=tmp_path, watcher=watcher)
    assert watcher.told == {"looking at train, 8 images": 8, "reading train, 8 images": 8}


def test_images_that_are_counted_otherwise_are_noticed() -> None:
    x = np.zeros((8, 4, 4), dtype=np.float64)
    x[1] = 16.0
    said = describe_images(dataset_from_images(x, np.arange(8) % 2))
    assert said.endswith("; the brightest pixel is 16 of 255: scale images to 255 that are only counted otherwise")


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"images": "a", "path": "b"}, "give one of path, name and images, not path and images"),
        ({"images": "a", "name": "b"}, "give one of path, name and images, not name and images"),
        ({"name": "iris", "test_images": "b"}, "test_images comes with images, the folder of the images to learn from"),
        ({"images": "a", "image_size": [28]}, r"\[data\] image_size"),
        ({"images": "a", "image_size": [28, 0]}, r"\[data\] image_size"),
        ({"images": "a", "image_size": [28, 5000]}, r"\[data\] image_size"),
        ({"images": "a", "colour": "gray"}, r"\[data\] colour: expected .*did you mean 'grey'"),
        ({"images": "a", "fit": "stretched"}, r"\[data\] fit: expected .*did you mean 'stretch'"),
        ({"image": "a"}, r"unknown key \[data\] image \(did you mean 'images'\?\)"),
    ],
)
def test_settings_of_images_that_make_no_sense(section: dict[str, object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        parse_settings({"data": section, "space": {"encoding": "cnn"}}, where="settings.toml")


def test_settings_of_tables_mean_what_they_meant() -> None:
    # Outcomes were kept by this before there were images.
    settings = DataSettings(path="rows.csv", target="y")
    assert settings.in_key() == {"test_fraction": 0.2, "confirmation_fraction": 0.0, "split_seed": 0}
    assert DataSettings(images="train", image_size=(9, 9), colour="grey", fit="pad").in_key() == settings.in_key()
