"""How soon does our search hold a network as good as what other tools hold after some minutes?

`sets.py` and `settings.toml` say what everybody is given, `problem.py` and `space.py` hand it over. An engine of
`engines.py` spends its minutes in a process of its own (`one_trial.py`) and tells a `recorder.py` what it holds;
`keras_loop.py` is what the peers train with. `schedule.py` says which trials there are and which of them the others
decide, `results.py` keeps what came of them, `trace.py` and `page.py` say what it means.
"""
