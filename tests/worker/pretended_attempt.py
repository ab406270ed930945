"""A training process that does not train: it speaks `worker.babysit.protocol`, and behaves as its first argument says.

Further arguments are the behaviour's own. Standard library only, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path


def say(event: str, **values: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
    sys.stdout.flush()


def step(fraction: float, epoch: int = 1) -> None:
    say("progress", stage="float", epoch=epoch, epochs=10, fraction=fraction, message=f"epoch {epoch}")


def write_artifacts(out: Path) -> None:
    """Write aside first and then rename, as the pipeline does."""
    aside = out.with_name(".aside")
    (aside / "conductances").mkdir(parents=True)
    (aside / "report.json").write_text('{"ladder": []}')
    (aside / "conductances" / "fc1.csv").write_text("1,2\n")
    aside.rename(out)


def succeed(out: Path) -> int:
    step(0.5)
    write_artifacts(out)
    say("succeeded", result={"ladder": [{"stage": "float", "accuracy": 0.5}]})
    return 0


def bulky(out: Path) -> int:
    """Succeeds with a small file and a large one."""
    out.mkdir()
    (out / "a.bin").write_bytes(b"a" * 4096)
    (out / "b.bin").write_bytes(b"b" * 200_000)
    say("succeeded", result={"ladder": []})
    return 0


def noisy(out: Path) -> int:
    """Writes more to both pipes than they hold, lines that are no events, and one without end."""
    sys.stderr.write("x" * 300_000 + "\n" + "noise\n" * 100_000)
    sys.stdout.write("y" * 3_000_000 + "\nnot json\n{}\n[1]\n" + '{"event": "progress"}\n' * 1000)
    return succeed(out)


def fail(out: Path) -> int:
    sys.stderr.write("Traceback: for the log\n")
    say("failed", error={"reason": "TRAINING_FAILED", "detail": "the loss is NaN"})
    return 1


def crash(out: Path) -> int:
    step(0.3)
    sys.stderr.write("about to divide by zero\n")
    sys.stderr.flush()
    (out.with_name(".half")).mkdir()
    os.kill(os.getpid(), signal.SIGSEGV)
    return 0


def killed(out: Path) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def silent(out: Path) -> int:
    return 3


def boast(out: Path) -> int:
    """Reports success without artifacts."""
    say("succeeded", result={"ladder": []})
    return 0


def hang(out: Path) -> int:
    (out.with_name(".half")).mkdir()
    (out.with_name(".half") / "weights").write_text("half")
    step(0.2, epoch=2)
    while True:
        time.sleep(60)


def deaf(out: Path) -> int:
    """Hangs, and ignores every request to end."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return hang(out)


def polite(out: Path) -> int:
    """Hangs, and ends well when it is asked to."""

    def end(number: int, frame: object) -> None:
        say("cancelled")
        sys.exit(130)

    signal.signal(signal.SIGTERM, end)
    return hang(out)


def parent(out: Path) -> int:
    """Has a child that ignores every request to end, and writes both process ids to a file."""
    command = [sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)"]
    child = subprocess.Popen(command)
    note = Path(sys.argv[2])
    note.with_suffix(".new").write_text(f"{os.getpid()} {child.pid}")
    note.with_suffix(".new").rename(note)
    return hang(out)


def leave_child(out: Path) -> int:
    """Succeeds, and leaves a child behind that holds the pipes."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(sys.argv[2]).write_text(str(child.pid))
    return succeed(out)


def threads(out: Path) -> int:
    """Fails with its request as the error."""
    detail = json.dumps({"omp": os.environ["OMP_NUM_THREADS"], "request": REQUEST})
    say("failed", error={"reason": "INTERNAL", "detail": detail})
    return 1


def keep(epoch: int) -> None:
    """Leave a checkpoint that holds the earlier one and this epoch."""
    earlier = Path(REQUEST["resume_from"]).read_text() if REQUEST["resume_from"] else ""
    (Path(REQUEST["checkpoints"]) / f"float-{epoch}.safetensors").write_text(f"{earlier}[{epoch}]")
    say("checkpoint", stage="float", epoch=epoch, reached=[1, epoch])


def keep_and_crash(out: Path) -> int:
    """Takes a checkpoint, and crashes."""
    keep(int(sys.argv[2]))
    return crash(out)


def keep_and_hang(out: Path) -> int:
    """Takes a checkpoint, hangs, and takes another one when it is asked to hand over."""

    def end(number: int, frame: object) -> None:
        keep(3)
        say("handed_over")
        sys.exit(75)

    signal.signal(signal.SIGINT, end)
    keep(1)
    return hang(out)


def judge(number: int) -> None:
    """Report the answer of a chip."""
    say("judged", bundle="ab" * 32, task=f"drift.{number}", correct=[number])


def judge_and_crash(out: Path) -> int:
    """Judges one chip more than the attempts before, and crashes."""
    before = json.loads(Path(REQUEST["judged"]).read_text()) if REQUEST["judged"] else {}
    judge(len(before.get("ab" * 32, {})))
    return crash(out)


def judge_and_hang(out: Path) -> int:
    """Judges two chips, and hangs."""
    judge(0)
    judge(1)
    return hang(out)


def tell_earlier(out: Path) -> int:
    """Fails with the checkpoint that it was to go on from as the error."""
    earlier = REQUEST["resume_from"]
    say("failed", error={"reason": "INTERNAL", "detail": Path(earlier).read_text() if earlier else "nothing"})
    return 1


def offer(out: Path) -> int:
    """Offers the given tasks, waits for their results, and succeeds with them as its report."""
    folder, tasks = Path(REQUEST["offers"]), sys.argv[2:]
    (folder / "bundle.safetensors").write_text("all that is needed")
    say("offer", tasks=tasks)
    step(0.5, epoch=2)
    while not all((folder / f"{task}.json").exists() for task in tasks):
        time.sleep(0.01)
    out.mkdir()
    results = {task: json.loads((folder / f"{task}.json").read_text()) for task in tasks}
    (out / "report.json").write_text(json.dumps(results))
    say("succeeded", result={"ladder": []})
    return 0


def offer_and_hang(out: Path) -> int:
    """Offers the given tasks, and hangs."""
    (Path(REQUEST["offers"]) / "bundle.safetensors").write_text("all that is needed")
    say("offer", tasks=sys.argv[2:])
    return hang(out)


def offer_and_succeed(out: Path) -> int:
    """Offers the given tasks, and succeeds without waiting."""
    (Path(REQUEST["offers"]) / "bundle.safetensors").write_text("all that is needed")
    say("offer", tasks=sys.argv[2:])
    return succeed(out)


BEHAVIOURS: dict[str, Callable[[Path], int]] = {
    function.__name__: function
    for function in (
        succeed, bulky, noisy, fail, crash, killed, silent, boast, hang, deaf, polite, parent, leave_child, threads,
        keep_and_crash, keep_and_hang, judge_and_crash, judge_and_hang, tell_earlier, offer, offer_and_hang,
        offer_and_succeed,
    )
}  # fmt: skip

if __name__ == "__main__":
    REQUEST = json.load(sys.stdin)
    sys.exit(BEHAVIOURS[sys.argv[1]](Path(REQUEST["out"])))
