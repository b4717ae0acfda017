"""The Python door to a check of gradients: of any network of a space, and of a layer of the user's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evo_nas.config import Recipe, Settings, parse_record
from evo_nas.errors import UserError
from evo_nas.evaluation import check_layer_gradients
from evo_nas.gradient_report import GradientReport
from evo_nas.python_arguments import Data, read_data
from evo_nas.running.gradients import NUM_ROWS, check_plan
from evo_nas.running.listed import Network, genomes_of
from evo_nas.running.preparation import make_plan
from genomes import Encoding, plain_data


def check_gradients(
    subject: Any,
    data: Data,
    *,
    genome: Network | None = None,
    recipe: Mapping[str, Any] | Recipe | None = None,
    num_rows: int = NUM_ROWS,
    seed: int = 0,
) -> GradientReport:
    """Compare automatic gradients with central differences in 64 bits; print what is returned to read it.

    subject: a space as in `search`, of which a network is checked as it is trained: `genome`, or the space's default,
    on the first `num_rows` training rows of `data`, which is as in `search`. Or a layer or model of Keras; then `data`
    is an array of its inputs, [rows, ...], all of which are taken, and `genome` and `recipe` are not looked at.
    seed: of the entries that are compared of large tensors, and of what is drawn for a layer.

    For each tensor the report has ||a - b|| / (||a|| + ||b||) and a verdict: at most 1e-7 is right, 1e-5 probably
    right, 1e-3 worth a closer look (a kink of relu may explain it), and more is wrong. Raises UserError where the
    network or the layer cannot be made in 64 bits.
    """
    if hasattr(subject, "get_config"):
        return check_layer_gradients(subject, data, seed=seed)
    if not isinstance(subject, Mapping | Encoding):
        raise UserError(f"check_gradients: expected a space or a layer of Keras, got {type(subject).__name__}")
    dataset, section = read_data(data, {})
    settings = {
        "space": subject.describe() if isinstance(subject, Encoding) else plain_data(dict(subject)),
        "recipe": recipe.model_dump() if isinstance(recipe, Recipe) else dict(recipe or {}),
        "data": section,
    }
    parsed = parse_record(Settings, settings, where="check_gradients")
    plan = make_plan(parsed, base=Path.cwd(), dataset=dataset)
    inputs = plan.dataset.num_inputs if plan.dataset else None
    chosen = None if genome is None else genomes_of([genome], inputs, where="check_gradients")[0]
    return check_plan(plan, chosen, num_rows=num_rows, seed=seed)
