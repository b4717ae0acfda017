from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evo_nas.errors import UserError
from evo_nas.history import Checkpoint, checkpoint_text, read_checkpoint
from evo_nas.history.versions import program_version
from tests.history.made_up import made_run

POPULATION = tuple(made_run(2, 3)[2:])
TEXT = checkpoint_text(POPULATION, run="quickstart-1", generation=1, settings="5e7", objectives=["maximize roc_auc"])


def resealed(text: str) -> str:
    """The text with a seal that fits, as if this program had written it."""
    body = text.rpartition(',\n"sha256": "')[0]
    return f'{body},\n"sha256": "{hashlib.sha256(body.encode()).hexdigest()}"}}\n'


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "generation_0001.json"
    path.write_text(text)
    return path


def test_a_checkpoint_is_read_back_to_the_bit(tmp_path: Path) -> None:
    assert any(not each.outcome.ok for each in made_run(2, 30))
    for population in (POPULATION, tuple(made_run(2, 30)), ()):
        text = checkpoint_text(population, run="r", generation=1, settings="5e7", objectives=["minimize loss"])
        expected = Checkpoint("r", 1, "5e7", ("minimize loss",), population, program_version())
        assert read_checkpoint(written(tmp_path, text)) == expected


def test_measuring_again_and_a_rung_are_kept_and_others_do_not_speak_of_them(tmp_path: Path) -> None:
    first, second, *_ = POPULATION
    members = (
        replace(first, individual=replace(first.individual, replicate=2)),
        replace(second, individual=replace(second.individual, epochs=7)),
    )
    text = checkpoint_text(members, run="r", generation=1, settings="s", objectives=["minimize loss"])
    assert read_checkpoint(written(tmp_path, text)).population == members
    assert "replicate" not in TEXT
    assert "rung" not in TEXT


def test_it_is_json_for_people_and_other_tools() -> None:
    data = json.loads(TEXT)
    assert data["format"] == 1
    assert data["evo_nas"] == program_version()
    assert [member["id"] for member in data["population"]] == [each.individual.id for each in POPULATION]
    assert data["population"][0]["genome"] == POPULATION[0].individual.genome.to_json()
    assert len(TEXT.splitlines()) == 6 + 1 + len(POPULATION) + 2


def test_the_same_population_gives_the_same_text() -> None:
    again = checkpoint_text(
        POPULATION, run="quickstart-1", generation=1, settings="5e7", objectives=("maximize roc_auc",)
    )
    assert again == TEXT


def test_curves_are_left_to_the_ledger(tmp_path: Path) -> None:
    each = POPULATION[0]
    with_curves = replace(each, outcome=replace(each.outcome, curves=({"train_loss": (0.1,)},)))
    text = checkpoint_text([with_curves], run="r", generation=1, settings="s", objectives=["minimize loss"])
    assert read_checkpoint(written(tmp_path, text)).population == (each,)


@pytest.mark.parametrize("length", [0, 1, len(TEXT) // 2, len(TEXT) - 3])
def test_cut_short(tmp_path: Path, length: int) -> None:
    with pytest.raises(UserError, match=r"generation_0001\.json: is cut short or no JSON"):
        read_checkpoint(written(tmp_path, TEXT[:length]))


@given(position=st.integers(0, len(TEXT) - 1), replacement=st.characters(codec="ascii"))
def test_no_edit_of_one_character_goes_unseen(
    tmp_path_factory: pytest.TempPathFactory, position: int, replacement: str
) -> None:
    if TEXT[position] == replacement:
        return
    edited = TEXT[:position] + replacement + TEXT[position + 1 :]
    path = tmp_path_factory.mktemp("checkpoint") / "generation_0001.json"
    path.write_bytes(edited.encode())
    with pytest.raises(UserError, match=r"cut short|edited|newer version|is not a checkpoint"):
        read_checkpoint(path)


def test_a_better_score_written_by_hand(tmp_path: Path) -> None:
    score = repr(POPULATION[0].outcome.metrics["roc_auc"])
    with pytest.raises(UserError, match=r"was edited after it was written .*`evo-nas verify`"):
        read_checkpoint(written(tmp_path, TEXT.replace(score, "0.99999")))


def test_a_newer_format(tmp_path: Path) -> None:
    text = resealed(TEXT.replace('"format": 1', '"format": 2').replace(f'"{program_version()}"', '"7.5"'))
    with pytest.raises(UserError, match=r"was written by a newer version .*install evo-nas >= 7\.5"):
        read_checkpoint(written(tmp_path, text))


@pytest.mark.parametrize("text", ["[]", "3", '{"format": "one"}', '{"population": []}', '{"format": 1}'])
def test_other_json(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError, match="is not a checkpoint of evo-nas"):
        read_checkpoint(written(tmp_path, text))


def test_a_member_that_is_no_individual(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"is not a checkpoint of evo-nas .*'id'"):
        read_checkpoint(written(tmp_path, resealed(TEXT.replace('"id"', '"identity"', 1))))


def test_json_that_never_ends(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is cut short or no JSON"):
        read_checkpoint(written(tmp_path, "[" * 200_000))


def test_a_missing_or_unreadable_file(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such checkpoint"):
        read_checkpoint(tmp_path / "generation_0009.json")
    with pytest.raises(UserError, match="cannot be read as a checkpoint"):
        read_checkpoint(tmp_path)
    (tmp_path / "x.json").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match="cannot be read as a checkpoint"):
        read_checkpoint(tmp_path / "x.json")
