"""What changed, in words."""

import random

import pytest

from genomes import Genome, MlpEncoding, changes_between


def layer(width: int, activation: str = "relu", dropout: float = 0.0) -> dict[str, object]:
    return {"width": width, "activation": activation, "dropout": dropout}


def genome(*layers: dict[str, object], **genes: object) -> Genome:
    return Genome("mlp", genes, layers)


A, B, C, D = layer(16), layer(32, "relu", 0.1), layer(8, "tanh"), layer(64, "selu", 0.5)


@pytest.mark.parametrize(
    ("parent", "child", "changes"),
    [
        (genome(A, rate=0.1), genome(A, rate=0.1), ()),
        (genome(learning_rate=0.01), genome(learning_rate=0.02143), ("learning_rate 0.01 -> 0.0214",)),
        (genome(rate=0.01), genome(rate=0.0100001), ("rate 0.01 -> 0.0100001",)),
        (genome(batch_size=32), genome(batch_size=10_000_000), ("batch_size 32 -> 10000000",)),
        (genome(nesterov=False), genome(nesterov=True), ("nesterov False -> True",)),
        (
            genome(optimizer="adam", beta_1=0.9),
            genome(optimizer="sgd", momentum=0.5),
            ("optimizer adam -> sgd", "momentum 0.5 takes effect"),
        ),
        (genome(rate=0.1, b=1, a=1), genome(rate=0.1), ("genes without effect now: a, b",)),
        (genome(A, C), genome(layer(20), C), ("layer 1 width 16 -> 20",)),
        (genome(A, C), genome(A, B, C), ("layer 2 inserted: width 32, relu, dropout 0.1",)),
        (genome(A, B, C), genome(A, B), ("layer 3 removed (width 8, tanh)",)),
        (genome(A, A), genome(A, A, A), ("layer 3 inserted: width 16, relu",)),
        (genome(), genome(A), ("layer 1 inserted: width 16, relu",)),
        (genome(A, B, C), genome(B, C), ("layer 1 removed (width 16, relu)",)),
        (
            genome(A, B, C, D),
            genome(B, layer(9, "tanh"), layer(99, "linear", 0.5)),
            ("layer 1 removed (width 16, relu)", "layer 2 width 8 -> 9", "layer 3 width 64 -> 99",
             "layer 3 activation selu -> linear"),
        ),
    ],
)  # fmt: skip
def test_known_changes(parent: Genome, child: Genome, changes: tuple[str, ...]) -> None:
    assert changes_between(parent, child) == changes


def test_every_mutation_says_something_and_an_inserted_layer_is_named_once() -> None:
    encoding = MlpEncoding.from_space(MlpEncoding.default_space())
    for seed in range(300):
        rng = random.Random(seed)
        parent = encoding.sample(rng)
        variant = encoding.mutate(parent, rng)
        changes = changes_between(encoding.canonical(parent), encoding.canonical(variant.genome))
        assert changes
        inserted = [change for change in changes if "inserted" in change]
        assert len(inserted) == (variant.operator in ("insert_layer", "duplicate_layer"))


def test_the_alignment_explains_the_difference_in_length() -> None:
    encoding = MlpEncoding.from_space({**MlpEncoding.default_space(), "layers": {"low": 0, "high": 12}})
    for seed in range(200):
        first, second = (encoding.sample(random.Random(f"{seed}{side}")) for side in "ab")
        changes = changes_between(encoding.canonical(first), encoding.canonical(second))
        inserted = sum(" inserted: " in change for change in changes)
        removed = sum(" removed (" in change for change in changes)
        assert inserted - removed == len(second.layers) - len(first.layers)
