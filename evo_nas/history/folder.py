"""What a run leaves behind, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from evo_nas.errors import UserError

_WRITTEN_BEFORE_THE_LEDGER = {
    "config.toml",
    "data.npz",
    "data.images.npy",
    "run.lock",
    "run.db.new",
    "run.db.new-journal",
}
"""A start that was killed leaves at most these (and temporary files); the same folder can be started again."""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The names of all files of a run. A folder holds a run as soon as its ledger, `run.db`, is there."""

    path: Path

    @property
    def config(self) -> Path:
        return self.path / "config.toml"

    @property
    def ledger(self) -> Path:
        return self.path / "run.db"

    @property
    def lock(self) -> Path:
        return self.path / "run.lock"

    @property
    def data(self) -> Path:
        return self.path / "data.npz"

    @property
    def generations(self) -> Path:
        return self.path / "generations.csv"

    @property
    def individuals(self) -> Path:
        return self.path / "individuals.csv"

    @property
    def operators(self) -> Path:
        return self.path / "operators.csv"

    @property
    def failures(self) -> Path:
        return self.path / "failures.csv"

    @property
    def weights(self) -> Path:
        """Folder of `<fingerprint>-<replicate>.safetensors`."""
        return self.path / "weights"

    @property
    def rungs(self) -> Path:
        """Folder of `<fingerprint>-<replicate>-<epochs>.safetensors`, where trainings are handed back on rungs."""
        return self.path / "rungs"

    @property
    def curves(self) -> Path:
        return self.path / "curves"

    @property
    def winner(self) -> Path:
        """Folder of model.keras, genome.json, preprocessing.json and scores.json, and of what was seen of them:
        insight.json, insight.npz and pictures."""
        return self.path / "winner"

    @property
    def model(self) -> Path:
        return self.winner / "model.keras"

    @property
    def winner_genome(self) -> Path:
        return self.winner / "genome.json"

    @property
    def preprocessing(self) -> Path:
        return self.winner / "preprocessing.json"

    @property
    def scores(self) -> Path:
        return self.winner / "scores.json"

    @property
    def refit(self) -> Path:
        """Folder of the best network fitted on all rows; its files have the names of those in `winner`."""
        return self.path / "refit"

    @property
    def further(self) -> Path:
        """Folder of the winner trained further; its files have the names of those in `winner`."""
        return self.path / "further"

    def weights_of(self, fingerprint: str, replicate: int) -> Path:
        return self.weights / f"{fingerprint}-{replicate}.safetensors"

    def checkpoint(self, generation: int) -> Path:
        return self.path / "checkpoints" / f"generation_{generation:04d}.json"

    def checkpoints(self) -> list[Path]:
        """The checkpoints that are there, oldest generation first (also beyond generation 9999)."""
        found = (self.path / "checkpoints").glob("generation_*.json")
        numbered = [(path.stem.removeprefix("generation_"), path) for path in found]
        return [path for _, path in sorted((int(number), path) for number, path in numbered if number.isdecimal())]

    def lineage(self, generation: int) -> Path:
        return self.path / "lineage" / f"generation_{generation:04d}.graphml"

    def lineage_picture(self, generation: int) -> Path:
        return self.lineage(generation).with_suffix(".png")

    def family_picture(self, suffix: str = "png") -> Path:
        """The family tree of the whole run."""
        return self.path / "lineage" / f"family_tree.{suffix}"

    def curve(self, name: str, suffix: str = "png") -> Path:
        return self.curves / f"{name}.{suffix}"

    def holds_run(self) -> bool:
        return self.ledger.is_file()

    def check_free(self) -> None:
        """Raise UserError where a new run must not go: a folder that holds a run, or that holds anything else."""
        if self.path.exists() and not self.path.is_dir():
            raise UserError(f"{self.path} is a file, expected a folder for the run; give another --run-dir")
        if self.holds_run():
            raise UserError(
                f"{self.path} already holds a run; go on with `evo-nas resume {self.path}`, or give another --run-dir"
            )
        foreign = sorted(entry.name for entry in self.path.glob("*") if not _is_leftover(entry))
        if foreign:
            raise UserError(
                f"{self.path} is not empty and holds no run (there is {foreign[0]!r}); "
                "give a new or an empty folder with --run-dir"
            )

    def create(self) -> None:
        """Make the folder and those inside it. Raises UserError as `check_free` does, or where it cannot be made."""
        self.check_free()
        try:
            for name in ("checkpoints", "lineage", "curves", "weights", "winner"):
                (self.path / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"{self.path}: the run folder cannot be made ({error.strerror}); give another --run-dir"
            ) from None

    def require(self) -> None:
        """Raise UserError where the folder holds no run."""
        if not self.path.is_dir():
            raise UserError(f"{self.path}: no such run folder; `evo-nas run EXPERIMENT.toml --run-dir D` makes one")
        if not self.holds_run():
            raise UserError(
                f"{self.path} is not a run folder ({self.ledger.name} is missing); "
                "give a folder that `evo-nas run` has made"
            )


def _is_leftover(entry: Path) -> bool:
    if entry.is_dir():
        return not any(entry.iterdir()) and entry.name in ("checkpoints", "lineage", "curves", "weights", "winner")
    return entry.name in _WRITTEN_BEFORE_THE_LEDGER or (entry.name.startswith(".") and entry.name.endswith(".tmp"))
