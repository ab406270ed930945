"""An S3 endpoint of our own, where MHO_TEST_S3 names an interpreter that has moto (`make test-s3`)."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

WITHOUT_S3 = "no S3 for the tests: set MHO_TEST_S3 to a Python that has moto, as `make test-s3` does"


@contextmanager
def s3_endpoint() -> Iterator[str]:
    """Start the server; skips the test where there is none."""
    python = os.environ.get("MHO_TEST_S3")
    if not python:
        pytest.skip(WITHOUT_S3)
    command = [python, str(Path(__file__).with_name("s3_server.py"))]
    # Its own packages alone: ours may be on the path.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True, env=environment) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        assert url.startswith("http://"), "the S3 of the tests did not start"
        yield url
        # Closing its standard input, at the end of the block, ends it.


def environment_for(endpoint: str) -> dict[str, str]:
    """What obstore has to find in the environment."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }


def new_bucket(endpoint: str) -> str:
    """Make an empty bucket; its name."""
    name = f"mho-{uuid4().hex}"
    httpx.put(f"{endpoint}/{name}", trust_env=False).raise_for_status()
    return name
