"""[recipe.augmentation]: how the images of a training batch are changed at random before they are used."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from evo_nas.config.section import Section

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Augmentation(Section):
    """The strength of each kind of change; 0 is off. Every image of every batch has draws of its own.

    flip: the share of images that are mirrored, left to right. shift: by how much of its height and width an image is
    moved at most, in whole pixels. rotation: by how many degrees it is turned at most, to either side. zoom: 0.25 makes
    it up to 1.25 times larger or smaller. What so comes into view repeats the image's edge like a mirror.
    colour: 0.2 multiplies brightness, contrast and, of colour images, saturation by 0.8 to 1.2 each. mixup: alpha of
    the beta distribution by which two images and their targets are mixed (Zhang et al. 2018). cutout: the side of the
    square that is covered with the image's mean, as a share of the shorter side (DeVries and Taylor 2017).
    """

    flip: Share = 0.0
    shift: Annotated[float, Field(ge=0.0, le=0.5)] = 0.0
    rotation: Annotated[float, Field(ge=0.0, le=180.0)] = 0.0
    zoom: Annotated[float, Field(ge=0.0, le=4.0)] = 0.0
    colour: Share = 0.0
    mixup: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0
    cutout: Share = 0.0

    @property
    def on(self) -> tuple[str, ...]:
        """The kinds of change that are not off."""
        return tuple(name for name in type(self).model_fields if getattr(self, name))
