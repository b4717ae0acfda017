"""The settings of a run as frozen records, and the one sentence for each way in which they can be wrong."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evo_nas.errors import UserError
from evo_nas.individual import SIZES, Constraint, Objective, parse_constraint, parse_objective

Fraction = Annotated[float, Field(ge=0.0, lt=1.0)]
Positive = Annotated[int, Field(ge=1)]
Task = Literal["binary", "multiclass", "regression"]
Trainer = Literal["auto", "plain", "population"]
Survival = Literal["auto", "best", "nsga2", "nsga3"]
Fidelity = Literal["full", "halving", "hyperband", "pasha"]

BYTES_PER_MB = 2**20
"""Of the settings that end in `_mb`."""

METRICS: dict[str, bool] = {
    "accuracy": True,
    "balanced_accuracy": True,
    "roc_auc": True,
    "f1": True,
    "log_loss": False,
    "rmse": False,
    "mae": False,
    "r2": True,
}
"""Metrics of a recipe -> is larger better."""

CLASSIFICATION_METRICS = ("accuracy", "balanced_accuracy", "roc_auc", "f1", "log_loss")
REGRESSION_METRICS = ("rmse", "mae", "r2")
DEFAULT_METRICS: dict[str, tuple[str, ...]] = {
    "binary": ("roc_auc", "accuracy"),
    "multiclass": ("accuracy", "log_loss"),
    "regression": ("r2", "rmse"),
}
LOSSES: dict[str, tuple[str, ...]] = {
    "binary": ("binary_crossentropy",),
    "multiclass": ("categorical_crossentropy",),
    "regression": ("mean_squared_error", "mean_absolute_error", "huber"),
}
"""Losses a task can be trained with; the first is what "auto" means."""


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class DataSettings(_Settings):
    """Where the rows come from and which of them no choice may see.

    Either `path` (CSV or npz) with `target`, or `name` of a bundled or public set. `source` is "memory" where the
    rows were handed over in Python; such a run keeps them in its folder.
    """

    path: str | None = None
    name: str | None = None
    target: str | None = None
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    task: Task | None = None
    test_fraction: Fraction = 0.2
    confirmation_fraction: Fraction = 0.0
    split_seed: Annotated[int, Field(ge=0, lt=2**32)] = 0

    @model_validator(mode="after")
    def _fractions_leave_rows(self) -> DataSettings:
        if self.test_fraction + self.confirmation_fraction >= 1.0:
            raise ValueError("test_fraction and confirmation_fraction together must leave rows to search on (below 1)")
        if self.path is not None and self.name is not None:
            raise ValueError('give either path = "rows.csv" or name = "breast_cancer", not both')
        return self

    def in_key(self) -> dict[str, Any]:
        """What of it is in the key of a training: how rows are divided, not where they came from."""
        return self.model_dump(mode="json", include={"test_fraction", "confirmation_fraction", "split_seed"})


class EarlyStopping(_Settings):
    """Stop when the monitor has not improved by more than `min_delta` for `patience` epochs; keep the best weights.

    monitor: "loss" (validation loss, without penalties) or a metric of the recipe, computed on validation rows.
    """

    patience: Positive = 10
    min_delta: Annotated[float, Field(ge=0.0)] = 0.0
    monitor: str = "loss"


class Validation(_Settings):
    """Hold-out (`fraction`) or cross-validation (`folds`), stratified for classes. Exactly one is set."""

    fraction: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    folds: Annotated[int, Field(ge=2, le=1000)] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Validation:
        if (self.fraction is None) == (self.folds is None):
            raise ValueError("expected either { fraction = 0.25 } or { folds = 5 }")
        return self


class Recipe(_Settings):
    """What one training means. Part of the key of every outcome (law 8).

    class_weights: None, "balanced" (n / (classes * count), as scikit-learn), or a weight for each class by its name.
    early_stopping: false trains every epoch and keeps the last weights.
    memory_limit_mb: a genome whose predicted training needs more is refused as invalid before anything is built.
    trainer: "plain" builds a program for each network, "population" one for a whole cohort, and refuses as invalid what
    cannot be trained so; "auto" takes the second where it can. The two round differently: an outcome's key holds the
    one that was used, and not this.
    """

    epochs: Annotated[int, Field(ge=1, le=1_000_000)] = 50
    loss: str = "auto"
    metrics: tuple[str, ...] = ()
    class_weights: Literal["balanced"] | dict[str, float] | None = None
    early_stopping: EarlyStopping | Literal[False] = EarlyStopping()
    validation: Validation = Validation(fraction=0.25)
    replicates: Annotated[int, Field(ge=1, le=1000)] = 1
    evaluation_seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    memory_limit_mb: Positive = 2048
    trainer: Trainer = "auto"

    def in_key(self) -> dict[str, Any]:
        """What of it is in the key of a training: all but how many replicates a run asks for, and which trainer it
        would rather have.
        """
        return self.model_dump(mode="json", exclude={"replicates", "trainer"})

    def for_task(self, task: Task) -> Recipe:
        """The recipe with metrics and loss filled in for a task. Raises UserError where they do not fit it."""
        metrics = self.metrics or DEFAULT_METRICS[task]
        allowed = REGRESSION_METRICS if task == "regression" else CLASSIFICATION_METRICS
        for metric in metrics:
            if metric not in allowed:
                raise UserError(
                    f"[recipe] metrics: {metric!r} is not a metric for a {task} target; "
                    f"choose from {', '.join(allowed)}{_nearest(metric, allowed)}"
                )
        if len(set(metrics)) < len(metrics):
            raise UserError(f"[recipe] metrics: each name once, got {', '.join(metrics)}")
        loss = LOSSES[task][0] if self.loss == "auto" else self.loss
        if loss not in LOSSES[task]:
            raise UserError(
                f'[recipe] loss: {loss!r} does not fit a {task} target; use "auto" or one of {", ".join(LOSSES[task])}'
            )
        if task == "regression" and self.class_weights is not None:
            raise UserError("[recipe] class_weights: a regression target has no classes; remove the key")
        stopping = self.early_stopping
        if stopping and stopping.monitor != "loss" and stopping.monitor not in metrics:
            raise UserError(
                f'[recipe] early_stopping.monitor: expected "loss" or one of the metrics '
                f"({', '.join(metrics)}), got {stopping.monitor!r}"
            )
        return self.model_copy(update={"metrics": tuple(metrics), "loss": loss})


class SearchSettings(_Settings):
    """How offspring are made and when to stop. Generations count the first population: 12 x 6 is at most 72.

    crossover_rate, mutation_rate: probabilities that a child is made by crossover, and that it is then mutated (a
    child of neither would be a copy, so it is mutated). elites: the best that survive whatever happens.
    in_flight: how many proposals may be open at once in a steady-state search (law 3); a setting, never the machine.
    batch: under surrogate, how many proposals are made at once, at most the population. "growing" is an eighth of those
    made before: early, every outcome teaches much, and later larger batches train faster.
    steady_state: under surrogate, a proposal waits for no more results than `in_flight` asks for; for many workers.
    constraints: bounds that the winner keeps, such as "parameters <= 100000" or "accuracy >= 0.9".
    survival: who lives on under evolution: the "best", or the fronts of "nsga2" or "nsga3" (two objectives or more).
    "auto" is the first with one objective, the second with two, the third with three or more.
    adapt: odds of the mutations, and of genes that fail, are learnt from the outcomes (evolution and aging).
    fidelity: "full" trains every network with the whole recipe. The others judge it after a part of the epochs first,
    on rungs: epochs / eta, epochs / eta^2, ... down to least_epochs (None: three rungs at most). "halving" begins every
    child on the lowest and promotes the best 1/eta from rung to rung; "hyperband" begins some of them higher, where an
    early judgement may mislead; "pasha" climbs no higher than it takes to rank them, and then trains those that lead.
    A promotion counts as a proposal: of about n (1 + 1/eta + ...) proposals n are networks. What was trained on a rung
    is not trained again (the trainer of populations; the plain one begins anew).
    restarts: of a converged population in a row that bring nothing better before more trainings are not worth it; 0
    never restarts. stop_when_converged: the run then ends, whatever is left of its generations.
    """

    strategy: Literal["surrogate", "evolution", "aging", "random"] = "surrogate"
    objectives: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    survival: Survival = "auto"
    population: Annotated[int, Field(ge=1, le=10_000_000)] = 12
    generations: Annotated[int, Field(ge=1, le=1_000_000_000)] = 6
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    elites: Annotated[int, Field(ge=0)] = 1
    tournament_size: Positive = 3
    crossover_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    mutation_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.8
    in_flight: Positive = 32
    batch: Positive | Literal["growing"] = "growing"
    steady_state: bool = False
    fidelity: Fidelity = "full"
    eta: Annotated[int, Field(ge=2, le=10)] = 3
    least_epochs: Positive | None = None
    adapt: bool = True
    restarts: Annotated[int, Field(ge=0, le=1000)] = 3
    stop_when_converged: bool = True
    hall_of_fame: Positive = 10
    confirmation_replicates: Annotated[int, Field(ge=0, le=1000)] = 3
    max_evaluations: Positive | None = None
    max_minutes: Annotated[float, Field(gt=0.0)] | None = None

    def parsed_objectives(self, recipe: Recipe) -> tuple[Objective, ...]:
        """The objectives, or the recipe's first metric in its own direction. Raises UserError for unknown names."""
        if not self.objectives:
            first = recipe.metrics[0]
            return (Objective(first, METRICS[first]),)
        objectives = tuple(parse_objective(text) for text in self.objectives)
        for objective in objectives:
            _check_measured(objective.name, recipe, key="objectives")
        if len({objective.name for objective in objectives}) < len(objectives):
            raise UserError(f"[search] objectives: each name once, got {', '.join(self.objectives)}")
        return objectives

    def parsed_constraints(self, recipe: Recipe | None = None) -> tuple[Constraint, ...]:
        """The constraints. recipe: whose metrics they may name, besides sizes; None allows any name.

        Raises UserError for unknown names, and for what nobody can keep.
        """
        constraints = tuple(parse_constraint(text) for text in self.constraints)
        if recipe is not None:
            for constraint in constraints:
                _check_measured(constraint.name, recipe, key="constraints")
        _check_together(constraints)
        return constraints

    def survivors_by(self, num_objectives: int) -> Literal["best", "nsga2", "nsga3"]:
        """What `survival` means for that many objectives. Raises UserError where it means nothing."""
        if self.survival == "auto":
            return "best" if num_objectives == 1 else "nsga2" if num_objectives == 2 else "nsga3"
        if self.survival != "best" and num_objectives == 1:
            raise UserError(
                f'[search] survival = "{self.survival}" is for two objectives or more, and there is one; use "auto"'
            )
        return self.survival


