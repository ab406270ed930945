"""A helping process that does not compute: it speaks `worker.babysit.protocol`, and behaves as its first argument says.

It writes its process id to the file of its second argument. Standard library only, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path


def say(event: str, **values: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
    sys.stdout.flush()


def answer(tasks: list[str]) -> int:
    """Answer every task with the number in its name."""
    for task in tasks:
        say("result", task=task, correct=[int(task.partition(".")[2])])
    say("succeeded", result={})
    return 0


def hang(tasks: list[str]) -> int:
    """Answer one task, and hang."""
    answer(tasks[:1])
    while True:
        time.sleep(60)


def others(tasks: list[str]) -> int:
    """Answer a task that is not in the share, and one that is."""
    say("result", task="wires.77", correct=[1])
    return answer(tasks[:1])


def fail(tasks: list[str]) -> int:
    answer(tasks[:1])
    say("failed", error={"reason": "INTERNAL", "detail": "another torch"})
    return 1


def crash(tasks: list[str]) -> int:
    answer(tasks[:1])
    sys.stderr.write("about to end\n")
    sys.stderr.flush()
    os._exit(3)


BEHAVIOURS = {function.__name__: function for function in (answer, hang, others, fail, crash)}

if __name__ == "__main__":
    note = Path(sys.argv[2])
    note.with_suffix(".new").write_text(str(os.getpid()))
    note.with_suffix(".new").rename(note)
    sys.exit(BEHAVIOURS[sys.argv[1]](json.load(sys.stdin)["tasks"]))
