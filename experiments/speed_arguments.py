"""The command line that the speed experiments share."""

from __future__ import annotations

import argparse


def speed_parser(name: str, description: str | None) -> argparse.ArgumentParser:
    """A parser with `--smoke` and `--trainer`, to which an experiment adds what it alone asks."""
    parser = argparse.ArgumentParser(
        prog=f"python -m experiments.{name}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--smoke", "--quick", action="store_true", help="a size that a test can afford; its figures say nothing"
    )
    parser.add_argument(
        "--trainer", choices=["population", "plain"], default="population", help="what trains the networks"
    )
    return parser
