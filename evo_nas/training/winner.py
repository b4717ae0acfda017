"""What the user takes away: a network, and what turns raw rows into its inputs and its outputs into words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from numpy.typing import NDArray

from evo_nas.atomic import write_atomically
from evo_nas.data import (
    ImagePreprocessing,
    Preprocessing,
    Rows,
    Schema,
    image_paths,
    images_from_array,
    read_images,
    read_rows,
    rows_from_frame,
)
from evo_nas.errors import UserError, described
from evo_nas.training.examples import AnyPreprocessing, Examples, Float32Array, readable
from evo_nas.training.metrics import class_probabilities, decide
from evo_nas.training.news import Alive, silent
from evo_nas.training.program import rows_at_once

if TYPE_CHECKING:
    import pandas as pd

    NewRows = pd.DataFrame | NDArray[Any] | str | Path | Sequence[str | Path]

MODEL_FILE = "model.keras"
PREPROCESSING_FILE = "preprocessing.json"
FORMAT = 2
TABLE_FORMAT = 1
"""Of a winner on tables, which older versions can read."""

IMAGES_AT_ONCE = 1024
"""Files that are decoded before their images are predicted."""


@dataclass(frozen=True, slots=True, eq=False)
class Winner:
    """A network with everything needed to predict from raw rows.

    model: preprocessed rows in, probabilities or a standardised target out. metrics: those of the recipe it was chosen
    by. fingerprint: of its genome.
    """

    model: keras.Model
    schema: Schema
    preprocessing: AnyPreprocessing
    metrics: tuple[str, ...]
    fingerprint: str

    def predict(self, rows: NewRows) -> pd.DataFrame:
        """A row for each row: "prediction", and "probability_<class>" for each class.

        rows: of a table a frame, whose index the predictions have. Images as an array [rows, height, width, channels]
        of 0..255, or as files: the path of one, of a folder of them, or several paths; a first column "file" names
        them. A class is predicted where it is the most probable; a regression in the target's own units. Raises
        UserError for rows that are not as those trained on: a column that is missing, text among numbers, a file that
        is no image.
        """
        if self.schema.image_shape is None:
            frame: Any = rows  # whatever else it is, is refused
            return self._of_table(rows_from_frame(frame, self.schema), frame.index)
        if isinstance(rows, str | Path):
            return self._of_files(image_paths(Path(rows)))
        if isinstance(rows, Sequence) and all(isinstance(one, str | Path) for one in rows):
            return self._of_files([path for one in rows for path in image_paths(Path(one))])
        return self._told(self._of_images(images_from_array(np.asanyarray(rows), self.schema)))

    def predict_file(self, path: Path, delimiter: str) -> pd.DataFrame:
        """`predict` for the rows of a CSV file, or for an image or a folder of them; the errors name it."""
        if self.schema.image_shape is not None:
            return self._of_files(image_paths(path))
        if path.is_dir():
            raise UserError(f"{path}: expected a CSV file, got a folder; this model was trained on the rows of a table")
        return self._of_table(read_rows(path, self.schema, delimiter=delimiter), None)

    def predict_inputs(self, inputs: Float32Array) -> NDArray[np.float64]:
        """Predictions in the sense of `metrics.measure` for preprocessed rows, float32 [rows > 0, *input_shape]."""
        return self._said(len(inputs), lambda part: inputs[part])

    def predict_examples(self, examples: Examples, alive: Alive = silent) -> NDArray[np.float64]:
        """`predict_inputs` for examples under this preprocessing, at least one; images are prepared piece by piece.

        alive: is called after each piece.
        """
        return self._said(len(examples), examples.prepared, alive)

    def _of_table(self, rows: Rows, index: pd.Index | None) -> pd.DataFrame:
        assert isinstance(self.preprocessing, Preprocessing), "a table's"
        inputs = self.preprocessing.transform(rows.numeric, rows.categorical)
        return self._told(self.predict_inputs(inputs), index)

    def _of_files(self, paths: Sequence[Path]) -> pd.DataFrame:
        parts = (paths[start : start + IMAGES_AT_ONCE] for start in range(0, len(paths), IMAGES_AT_ONCE))
        predictions = np.concatenate([self._of_images(read_images(part, self.schema)) for part in parts])
        told = self._told(predictions)
        told.insert(0, "file", [str(path) for path in paths])
        return told

    def _of_images(self, images: NDArray[np.uint8]) -> NDArray[np.float64]:
        prepare = self.preprocessing
        assert isinstance(prepare, ImagePreprocessing), "of images"
        return self._said(len(images), lambda part: prepare.transform(images[part]))

    def _said(
        self, count: int, inputs_of: Callable[[slice], Float32Array], alive: Alive = silent
    ) -> NDArray[np.float64]:
        size = rows_at_once(self.model)
        parts = [slice(start, min(start + size, count)) for start in range(0, count, size)]
        outputs = []
        for part in parts:
            outputs.append(keras.ops.convert_to_numpy(self.model(inputs_of(part), training=False)))
            alive()
        return readable(np.concatenate(outputs), self.schema.task, self.preprocessing)

    def _told(self, predictions: NDArray[np.float64], index: pd.Index | None = None) -> pd.DataFrame:
        import pandas as pd

        if self.schema.task == "regression":
            return pd.DataFrame({"prediction": predictions}, index=index)
        probabilities = class_probabilities(predictions)
        columns = {f"probability_{name}": probabilities[:, i] for i, name in enumerate(self.schema.classes)}
        of_classes = probabilities[:, : len(self.schema.classes)]  # a network may have more outputs than classes
        decided = [self.schema.classes[index] for index in decide(of_classes)]
        return pd.DataFrame({"prediction": decided, **columns}, index=index)


def save_winner(winner: Winner, folder: Path) -> str:
    """Write both files, each whole or not at all, and return the SHA-256 of the model's.

    The second file holds it, so that files of two networks are told apart. Raises OSError.
    """
    content = _model_bytes(winner.model)
    model_sha256 = hashlib.sha256(content).hexdigest()
    description = {
        "format": TABLE_FORMAT if winner.schema.image_shape is None else FORMAT,
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


def _parsed(description: dict[str, Any]) -> tuple[Schema, AnyPreprocessing]:
    schema = Schema.from_json(description["schema"])
    if schema.image_shape is not None:
        of_images = ImagePreprocessing.from_json(description["preprocessing"])
        _check_equal("channels", schema.image_shape[-1], len(of_images.scales))
        return schema, of_images
    of_rows = Preprocessing.from_json(description["preprocessing"])
    _check_equal("inputs", schema.num_inputs, of_rows.num_inputs)
    return schema, of_rows


def _check_equal(what: str, expected: int, found: int) -> None:
    if found != expected:
        raise ValueError(f"expected {expected} {what} as in the schema, got {found}")


def _model_bytes(model: keras.Model) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / MODEL_FILE
        model.save(path)
        return path.read_bytes()


def _load_model(path: Path) -> keras.Model:
    try:
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # noqa: BLE001 - Keras raises whatever its parsers do
        raise UserError(f"{path}: Keras cannot read this network ({described(error):.200}); {_AGAIN}") from None
