"""Errors of mho, one small family: each has a stable `reason` that programs may compare."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input: where it is, what came, what is allowed.

    Attributes:
        pointer: RFC 6901 pointer to the field, for example "/hardware/cell/levels"; "" is the whole document.
        message: what is wrong in one sentence, what came and what is allowed included.
        got: what came, as JSON text shortened to about 80 characters, or a word such as "nothing".
        allowed: what would have been accepted.
        document: what the whole of it is called, where it has a name: that of its file.
    """

    pointer: str
    message: str
    got: str
    allowed: str
    document: str = "document"

    @property
    def path(self) -> str:
        """The pointer as people write it: "hardware.cell.levels", "model.hidden[2]"; the whole is `document`."""
        path = ""
        for token in self.pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            name = name if name.isprintable() else name.encode("unicode_escape").decode()
            if not name or (name.isdecimal() and path):
                path += f"[{name}]" if name else '[""]'
            else:
                path += f".{name}" if path else name
        return path or self.document

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class MhoError(Exception):
    """Base of every error that mho raises on purpose; its text says what came, what is allowed and what to do."""

    reason: str = "INTERNAL"


class InvalidInput(MhoError):
    """The description or job is not valid: correct each field that is named and send it again."""

    reason = "INVALID_INPUT"

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type["InvalidInput"], tuple[tuple[Fault, ...]]]:
        # The default would rebuild the error from its text alone and lose the faults on the way between processes.
        return type(self), (self.faults,)


class DatasetUnavailable(MhoError):
    """The dataset is neither in the data folder nor downloadable: set MHO_DATA_DIR, or go online once."""

    reason = "DATASET_UNAVAILABLE"


class DatasetInvalid(MhoError):
    """A dataset file is truncated, mislabelled or not the published one: replace the file that is named."""

    reason = "DATASET_INVALID"


class OutputExists(MhoError):
    """The output folder already exists: choose another one, or overwrite it on purpose with --force."""

    reason = "OUTPUT_EXISTS"


class OutputNotWritable(MhoError):
    """Nothing can be written where the output should go: choose a folder that this user may write to."""

    reason = "OUTPUT_NOT_WRITABLE"


class Cancelled(MhoError):
    """The job was cancelled by its owner; nothing is left behind."""

    reason = "CANCELLED"


class TrainingFailed(MhoError):
    """The training diverged, in a number that is not finite or a loss beyond reason: change what the message names."""

    reason = "TRAINING_FAILED"


class ArrayTooLarge(MhoError):
    """The arrays do not fit into memory, and nothing was allocated: smaller arrays, fewer of them, or more memory."""

    # The closed list of a failed job's reasons has this one already.
    reason = "OUT_OF_MEMORY"
