"""What augmentation makes of some images, for a person to look at."""

from __future__ import annotations

from collections.abc import Mapping

from evo_nas.config import EvaluationSettings
from evo_nas.evaluation.augmenting import Images, augment_task, augmented_images
from evo_nas.running.one_task import TRAINING_HANDLERS, result_of


def augmented_by_kind(
    images: Images,
    strengths: Mapping[str, float],
    settings: EvaluationSettings,
    *,
    key: int,
    handlers: str = TRAINING_HANDLERS,
) -> dict[str, Images]:
    """Images uint8 [n, height, width, channels] as they are, under each kind of augmentation by itself, and under all.

    strengths: of the kinds; with none, the images alone come back. Raises UserError where the worker fails.
    """
    asked = {f"{kind} {value:g}": {kind: value} for kind, value in strengths.items()}
    if len(asked) > 1:
        asked["all together"] = dict(strengths)
    if not asked:
        return {"as it is": images}
    task = augment_task(images, list(asked.values()), key=key, task_id=0)
    changed = augmented_images(task, result_of(task, settings, handlers=handlers))
    return {"as it is": images, **dict(zip(asked, changed, strict=True))}
