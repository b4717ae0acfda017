"""The picture of a network: what is in it adds up, and nothing that is written in it can run or break it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import evo_nas
from evo_nas.report.network_kinds import kind_of
from evo_nas.report.network_picture import NetworkPicture, text_lines
from evo_nas.report.network_rows import MOST_ROWS, rows_of, shape_text
from genomes import CnnEncoding, FlatEncoding, Genome, LayerRecord, MlpEncoding

MLP = MlpEncoding.from_space({"layers": {"low": 0, "high": 100}})
HOSTILE = "<script>alert(1)</script> & \"'$\\frac{$ \n\x00\u202e\ud800 " + "x" * 10_000


def network(widths: list[int]) -> Genome:
    layers = tuple({"width": width, "activation": "relu", "dropout": 0.1} for width in widths)
    return Genome("mlp", MLP.default().genes, layers)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([1, 8, 64]), max_size=100), st.integers(4, 80))
def test_rows_add_up_to_the_table_however_much_is_folded(widths: list[int], most: int) -> None:
    table = MLP.layer_table(network(widths), (7,), 3)
    rows = rows_of(table, most)
    assert len(rows) <= max(most, 4)
    left_out = [row for row in rows if not row.kind]
    shown = [row for row in rows if row.kind]
    total = sum(row.parameters * row.times for row in shown) + sum(row.parameters for row in left_out)
    assert total == sum(layer.parameters for layer in table)
    assert sum(row.times for row in rows) == len(table)
    assert (rows[0].kind, rows[0].shape) == ("input", (7,))
    assert (rows[-1].kind, rows[-1].shape) == ("dense", (3,))


def test_equal_blocks_are_one_block_and_two_are_not() -> None:
    folded = rows_of(MLP.layer_table(network([8, 16, 16, 16, 16]), (7,), 3))
    assert [(row.kind, row.times) for row in folded if row.begins] == [
        ("dense", 1),
        ("dense", 1),
        ("dense", 3),
        ("dense", 1),
    ]
    assert all(row.times == 1 for row in rows_of(MLP.layer_table(network([16, 16, 16]), (7,), 3)))


def test_a_deep_network_shows_its_ends() -> None:
    rows = rows_of(MLP.layer_table(network([8, 64] * 50), (7,), 3))
    assert len(rows) <= MOST_ROWS
    (hole,) = (number for number, row in enumerate(rows) if not row.kind)
    assert rows[hole + 1].begins
    assert rows[hole].times == 302 - (len(rows) - 1)


def test_the_text_tells_every_layer_and_their_sum() -> None:
    lines = text_lines(MLP.layer_table(network([4]), (2,), 3))
    assert [line.split() for line in lines] == [
        ["layer", "kind", "shape", "parameters"],
        ["inputs", "input", "2", "0"],
        ["hidden_1", "dense", "4", "12"],
        ["activation_1", "activation", "relu", "4", "0"],
        ["dropout_1", "dropout", "0.1", "4", "0"],
        ["logits", "dense", "3", "15"],
        ["all", "27"],
    ]
    assert shape_text((28, 1000, 3)) == "28 × 1,000 × 3"


def test_the_drawing_is_well_formed_and_says_what_it_shows() -> None:
    svg = evo_nas.draw(network([110, 110]), 91, 1, title="individual 17").svg()
    root = ElementTree.fromstring(svg)
    texts = [element.text for element in root.iter() if element.tag.endswith("}text")]
    assert {"22,441 parameters in 3 layers", "individual 17", "10,120", "12,210", "111", "relu", "91"} <= set(texts)
    assert svg == evo_nas.draw(network([110, 110]), 91, 1, title="individual 17").svg()


def test_nothing_that_is_written_in_a_picture_is_markup() -> None:
    layer = LayerRecord(HOSTILE, HOSTILE, (3,), 5, HOSTILE)
    picture = NetworkPicture((layer, LayerRecord("b", "<b>", (), 0, "$x^2$")), HOSTILE)
    svg = picture.svg()
    ElementTree.fromstring(svg)
    assert "<script" not in svg
    assert picture.png()[:4] == b"\x89PNG"
    assert all(line.isprintable() and len(line) < 1000 for line in str(picture).splitlines())


def test_pictures_are_saved_in_the_format_of_their_name(tmp_path: Path) -> None:
    picture = evo_nas.draw(network([]), 2, 1)
    picture.save(tmp_path / "a.png")
    picture.save(str(tmp_path / "a.svg"))
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    assert picture._repr_svg_() in (tmp_path / "a.svg").read_text()
    with pytest.raises(evo_nas.UserError, match=r"ends in \.svg or \.png, got '\.pdf'"):
        picture.save(tmp_path / "a.pdf")


def test_what_has_no_layers_cannot_be_drawn() -> None:
    flat = FlatEncoding.from_space({"rate": [1, 2]}).default()
    with pytest.raises(evo_nas.UserError, match=r"'flat' has no layers to draw"):
        evo_nas.draw(flat, 2, 1)
    with pytest.raises(evo_nas.UserError, match=r"got 'unheard'; give it as draw"):
        evo_nas.draw(Genome("unheard", {}), 2, 1)
    with pytest.raises(evo_nas.UserError, match=r"expected a genome of 'cnn' for rows of the shape \(2,\)"):
        evo_nas.draw(Genome("cnn", {}), 2, 1)


def layers_with_skips(num_blocks: int) -> list[LayerRecord]:
    """Residual blocks: what a block's sum reads is named, as is what its projection reads."""
    table, last = [LayerRecord("inputs", "input", (4, 4, 2), 0)], "inputs"
    for number in range(num_blocks):
        main, around, total = (f"{part}_{number}" for part in ("convolution", "projection", "sum"))
        table += [
            LayerRecord(main, "convolution", (4, 4, 2), 10),
            LayerRecord(f"activation_{number}", "activation", (4, 4, 2), 0, "relu"),
            LayerRecord(around, "convolution", (4, 4, 2), 2, inputs=(last,)),
            LayerRecord(total, "add", (4, 4, 2), 0, inputs=(f"activation_{number}", around)),
        ]
        last = total
    return table


