"""One training as a child is asked for it: plain data on the way in, records from here on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from evo_nas.config import DataSettings, Recipe
from evo_nas.training.streams import TrainingStreams
from genomes import Encoding, Genome, encoding_from


@dataclass(frozen=True, slots=True)
class TrainingRequest:
    """A canonical genome, the data, and what one training means.

    encoding: the space, which knows the size of the genome's network. data: path of a saved data set. split: which of
    its rows may be seen.
    """

    genome: Genome
    encoding: Encoding
    fingerprint: str
    recipe: Recipe
    data: Path
    split: DataSettings
    replicate: int

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> TrainingRequest:
        """Raises KeyError, or what the records raise, where the payload is no training; ignores further keys."""
        return cls(
            genome=Genome.from_json(payload["genome"]),
            encoding=encoding_from(payload["space"]),
            fingerprint=payload["fingerprint"],
            recipe=Recipe.model_validate(payload["recipe"]),
            data=Path(payload["data"]),
            split=DataSettings.model_validate(payload["split"]),
            replicate=payload["replicate"],
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

    def until(self, epochs: int) -> TrainingRequest:
        """The same training, ended after so many epochs: what it did until then is the same to the bit."""
        epochs = min(epochs, self.recipe.epochs)
        return replace(self, recipe=self.recipe.model_copy(update={"epochs": epochs}))

    def streams(self, fold: int | str) -> TrainingStreams:
        """The random numbers of this training on one fold."""
        return TrainingStreams(self.recipe.evaluation_seed, fold, self.replicate, self.fingerprint)
