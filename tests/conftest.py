"""Fixtures for all tests: where the real handwriting is, and what is skipped without it."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
WITHOUT_DATA = (
    "the real MNIST and EMNIST files are not here: set MHO_DATA_DIR to a folder with mnist/ and emnist/ in it, "
    "as docs/howto/datasets.md says, or put that folder at ../shared/data"
)


def find_data() -> Path | None:
    """Return the folder that holds mnist/: MHO_DATA_DIR where it is set, else ../shared/data beside the repository."""
    named = os.environ.get("MHO_DATA_DIR")
    folder = Path(named) if named is not None else REPOSITORY.parent / "shared" / "data"
    return folder.resolve() if named != "" and (folder / "mnist").is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests marked `mnist` where there are no such files, and say how to get them."""
    if find_data() is None:
        for item in items:
            if item.get_closest_marker("mnist"):
                item.add_marker(pytest.mark.skip(reason=WITHOUT_DATA))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the real files; a test that asks for it is skipped where there is none."""
    folder = find_data()
    if folder is None:
        pytest.skip(WITHOUT_DATA)
    return folder
