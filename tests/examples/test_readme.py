"""The Python in the README runs as it stands, and does what it says."""

import re
import subprocess
import sys

from tests.conftest import REPOSITORY


def test_the_training_loop_of_the_readme_learns() -> None:
    block = re.search(r"```python\n(.*?)```", (REPOSITORY / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    done = subprocess.run([sys.executable, "-c", block[1]], capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    printed = re.fullmatch(r"tensor\((\d\.\d*)\)\n?", done.stdout)
    assert printed is not None, done.stdout
    assert float(printed[1]) > 0.9
