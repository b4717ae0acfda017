"""The task of a worker that augments some images for a person to look at."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evo_nas.evaluation.tasks import Task

Images = NDArray[np.uint8]


def augment_task(images: Images, strengths: Sequence[Mapping[str, float]], *, key: int, task_id: int) -> Task:
    """Augment images uint8 [n, height, width, channels] under each of some strengths (see `config.Augmentation`)."""
    payload = {
        "images": b64encode(images.tobytes()).decode(),
        "shape": list(images.shape),
        "strengths": [dict(one) for one in strengths],
        "key": key,
    }
    return Task(task_id, "augment", payload)


def augmented_images(task: Task, result: Mapping[str, Any]) -> Images:
    """What the worker answered, uint8 [strengths, n, height, width, channels]. Raises ValueError where it is not."""
    shape = (len(task.payload["strengths"]), *task.payload["shape"])
    return np.frombuffer(b64decode(result["images"]), dtype=np.uint8).reshape(shape)
