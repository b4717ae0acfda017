"""The plain path: a genome becomes a `keras.Model`, is trained, and comes back as an outcome.

This runs in the child processes that `evo_nas.evaluation` supervises, and is the only place that imports TensorFlow.
Read `tasks.py` (what a child is asked), then `candidate.py` (all folds of one training), `encodings.py` (what is built
and what it is fed), `feeding.py` (rows on their way to a program), `program.py` (what is traced), `fitting.py` (the
epochs of one fold, with `standing.py` and, where they are interrupted at a rung, `rung.py`) and `winner.py` (what is
left for the user).
"""
