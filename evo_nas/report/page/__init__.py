"""The lineage report: one HTML file that tells a run to whoever opens it, offline.

`record.py` is what a page is made of; `document.py` makes it: words and tables for everybody (`headline.py`,
`winner_scores.py`, `decisions.py`, `settings_tables.py`, `static_picture.py`), and for the script one piece of plain
data (`payload.py`) from `columns.py`, `networks.py`, `family.py`, `progress.py`, `paid.py`, `spending.py` and
`curves.py`. The script and the style sheet stand in `source/`, bundled into `assets/`.
"""

from evo_nas.report.page.document import page
from evo_nas.report.page.record import RunRecord

__all__ = ["RunRecord", "page"]
