"""The report of a run folder, as a file."""

from __future__ import annotations

from pathlib import Path

from evo_nas.atomic import write_atomically
from evo_nas.errors import UserError
from evo_nas.report.page import page
from evo_nas.reporting.folder import read_run
from evo_nas.reporting.gene_importance import started

NAME = "report.html"


def report_page(run_dir: Path, *, watched: str = "") -> str:
    """The page of a run folder, finished or not. watched: see `report.page.document.page`.

    Raises UserError where nothing of a run can be read there.
    """
    record = read_run(run_dir)
    return page(record, importance=started(run_dir, record), watched=watched)


def write_report(run_dir: Path, output: Path | None = None) -> Path:
    """Write the report, by default as `report.html` in the run folder, and return where. Trains nothing.

    Raises UserError where nothing of a run can be read, or the file cannot be written.
    """
    path = output or run_dir / NAME
    content = report_page(run_dir)
    try:
        write_atomically(path, content)
    except OSError as error:
        raise UserError(f"{path}: cannot be written ({error}); give another file with --output") from None
    return path
