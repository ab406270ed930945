"""Processes of the worker that send themselves a signal at a certain event, whatever the speed of the machine."""

from __future__ import annotations

import signal
import sys

PROGRAM = """
import os, sys
from worker.run import {module} as program

class Output:
    def __init__(self, events):
        self.events, self.left = events, {lines}

    def write(self, text):
        self.events.write(text)
        self.left -= '"{event}"' in text

    def flush(self):
        self.events.flush()
        if self.left == 0:
            self.left = -1
            os.kill(os.getpid(), {number:d})

sys.exit(program.main(sys.stdin.buffer, Output(program.event_output())))
"""


def signalled(module: str, event: str, lines: int, number: signal.Signals) -> tuple[str, ...]:
    """Build the command of a module's process that sends itself a signal after so many events of a kind."""
    return sys.executable, "-c", PROGRAM.format(module=module, event=event, lines=lines, number=number)


STANDING = signalled("run_attempt", "offer", 1, signal.SIGSTOP)
"""A training that stops at its offer, so that a helper is certainly faster."""
