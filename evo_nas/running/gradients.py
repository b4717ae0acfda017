"""A check of gradients beside a run: the network of a genome, on rows of the data, in a worker."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from evo_nas.data import save_dataset
from evo_nas.errors import UserError
from evo_nas.evaluation.evaluator import Job, TrainingContext, gradient_task
from evo_nas.gradient_report import GradientReport
from evo_nas.running.choices import TRAINING_HANDLERS
from evo_nas.running.listed import Network, genomes_of, read_networks
from evo_nas.running.one_task import result_of
from evo_nas.running.preparation import Plan
from genomes import Genome

NUM_ROWS = 16
"""Enough for the statistics of a batch, and few enough to be done in seconds."""


def check_plan(
    plan: Plan,
    genome: Genome | None = None,
    *,
    num_rows: int = NUM_ROWS,
    seed: int = 0,
    handlers: str = TRAINING_HANDLERS,
) -> GradientReport:
    """Check the gradients of a network on the first training rows of a plan's data; of the space's default if no
    genome is given. seed: of the entries that are compared.

    Raises UserError where there is no data, or the network cannot be built.
    """
    if plan.dataset is None or plan.settings.data is None:
        raise UserError("gradients can only be checked on rows: give a [data] section, or data=...")
    if num_rows < 2:
        raise UserError(f"num_rows: expected 2 or more, since a batch of one row has no statistics, got {num_rows}")
    canonical = plan.encoding.canonical(genome or plan.encoding.default())
    job = Job(canonical, plan.encoding.fingerprint(canonical), 0)
    with TemporaryDirectory(prefix="evo-nas-") as folder:
        rows = Path(folder) / "data.npz"
        save_dataset(plan.dataset, rows)
        context = TrainingContext(
            space=plan.encoding.describe(),
            recipe=plan.recipe.model_dump(mode="json"),
            data=str(rows),
            split=plan.settings.data.model_dump(mode="json"),
        )
        task = gradient_task(job, context, task_id=0, num_rows=num_rows, seed=seed)
        return GradientReport.from_json(result_of(task, plan.settings.evaluation, handlers=handlers))


def read_genome(path: Path, plan: Plan) -> Genome:
    """The one network of a JSON file: a genome, a winner's genome.json, or a dictionary. Raises UserError."""
    networks: list[Network] = [one.get("genome", one) if isinstance(one, dict) else one for one in read_networks(path)]
    if len(networks) != 1:
        raise UserError(f"{path}: expected one network, got {len(networks)}")
    return genomes_of(networks, plan.dataset.num_inputs if plan.dataset else None, where=str(path))[0]
