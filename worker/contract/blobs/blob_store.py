"""Bytes under their SHA-256, in a folder or an S3 bucket, with the same promises on both.

A blob appears whole or not at all; putting it again is no error and makes it young again. What nobody refers to is
removed by age (`worker.contract.upkeep.garbage`), which is why the age counts.
"""

from __future__ import annotations

from worker.contract.blobs.readable_blobs import ReadableBlobs
from worker.contract.blobs.writable_blobs import WritableBlobs


class BlobStore(ReadableBlobs, WritableBlobs):
    """Blobs in a folder or a bucket; safe to use from any number of threads and processes at once.

    Make it after a process was forked, not before: obstore's threads do not survive that.

    Args:
        url: `file:///ABSOLUTE/FOLDER`, made when it is first written, or `s3://BUCKET/PREFIX`, with region, credentials
            and endpoint in the environment's `AWS_*` variables.

    Raises:
        BlobStoreUnavailable: (every method) the URL cannot be used, the disk is full or read-only, the bucket does not
            answer; the message says what to do.
    """
