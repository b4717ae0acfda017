"""Made-up insights of winners: what an export would have kept."""

from __future__ import annotations

import numpy as np

from evo_nas.insight import GRAD_CAM, MISTAKES, SAMPLE, ShownImages, WinnerInsight, confusion_of

MODEL = "0" * 64


def of_classes(classes: tuple[str, ...], rows: int = 2_000, *, model: str = MODEL) -> WinnerInsight:
    """Four of five rows right, the others taken for the next class or the one after it."""
    generator = np.random.default_rng(len(classes))
    truth = generator.integers(0, len(classes), rows)
    wrong = (truth + generator.integers(1, 3, rows)) % len(classes)
    decided = np.where(generator.random(rows) < 0.8, truth, wrong)
    task = "binary" if len(classes) == 2 else "multiclass"
    return WinnerInsight(model, task, classes, "test", rows, confusion_of(truth, decided, len(classes)))


def of_images(
    classes: tuple[str, ...] = ("cat", "dog", "bird"),
    *,
    model: str = MODEL,
    shape: tuple[int, int, int] = (28, 28, 1),
    attention: tuple[int, int] = (7, 7),
) -> WinnerInsight:
    """With 16 images at random, of which some are mistaken, and 16 mistakes."""
    plain = of_classes(classes, model=model)
    shown = {SAMPLE: images(0, shape, attention), MISTAKES: images(1, shape, attention)}
    return WinnerInsight(model, plain.task, classes, "test", 2_000, plain.confusion, shown=shown, method=GRAD_CAM)


def images(seed: int, shape: tuple[int, int, int], attention: tuple[int, int]) -> ShownImages:
    """Of two classes; those of seed 0 are mistaken every third time, all others always."""
    generator = np.random.default_rng(seed)
    truth = generator.integers(0, 2, 16)
    wrong = np.arange(16) % 3 == 0 if seed == 0 else np.ones(16, dtype=bool)
    return ShownImages(
        rows=np.arange(16),
        truth=truth,
        predicted=np.where(wrong, 1 - truth, truth),
        probability=np.sort(generator.uniform(0.5, 1.0, 16))[::-1],
        images=generator.integers(0, 256, (16, *shape), dtype=np.uint8),
        attention=generator.random((16, *attention)).astype(np.float16),
    )


def of_regression(rows: int = 1_500) -> WinnerInsight:
    generator = np.random.default_rng(3)
    truth = generator.normal(100.0, 10.0, rows)
    return WinnerInsight(
        MODEL, "regression", (), "test", rows, fit=np.column_stack([truth, truth + generator.normal(size=rows)])
    )
