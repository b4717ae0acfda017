"""`evo-nas report`: a run folder read as far as it can be read (`folder.py`, `remains.py`), and its page written."""

from evo_nas.reporting.folder import read_run
from evo_nas.reporting.writing import report_page, write_report

__all__ = ["read_run", "report_page", "write_report"]
