"""What a run leaves behind: its folder, its ledger, checkpoints, lineage, and the store of outcomes across runs.

Read `ledger.py` first (the truth), then `folder.py` (where it lies); everything else here is derived from the ledger.
The run's one hash is `digest.digest`, not handed out here: a package and its module cannot share a name.
"""

from evo_nas.history.checkpoint import Checkpoint, checkpoint_text, read_checkpoint
from evo_nas.history.folder import RunFolder
from evo_nas.history.ledger import Ledger
from evo_nas.history.lineage import LineageLine, ancestors, family_tree, lineage_lines, main_line, with_parents
from evo_nas.history.lock import hold, is_held
from evo_nas.history.rows import Training
from evo_nas.history.store import Conditions, OutcomeStore, open_store, training_key

__all__ = [
    "Checkpoint",
    "Conditions",
    "Ledger",
    "LineageLine",
    "OutcomeStore",
    "RunFolder",
    "Training",
    "ancestors",
    "checkpoint_text",
    "family_tree",
    "hold",
    "is_held",
    "lineage_lines",
    "main_line",
    "open_store",
    "read_checkpoint",
    "training_key",
    "with_parents",
]
