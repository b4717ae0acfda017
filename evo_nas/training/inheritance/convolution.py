"""One convolution: its weights by name, fitted to another size, other channels and other filters."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from evo_nas.training.inheritance.normalization import NORMALIZATION, Parts, softened, with_form
from evo_nas.training.inheritance.units import Array, Units, divided
from genomes import Value

DEPTHWISE, POINTWISE = "depthwise_kernel", "pointwise_kernel"


def parts_of(weights: Parts, name: str) -> dict[str, Array]:
    """The weights of a convolution by name: "kernel", of a separable one the pointwise one, beside "depthwise_kernel";
    and "bias", or those of its batch normalisation.
    """
    normalization = name.replace("convolution", "normalization")
    paths = {f"{name}/{each}": each for each in ("kernel", "bias", DEPTHWISE)}
    paths |= {f"{name}/{POINTWISE}": "kernel", **{f"{normalization}/{each}": each for each in NORMALIZATION}}
    return {each: weights[path] for path, each in paths.items() if path in weights}


def written(name: str, parts: Parts) -> dict[str, Array]:
    """The inverse of `parts_of`."""
    normalization = name.replace("convolution", "normalization")
    kernel = POINTWISE if DEPTHWISE in parts else "kernel"
    named = {each: f"{normalization if each in NORMALIZATION else name}/{each}" for each in parts}
    return {f"{name}/{kernel}" if each == "kernel" else named[each]: value for each, value in parts.items()}


def taken_parts(
    parts: Parts, met: Units, source: NDArray[np.int64], block: Mapping[str, Value], generator: np.random.Generator
) -> dict[str, Array]:
    """A convolution of the parent as the child's block has it.

    met: the child's channels that enter. source: the parent's filter that each of the child's stands for.
    """
    pixels = {DEPTHWISE: parts[DEPTHWISE]} if DEPTHWISE in parts else {}
    rest = {each: value for each, value in parts.items() if each != DEPTHWISE}
    if len(rest) > 1:
        rest = with_form(rest, normalized=bool(block["batch_normalization"]))
    taken = {each: value[source] for each, value in rest.items() if each != "kernel"}
    taken["kernel"] = divided(rest["kernel"], met, generator)[..., source]
    if block.get("activation") == "softmax":
        taken = softened(taken, source)
    size = int(block["kernel"])
    if pixels:
        return {**taken, DEPTHWISE: centred(pixels[DEPTHWISE][:, :, met.source], size)}
    return {**taken, "kernel": centred(taken["kernel"], size)}


def centred(kernel: Array, size: int) -> Array:
    """A kernel of another size, with zeros around it or without its border: float32 [size, size, channels, filters].

    With padding, and without a stride, one that grows computes what it did.
    """
    if kernel.shape[0] == size:
        return kernel
    made = np.zeros((size, size, *kernel.shape[2:]), np.float32)
    offset, count = (size - 1) // 2 - (kernel.shape[0] - 1) // 2, min(size, kernel.shape[0])
    into, out_of = max(0, offset), max(0, -offset)
    made[into : into + count, into : into + count] = kernel[out_of : out_of + count, out_of : out_of + count]
    return made


def identity_filters(kernel: Array, size: int) -> Array:
    """Filters that see the pixel in the middle alone, and mix channels as a kernel float32 [channels, filters] does."""
    return centred(kernel[None, None], size)
