"""Processes of the worker that send themselves a signal at a certain point: no machine is too slow or fast for it."""

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
    """The process of a module, which sends itself a signal when it has said so many events of a kind."""
    return sys.executable, "-c", PROGRAM.format(module=module, event=event, lines=lines, number=number)


STANDING = signalled("run_attempt", "offer", 1, signal.SIGSTOP)
"""A training that stands still from its offer on: only so is it certain that a helper is faster."""
