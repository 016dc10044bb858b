"""How pytest-xdist hands out the lanes of tests/lanes.py."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

from tests.lanes import find_lane


class LaneScheduling(LoadScopeScheduling):
    """Gives each process a lane at a time, in the order of the tests: the longest first, those of tests/unit last."""

    def __init__(self, config: Any, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return find_lane(nodeid)
