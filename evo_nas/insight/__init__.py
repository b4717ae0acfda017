"""What a saved winner does with rows that it never saw: made once beside the training, and drawn by the report.

`records.py` holds it, `confusion.py` counts classes, `files.py` keeps it in `winner/` as plain JSON and npz.
"""

from evo_nas.insight.confusion import ClassScores, ConfusedPair, class_scores, confusion_of, most_confused
from evo_nas.insight.files import ARRAYS_FILE, INSIGHT_FILE, read_insight, save_insight
from evo_nas.insight.records import GRAD_CAM, MISTAKES, OCCLUSION, SAMPLE, ShownImages, WinnerInsight
from evo_nas.insight.shrinking import shrunk

__all__ = [
    "ARRAYS_FILE",
    "GRAD_CAM",
    "INSIGHT_FILE",
    "MISTAKES",
    "OCCLUSION",
    "SAMPLE",
    "ClassScores",
    "ConfusedPair",
    "ShownImages",
    "WinnerInsight",
    "class_scores",
    "confusion_of",
    "most_confused",
    "read_insight",
    "save_insight",
    "shrunk",
]
