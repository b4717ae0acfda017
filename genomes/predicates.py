"""Conditions on genes as people write them: `width * layers <= 512 and optimizer != "sgd"`.

The text is parsed by Python's own parser and walked by ours: names of genes, numbers, texts, true and false, lists,
`+ - * / // %`, comparisons with `in` and `not in`, `and`, `or`, `not`. Everything else is refused, so that no text can
run code or take for ever.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any, final

from genomes.gene_reading import nearest
from genomes.genome import GenomeError, Value

LONGEST = 2000
"""Characters."""

DEPTH, LAYERS = "depth", "layers"
"""What people call the number of layers, and what the gene is called."""

WORDS: Mapping[str, Value] = {"true": True, "false": False}

Values = Mapping[str, Value]
Term = Callable[[Values], Any]
"""What a part of the text says of a genome; None where it asks for a gene that has no effect there."""

ARITHMETIC: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, among: value in among,
    ast.NotIn: lambda value, among: value not in among,
}


@final
class Predicate:
    """Which points of a space are wanted.

    text: the condition. values: name of a gene -> the values that it may have. names: the genes that the text names, in
    the order of `values`.

    What is said of a gene without effect is unknown: momentum under adam is neither above nor below 0.5. A genome is
    wanted unless the text is false of it, by the logic of three values (Kleene 1938).
    Raises GenomeError: which word, what was expected.
    """

    def __init__(self, text: str, values: Mapping[str, Sequence[Value]]) -> None:
        self._text = text
        reader = _Reader(text, values)
        self._term = reader.read()
        self.names = tuple(name for name in values if name in reader.named)
        if not self.names:
            raise GenomeError(f"condition {text!r:.100}: expected one on genes, and it names none")

    def admits(self, values: Values) -> bool:
        """Whether a genome is wanted. values: those of `names` that have an effect. Raises GenomeError for 1 / 0."""
        return self._truth_of(values) is not False

    def holds(self, values: Values) -> bool:
        """Whether the text is true of a genome, and not only unknown. Otherwise as `admits`."""
        return self._truth_of(values) is True

    def _truth_of(self, values: Values) -> bool | None:
        try:
            truth: bool | None = self._term(values)
            return truth
        except (ArithmeticError, TypeError) as error:
            shown = ", ".join(f"{name} = {value!r}" for name, value in values.items() if name in self.names)
            raise GenomeError(f"condition {self._text!r:.100} has no meaning for {shown}: {error}") from None


class _Reader:
    """From a text to a term; `named`: the genes that it asks for."""

    def __init__(self, text: str, values: Mapping[str, Sequence[Value]]) -> None:
        self.named: set[str] = set()
        self._text = text
        self._values = values

    def read(self) -> Term:
        if len(self._text) > LONGEST:
            raise GenomeError(f"condition: expected at most {LONGEST} characters, got {len(self._text)}")
        try:
            return self._truth(ast.parse(self._text.strip(), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, GenomeError):
                raise
            raise GenomeError(
                f"condition {self._text!r:.100}: expected one such as \"width <= 64 and optimizer != 'sgd'\" "
                f"({getattr(error, 'msg', None) or type(error).__name__})"
            ) from None

    def _truth(self, node: ast.expr) -> Term:
        """A term that is true, false or None."""
        if isinstance(node, ast.BoolOp):
            terms = [self._truth(part) for part in node.values]
            decisive = isinstance(node.op, ast.Or)
            return lambda values: _joined([term(values) for term in terms], decisive=decisive)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            term = self._truth(node.operand)
            return lambda values: None if (truth := term(values)) is None else not truth
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        if isinstance(node, ast.Name):
            return self._flag(node)
        raise self._refusal(node)

    def _comparison(self, node: ast.Compare) -> Term:
        parts = [node.left, *node.comparators]
        links = []
        for left, sign, right in zip(parts, node.ops, parts[1:], strict=False):
            if type(sign) not in COMPARISONS:
                raise self._refusal(node)
            self._check_spelling(left, right)
            among = isinstance(sign, ast.In | ast.NotIn)
            sides = self._value(left), self._list(right) if among else self._value(right)
            links.append(_compared(COMPARISONS[type(sign)], *sides))
        return lambda values: _joined([link(values) for link in links], decisive=False)

    def _value(self, node: ast.expr) -> Term:
        if isinstance(node, ast.Constant) and isinstance(node.value, Value):
            constant = node.value
            return lambda values: constant
        if isinstance(node, ast.Name):
            return self._named(node)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            operand = self._value(node.operand)
            return _computed(lambda zero, value: zero - value, lambda values: 0, operand)
        if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
            return _computed(ARITHMETIC[type(node.op)], self._value(node.left), self._value(node.right))
        raise self._refusal(node)

    def _list(self, node: ast.expr) -> Term:
        if not isinstance(node, ast.List | ast.Tuple | ast.Set):
            raise GenomeError(f"condition {self._text!r:.100}: expected a list after `in`, such as [16, 32]")
        terms = [self._value(part) for part in node.elts]

        def members(values: Values) -> list[Any] | None:
            found = [term(values) for term in terms]
            return None if None in found else found

        return members

    def _flag(self, node: ast.Name) -> Term:
        """A name alone is a condition where its gene is true or false."""
        term, gene = self._named(node), self._gene(node.id)
        if gene in self._values and not all(isinstance(value, bool) for value in self._values[gene]):
            raise GenomeError(
                f"condition {self._text!r:.100}: expected a comparison of {node.id}, such as {node.id} > 1"
            )
        return term

    def _named(self, node: ast.Name) -> Term:
        name = self._gene(node.id)
        if name not in self._values:
            if name in WORDS:
                return lambda values: WORDS[name]
            hint = nearest(name, self._values)
            raise GenomeError(
                f"condition: {name!r:.100}{hint} is no name that is known here; those are {', '.join(self._values)}"
            )
        self.named.add(name)
        return lambda values: values.get(name)

    def _gene(self, name: str) -> str:
        return LAYERS if name == DEPTH and DEPTH not in self._values and LAYERS in self._values else name

    def _check_spelling(self, *sides: ast.expr) -> None:
        """A text that a gene is compared with is one of its values."""
        for name in [side.id for side in sides if isinstance(side, ast.Name)]:
            known = [value for value in self._values.get(self._gene(name), ()) if isinstance(value, str)]
            for text in [text for side in sides for text in _texts(side)]:
                if known and text not in known:
                    hint = nearest(text, known)
                    raise GenomeError(f"condition: {name} is never {text!r:.100}{hint}, but one of {', '.join(known)}")

    def _refusal(self, node: ast.AST) -> GenomeError:
        part = ast.get_source_segment(self._text.strip(), node) or self._text
        return GenomeError(
            f"condition: {part!r:.100} is not understood; expected names of genes, numbers, texts and lists with "
            "+ - * / // %, == != < <= > >=, in, and, or, not"
        )


def _texts(node: ast.expr) -> list[str]:
    nodes = node.elts if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]
    return [each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def _joined(truths: Sequence[bool | None], *, decisive: bool) -> bool | None:
    """`or` (decisive: true) or `and` (decisive: false) of three values."""
    if decisive in truths:
        return decisive
    return None if None in truths else not decisive


def _compared(compare: Callable[[Any, Any], bool], left: Term, right: Term) -> Term:
    def link(values: Values) -> bool | None:
        one, other = left(values), right(values)
        return None if one is None or other is None else compare(one, other)

    return link


def _computed(compute: Callable[[Any, Any], Any], left: Term, right: Term) -> Term:
    def result(values: Values) -> Any:
        one, other = left(values), right(values)
        if one is None or other is None:
            return None
        for side in (one, other):
            if isinstance(side, str):
                raise TypeError(f"{side!r:.100} is no number")
        return compute(one, other)

    return result
