"""Asks a script of benchmarks/peers in an interpreter that has the peer in it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

PEER_ENVIRONMENT = ("PATH", "HOME", "LANG", "TMPDIR", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


def call_peer(python: str, script: Path, request: dict[str, Any]) -> dict[str, Any]:
    """Run a script of benchmarks/peers in another interpreter: JSON in, the last line that it prints is JSON out."""
    environment = {name: os.environ[name] for name in PEER_ENVIRONMENT if name in os.environ}
    done = subprocess.run(
        [python, str(script)], input=json.dumps(request), capture_output=True, text=True, env=environment
    )
    if done.returncode:
        raise RuntimeError(f"{script.name} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
