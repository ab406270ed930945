"""The connection to an S3 bucket."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING

from obstore.store import S3Store

if TYPE_CHECKING:
    # They exist for type checkers alone.
    from obstore.store import ClientConfig, RetryConfig

# A dead network has to become an error before a worker's lease is over or a client gives up.
RETRIES: RetryConfig = {"max_retries": 3, "retry_timeout": timedelta(seconds=20)}
CLIENT: ClientConfig = {"connect_timeout": "3s", "read_timeout": "20s", "timeout": "1h"}


def bucket_at(url: str) -> S3Store:
    """The bucket at `s3://BUCKET/PREFIX`, with what the environment's `AWS_*` variables say."""
    # Options that are given hide what the environment says, so that is asked here.
    allowed = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true")
    return S3Store.from_url(url, client_options={**CLIENT, "allow_http": allowed}, retry_config=RETRIES)
