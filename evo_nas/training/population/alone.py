"""One member on one fold: what an export trains again, to the same bits as in the cohort that it was scored in."""

from __future__ import annotations

from evo_nas.data import Fold
from evo_nas.training.examples import FoldExamples, row_weights
from evo_nas.training.fitting import Fit
from evo_nas.training.news import Report
from evo_nas.training.open_training import OpenTraining
from evo_nas.training.population.cohort import Cohort
from evo_nas.training.population.form import Form
from evo_nas.training.population.member import Member, rows_key

LIMIT_BYTES = 2**30


Seen = dict[tuple[int | str, ...], FoldExamples]
"""Examples by replicate, fold and what else decides the rows: those of one data set, which members may share."""


def member_of(training: OpenTraining, fold: Fold, name: int | str, seen: Seen | None = None) -> Member:
    """The member that trains a request on a fold. name: the fold's number, or "all". seen: is read and added to."""
    request, seen = training.request, {} if seen is None else seen
    key = (request.replicate, name, *rows_key(request.genome.genes))
    examples = seen.get(key) or seen.setdefault(key, training.examples(fold))
    weights = row_weights(examples.train, request.recipe.class_weights, training.data.dataset.classes)
    return Member(request.genome, request.streams(name), examples, weights)


def fit_alone(training: OpenTraining, fold: Fold, name: int | str, report: Report) -> Fit:
    """Train a request on a fold with nobody else."""
    member, request = member_of(training, fold, name), training.request
    form = Form.of(request.genome, request.encoding, request.recipe, member.num_inputs)
    cohort = Cohort(form, [member], request.recipe, limit_bytes=LIMIT_BYTES, report=report)
    cohort.train(request.recipe.epochs)
    return cohort.results(confirm=False)[id(member)].fit
