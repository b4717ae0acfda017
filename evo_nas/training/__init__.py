"""The plain path: a genome becomes a `keras.Model`, is trained, and comes back as an outcome.

This runs in the child processes that `evo_nas.evaluation` supervises, and is the only place that imports TensorFlow.
Read `tasks.py` (what a child is asked), then `candidate.py` (all folds of one training), `network.py` (what is built),
`program.py` (what is traced), `fitting.py` (the epochs of one fold) and `winner.py` (what is left for the user).
"""
