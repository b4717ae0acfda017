"""What a [space] section of convolutional networks says beside genes: of the data, and of how large they may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import inf
from typing import Any

from genomes.cnn_genes import INPUT_SHAPE, LIMITS, NUM_OUTPUTS
from genomes.cnn_limits import Frame
from genomes.genome import GenomeError, Shape

IMAGE_DIMENSIONS = 3


def read_frame(space: Mapping[str, Any]) -> Frame:
    """Raises GenomeError: which key, what was expected, what came."""
    shape, outputs = space.get(INPUT_SHAPE), space.get(NUM_OUTPUTS)
    max_parameters, max_flops = (_limit(space, key) for key in LIMITS)
    return Frame(
        None if shape is None else _shape(shape),
        None if outputs is None else _count(outputs, NUM_OUTPUTS),
        None if max_parameters is None else int(max_parameters),
        max_flops,
    )


def described_frame(frame: Frame) -> dict[str, Any]:
    """Plain data that `read_frame` reads back: what is known."""
    known = {
        INPUT_SHAPE: None if frame.given_shape is None else list(frame.given_shape),
        NUM_OUTPUTS: frame.given_outputs,
        "max_parameters": frame.max_parameters,
        "max_flops": frame.max_flops,
    }
    return {key: value for key, value in known.items() if value is not None}


def framed_for(frame: Frame, input_shape: Shape, num_outputs: int) -> Frame:
    """The frame of data. Raises GenomeError for rows that are no images, and for other data than the frame knows."""
    if len(input_shape) != IMAGE_DIMENSIONS:
        raise GenomeError(
            "a convolutional network takes images (height, width, channels), and these data have rows of "
            f'{" x ".join(map(str, input_shape))} numbers; use encoding = "mlp"'
        )
    if frame.given_shape not in (None, tuple(input_shape)):
        raise GenomeError(
            f"[space] {INPUT_SHAPE}: expected {list(input_shape)} as in the data, got {list(frame.input_shape)}"
        )
    if frame.given_outputs not in (None, num_outputs):
        raise GenomeError(f"[space] {NUM_OUTPUTS}: expected {num_outputs} as in the data, got {frame.num_outputs}")
    return replace(frame, given_shape=tuple(input_shape), given_outputs=num_outputs)


def _shape(data: object) -> Shape:
    if not isinstance(data, list | tuple) or len(data) != IMAGE_DIMENSIONS:
        raise GenomeError(f"[space] {INPUT_SHAPE}: expected [height, width, channels], got {data!r:.100}")
    return tuple(_count(each, INPUT_SHAPE) for each in data)


def _count(data: object, key: str) -> int:
    if type(data) is not int or data < 1:
        raise GenomeError(f"[space] {key}: expected a whole number of 1 or more, got {data!r:.100}")
    return data


def _limit(space: Mapping[str, Any], key: str) -> float | None:
    limit = space.get(key)
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int | float) or not 1 <= limit < inf):
        raise GenomeError(f"[space] {key}: expected a number of 1 or more, got {limit!r:.100}")
    return None if limit is None else float(limit)
