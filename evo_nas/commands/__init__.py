"""The commands of `evo-nas`, a file for each kind; `evo_nas/cli.py` lists them."""
