"""WHAT is searched: genomes, and the encodings that draw, vary and repair them. numpy only.

Read `space.py` (genes), then `genome.py` (the contract), then `mlp.py` (the dense network).
"""

from genomes.genome import (
    Encoding,
    Genome,
    GenomeError,
    Rng,
    Size,
    Value,
    Variant,
    canonical_json,
)

__all__ = [
    "Encoding",
    "Genome",
    "GenomeError",
    "Rng",
    "Size",
    "Value",
    "Variant",
    "canonical_json",
]
