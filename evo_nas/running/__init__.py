"""A run from beginning to end. Read `loop.py` first: it owns the order, and nothing else.

`preparation.py` checks everything and makes the run folder; `launch.py` starts or resumes; `sitting.py` conducts one
sitting: the loop's requests become outcomes in `trainings.py` by way of `halving.py` and `workers.py`, or in
`computed.py`; `chronicle.py` writes about each generation, and `shipping.py` saves the winner. `verification.py`
derives it all again.
"""
