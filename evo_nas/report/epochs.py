"""How much training a search on rungs took, and how much of it was inherited."""

from __future__ import annotations

from collections.abc import Sequence

from evo_nas.individual import Evaluated


def epoch_lines(evaluated: Sequence[Evaluated], recipe_epochs: int) -> list[str]:
    """A sentence for a person; nothing where no network was judged on a rung."""
    if all(each.individual.epochs is None for each in evaluated):
        return []
    judged, whole = judged_epochs(evaluated, recipe_epochs)
    return [f"judged after {judged:,} epochs in all; the whole recipe for every network has {whole:,}"]


def heritage_lines(evaluated: Sequence[Evaluated], num_finals: int) -> list[str]:
    """Sentences for a person; nothing where no network began with inherited weights. num_finals: networks that were
    trained from scratch in the end.
    """
    heirs = [each for each in evaluated if each.outcome.inherited_epochs]
    if not heirs:
        return []
    most = max(heirs, key=lambda each: each.outcome.effective_epochs)
    lines = [
        f"{len(heirs)} of {len(evaluated)} networks began with the weights of a parent: up to "
        f"{most.outcome.effective_epochs:,} effective epochs (individual {most.individual.id})"
    ]
    if num_finals:
        return [*lines, f"{num_finals} finalists were trained from scratch; the winner is the best of all that were"]
    return [*lines, "none of these can be the best before it is trained from scratch, when the search has ended"]


def judged_epochs(evaluated: Sequence[Evaluated], recipe_epochs: int) -> tuple[int, int]:
    """The epochs after which networks were judged last, over all folds and replicates; and so many as the recipe has
    for them all. What never began to train is not counted.
    """
    trained: dict[tuple[str, int], tuple[int, ...]] = {}
    for each in evaluated:
        key = each.individual.fingerprint, each.individual.replicate
        trained[key] = max(trained.get(key, ()), each.outcome.epochs, key=sum)
    return sum(map(sum, trained.values())), recipe_epochs * sum(map(len, trained.values()))
