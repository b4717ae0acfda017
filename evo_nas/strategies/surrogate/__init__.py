"""Evolution whose offspring are screened before they are trained.

`strategy.py` asks and tells. What it was told is kept by `observed.py`, brought to one scale by `targets.py`, laid out
as points by `embedding.py` and believed by `gaussian_process.py`, which `model.py` keeps up to date. `offspring.py`
makes many children through the DEAP toolbox; `screening.py` keeps the few that promise most, which `one_objective.py`
and `several_objectives.py` say, each a `Judgement`.
"""
