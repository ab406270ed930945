"""Media types: by the last suffix, and bytes where it says nothing."""

import pytest

from hwcore.media_types import MEDIA_TYPES, media_type_of


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("report.json", "application/json"),
        ("netlist/fc1_0_0.sp", "text/plain; charset=utf-8"),
        ("plots.d/ladder.svg", "image/svg+xml"),
        ("weights.tar.npz", "application/x-npz"),
        ("c.dat", "application/octet-stream"),
        ("a.json/README", "application/octet-stream"),
    ],
)
def test_the_last_suffix_of_the_file_decides(name: str, expected: str) -> None:
    assert media_type_of(name) == expected


def test_the_list_cannot_be_changed_by_one_that_reads_it() -> None:
    with pytest.raises(TypeError):
        MEDIA_TYPES[".json"] = "text/html"  # type: ignore[index]
