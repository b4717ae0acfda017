"""A run under the real display, for tests that take its terminal away: `python -m tests.running.shown FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from evo_nas.display import Display
from evo_nas.running import launch
from evo_nas.running.choices import Choices
from evo_nas.running.preparation import make_plan
from tests.faults import killable

if __name__ == "__main__":
    plan = make_plan(killable.settings({}), base=Path.cwd(), dataset=killable.data())
    with Display() as display:
        launch.start(plan, Path(sys.argv[1]), Choices(workers=2, handlers="tests.faults.fake_training"), display)
