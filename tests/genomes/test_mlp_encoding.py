"""The dense encoding: reading a space, canonical forms and operators."""

import random
from collections import Counter
from itertools import pairwise

import pytest

from genomes import Encoding, Genome, GenomeError, MlpEncoding, encoding_from

ISSUE_SPACE = {
    "encoding": "mlp",
    "layers": {"low": 1, "high": 5},
    "width": {"low": 5, "high": 50, "scale": "log"},
    "activation": ["relu", "tanh", "sigmoid"],
    "dropout": {"low": 0.0, "high": 0.5},
    "learning_rate": {"low": 1e-3, "high": 1e-1, "scale": "log"},
    "optimizer": ["adam", "sgd"],
    "batch_size": 256,
}
DEFAULT_GENES = {
    "optimizer": "adam",
    "learning_rate": 0.001,
    "decay": 1.0,
    "decay_steps": 1000,
    "momentum": 0.0,
    "nesterov": False,
    "rho": 0.9,
    "beta_1": 0.9,
    "beta_2": 0.999,
    "epsilon": 1e-07,
    "weight_decay": 0.004,
    "batch_size": 32,
    "l1": 0.0,
    "l2": 0.0,
    "max_norm": 0.0,
    "input_dropout": 0.0,
    "batch_normalization": False,
    "kernel_initializer": "glorot_uniform",
    "preprocessing": "standard",
}
LAYER = {"width": 32, "activation": "relu", "dropout": 0.0}


def made(encoding: Encoding, layers: int = 1, **genes: object) -> Genome:
    """The default with other training genes, any legal value, and a number of default layers."""
    return Genome("mlp", {**encoding.default().genes, **genes}, (LAYER,) * layers)


def test_a_space_that_names_nothing_is_fixed_at_the_defaults_of_keras() -> None:
    encoding = encoding_from({"encoding": "mlp"})
    assert encoding.default() == Genome("mlp", DEFAULT_GENES, (LAYER, LAYER))
    assert encoding.sample(random.Random(0)) == encoding.default()
    assert encoding.mutate(encoding.default(), random.Random(0)).operator == "unchanged"


def test_the_default_is_as_near_as_the_space_allows() -> None:
    default = encoding_from(ISSUE_SPACE).default()
    assert default == Genome("mlp", {**DEFAULT_GENES, "batch_size": 256}, (LAYER, LAYER))
    far = encoding_from({"encoding": "mlp", "layers": [4, 8], "width": {"low": 64, "high": 99}, "activation": ["tanh"]})
    assert far.default().layers == ({"width": 64, "activation": "tanh", "dropout": 0.0},) * 4


def test_samples_fill_the_space_of_the_settings_file() -> None:
    encoding, rng = encoding_from(ISSUE_SPACE), random.Random(0)
    genomes = [encoding.sample(rng) for _ in range(1000)]
    assert set(Counter(len(genome.layers) for genome in genomes)) == {1, 2, 3, 4, 5}
    layers = [layer for genome in genomes for layer in genome.layers]
    assert {layer["activation"] for layer in layers} == {"relu", "tanh", "sigmoid"}
    assert {layer["width"] for layer in layers} == set(range(5, 51))
    assert {genome.genes["batch_size"] for genome in genomes} == {256}
    assert all(0.001 <= genome.genes["learning_rate"] <= 0.1 for genome in genomes)


@pytest.mark.parametrize("space", [ISSUE_SPACE, MlpEncoding.default_space(), {"encoding": "mlp", "layers": 0}])
def test_a_description_reads_back_to_the_same_space(space: dict[str, object]) -> None:
    encoding = encoding_from(space)
    again = encoding_from(encoding.describe())
    assert again.describe() == encoding.describe()
    for seed in range(20):
        assert again.sample(random.Random(seed)) == encoding.sample(random.Random(seed))


def test_min_max_may_be_spelt_with_a_hyphen() -> None:
    assert encoding_from({"encoding": "mlp", "preprocessing": "min-max"}).default().genes["preprocessing"] == "minmax"


