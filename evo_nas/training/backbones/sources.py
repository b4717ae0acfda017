"""Where a backbone comes from: a network of `keras.applications`, or a file. Nothing read here can run code (law 7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from evo_nas.errors import UserError, described
from evo_nas.training.backbones.conventions import with_convention
from genomes import Shape
from genomes.gene_reading import nearest
from genomes.transfer_genes import IMAGENET, SAVED_NETWORK


@dataclass(frozen=True, slots=True)
class Source:
    """name: of a network of `keras.applications`, or of a file without its ending. weights: "imagenet", or the path of
    a file of weights, or of a whole network. input_shape: of the images, (height, width, channels).
    """

    name: str
    weights: str
    input_shape: Shape

    def build(self) -> keras.Model:
        """The backbone: images as `conventions.py` says -> features, its weights the pretrained ones.

        Raises UserError, one sentence, where there is no such network or file, the weights are not of this network,
        cannot be downloaded, or the network does not take such images.
        """
        model = self._from_file() if self.weights.endswith(SAVED_NETWORK) else self._from_applications()
        if not all(np.isfinite(weight).all() for weight in model.get_weights()):
            raise UserError(f"[space] backbone: a weight of {self.name} is not finite; its file is damaged")
        return model

    def _from_file(self) -> keras.Model:
        path = _existing(self.weights)
        try:
            model = keras.saving.load_model(path, compile=False, safe_mode=True)
        except Exception as error:  # noqa: BLE001 - Keras raises whatever its parsers do
            raise UserError(f"{path}: Keras cannot read this backbone ({described(error):.200})") from None
        if len(getattr(model, "inputs", None) or ()) != 1 or len(model.outputs) != 1:
            raise UserError(
                f"{path}: expected a functional or sequential network of one input and output, got {model.name!r:.100}"
            )
        model = keras.Model(model.inputs[0], model.outputs[0], name=model.name)  # of a sequential one too
        expected = tuple(model.inputs[0].shape[1:])
        if expected != self.input_shape:
            raise UserError(
                f"{path}: this backbone takes images of {_size(expected)}, and the data's are of "
                f"{_size(self.input_shape)}; set [data] image_size and colour to what it takes"
            )
        return model

    def _from_applications(self) -> keras.Model:
        build = _application(self.name)
        if self.weights == IMAGENET and self.input_shape[-1] != 3:
            raise UserError(
                f"[space] weights: the ImageNet weights of {self.name} are of colour images, and the data's are of "
                f'{_size(self.input_shape)}; set colour = "colour" in [data]'
            )
        try:
            model = build(weights=None, include_top=False, input_shape=self.input_shape)
        except Exception as error:  # noqa: BLE001 - Keras raises whatever it likes of a shape
            size = _size(self.input_shape)
            raise UserError(
                f"[space] backbone: {self.name} cannot take images of {size} ({described(error):.200})"
            ) from None
        path = _downloaded(build, self) if self.weights == IMAGENET else None
        if path is None and self.weights != IMAGENET:
            self._load_weights(model, _existing(self.weights))
        elif path is not None:
            model.set_weights(path)
        return with_convention(model, self.name)

    def _load_weights(self, model: keras.Model, path: Path) -> None:
        """Names and shapes are checked: every weight of the network must be in the file, in its shape."""
        try:
            model.load_weights(path, skip_mismatch=False)
        except Exception as error:  # noqa: BLE001 - h5py and Keras raise whatever they like
            raise UserError(
                f"{path}: these are not the weights of {self.name} without its top for images of "
                f"{_size(self.input_shape)} ({described(error):.200})"
            ) from None


def _application(name: str) -> Callable[..., keras.Model]:
    """The builder of a network by its name."""
    known = [each for each in dir(keras.applications) if each[0].isupper()]
    if name not in known:
        hint = nearest(name, known)
        raise UserError(
            f"[space] backbone: {name!r:.100}{hint} is no network of keras.applications, and no file that ends in "
            f"{SAVED_NETWORK}"
        )
    build: Callable[..., keras.Model] = getattr(keras.applications, name)
    return build


def _downloaded(build: Callable[..., keras.Model], source: Source) -> list[Any]:
    """The ImageNet weights, which Keras keeps in its own cache folder after the first time."""
    try:
        weights: list[Any] = build(weights="imagenet", include_top=False, input_shape=source.input_shape).get_weights()
    except Exception as error:  # noqa: BLE001 - urllib, ssl and h5py raise whatever they like
        raise UserError(
            f"[space] weights: the ImageNet weights of {source.name} cannot be downloaded here "
            f"({described(error):.200}); "
            'give weights = "FILE.weights.h5", or run this once where there is a network'
        ) from None
    return weights


def _existing(path: str) -> Path:
    if not Path(path).is_file():
        raise UserError(f"[space] weights: there is no file {path}")
    return Path(path)


def _size(shape: tuple[int | None, ...]) -> str:
    return " x ".join("any" if length is None else str(length) for length in shape)
