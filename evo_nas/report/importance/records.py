"""What an analysis found: plain records without NaN, which `to_json` turns into plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["number", "category"]
_SPELLINGS = {"layers": "number of layers", "l1": "L1", "l2": "L2"}


def plain_name(gene: str, part: str = "") -> str:
    """A gene for a person: "learning rate", "width of the first layer"."""
    name = _SPELLINGS.get(gene, gene.replace("_", " "))
    return f"{name} of the {part}" if part else name


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its uncertainty: low <= value <= high, each finite."""

    value: float
    low: float
    high: float

    @property
    def covers_zero(self) -> bool:
        return self.low <= 0.0 <= self.high


@dataclass(frozen=True, slots=True)
class GeneImportance:
    """How much a gene, or a part of one, mattered for one objective. A measure that cannot be told is None.

    part: "" for the whole gene; "first layer", "layers in between" or "last layer" for a part of a layer's gene.
    num_networks: in how many networks the gene has an effect.
    correlation: of a number Spearman's rho in [-1, 1]; of a category epsilon squared, the share of the variance of the
        ranks that it explains, 0 on average for noise and so sometimes below 0. low, high: 95 % by half-samples.
    p_value: of that correlation, corrected for the number of genes (Holm 1979); None for a part.
    permutation: by how much the forest's explained share of the variance falls where the gene is shuffled among
        networks that its trees have not seen. low, high: 95 % over networks.
    share: of the forest's variance, what the gene explains alone (functional ANOVA); 0 on average for noise, so
        sometimes below 0; None for a part. low, high: 95 % of the pairs of trees.
    """

    gene: str
    part: str
    kind: Kind
    num_networks: int
    correlation: Estimate | None
    p_value: float | None
    permutation: Estimate | None
    share: Estimate | None

    @property
    def name(self) -> str:
        return plain_name(self.gene, self.part)


@dataclass(frozen=True, slots=True)
class Interaction:
    """The share of the forest's variance that two genes explain only together; with its 95 % of the pairs of trees."""

    first: str
    second: str
    share: Estimate


@dataclass(frozen=True, slots=True)
class Axis:
    """The values of a gene at which an effect is told.

    places: of a number, positions in [0, 1] on the gene's own scale; of a category, 0, 1, 2, ...
    labels: the same values for a person. scale: "log" where equal distances are equal factors.
    """

    gene: str
    kind: Kind
    places: tuple[float, ...]
    labels: tuple[str, ...]
    scale: Literal["linear", "log"] = "linear"


@dataclass(frozen=True, slots=True)
class Effect:
    """The objective that the forest expects at each value of one gene, all other genes as in the networks trained
    (partial dependence; Friedman 2001).

    mean, low, high: in the objective's unit, one for each place; low and high hold 95 % of the trees.
    counts: how many of the networks trained lie nearest to each place. trained: where they lie, 500 of them at most.
    """

    axis: Axis
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    counts: tuple[int, ...]
    trained: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Surface:
    """The same for two genes together. mean and counts: a row for each place of `first`, in it one of `second`."""

    first: Axis
    second: Axis
    mean: tuple[tuple[float, ...], ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class ObjectiveImportance:
    """Which genes mattered for one objective.

    num_networks: distinct networks with a value; num_measurements: the
        measurements behind them, replicates included.
    explained: share of the variance of networks that its trees have not seen which the forest explains (1 all, 0 or
        less nothing); None where no forest was grown.
    genes: most important first; the parts of a gene follow it. interactions: strongest first.
    effects: in the order of genes. surfaces: of the strongest interactions.
    notes: sentences for a person: what was left out, and why a number is missing.
    """

    name: str
    maximize: bool
    num_networks: int
    num_measurements: int
    explained: float | None
    genes: tuple[GeneImportance, ...]
    interactions: tuple[Interaction, ...]
    effects: tuple[Effect, ...]
    surfaces: tuple[Surface, ...]
    notes: tuple[str, ...]

    @property
    def whole_genes(self) -> tuple[GeneImportance, ...]:
        """Without the parts."""
        return tuple(row for row in self.genes if not row.part)


@dataclass(frozen=True, slots=True)
class FailureShare:
    """How often the networks with a value of a gene failed, against the others.

    share: with Wilson's interval of 95 %. p_value: Fisher's exact test, two-sided, corrected for
    all values (Holm 1979).
    """

    gene: str
    values: str
    num_networks: int
    num_failures: int
    share: Estimate
    share_of_others: float
    p_value: float

    @property
    def name(self) -> str:
        return plain_name(self.gene)


@dataclass(frozen=True, slots=True)
class Importance:
    """What `analyse` found. failures: the values most likely to blame first; empty where nothing or all failed.

    num_failed: networks of which a training failed, by status; they are in no objective's numbers.
    """

    objectives: tuple[ObjectiveImportance, ...]
    failures: tuple[FailureShare, ...]
    num_networks: int
    num_failed: Mapping[str, int]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data that `json.dumps(..., allow_nan=False)` accepts."""
        return asdict(self)
