"""A copy of the packages in a temporary folder, for tests that follow a recipe of docs/architecture.md."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import REPOSITORY

PACKAGES = ("hwcore", "worker", "app")


class HouseCopy:
    """The packages as they are, to be changed and run.

    Args:
        root: an empty folder.

    Attributes:
        touched: files that were changed or made, below the root.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.touched: list[str] = []
        for name in PACKAGES:
            # With their times, so that what Python has compiled stays good.
            shutil.copytree(REPOSITORY / name, root / name)

    def write(self, name: str, text: str) -> None:
        """Make a file."""
        path = self.root / name
        assert not path.exists(), f"{name} is there already"
        path.write_text(text, encoding="utf-8")
        self.touched.append(name)

    def insert(self, name: str, text: str, *, before: str) -> None:
        """Put text in front of the first line that begins so."""
        path = self.root / name
        content = path.read_text(encoding="utf-8")
        at = 0 if content.startswith(before) else content.index(f"\n{before}") + 1
        path.write_text(content[:at] + text + content[at:], encoding="utf-8")
        if name not in self.touched:
            self.touched.append(name)

    def replace(self, name: str, old: str, new: str) -> None:
        """Put text in the place of another that stands there once."""
        path = self.root / name
        content = path.read_text(encoding="utf-8")
        assert content.count(old) == 1, f"{name} has {content.count(old)} times {old!r}"
        path.write_text(content.replace(old, new), encoding="utf-8")
        if name not in self.touched:
            self.touched.append(name)

    def run(self, code: str) -> str:
        """What a program prints that imports the copy; a failure ends the test with all that it said."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MHO_")}
        environment |= {"PYTHONPATH": str(self.root), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=self.root, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
