"""What a gene may be, in a few words."""

from __future__ import annotations

from genomes import Choice, Gene, Value


def words_for(name: str, gene: Gene, before: Gene) -> str:
    """Such as "width 16 to 64 (before 4 to 128)"."""
    return f"{name} {_possible(gene)} (before {_possible(before)})"


def _possible(gene: Gene) -> str:
    if isinstance(gene, Choice):
        return ", ".join(map(_shown, gene.values))
    return _shown(gene.low) if gene.fixed else f"{_shown(gene.low)} to {_shown(gene.high)}"


def _shown(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
