"""The tests run in the background of a script as well, where SIGINT is ignored."""

import signal
import subprocess
import sys

from tests.conftest import REPOSITORY

CHILD = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
PROGRAM = f"""
import signal, subprocess, sys
from tests.conftest import hear_ctrl_c
print(signal.getsignal(signal.SIGINT) is signal.SIG_IGN, flush=True)
hear_ctrl_c()
subprocess.run([sys.executable, "-c", {CHILD!r}], check=True)
"""


def test_what_tests_start_hears_ctrl_c_although_the_script_has_it_ignored() -> None:
    command = [sys.executable, "-c", PROGRAM]
    # As `command &` in a script.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=True)
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.stdout.split() == ["True", "True"]
