"""Why a result came about, asked of a run's records alone: nothing here trains, and nothing loads a framework.

Read `measurements.py` (what is known of each network, and how sure that is) and `line.py` (the winner's ancestors, step
by step) first. `blame.py` says which steps paid, `origins.py` where a property first appeared, `taking_back.py` which
networks would show it, and `kinship.py`, `pairs.py`, `runs.py` and `fronts.py` who is related to whom and what differs.
"""
