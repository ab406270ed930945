"""Media types of files: the same in the manifest of a job and in the list of the service."""

from hwcore.export import MEDIA_TYPES
from worker.contract.blobs import media_types


def test_both_lists_are_equal() -> None:
    assert MEDIA_TYPES == media_types.MEDIA_TYPES
