"""Public sets of images by name: where their files are found, and what their classes are called."""

from __future__ import annotations

from dataclasses import dataclass

from evo_nas.config import DataSettings
from evo_nas.data.dataset import Dataset
from evo_nas.data.download import PublicFile, stored_file
from evo_nas.data.images.idx_files import read_idx
from evo_nas.data.images.sources import LabelledImages, dataset_of


@dataclass(frozen=True, slots=True)
class PublicImages:
    """A set that is four idx files: images and labels to learn from, then those kept apart for the test.

    address: of the folder of its files. files: their names (gzip) and the sha256 of each content, uncompressed.
    classes: their names, by label.
    """

    address: str
    files: tuple[tuple[str, str], ...]
    classes: tuple[str, ...]


PUBLIC_IMAGES = {
    "fashion_mnist": PublicImages(
        # Xiao, Rasul and Vollgraf 2017; MIT. Which garment is this, of 28 x 28 grey pixels? 60,000 and 10,000 images.
        address="https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        files=(
            ("train-images-idx3-ubyte.gz", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
            ("train-labels-idx1-ubyte.gz", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
            ("t10k-images-idx3-ubyte.gz", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
            ("t10k-labels-idx1-ubyte.gz", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
        ),
        classes=(
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
    ),
}


def load_public_images(name: str, settings: DataSettings) -> Dataset:
    """One of `PUBLIC_IMAGES`, with the test rows of its authors, in the size and colours that settings ask for.

    Classes stand in the authors' order, so that a class index is their label. Raises UserError as `stored_file` does.
    """
    public = PUBLIC_IMAGES[name]
    paths = [
        stored_file(PublicFile(name, f"{name}/{file}", public.address + file, sha256)) for file, sha256 in public.files
    ]
    parts = [
        LabelledImages(read_idx(images, 3), read_idx(labels, 1), is_class=True)
        for images, labels in (paths[:2], paths[2:])
    ]
    return dataset_of(name, parts, settings, where=name, names=public.classes)
