"""Every gene that a space may name has its words, and they say what the encoding does."""

from __future__ import annotations

import tomllib

import pytest

import evo_nas as evo_nas_package
from genomes import DEFAULT_SPACES, ENCODINGS, default_space, encoding_from
from genomes.cnn_genes import CATALOGUE
from genomes.gene_words import EXPLAINED, genes_in_words, other_keys
from tests.command_line.commands import evo_nas


@pytest.mark.parametrize("encoding", EXPLAINED)
def test_every_gene_has_one_line(encoding: str) -> None:
    explained = genes_in_words(encoding)
    assert len({gene.name for gene in explained}) == len(explained)
    for gene in explained:
        assert gene.meaning, gene
        assert len(gene.meaning) < 90, gene
        assert gene.possible, gene


def test_all_encodings_of_networks_are_explained() -> None:
    assert set(EXPLAINED) == set(ENCODINGS) - {"flat"}


def test_the_words_are_those_of_the_catalogue() -> None:
    by_name = {gene.name: gene for gene in genes_in_words("cnn")}
    assert list(by_name) == list(CATALOGUE.entries)
    assert (by_name["kernel"].possible, by_name["kernel"].default) == ("1 to 7", "3")
    assert by_name["skip"].default == "false"
    assert by_name["reduction"].possible == "none, max, average, stride"
    assert "input_shape" in other_keys("cnn")


@pytest.mark.parametrize("encoding", ["mlp", "cnn"])
def test_a_space_may_name_every_gene_that_is_explained(encoding: str) -> None:
    for gene in genes_in_words(encoding):
        value = tomllib.loads(f"{gene.name} = {gene.default}")[gene.name]
        assert encoding_from({"encoding": encoding, gene.name: value}).describe()[gene.name] == value


@pytest.mark.parametrize("name", DEFAULT_SPACES)
def test_a_name_stands_for_a_rich_space(name: str) -> None:
    rich = encoding_from(default_space(name)).describe()
    assert evo_nas_package.toolbox(name).mutate.keywords["encoding"].describe() == rich


def test_a_name_that_stands_for_no_space() -> None:
    with pytest.raises(evo_nas_package.UserError, match=r"\(mlp, cnn\), got 'mpl' .did you mean 'mlp'"):
        evo_nas_package.toolbox("mpl")


def test_the_command_prints_them() -> None:
    said = evo_nas("genes", "cnn")
    assert said.exit_code == 0
    lines = said.output.splitlines()
    place = lines.index("head_width = 128")
    assert lines[place + 1 : place + 3] == ["    units of each of them", "    1 to 1,000,000"]
    assert max(map(len, lines)) <= 120
    said = evo_nas("genes", "transfr")
    assert (said.exit_code, said.output) == (2, "")
    assert (
        said.errors
        == "evo-nas: genes: expected an encoding out of mlp, cnn, transfer, got 'transfr' (did you mean 'transfer'?)\n"
    )
