"""Data of the user's own, from anywhere: checked before it is used, in flat memory. No pickles. Free of torch."""

from hwcore.uploads.description import Description
from hwcore.uploads.limits import ANY_SIZE, FEWEST_TRAINING_IMAGES, Limits
from hwcore.uploads.own_data import OwnData, describe, read
from hwcore.uploads.refusal import UploadInvalid
from hwcore.uploads.split import mask_to_test

__all__ = [
    "ANY_SIZE",
    "FEWEST_TRAINING_IMAGES",
    "Description",
    "Limits",
    "OwnData",
    "UploadInvalid",
    "describe",
    "mask_to_test",
    "read",
]
