"""`check_encoding` holds an encoding to the laws of `laws.py`: for our tests, and for encodings of your own."""

from __future__ import annotations

from genomes.genome import Encoding
from genomes.laws import LAWS, Trials


class EncodingLawBroken(AssertionError):  # noqa: N818 - the name says what happened
    """A law does not hold. The text is the law, and what breaks it."""


def check_encoding(encoding: Encoding, *, seed: int = 0, trials: int = 200) -> None:
    """Hold an encoding to every law of `LAWS`.

    seed: of all streams. trials: how many genomes are drawn, 1 or more; below 60, free genes that never move are not
    noticed. Raises EncodingLawBroken, which names the law and a counterexample.
    """
    drawn = Trials(encoding, seed, trials)
    for law in LAWS:
        name = law.__name__.replace("_", " ")
        try:
            counterexample = next(law(drawn), None)
        except Exception as error:
            raise EncodingLawBroken(f"{name}: {type(error).__name__}: {error}") from error
        if counterexample is not None:
            raise EncodingLawBroken(f"{name}: {counterexample:.600}")
