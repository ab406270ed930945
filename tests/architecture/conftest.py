"""A copy of the packages for each recipe."""

from pathlib import Path

import pytest

from tests.architecture.house_copy import HouseCopy


@pytest.fixture
def house(tmp_path: Path) -> HouseCopy:
    return HouseCopy(tmp_path)
