"""One kind of file that users upload: all that the parts of the server have to know of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from worker.contract import Settings

Check = Callable[[Path, Settings], Mapping[str, Any]]
"""Checks a file within the limits of the settings: its contents, JSON-ready, or `hwcore.uploads.UploadInvalid`."""


@dataclass(frozen=True)
class Words:
    """Words of one kind of upload, in answers and in the OpenAPI document.

    Args:
        plural: "datasets"; the paths of the kind are `/v1/datasets`, and below.
        use: what a job does with one: it "is trained on" it.
        named: what a job says to do so: "to be trained on it".
        file: what is taken in: "an npz file (without pickles) or a zip of IDX files".
        contents: what its check finds in it.
        rules: page with the rules of the file.
        part: of the file, that a fault names: "the array".
    """

    plural: str
    use: str
    named: str
    file: str
    contents: str
    rules: str
    part: str


@dataclass(frozen=True)
class UploadKind:
    """One kind of upload.

    Args:
        name: "dataset"; in rows, in answers, and in the reasons of problems (`DATASET_INVALID`).
        check: of its files. Uploads of all kinds are checked by the same few threads of a server.
        media_types: which a file may be declared as; the bytes alone decide what it is.
        size_setting: field of the settings with the most bytes of a file.
        words: in which it is spoken of.
    """

    name: str
    check: Check
    media_types: tuple[str, ...]
    size_setting: str
    words: Words

    @property
    def path(self) -> str:
        """The path of all uploads of the kind."""
        return f"/v1/{self.words.plural}"

    @property
    def size_variable(self) -> str:
        """The environment variable with the most bytes of a file."""
        return f"MHO_{self.size_setting.upper()}"

    def most_bytes(self, settings: Settings) -> int:
        """The most bytes of a file."""
        return int(getattr(settings, self.size_setting))

    @property
    def invalid(self) -> str:
        """The reason of a file that its check refuses."""
        return f"{self.name.upper()}_INVALID"

    @property
    def not_found(self) -> str:
        """The reason of `worker.contract.UploadNotFound`."""
        return f"{self.name.upper()}_NOT_FOUND"

    @property
    def in_use(self) -> str:
        """The reason of `worker.contract.UploadInUse`."""
        return f"{self.name.upper()}_IN_USE"
