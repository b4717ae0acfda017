"""What the user takes away: a network, and what turns raw rows into its inputs and its outputs into words."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from numpy.typing import NDArray

from evo_nas.atomic import write_atomically
from evo_nas.data import Preprocessing, Rows, Schema, read_rows, rows_from_frame
from evo_nas.errors import UserError
from evo_nas.training.examples import Float32Array, readable
from evo_nas.training.metrics import class_probabilities, decide
from evo_nas.training.program import rows_at_once

if TYPE_CHECKING:
    import pandas as pd

MODEL_FILE = "model.keras"
PREPROCESSING_FILE = "preprocessing.json"
FORMAT = 1


@dataclass(frozen=True, slots=True, eq=False)
class Winner:
    """A network with everything needed to predict from raw rows.

    model: preprocessed rows in, probabilities or a standardised target out. metrics: those of the recipe it was chosen
    by. fingerprint: of its genome.
    """

    model: keras.Model
    schema: Schema
    preprocessing: Preprocessing
    metrics: tuple[str, ...]
    fingerprint: str

    def predict(self, frame: pd.DataFrame) -> pd.DataFrame:
        """A row for each row of the frame, with its index: "prediction", and "probability_<class>" for each class.

        A class is predicted where it is the most probable; a regression in the target's own units. Raises UserError as
        `rows_from_frame` does: a column that is missing, text among numbers.
        """
        return self._table(rows_from_frame(frame, self.schema), frame.index)

    def predict_file(self, path: Path, delimiter: str) -> pd.DataFrame:
        """`predict` for the rows of a CSV file; the errors name it."""
        return self._table(read_rows(path, self.schema, delimiter=delimiter), None)

    def _table(self, rows: Rows, index: pd.Index | None) -> pd.DataFrame:
        import pandas as pd

        predictions = self.predict_inputs(self.preprocessing.transform(rows.numeric, rows.categorical))
        if self.schema.task == "regression":
            return pd.DataFrame({"prediction": predictions}, index=index)
        probabilities = class_probabilities(predictions)
        columns = {f"probability_{name}": probabilities[:, i] for i, name in enumerate(self.schema.classes)}
        decided = [self.schema.classes[index] for index in decide(probabilities)]
        return pd.DataFrame({"prediction": decided, **columns}, index=index)

    def predict_inputs(self, inputs: Float32Array) -> NDArray[np.float64]:
        """Predictions in the sense of `metrics.measure`; inputs: preprocessed, float32 [rows, num_inputs], rows > 0."""
        size = rows_at_once(self.model)
        pieces = [self.model(inputs[start : start + size], training=False) for start in range(0, len(inputs), size)]
        outputs = np.concatenate([keras.ops.convert_to_numpy(piece) for piece in pieces])
        return readable(outputs, self.schema.task, self.preprocessing)


def save_winner(winner: Winner, folder: Path) -> str:
    """Write both files, each whole or not at all, and return the SHA-256 of the model's.

    The second file holds it, so that files of two networks are told apart. Raises OSError.
    """
    content = _model_bytes(winner.model)
    model_sha256 = hashlib.sha256(content).hexdigest()
    description = {
        "format": FORMAT,
        "model_sha256": model_sha256,
        "fingerprint": winner.fingerprint,
        "task": winner.schema.task,
        "classes": list(winner.schema.classes),
        "metrics": list(winner.metrics),
        "schema": winner.schema.to_json(),
        "preprocessing": winner.preprocessing.to_json(),
    }
    text = json.dumps(description, indent=1, allow_nan=False).encode()
    write_atomically(folder / MODEL_FILE, content)
    write_atomically(folder / PREPROCESSING_FILE, text)
    return model_sha256


def load_winner(folder: Path) -> Winner:
    """Read what `save_winner` wrote; nothing in it can run code (law 7).

    Raises UserError where a file is missing, damaged, foreign, written by a newer version, or not of the same network
    as the other.
    """
    content = _read(folder / MODEL_FILE)
    path = folder / PREPROCESSING_FILE
    try:
        description = json.loads(_read(path))
        if description["format"] > FORMAT:
            raise UserError(f"{path}: written by a newer version of evo-nas; update it to read this")
        schema, preprocessing = _parsed(description)
        metrics, fingerprint = tuple(map(str, description["metrics"])), str(description["fingerprint"])
        model_sha256 = description["model_sha256"]
    except (ValueError, KeyError, TypeError) as error:
        text = f"{type(error).__name__}: {error}"
        raise UserError(f"{path}: not a winner's preprocessing, or a damaged one ({text:.200}); {_AGAIN}") from None
    if hashlib.sha256(content).hexdigest() != model_sha256:
        raise UserError(f"{folder}: {MODEL_FILE} is damaged, or not the network of {PREPROCESSING_FILE}; {_AGAIN}")
    return Winner(_load_model(folder / MODEL_FILE), schema, preprocessing, metrics, fingerprint)


_AGAIN = "`evo-nas resume` on the run's folder writes the winner again"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: no winner can be read here ({error.strerror}); {_AGAIN}") from None


def _parsed(description: dict[str, Any]) -> tuple[Schema, Preprocessing]:
    schema = Schema.from_json(description["schema"])
    preprocessing = Preprocessing.from_json(description["preprocessing"])
    if preprocessing.num_inputs != schema.num_inputs:
        raise ValueError(f"expected {schema.num_inputs} inputs as in the schema, got {preprocessing.num_inputs}")
    return schema, preprocessing


def _model_bytes(model: keras.Model) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / MODEL_FILE
        model.save(path)
        return path.read_bytes()


def _load_model(path: Path) -> keras.Model:
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # noqa: BLE001 - Keras raises whatever its parsers do
        text = f"{type(error).__name__}: {error}"
        raise UserError(f"{path}: Keras cannot read this network ({text:.200}); {_AGAIN}") from None