@pytest.mark.parametrize(
    ("genes", "without"),
    [
        ({"optimizer": "adam"}, {"momentum", "nesterov", "rho", "weight_decay", "decay_steps"}),
        ({"optimizer": "adamw"}, {"momentum", "nesterov", "rho", "decay_steps"}),
        ({"optimizer": "nadam", "decay": 0.9}, {"momentum", "nesterov", "rho", "weight_decay"}),
        (
            {"optimizer": "sgd", "momentum": 0.0, "nesterov": True},
            {"nesterov", "rho", "beta_1", "beta_2", "epsilon", "weight_decay", "decay_steps"},
        ),
        (
            {"optimizer": "sgd", "momentum": 0.5, "nesterov": True},
            {"rho", "beta_1", "beta_2", "epsilon", "weight_decay", "decay_steps"},
        ),
        (
            {"optimizer": "rmsprop", "momentum": 0.5},
            {"nesterov", "beta_1", "beta_2", "weight_decay", "decay_steps"},
        ),
        ({"optimizer": "adadelta"}, {"momentum", "nesterov", "beta_1", "beta_2", "weight_decay", "decay_steps"}),
        ({"optimizer": "adagrad"}, {"momentum", "nesterov", "rho", "beta_1", "beta_2", "weight_decay", "decay_steps"}),
    ],
)
def test_the_canonical_form_leaves_out_exactly_the_genes_without_effect(
    genes: dict[str, object], without: set[str]
) -> None:
    encoding = encoding_from(ISSUE_SPACE)
    genome = made(encoding, **genes)
    assert set(genome.genes) - set(encoding.canonical(genome).genes) == without


def test_batch_normalization_without_hidden_layers_has_no_effect() -> None:
    encoding = encoding_from({"encoding": "mlp", "layers": {"low": 0, "high": 1}, "batch_normalization": [False, True]})
    on, off = made(encoding, 0, batch_normalization=True), made(encoding, 0, batch_normalization=False)
    assert encoding.fingerprint(on) == encoding.fingerprint(off)
    assert encoding.fingerprint(made(encoding, 1, batch_normalization=True)) != encoding.fingerprint(
        made(encoding, 1, batch_normalization=False)
    )
    operators = {encoding.mutate(on, random.Random(seed)).operator for seed in range(50)}
    assert operators == {"insert_layer"}


def test_a_fingerprint_is_of_the_network_and_not_of_the_space_or_the_order_of_its_genes() -> None:
    wide, narrow = encoding_from(ISSUE_SPACE), encoding_from({"encoding": "mlp", "batch_size": 256})
    genome = made(wide)
    turned = Genome("mlp", dict(reversed(genome.genes.items())), (dict(reversed(LAYER.items())),))
    assert {wide.fingerprint(genome), narrow.fingerprint(genome), wide.fingerprint(turned)} == {
        "1a65fc44e86682bc665a2c43eb6987ef"
    }


@pytest.mark.parametrize("gene", ["optimizer", "batch_size", "preprocessing", "l2", "beta_1"])
def test_a_gene_with_an_effect_changes_the_fingerprint(gene: str) -> None:
    encoding = encoding_from(MlpEncoding.default_space())
    others = {"optimizer": "nadam", "batch_size": 64, "preprocessing": "robust", "l2": 1e-3, "beta_1": 0.8}
    assert encoding.fingerprint(made(encoding)) != encoding.fingerprint(made(encoding, **{gene: others[gene]}))


def test_repair_gives_whole_genes_back_to_their_types() -> None:
    encoding = encoding_from(ISSUE_SPACE)
    read = Genome("other", {"learning_rate": 1, "batch_size": 1.0, "zz": 0}, ({"width": 8.6, "activation": "RELU"},))
    assert encoding.repair(read) == Genome(
        "mlp",
        {**DEFAULT_GENES, "learning_rate": 0.1, "batch_size": 256},
        ({"width": 9, "activation": "relu", "dropout": 0.0},),
    )
    assert type(encoding.repair(read).layers[0]["width"]) is int


@pytest.mark.parametrize(("given", "kept"), [(0, 1), (1, 1), (2, 1), (3, 4), (7, 8), (5, 4), (500, 8)])
def test_repair_goes_to_the_nearest_allowed_number_of_layers(given: int, kept: int) -> None:
    encoding = encoding_from({"encoding": "mlp", "layers": [1, 4, 8], "width": {"low": 1, "high": 9}})
    layers = tuple({"width": 1 + i % 9, "activation": "relu", "dropout": 0.0} for i in range(given))
    repaired = encoding.repair(Genome("mlp", {}, layers)).layers
    assert len(repaired) == kept
    assert repaired[: min(given, kept)] == layers[:kept]
    assert all(layer == repaired[given - 1] for layer in repaired[given:] if given)


def test_growing_and_shrinking_skip_the_numbers_of_layers_that_are_not_allowed() -> None:
    encoding = encoding_from({"encoding": "mlp", "layers": [1, 4, 8]})
    lengths = {
        (variant.operator, len(variant.genome.layers))
        for seed in range(100)
        for variant in [encoding.mutate(made(encoding, 4), random.Random(seed))]
    }
    assert lengths == {("insert_layer", 8), ("duplicate_layer", 8), ("remove_layer", 1)}


