"""Commands that speak with other tools: export-study, import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evo_nas.commands.shared import RunDirectory, print_lines, writing
from evo_nas.errors import UserError

if TYPE_CHECKING:
    from evo_nas.foreign import ForeignTrial, Translated
    from genomes import Encoding


def export_study(
    run_dir: RunDirectory,
    file: Annotated[Path, typer.Argument(metavar="STUDY.db", help="A new SQLite file; a journal if it ends in .log.")],
) -> None:
    """Write a run as a study of Optuna's, for its dashboard."""
    from evo_nas.running.studies import export_run

    num_trials = export_run(run_dir, file)
    typer.echo(f"{num_trials} trials written to {file}; look at them with: optuna-dashboard {_dashboard_name(file)}")


def import_trials(
    tool: Annotated[str, typer.Argument(metavar="TOOL", help="kerastuner, talos or optuna.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Project folder, CSV of a scan, or study.")],
    into: Annotated[
        Path | None, typer.Option(metavar="EXPERIMENT.toml", help="The experiment whose space they are brought into.")
    ] = None,
    mapped: Annotated[
        list[str] | None, typer.Option("--map", metavar="NAME=GENE", help="What a name means; may be repeated.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="Which study, where an Optuna file holds several.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The file to write.")] = None,
) -> None:
    """Make genomes of another tool's finished trials, for `evo-nas run E.toml --from FILE`."""
    from evo_nas.config import read_settings
    from evo_nas.foreign import read_trials, translate
    from evo_nas.history.given_genomes import given_text
    from evo_nas.running.preparation import read_space
    from genomes import GenomeError

    file = output or Path(f"{tool}-genomes.json")
    if file.exists():
        raise UserError(f"{file} exists already; give another file with --output")
    encoding = read_space(read_settings(into).space) if into is not None else None
    trials = read_trials(tool, path, study=study)
    try:
        translated = translate(trials, dict(_pairs(mapped or [])), encoding)
    except GenomeError as error:
        raise UserError(str(error)) from None
    print_lines(list(_report(trials, translated, encoding)))
    if not translated.genomes:
        raise UserError(f"{path}: none of its {len(trials)} trials became a genome, so nothing was written")
    with writing(file):
        file.write_text(given_text(translated.genomes, source=f"{tool} {path.name}"), encoding="utf-8")
    typer.echo(f"{len(translated.genomes)} genomes written to {file}")
    typer.echo(f"their scores are not taken over, each is trained here: evo-nas run {into or 'E.toml'} --from {file}")


def _pairs(mapped: Sequence[str]) -> Iterator[tuple[str, str]]:
    for text in mapped:
        name, equals, gene = text.partition("=")
        if not (name and equals and gene):
            raise UserError(f"--map: expected NAME=GENE, such as --map units=width, got {text!r:.100}")
        yield name, gene


def _report(trials: Sequence[ForeignTrial], translated: Translated, encoding: Encoding | None) -> Iterator[str]:
    """What was left out and why, what meant nothing, and what was changed."""
    from collections import Counter

    yield f"{len(trials)} trials read, {len(translated.genomes)} taken"
    for reason, count in Counter(translated.left_out).items():
        yield f"  left out {count}: {reason}"
    if translated.unused:
        yield f"  names that mean no gene: {', '.join(translated.unused)}; --map NAME=GENE says what they mean"
    if encoding is not None and translated.num_repaired:
        yield f"  {translated.num_repaired} lay outside the space and were brought into it"


def _dashboard_name(file: Path) -> str:
    from evo_nas.running.studies import JOURNAL_SUFFIXES

    return str(file) if file.suffix in JOURNAL_SUFFIXES else f"sqlite:///{file}"
