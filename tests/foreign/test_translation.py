"""Genomes of foreign trials."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.foreign import ForeignTrial, read_trials, translate
from evo_nas.foreign.names import Meaning, Names
from genomes import FlatEncoding, GenomeError, MlpEncoding

FILES = Path(__file__).with_name("files")
SPACE = MlpEncoding.from_space(
    {"layers": {"low": 1, "high": 2}, "width": {"low": 4, "high": 64}, "learning_rate": {"low": 1e-3, "high": 1e-1}}
)
NAMES = Names(
    frozenset(["layers", "width", "activation", "dropout", "learning_rate", "l1", "optimizer"]),
    frozenset(["width", "activation", "dropout"]),
    {"Breite": "width", "q": "learning_rate"},
)


def trial(**values: Any) -> ForeignTrial:
    return ForeignTrial("trial 0", values)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("units", Meaning("width")),
        ("Units", Meaning("width")),
        ("units_0", Meaning("width", 0)),
        ("units-12", Meaning("width", 12)),
        ("n_units_l3", Meaning("width", 3)),
        ("dense units layer 2", Meaning("width", 2)),
        ("lr", Meaning("learning_rate")),
        ("Learning Rate", Meaning("learning_rate")),
        ("l1", Meaning("l1")),
        ("num_layers", Meaning("layers")),
        ("breite_1", Meaning("width", 1)),
        ("q", Meaning("learning_rate")),
        ("lr_1", None),
        ("epochs", None),
        ("", None),
        ("7", None),
    ],
)
def test_names(name: str, meaning: Meaning | None) -> None:
    assert NAMES.meaning(name) == meaning


def test_trials_of_kerastuner_become_networks() -> None:
    done = translate(read_trials("kerastuner", FILES / "kerastuner"), {})
    assert [genome.layers for genome in done.genomes] == [
        ({"width": 512, "activation": "relu", "dropout": 0.0},),
        ({"width": 128, "activation": "relu", "dropout": 0.0},),
    ]
    assert [genome.genes["optimizer"] for genome in done.genomes] == ["sgd", "adam"]
    assert done.genomes[0].genes["learning_rate"] == 0.0017611785596585996
    assert done.left_out == ("not finished (failed)", "not finished (running)")
    assert done.unused == ()


def test_trials_of_optuna_become_networks() -> None:
    done = translate(read_trials("optuna", FILES / "optuna_study.log"), {})
    assert [[layer["width"] for layer in genome.layers] for genome in done.genomes] == [[46, 31], [87, 113], [6, 105]]


def test_rounds_of_talos_become_networks() -> None:
    done = translate(read_trials("talos", FILES / "talos.csv"), {})
    first, second = done.genomes
    assert first.layers == ({"width": 16, "activation": "relu", "dropout": 0.05},)
    assert second.layers == ({"width": 24, "activation": "elu", "dropout": 0.2},) * 3
    assert (first.genes["optimizer"], second.genes["optimizer"]) == ("nadam", "adam")
    (reason,) = done.left_out
    assert "activation: expected one of relu" in reason
    assert "got 'prelu'" in reason
    assert done.unused == ("epochs", "losses", "shapes")


def test_networks_are_brought_into_a_space() -> None:
    done = translate([trial(units_0=512, units_1=8, units_2=9, lr=0.5), trial(units=8, lr=0.01)], {}, SPACE)
    wide, inside = done.genomes
    assert [layer["width"] for layer in wide.layers] == [64, 8]
    assert wide.genes["learning_rate"] == 0.1
    assert [layer["width"] for layer in inside.layers] == [8]
    assert done.num_repaired == 1


def test_layers_that_are_switched_off_are_left_out() -> None:
    """KerasTuner keeps the units of layers that a trial does not have."""
    (genome,) = translate([trial(num_layers=1, units_0=8, units_1=16, units_2=32)], {}).genomes
    assert [layer["width"] for layer in genome.layers] == [8]


def test_layers_that_are_silent_are_as_the_one_before() -> None:
    (genome,) = translate([trial(n_layers=3, units_1=8, activation_2="tanh")], {}).genomes
    told = [(layer["width"], layer["activation"]) for layer in genome.layers]
    assert told == [(8, "relu"), (8, "tanh"), (8, "tanh")]


@pytest.mark.parametrize(("switch", "rate", "expected"), [(True, 0.3, 0.3), (False, None, 0.0), (True, None, 0.0)])
def test_a_switch_of_the_dropout_is_no_rate(switch: bool, rate: float | None, expected: float) -> None:
    values = {"units": 8, "dropout": switch} | ({"dropout_rate": rate} if rate else {})
    (genome,) = translate([trial(**values)], {}).genomes
    assert genome.layers[0]["dropout"] == expected


def test_equal_networks_are_taken_once() -> None:
    done = translate([trial(units=8), trial(neurons=8, momentum=0.5), trial(units=9)], {})
    assert len(done.genomes) == 2  # momentum has no effect under adam
    assert done.left_out == ("the same network as an earlier one",)


def test_a_flat_space_has_the_names_of_its_genes() -> None:
    space = FlatEncoding.from_space({"rate": {"low": 0.0, "high": 1.0}, "trees": [10, 100]})
    done = translate([trial(Rate=2.0, n=100), trial(depth=3)], {"n": "trees"}, space)
    (genome,) = done.genomes
    assert genome.genes == {"rate": 1.0, "trees": 100}
    assert done.left_out == ("none of its names means a gene",)
    with pytest.raises(GenomeError, match="--map n=width: 'width' is no gene; known genes: rate, trees"):
        translate([], {"n": "width"}, space)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"units": "many"}, "width: expected a whole number"),
        ({"units": [1, 2]}, "width: expected a number or a text"),
        ({"units": 10**30}, "width: expected a whole number"),
        ({"num_layers": 10**9, "units": 4}, "layers: expected a whole number from 0 to 100"),
        ({"num_layers": "two"}, "layers: expected a whole number"),
        ({"units_0": 4, "units_99999": 4}, "layers: expected at most 100"),
        ({"lr": float("nan")}, "learning_rate: expected a number"),
        ({"lr": -1.0}, "learning_rate: expected a number"),
        ({"optimizer": "adam_of_mine"}, "optimizer: expected one of adam"),
        ({"x": 1}, "none of its names means a gene"),
        ({}, "none of its names means a gene"),
    ],
)
def test_a_trial_that_cannot_be_is_left_out_and_why(values: dict[str, Any], reason: str) -> None:
    done = translate([trial(**values), trial(units=8)], {})
    assert len(done.genomes) == 1
    (told,) = done.left_out
    assert told.partition("layer 1 ")[2].startswith(reason) or told.startswith(reason)


@given(
    st.dictionaries(
        st.sampled_from(["units", "units_0", "lr", "num_layers", "activation", "dropout", "x"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.lists(st.none()),
    )
)
def test_whatever_a_file_holds_is_a_network_or_a_reason(values: dict[str, Any]) -> None:
    done = translate([ForeignTrial("trial 0", values)], {}, SPACE)
    assert len(done.genomes) + len(done.left_out) == 1
    for genome in done.genomes:
        SPACE.check(genome)