def test_each_operator_does_what_its_name_says() -> None:
    encoding = encoding_from(ISSUE_SPACE)
    seen = Counter()
    for seed in range(2000):
        rng = random.Random(seed)
        before = encoding.sample(rng)
        variant = encoding.mutate(before, rng)
        operator, _, changed = variant.operator.partition(":")
        seen[operator] += 1
        moved = {name for name in before.genes if before.genes[name] != variant.genome.genes[name]}
        assert moved == (set(changed.split(",")) if operator == "change_gene" else set())
        old, new = before.layers, variant.genome.layers
        assert len(new) - len(old) == {"insert_layer": 1, "duplicate_layer": 1, "remove_layer": -1}.get(operator, 0)
        if operator in ("insert_layer", "duplicate_layer", "remove_layer"):
            longer, shorter = (new, old) if len(new) > len(old) else (old, new)
            assert any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
        if operator == "duplicate_layer":
            assert any(one == other for one, other in pairwise(new))
        if operator == "change_layer":
            (place,) = (i for i in range(len(old)) if old[i] != new[i])
            assert {name for name in LAYER if old[place][name] != new[place][name]} == {changed}
    assert set(seen) == {"insert_layer", "duplicate_layer", "remove_layer", "change_layer", "change_gene"}
    assert min(seen.values()) > 100


def test_a_switch_of_the_optimizer_and_back_remembers_its_numbers() -> None:
    space = {"encoding": "mlp", "optimizer": ["adam", "sgd"], "momentum": {"low": 0.1, "high": 0.9}}
    encoding = encoding_from(space)
    genome = made(encoding, 2, optimizer="sgd", momentum=0.77)
    for seed in range(100):
        variant = encoding.mutate(genome, random.Random(seed))
        if variant.operator == "change_gene:optimizer":
            break
    assert variant.genome.genes["optimizer"] == "adam"
    assert variant.genome.genes["momentum"] == 0.77
    back = {encoding.mutate(variant.genome, random.Random(seed)).operator for seed in range(50)}
    assert back == {"change_gene:optimizer"}


def test_crossover_meets_layers_of_the_same_relative_depth() -> None:
    encoding = encoding_from({"encoding": "mlp", "layers": {"low": 0, "high": 9}, "width": {"low": 1, "high": 99}})

    def stack(first: int, count: int) -> Genome:
        layers = tuple({**LAYER, "width": first + i} for i in range(count))
        return Genome("mlp", encoding.default().genes, layers)

    first, second = stack(11, 2), stack(51, 6)
    met = set()
    for seed in range(200):
        one, other = encoding.crossover(first, second, random.Random(seed))
        met.add(tuple(layer["width"] for layer in one.layers))
        assert 2 <= len(one.layers) <= 6
        assert len(one.layers) + len(other.layers) == 8
    assert (11, 54, 55, 56) in met
    assert (51, 52, 53, 54, 55, 56) in met
    assert not any(widths[:2] == (11, 52) for widths in met)


def test_crossover_hands_an_optimizer_on_with_its_numbers() -> None:
    encoding = encoding_from(
        {
            "encoding": "mlp",
            "optimizer": ["adam", "sgd"],
            "learning_rate": [0.001, 0.1],
            "momentum": [0.0, 0.9],
            "l2": [0.0, 0.1],
        }
    )
    first = made(encoding, 2, optimizer="adam", learning_rate=0.001, momentum=0.0, l2=0.0)
    second = made(encoding, 2, optimizer="sgd", learning_rate=0.1, momentum=0.9, l2=0.1)
    names = ("optimizer", "learning_rate", "momentum", "l2")
    children = Counter(
        tuple(encoding.crossover(first, second, random.Random(seed))[0].genes[name] for name in names)
        for seed in range(400)
    )
    assert set(children) == {
        (optimizer, rate, momentum, l2)
        for optimizer, rate, momentum in (("adam", 0.001, 0.0), ("sgd", 0.1, 0.9))
        for l2 in (0.0, 0.1)
    }
    assert min(children.values()) > 60


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"encoding": "cnn"}, "expected a genome of the encoding 'mlp', got one of 'cnn'"),
        ({"layers": ()}, "layers: 0 is not in Int(low=1, high=5"),
        ({"layers": (LAYER, {**LAYER, "width": 51})}, "layer 2 width: 51 is not in Int(low=5, high=50"),
        ({"layers": ({"width": 5},)}, "layer 1 activation is missing"),
        ({"genes": {**DEFAULT_GENES, "batch_size": 32}}, "batch_size: 32 is not in Int(low=256, high=256"),
    ],
)
def test_a_genome_outside_the_space_is_named_with_gene_and_place(change: dict[str, object], message: str) -> None:
    whole = {"encoding": "mlp", "genes": {**DEFAULT_GENES, "batch_size": 256}, "layers": (LAYER,)}
    encoding = encoding_from(ISSUE_SPACE)
    encoding.check(Genome(**whole))
    with pytest.raises(GenomeError) as error:
        encoding.check(Genome(**{**whole, **change}))
    assert message in str(error.value)