def _check_measured(name: str, recipe: Recipe, *, key: str) -> None:
    known = (*recipe.metrics, "loss", *SIZES)
    if name not in known:
        hint = "; add it to [recipe] metrics" if name in METRICS else _nearest(name, known)
        raise UserError(
            f"[search] {key}: {name!r} is not measured by this recipe, which knows {', '.join(known)}{hint}"
        )


def _check_together(constraints: Sequence[Constraint]) -> None:
    """Each bound once, and room between a lower and an upper one."""
    for position, one in enumerate(constraints):
        for other in constraints[:position]:
            if one.name != other.name:
                continue
            if one.at_most == other.at_most:
                raise UserError(f"[search] constraints: {other} and {one}: give one of them")
            if one.violation(other.bound) > 0:
                raise UserError(f"[search] constraints: nothing can keep both {other} and {one}")


class EvaluationSettings(_Settings):
    """Where trainings run and what ends them. Changes the time, never the result (law 3), but for the two limits.

    workers: child processes; None means one a core, or workers_per_device on each GPU.
    time_limit_seconds: wall clock of one training; a cohort has that of all its members together.
    no_progress_seconds: time without a word from the child. With a network that trains by itself it speaks after every
    epoch, with a cohort after every call of its program, which computes at most 2e11 FLOPs (a second or two of a core):
    some short epochs, or a part of a long one. recycle_after: tasks before a child is replaced, since Keras leaks;
    cohorts do not count, since their programs leak nothing and are worth keeping. A child that grows is replaced in any
    case.
    cohort_memory_mb: predicted memory that a cohort of several may take in a child.
    """

    workers: Positive | None = None
    workers_per_device: Positive = 1
    time_limit_seconds: Annotated[float, Field(gt=0.0)] | None = None
    no_progress_seconds: Annotated[float, Field(gt=0.0)] = 300.0
    recycle_after: Positive = 100
    cohort_memory_mb: Positive = 1024


