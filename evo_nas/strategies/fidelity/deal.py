"""Which bracket a child joins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import final


@final
class Deal:
    """Deals children out in turn, so that at any moment the brackets' numbers of members are to each other as nearly as
    can be as their sizes, over all batches together: a small batch does not favour any.

    It is Sainte-Laguë's rule of dividing seats. Hyperband fills one bracket after the other; dealing lets all of them
    climb side by side, so that fewer rungs are waited for, and asks for no batch of a certain size.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = tuple(sizes)
        self._counts = [0] * len(self._sizes)

    def next(self) -> int:
        """The place, in `sizes`, of the bracket whose turn it is; of equal ones the first."""
        claims = [size / (2 * count + 1) for size, count in zip(self._sizes, self._counts, strict=True)]
        chosen = claims.index(max(claims))
        self._counts[chosen] += 1
        return chosen
