"""What was searched, as three short tables: data, search and recipe, and the space."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evo_nas.report.page.record import RunRecord
from evo_nas.report.page.words import cut, shown
from genomes import Value

Pair = tuple[str, str]


def searched(record: RunRecord) -> tuple[tuple[str, tuple[Pair, ...]], ...]:
    """The settings in three tables: data, search and recipe, and the space."""
    facts, data = record.facts, record.section("data")
    about_data = {
        "set": set_text(data),
        "target": data.get("target"),
        "task": facts.get("task"),
        "inputs": _shape_text(facts.get("input_shape")),
        "outputs": facts.get("num_outputs"),
        "kept for the test": _test_text(facts.get("num_test_rows")) or _percent(data.get("test_fraction")),
        "kept for the confirmation": _percent(data.get("confirmation_fraction")),
        "fingerprint": str(facts.get("data_fingerprint") or "")[:16] or None,
    }
    search, recipe = record.section("search"), record.section("recipe")
    about_search = {
        "strategy": search.get("strategy"),
        "objectives": ", ".join(map(str, record.objectives)) or None,
        "constraints": ", ".join(map(str, record.constraints)) or None,
        "budget": budget_text(search),
        "seed": search.get("seed"),
        "judged early": None if search.get("fidelity") in (None, "full") else search.get("fidelity"),
        "epochs": recipe.get("epochs") if data else None,
        "validation": _validation(recipe.get("validation")) if data else None,
        "augmentation": _augmentation(recipe.get("augmentation")),
        "trainings of a network": record.replicates if record.replicates > 1 else None,
        "version": (facts.get("versions") or {}).get("evo-nas"),
        "run": facts.get("id"),
    }
    space = {name: _gene_text(gene) for name, gene in record.section("space").items()}
    tables = (("Data", about_data), ("Search", about_search), ("Space", space))
    return tuple((name, _pairs(table)) for name, table in tables if _pairs(table))


def set_text(data: Mapping[str, Any]) -> str:
    """What the rows are called."""
    if not data:
        return "a fitness function"
    return str(data.get("name") or data.get("path") or data.get("images") or "rows handed over in Python")


def _test_text(num_test_rows: int | None) -> str | None:
    return f"{num_test_rows:,} rows that came as test rows" if num_test_rows else None


def _pairs(table: Mapping[str, Any]) -> tuple[Pair, ...]:
    return tuple((cut(str(name)), shown(value)) for name, value in table.items() if value not in (None, ""))


def _percent(share: Any) -> str | None:
    return f"{100 * share:g} % of the rows" if isinstance(share, int | float) and share > 0 else None


def budget_text(search: Mapping[str, Any]) -> str | None:
    """Such as "15 generations of 12, at most 60 trainings"; None where nothing says it."""
    population, generations = search.get("population"), search.get("generations")
    parts = [f"{generations} generations of {population}"] if population and generations else []
    parts += [f"at most {search['max_evaluations']:,} trainings"] if search.get("max_evaluations") else []
    parts += [f"at most {search['max_minutes']:g} minutes"] if search.get("max_minutes") else []
    return ", ".join(parts) or None


def _augmentation(strengths: Any) -> str | None:
    on = {kind: value for kind, value in (strengths or {}).items() if value}
    return ", ".join(f"{kind} {value:g}" for kind, value in on.items()) or None


def _validation(validation: Any) -> str | None:
    if not isinstance(validation, Mapping):
        return None
    if validation.get("folds"):
        return f"{validation['folds']} folds"
    return f"hold-out, {100 * validation['fraction']:g} %" if validation.get("fraction") else None


def _gene_text(gene: Value | Mapping[str, Any] | Sequence[Any]) -> str:
    """A gene of the space as a person would say it: "8 to 64, log", "relu, tanh", "0.1"."""
    if isinstance(gene, Mapping) and "low" in gene:
        scale = ", log" if gene.get("scale") == "log" else ""
        return f"{shown(gene['low'])} to {shown(gene.get('high'))}{scale}"
    if isinstance(gene, Mapping):
        gene = gene.get("values", gene)
    if isinstance(gene, Sequence) and not isinstance(gene, str):
        return ", ".join(map(shown, gene))
    return shown(gene)


def _shape_text(shape: Sequence[int] | None) -> int | str | None:
    """A number of columns, or "28 x 28 x 1" for images."""
    if not shape:
        return None
    return shape[0] if len(shape) == 1 else " x ".join(map(str, shape))