class RunFacts(_Settings):
    """What a run adds to its settings when it is made: who it is, on what data, with which versions and operators.

    num_inputs, num_outputs: units of a network for the data.
    A settings file may hold this section (a run's own config.toml does); a new run replaces it.
    """

    id: str
    data_fingerprint: str = ""
    num_inputs: int | None = None
    num_outputs: int | None = None
    task: Task | None = None
    versions: dict[str, str] = {}
    operators: dict[str, str] = {}
    custom_operators: bool = False
    custom_fitness: bool = False
    started_from: str | None = None


class Settings(_Settings):
    """A whole run, as its settings file says it. `space` is read by the encoding that it names.

    `data` is None where the fitness is a function of the user's own (Python only).
    """

    data: DataSettings | None = None
    space: dict[str, Any]
    recipe: Recipe = Recipe()
    search: SearchSettings = SearchSettings()
    evaluation: EvaluationSettings = EvaluationSettings()
    run: RunFacts | None = None

    def to_toml(self) -> str:
        """The settings as a file that `read_settings` reads back to an equal record."""
        import tomli_w

        return tomli_w.dumps(self.model_dump(mode="json", exclude_none=True))


def read_settings(path: Path) -> Settings:
    """Read a settings file. Raises UserError with one sentence for whatever is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UserError(f"{path}: no such settings file; `evo-nas init DATA.csv --target COLUMN` writes one") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: cannot be read as a settings file ({error})") from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{path}: not valid TOML: {error}") from None
    return parse_settings(data, where=str(path))


def parse_settings(data: Mapping[str, Any], *, where: str) -> Settings:
    """Settings from plain data. Raises UserError: where, which key, what was expected, and the nearest known key."""
    for section in ("data", "space"):
        if section not in data:
            raise UserError(f"{where}: the section [{section}] is missing")
    try:
        return Settings.model_validate(dict(data))
    except ValidationError as error:
        raise UserError(f"{where}: {_sentence(error)}") from None


def parse_record(record: type[BaseModel], values: Mapping[str, Any], *, where: str) -> Any:
    """One record from keyword values, with the same sentences as a settings file."""
    try:
        return record.model_validate(dict(values))
    except ValidationError as error:
        raise UserError(f"{where}: {_sentence(error, record)}") from None


def _sentence(error: ValidationError, root: type[BaseModel] = Settings) -> str:
    first = max(error.errors(include_url=False), key=lambda one: len(one["loc"]))
    # Where a key may hold this or that, pydantic adds the name of the type it tried.
    path = [str(part) for part in first["loc"] if not _is_type(str(part))]
    place = f"[{path[0]}] {'.'.join(path[1:])}" if root is Settings and len(path) > 1 else ".".join(path)
    if first["type"] == "extra_forbidden":
        known = _known_keys(root, path[:-1])
        return f"unknown key {place}{_nearest(path[-1], known)}; known keys: {', '.join(known)}"
    message = EXPECTED.get(first["type"], first["msg"].removeprefix("Value error, "))
    given = first.get("input")
    shown = "" if isinstance(given, Mapping | BaseModel) else f", got {given!r:.100}"
    if first["type"] == "literal_error":
        message = f"expected {first['ctx']['expected']}"
        shown += _nearest(str(given).lower(), re.findall("'([^']+)'", message))
    return f"{place}: {message[:1].lower()}{message[1:]}{shown}" if place else message


EXPECTED = {
    "tuple_type": 'expected a list, such as ["one", "two"]',
    "model_type": "expected a table, such as { key = value }",
    "dict_type": "expected a table, such as { key = value }",
}
"""What pydantic says in the words of Python types, in those of a settings file."""


def _is_type(part: str) -> bool:
    return part[:1].isupper() or "[" in part or part in ("bool", "int", "float", "str", "constrained-int")


def _known_keys(root: type[BaseModel], path: list[str]) -> list[str]:
    model: Any = root
    for part in path:
        if part not in model.model_fields:
            continue  # pydantic names the branch of a union here
        annotation = model.model_fields[part].annotation
        branches = [b for b in (annotation, *getattr(annotation, "__args__", ())) if hasattr(b, "model_fields")]
        model = branches[0] if branches else model
    return list(model.model_fields)


def _nearest(name: str, known: tuple[str, ...] | list[str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f" (did you mean {close[0]!r}?)" if close else ""
