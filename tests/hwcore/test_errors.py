"""The errors: stable reasons, and paths as people write them."""

import pytest

from hwcore import errors
from hwcore.errors import Fault, InvalidInput, MhoError


@pytest.mark.parametrize(
    ("pointer", "path"),
    [
        ("", "document"),
        ("/hardware/cell/levels", "hardware.cell.levels"),
        ("/model/hidden/2", "model.hidden[2]"),
        ("/labels/a~1b~0c", "labels.a/b~c"),
        ("/labels/", 'labels[""]'),
        ("/labels/a\nb", "labels.a\\nb"),
        ("/7", "7"),
    ],
)
def test_a_pointer_reads_as_a_path(pointer: str, path: str) -> None:
    assert Fault(pointer, "m", "g", "a").path == path
    assert str(Fault(pointer, "wrong", "g", "a")) == f"{path}: wrong"


def test_every_error_has_a_reason_of_its_own() -> None:
    family = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, MhoError)]
    reasons = [each.reason for each in family]
    assert len(set(reasons)) == len(reasons)
    assert all(reason == reason.upper() and reason.replace("_", "").isalpha() for reason in reasons)


def test_invalid_input_takes_any_iterable_of_faults() -> None:
    faults = (Fault("/a", "m", "g", "w"), Fault("/b", "n", "h", "x"))
    error = InvalidInput(iter(faults))
    assert (error.faults, str(error)) == (faults, "a: m\nb: n")
