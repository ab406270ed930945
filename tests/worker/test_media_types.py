"""The manifest that a job writes and the list that the service keeps give a file the same media type."""

from hwcore.export import MEDIA_TYPES
from worker.contract.blobs import media_types


def test_both_lists_are_one() -> None:
    assert MEDIA_TYPES == media_types.MEDIA_TYPES
