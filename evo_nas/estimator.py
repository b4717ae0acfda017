"""The Python door: `search`, `resume`, `load_run`, and what they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evo_nas.config import Recipe, SearchSettings, Settings, parse_record
from evo_nas.errors import UserError
from evo_nas.history import read_checkpoint
from evo_nas.individual import parse_objective
from evo_nas.python_arguments import Data, data_name, open_observer, open_store_within, read_data
from evo_nas.result import Result
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import Plan, default_folder, make_plan, open_run, read_space
from evo_nas.strategies import make_toolbox
from evo_nas.tracking import Tracker
from genomes import Encoding, GenomeError, default_space, plain_data

if TYPE_CHECKING:
    from deap import base

Space = Mapping[str, Any] | Encoding | str
FitnessFunction = Callable[[Any], Any]


def search(
    space: Space,
    data: Data | None = None,
    *,
    recipe: Mapping[str, Any] | Recipe | None = None,
    objectives: Sequence[str] = (),
    strategy: str = "surrogate",
    population: int = 12,
    generations: int | None = None,
    seed: int = 0,
    settings: Mapping[str, Mapping[str, Any]] | None = None,
    evaluate: FitnessFunction | None = None,
    toolbox: base.Toolbox | None = None,
    start_from: str | Path | None = None,
    run_dir: str | Path | None = None,
    workers: int | None = None,
    store: str | None = None,
    trackers: Sequence[Tracker] = (),
    display: bool = True,
) -> Result:
    """Evolve networks and return what came of it. The run is written to `run_dir` as it goes.

    space: a mapping as in a settings file's [space], an encoding, or the name of one ("mlp", "cnn") for a rich space
    of its networks. data: the name of a bundled set, the path of a CSV or npz file, `(x, y)` arrays (x of two axes a
    table, of three or four images), a `Dataset` (`evo_nas.dataset_from_frame(frame, target)` makes one), or a mapping
    as in [data]. recipe: as in [recipe]. objectives: "maximize roc_auc", ...; the recipe's first metric if none.
    generations: 6 if not given; a grid has as many as it takes.
    settings: further keys of the sections "data", "search", "evaluation" and "tracking", such as
    `{"search": {"max_minutes": 30}, "data": {"test_fraction": 0.3}}`.
    evaluate: a function of your own instead of training: it is given an individual (a list of layers, with `genes`)
    and returns a value for each objective as a tuple, and then one for each constrained name that is no objective; then
    `data` is None. toolbox: DEAP operators of your own, made from `evo_nas.toolbox(space)`. start_from: a checkpoint
    whose population comes first. workers: how many child processes. store: where outcomes are kept across runs, a path
    or "none". trackers: who else is told of the run, see `evo_nas.Tracker`. display: show progress on standard error.

    Raises UserError, before anything is written, for whatever is wrong with any of these.
    """
    further = {section: dict(values) for section, values in (settings or {}).items()}
    further["search"] = {
        "objectives": (objectives,) if isinstance(objectives, str) else tuple(objectives),
        "strategy": strategy,
        "population": population,
        **({} if generations is None else {"generations": generations}),
        "seed": seed,
        **further.get("search", {}),
    }
    dataset, further["data"] = read_data(data, further.get("data", {}))
    further["space"] = space.describe() if isinstance(space, Encoding) else plain_data(_section(space))
    further["recipe"] = recipe.model_dump() if isinstance(recipe, Recipe) else dict(recipe or {})
    if (data is None) != (evaluate is not None or hasattr(toolbox, "evaluate")):
        raise UserError("search: expected either data to train on or a fitness function (evaluate=...), one of them")
    if data is None:
        del further["data"]
    plan = make_plan(parse_record(Settings, further, where="search"), base=Path.cwd(), dataset=dataset)
    path = Path(run_dir) if run_dir is not None else default_folder(data_name(plan))
    checkpoint = read_checkpoint(Path(start_from)) if start_from is not None else None
    with ExitStack() as stack:
        observer = open_observer(stack, display)
        choices = Choices(
            workers=workers,
            toolbox=_with_fitness(toolbox, evaluate, plan),
            store=open_store_within(stack, store, observer) if data is not None else None,
            trackers=tuple(trackers),
        )
        launch.start(plan, path, choices, observer, checkpoint=checkpoint)
    return load_run(path)


def resume(
    run_dir: str | Path,
    *,
    generations: int | None = None,
    max_evaluations: int | None = None,
    max_epochs: int | None = None,
    max_minutes: float | None = None,
    evaluate: FitnessFunction | None = None,
    toolbox: base.Toolbox | None = None,
    workers: int | None = None,
    store: str | None = None,
    trackers: Sequence[Tracker] = (),
    display: bool = True,
) -> Result:
    """Go on with a run as if it had never stopped; with `generations`, extend it.

    max_evaluations, max_epochs, max_minutes: new limits, counted over the whole run. The rest is as in `search`. Raises
    UserError where the folder holds no run, is in use, or belongs to operators that were not given.
    """
    path = Path(run_dir)
    run = open_run(path, read_only=True)
    run.ledger.close()
    with ExitStack() as stack:
        observer = open_observer(stack, display)
        choices = Choices(
            workers=workers,
            toolbox=_with_fitness(toolbox, evaluate, run.plan),
            store=open_store_within(stack, store, observer) if run.plan.settings.data is not None else None,
            trackers=tuple(trackers),
            num_generations=generations,
            max_evaluations=max_evaluations,
            max_epochs=max_epochs,
            max_minutes=max_minutes,
        )
        launch.resume(path, choices, observer)
    return load_run(path)


def load_run(run_dir: str | Path) -> Result:
    """What came of a run, from its folder alone. Raises UserError where the folder holds no run."""
    path = Path(run_dir)
    with closing(open_run(path, read_only=True).ledger):
        return Result(path)


def toolbox(
    space: Space, *, objectives: Sequence[str] = ("maximize score",), settings: Mapping[str, Any] | None = None
) -> base.Toolbox:
    """The DEAP toolbox that a search would use, to register operators of your own on and hand to `search`.

    settings: keys of [search] that operators look at, such as tournament_size.
    """
    encoding = space if isinstance(space, Encoding) else read_space(_section(space))
    search_settings = parse_record(SearchSettings, settings or {}, where="toolbox")
    return make_toolbox(encoding, search_settings, [parse_objective(text) for text in objectives])


def _section(space: Mapping[str, Any] | str) -> dict[str, Any]:
    """Raises UserError for a name that is none of an encoding's."""
    try:
        return default_space(space) if isinstance(space, str) else dict(space)
    except GenomeError as error:
        raise UserError(str(error)) from None


def _with_fitness(given: base.Toolbox | None, evaluate: FitnessFunction | None, plan: Plan) -> base.Toolbox | None:
    if evaluate is None:
        return given
    tools = given or make_toolbox(plan.encoding, plan.settings.search, plan.objectives)
    tools.register("evaluate", evaluate)
    return tools
