"""`python -m evo_nas` is `evo-nas`."""

from evo_nas.cli import main

if __name__ == "__main__":
    main()
