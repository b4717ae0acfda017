"""The importance of genes for a report, in a process of its own beside the rest where the run is large.

It takes as long as everything else together, and needs nothing of it. On products as small as its own, a second thread
of the linear algebra only waits for the first.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evo_nas.report.importance import analyse
from evo_nas.report.page import RunRecord
from evo_nas.reporting.folder import read_run

MOST_NETWORKS = 300
"""That it is told from, spread evenly over the run: the forests of more would take longer than all the rest."""
MANY_INDIVIDUALS = 1_500
"""From so many on, starting a process is worth its second."""

Importance = dict[str, Any]


def gene_importance(record: RunRecord) -> Importance | None:
    """What `report.importance.analyse` finds as plain data, with "of": how many networks there are.

    None where no encoding tells genes apart, or nothing has come back.
    """
    if record.encoding is None or not record.evaluated:
        return None
    own = [each for each in record.evaluated if each.individual.genome.encoding == record.encoding.name]
    names = list(dict.fromkeys(each.individual.fingerprint for each in own))
    kept = set(names[:: max(1, -(-len(names) // MOST_NETWORKS))])
    chosen = [each for each in own if each.individual.fingerprint in kept]
    return {**analyse(chosen, record.encoding, record.objectives).to_json(), "of": len(names)}


def started(run_dir: Path, record: RunRecord) -> Callable[[], Importance | None]:
    """Begin with it; what is returned waits for it, and raises ValueError where the process failed."""
    if len(record.individuals) < MANY_INDIVIDUALS:
        return lambda: gene_importance(record)
    process = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import main; main()", str(run_dir.resolve())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    )

    def finished() -> Importance | None:
        said, complaint = process.communicate()
        if process.returncode != 0:
            raise ValueError(complaint.decode(errors="replace").strip().rpartition("\n")[2] or "its process ended")
        found: Importance | None = json.loads(said)
        return found

    return finished


def main() -> None:
    """Of the folder that is the process's only argument, as JSON on its standard output."""
    sys.stdout.write(json.dumps(gene_importance(read_run(Path(sys.argv[1]))), allow_nan=False))
