"""For the tests of the science: one thread, because their matrices are so small that a second one would only wait."""

from collections.abc import Iterator

import pytest
import torch
from jaxtyping import config


def pytest_configure() -> None:
    """Warnings are errors, and most of torch's own come once a process: in the first test that sees one, or in none."""
    torch.set_warn_always(True)


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def without_checks_of_types() -> Iterator[None]:
    """Leave out the check of every annotation: for trainings and calls by the thousand that others make as well."""
    config.update("jaxtyping_disable", True)
    yield
    config.update("jaxtyping_disable", False)
