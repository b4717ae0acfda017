"""A whole cohort of dense networks as one program.

Networks of different depth, width, activation, dropout and rates lie in the same stacked tensors, one *place* each.
What a member's numbers are never depends on its mates (law 4): every operation treats the places apart, widths are
padded as `padded_width` says with zeros that stay zeros, and sums run along axes whose length no mate can change.

Read in the order in which the data moves: `form.py` (what is traced), `member.py`, `arrangement.py` (who lies where),
`slabs.py` and `state.py` (their numbers, in and out), `noise.py`, `residence.py` and `feeding.py` (what a call is fed),
`tensors.py`, `backpropagation.py` with `activations.py`, `losses.py` and `operations.py`, `update_rules.py`,
`program.py` (all of it traced once), `seating.py`, `watch.py`, `cohort.py` (a cohort's epochs) and `trainer.py`.
"""
