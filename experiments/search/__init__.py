"""How good is a search, measured where every answer is known?

A `Problem` says what one training of a point returns and how good the point truly is (`tables.py` from arrays,
`landscapes.py` from formulas). A `Trial` is one engine on one problem with one seed: it hands out values, counts them
and notes the answers (`trial.py`). An engine is a function that spends a trial (`engines/`). `results.py` keeps rows,
`schedule.py` says which trials are missing, `workers.py` runs them, `score.py` turns rows into figures and `page.py`
prints them beside their bars.
"""
