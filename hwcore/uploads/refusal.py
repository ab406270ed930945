"""The one way in which a file is refused: the member, what came, what is allowed."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hwcore.errors import DatasetInvalid, Fault

DAMAGE: Final = (
    zipfile.BadZipFile,
    zlib.error,
    gzip.BadGzipFile,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    OSError,
)
"""Exceptions of zipfile and gzip on damaged bytes."""

LONGEST_SHOWN: Final = 80


class UploadInvalid(DatasetInvalid):
    """The file is no dataset that mho reads: correct what is named and send it again.

    Attributes:
        fault: where, what came, what is allowed; the pointer names the member, "" is the whole file.
    """

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        member = fault.pointer.removeprefix("/").replace("~1", "/").replace("~0", "~")
        super().__init__(f"{member or 'the file'}: {fault.message}")

    def __reduce__(self) -> tuple[type["UploadInvalid"], tuple[Fault]]:
        # The default would rebuild the error from its text.
        return type(self), (self.fault,)


def refusal(member: str, got: str, allowed: str) -> UploadInvalid:
    """The error for one member of the file.

    Args:
        member: its name, "" for the file as a whole.
        got: what came.
        allowed: what would be accepted.
    """
    name = shown(member).strip("'") if member else ""
    pointer = f"/{name.replace('~', '~0').replace('/', '~1')}" if name else ""
    return UploadInvalid(Fault(pointer, f"got {got}; allowed: {allowed}", got, allowed))


def shown(text: str) -> str:
    """Text from the file as it may stand in a message: quoted, printable, shortened."""
    return ascii(text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 4] + " ...")


@contextmanager
def damage_refused(member: str) -> Iterator[None]:
    """Turn what a broken zip or gzip raises into a refusal of this member.

    Raises:
        UploadInvalid: the bytes are damaged, cut off or not what their directory says.
    """
    try:
        yield
    except UploadInvalid:
        raise
    except DAMAGE as error:
        raise refusal(member, f"damaged bytes ({shown(str(error))})", "the whole file as it was written") from error
