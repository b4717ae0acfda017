"""Nothing heavy is imported before it is used, and the project speaks of itself alone."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "tensorflow",
    "keras",
    "pandas",
    "sklearn",
    "matplotlib",
    "networkx",
    "numpy",
    "deap",
    "joblib",
    "scipy",
    "PIL",
)


def imported_by(statement: str) -> set[str]:
    code = f"import sys\n{statement}\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stdout.splitlines()[-1].split()}


@pytest.mark.parametrize("statement", ["import evo_nas", "import evo_nas.cli", "import genomes"])
def test_nothing_heavy_is_imported_before_it_is_used(statement: str) -> None:
    assert imported_by(statement).isdisjoint(HEAVY)


def test_help_imports_nothing_heavy() -> None:
    lines = (
        "import sys, contextlib",
        "from evo_nas.cli import main",
        "sys.argv = ['evo-nas', '--help']",
        "with contextlib.suppress(SystemExit): main()",
    )
    assert imported_by("\n".join(lines)).isdisjoint(HEAVY)


@pytest.mark.parametrize(
    "statement", ["from evo_nas import load_run, search", "import evo_nas.summary", "import evo_nas.reporting"]
)
def test_tensorflow_never_enters_the_parent_process(statement: str) -> None:
    assert imported_by(statement).isdisjoint({"tensorflow", "keras", "matplotlib", "optuna", "torch"})


def test_reports_do_not_need_what_trains() -> None:
    modules = imported_by("import evo_nas.report.curves, evo_nas.report.tables, evo_nas.report.family_picture")
    assert modules.isdisjoint({"tensorflow", "keras", "joblib"})
