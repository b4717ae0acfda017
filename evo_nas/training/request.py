"""One training as a child is asked for it: plain data on the way in, records from here on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evo_nas.config import DataSettings, Recipe
from evo_nas.config.evaluation import IMAGE_MEMORY_MB
from evo_nas.training.streams import TrainingStreams
from genomes import Encoding, Genome, encoding_from


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A canonical genome whose weights were inherited. weights: where its trained weights lie, if anywhere."""

    genome: Genome
    fingerprint: str
    weights: Path | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> Ancestor:
        """Raises what `TrainingRequest.from_payload` does."""
        weights = Path(payload["weights"]) if payload["weights"] else None
        return cls(Genome.from_json(payload["genome"]), payload["fingerprint"], weights)


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """A canonical genome, the data, and what one training means.

    encoding: the space, which knows the size of the genome's network. data: path of a saved data set. split: which of
    its rows may be seen. image_memory_mb: see `EvaluationSettings`; it is of no consequence for a result. ancestors:
    the oldest began from scratch, each further one with the weights of the one before, and this training begins with
    those of the last; without any it begins from scratch.
    """

    genome: Genome
    encoding: Encoding
    fingerprint: str
    recipe: Recipe
    data: Path
    split: DataSettings
    replicate: int
    image_memory_mb: int = IMAGE_MEMORY_MB
    ancestors: tuple[Ancestor, ...] = ()

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> TrainingRequest:
        """Raises KeyError, or what the records raise, where the payload is no training; ignores further keys."""
        memory_mb = payload.get("image_memory_mb")
        return cls(
            genome=Genome.from_json(payload["genome"]),
            encoding=encoding_from(payload["space"]),
            fingerprint=payload["fingerprint"],
            recipe=Recipe.model_validate(payload["recipe"]),
            data=Path(payload["data"]),
            split=DataSettings.model_validate(payload["split"]),
            replicate=payload["replicate"],
            image_memory_mb=IMAGE_MEMORY_MB if memory_mb is None else memory_mb,
            ancestors=tuple(map(Ancestor.from_payload, payload.get("ancestors", ()))),
        )

    @classmethod
    def many_from_payload(cls, payload: Mapping[str, Any]) -> list[TrainingRequest]:
        """Those of "members", each with a genome, a fingerprint and a replicate; everything else they share."""
        first = cls.from_payload({**payload, **payload["members"][0]})
        return [
            replace(
                first,
                genome=Genome.from_json(member["genome"]),
                fingerprint=member["fingerprint"],
                replicate=member["replicate"],
            )
            for member in payload["members"]
        ]

    def streams(self, fold: int | str) -> TrainingStreams:
        """The random numbers of this training on one fold."""
        return TrainingStreams(self.recipe.evaluation_seed, fold, self.replicate, self.fingerprint)
