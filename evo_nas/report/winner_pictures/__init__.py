"""Pictures of how a winner decides, drawn from what its export kept: nothing is trained or predicted here.

`confusion_picture.py` draws classes, `fit_picture.py` a regression, `image_grids.py` images with what was said of them;
`shades.py` has what they share with the page of the report.
"""

from evo_nas.report.winner_pictures.drawing import PICTURES, draw_winner

__all__ = ["PICTURES", "draw_winner"]
