"""The search whose children are judged rung by rung, driven as the loop drives one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import final

from evo_nas.individual import Evaluated, Individual
from evo_nas.strategies.strategy import Strategy


@final
class Inner:
    """Asks for all that the results allow, and tells exactly as many results as each child requires (law 3)."""

    def __init__(self, strategy: Strategy) -> None:
        self.strategy = strategy
        self._num_asked = 0
        self._num_told = 0
        self._waiting: deque[Evaluated] = deque()

    def children(self) -> list[Individual]:
        """Those that may be made now: at least one once all earlier ones were told."""
        children: list[Individual] = []
        while self._tell_required():
            count = self._num_askable()
            children += self.strategy.ask(count)
            self._num_asked += count
        return children

    def tell(self, evaluated: Sequence[Evaluated]) -> None:
        """What came of the children, in their order."""
        self._waiting.extend(evaluated)
        self._tell_required()

    def answer(self, waiting: Sequence[Evaluated]) -> Individual | None:
        """Whom the search believes in. waiting: besides what waits here."""
        return self.strategy.answer([*self._waiting, *waiting])

    def _tell_required(self) -> bool:
        """Whether the next child has all the results that it requires."""
        missing = self.strategy.required_results(self._num_asked) - self._num_told
        if missing > len(self._waiting):
            return False
        if missing:
            self.strategy.tell([self._waiting.popleft() for _ in range(missing)])
            self._num_told += missing
        return True

    def _num_askable(self) -> int:
        count = 1
        while self.strategy.required_results(self._num_asked + count) == self._num_told:
            count += 1
        return count
