"""Multi-fidelity: children of any search are judged after a part of the recipe's epochs, and the best after more.

`rungs` says after how many epochs and how many go on, `climbing` who they are, `strategy` puts it around a search.
"""

from evo_nas.strategies.fidelity.rungs import check_fidelity
from evo_nas.strategies.fidelity.strategy import MultiFidelity

__all__ = ["MultiFidelity", "check_fidelity"]
