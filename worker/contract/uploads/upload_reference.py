"""The upload that a job uses."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class UploadReference:
    """One upload that a job needs until it has finished: a `hwcore.spec.Source`, without the numpy that loads.

    Args:
        kind: of the upload, "dataset".
        id: of the upload.
    """

    kind: str
    id: str
