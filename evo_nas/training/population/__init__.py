"""A whole cohort of dense networks as one program.

Networks of different depth, width, activation, dropout and rates lie in the same stacked tensors, one *place* each.
What a member's numbers are never depends on its mates (law 4): every operation treats the places apart, widths are
padded to multiples of `TILE` with zeros that stay zeros, and sums run along axes whose length no mate can change.

Read in the order in which the data moves: `member.py`, `arrangement.py` (who lies where), `state.py` (their numbers,
in and out), `noise.py`, `backpropagation.py` with `activations.py` and `losses.py`, `update_rules.py`, `program.py`
(all of it traced once), `feeding.py` (rows and noise for each call), `sitting.py` (a cohort's epochs) and `trainer.py`.
"""