def test_a_sum_is_joined_to_what_it_reads() -> None:
    rows = rows_of(layers_with_skips(1))
    assert [(row.kind, row.joined, row.skips) for row in rows] == [
        ("input", True, ()),
        ("convolution", True, ()),
        ("activation", True, ()),
        ("convolution", False, (3,)),
        ("add", True, (2,)),
    ]


@pytest.mark.parametrize("num_blocks", [2, 5, 40])
def test_what_is_left_out_takes_its_edges_with_it(num_blocks: int) -> None:
    """An edge never leads beyond the first row, into the hole or to the row above, which is joined anyway."""
    table = layers_with_skips(num_blocks)
    rows = rows_of(table)
    assert len(rows) == min(len(table), MOST_ROWS) or num_blocks == 40
    for place, row in enumerate(rows):
        for skip in row.skips:
            assert 2 <= skip <= place
            assert rows[place - skip].kind
    assert NetworkPicture(tuple(table)).svg().count("<path") > len(rows)


def test_an_edge_over_blocks_that_are_shown_once_is_as_long_as_it_looks() -> None:
    block = [LayerRecord(f"dense_{n}", "dense", (8,), 72) for n in range(5)]
    ends = (LayerRecord("inputs", "input", (8,), 0), LayerRecord("sum", "add", (8,), 0, inputs=("dense_4", "inputs")))
    rows = rows_of([ends[0], *block, LayerRecord("last", "dense", (8,), 9), ends[1]])
    assert [(row.kind, row.times, row.skips) for row in rows] == [
        ("input", 1, ()),
        ("dense", 5, ()),
        ("dense", 1, ()),
        ("add", 1, (2, 3)),
    ]


def test_the_picture_of_a_convolutional_network_says_what_each_layer_is() -> None:
    space = {"skip": True, "convolutions": "separable", "batch_normalization": True, "layers": 2, "filters": 8}
    encoding = CnnEncoding.from_space({"encoding": "cnn", **space}).for_data((28, 28, 1), 10)
    picture = evo_nas.draw(encoding.default(), (28, 28, 1), 10)
    texts = [each.text for each in ElementTree.fromstring(picture.svg()).iter() if each.tag.endswith("}text")]
    assert {"depthwise 3 × 3", "batch normalization", "add", "pooling max 2 × 2", "flatten", "28 × 28 × 8"} <= set(
        texts
    )
    assert picture.parameters == encoding.size(encoding.default(), (28, 28, 1), 10).parameters


def test_blocks_of_a_backbone_have_their_names_and_whether_they_are_frozen() -> None:
    blocks = [
        LayerRecord(f"block_{n}_add", "backbone", (4, 4, 8), 9, "frozen" if n < 3 else "thawed") for n in range(5)
    ]
    table = (LayerRecord("inputs", "input", (8, 8, 3), 0), *blocks, LayerRecord("logits", "dense", (2,), 18))
    texts = [each.text for each in ElementTree.fromstring(NetworkPicture(table).svg()).iter()]
    assert {f"block_{n}_add, {'frozen' if n < 3 else 'thawed'}" for n in range(5)} <= set(texts)
    assert [kind_of(row) for row in rows_of(table)][3:5] == ["backbone", "backbone thawed"]
