"""[data]: the rows of a run."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from evo_nas.config.section import Fraction, Section

Task = Literal["binary", "multiclass", "regression"]
Colour = Literal["auto", "grey", "colour"]
Fit = Literal["stretch", "pad", "crop"]
Side = Annotated[int, Field(ge=1, le=4096)]
ImageSize = tuple[Side, Side]


class DataSettings(Section):
    """Where the rows come from and which of them no choice may see.

    One of: `path` (CSV with `target`, or npz), `name` of a bundled or public set, and `images`. Rows that were handed
    over in Python bear the name that they were given; such a run keeps them in its folder.

    images: a folder with a folder of images for each class, a folder with idx files as MNIST names them, one idx file
    of images, or npz. test_images: the same for the test rows, of which `test_fraction` then takes none. A set that
    comes with test rows (fashion_mnist, a folder of idx files) has no need of it.
    image_size: height and width of every image; where it is not given, the median ones, the longer at most 128; arrays
    keep theirs. colour: "auto" is grey where all images are. fit: how an image of another size is brought to it,
    "stretch" changes its sides, "pad" adds black, "crop" takes its middle. on_bad_image: of files that cannot be read,
    "refuse" the data or "skip" those; either names them.

    cache: where prepared rows are found again: in each worker's "memory", on "disk" too (`EVO_NAS_CACHE`, by default
    the user's cache folder), for other workers and runs, or nowhere ("none"). It changes the time, never a result.
    """

    path: str | None = None
    name: str | None = None
    images: str | None = None
    test_images: str | None = None
    image_size: ImageSize | None = None
    colour: Colour = "auto"
    fit: Fit = "stretch"
    on_bad_image: Literal["refuse", "skip"] = "refuse"
    target: str | None = None
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    task: Task | None = None
    test_fraction: Fraction = 0.2
    confirmation_fraction: Fraction = 0.0
    split_seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    cache: Literal["memory", "disk", "none"] = "memory"

    @model_validator(mode="after")
    def _fractions_leave_rows(self) -> DataSettings:
        if self.test_fraction + self.confirmation_fraction >= 1.0:
            raise ValueError("test_fraction and confirmation_fraction together must leave rows to search on (below 1)")
        return self

    @model_validator(mode="after")
    def _one_source(self) -> DataSettings:
        given = [key for key in ("path", "name", "images") if getattr(self, key) is not None]
        if given == ["path", "name"]:
            raise ValueError('give either path = "rows.csv" or name = "breast_cancer", not both')
        if len(given) > 1:
            raise ValueError(f"give one of path, name and images, not {' and '.join(given)}")
        if self.test_images is not None and self.images is None:
            raise ValueError("test_images comes with images, the folder of the images to learn from")
        return self

    def in_key(self) -> dict[str, Any]:
        """What of it is in the key of a training: how rows are divided, not where they came from."""
        return self.model_dump(mode="json", include={"test_fraction", "confirmation_fraction", "split_seed"})
