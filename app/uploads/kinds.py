"""Every kind of upload, a row each. A further kind is a row here and its checker, which lies in `hwcore.uploads`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.uploads.upload_kind import UploadKind, Words
from hwcore.uploads import Limits, describe
from worker.contract import Settings


def _check_dataset(file: Path, settings: Settings) -> Mapping[str, Any]:
    limits = Limits(file_bytes=settings.max_dataset_bytes, unpacked_bytes=settings.max_dataset_unpacked_bytes)
    return describe(file, limits).to_json()


DATASET = UploadKind(
    name="dataset",
    check=_check_dataset,
    media_types=("application/zip", "application/x-npz", "application/octet-stream"),
    size_setting="max_dataset_bytes",
    words=Words(
        plural="datasets",
        use="is trained on",
        named="to be trained on it",
        file="an npz file (without pickles) or a zip of IDX files",
        contents="format, height, width, classes, training_images, test_images, split, full_scale, images of each "
        "class, warnings; channels, series, signed and targets where they are not those of a grey image and its class",
        rules="docs/howto/datasets.md",
        part="the array",
    ),
)

KINDS: tuple[UploadKind, ...] = (DATASET,)
