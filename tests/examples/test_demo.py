"""`make demo`, as it is run by a person: service, job, ladder, artifacts."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY


def test_the_demo_leaves_verified_artifacts(tmp_path: Path) -> None:
    command = [sys.executable, str(REPOSITORY / "examples" / "demo.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    for stage in ("float", "rounded", "hardware_aware", "programming"):
        assert f"\n{stage} " in done.stdout
    out = tmp_path / "demo-out"
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    found = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert found == {*manifest["files"], "manifest.json"}
    for name, entry in manifest["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == entry["sha256"]
    accuracy = {rung["stage"]: rung["accuracy"] for rung in json.loads((out / "report.json").read_text())["ladder"]}
    assert accuracy["hardware_aware"] > max(0.9, accuracy["rounded"])
