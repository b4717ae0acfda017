"""Strategies on equal terms: each on the same seeds, as ordinary runs in folders of their own, and one table of it.

Read `contestants.py` (who takes part), `planned.py` (what each of them is run with), `conduct.py` (one run after the
other, going on where it stopped), then `clock.py` and `answers.py`: what a run would have answered, and when.
"""
