"""An evaluation that goes on judges the chips that are missing, and ends with the bytes of an undisturbed one."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hwcore.errors import Cancelled
from hwcore.pipeline import Checkpoints, run
from hwcore.pipeline.parts.chip_tasks import chip_tasks
from hwcore.pipeline.parts.judge import Judge
from hwcore.pipeline.parts.judged import Judged
from hwcore.pipeline.parts.pace import Pace
from hwcore.progress import Progress
from tests.hwcore.crossbar.built_chips import T0, foundry, under
from tests.hwcore.pipeline.parts.test_judge import TEST
from tests.hwcore.pipeline.small_jobs import CELL, EVERYTHING, Listener, digests, job, task_names

TINY = {"model": {"hidden": [6]}, "training": {"epochs": 1, "batch": 256}, "evaluation": {"chips": 2}}
ALIKE = {"cell": CELL, "adc": {"bits": 5}, "array": {"rows": 32, "cols": 16}}


class Records:
    """What is kept of the chips of a job, from one attempt to the next, and how many are judged before it dies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers: dict[str, dict[str, Sequence[int]]] = defaultdict(dict)
        self.new: list[str] = []
        self.left: float = float("inf")
        self.heard: list[Progress] = []

    def checkpoints(self) -> Checkpoints:
        newest, earlier = self.folder / "newest", self.folder / "earlier"
        if newest.exists():
            newest.rename(earlier)
        judged = {bundle: dict(answers) for bundle, answers in self.answers.items()}
        return Checkpoints(
            newest, earlier if earlier.exists() else None, due=lambda: False, judged=judged, chip=self.keep
        )

    def keep(self, bundle: str, task: str, correct: Sequence[int]) -> None:
        assert task not in self.answers[bundle]
        self.answers[bundle][task] = list(correct)
        self.new.append(task)

    def listen(self, progress: Progress) -> None:
        self.heard.append(progress)
        if len(self.new) >= self.left:
            raise Cancelled("the worker died")


@pytest.mark.parametrize("hardware", [EVERYTHING, ALIKE], ids=["everything", "all chips alike"])
def test_killed_after_some_chips_it_judges_each_once_and_the_bytes_are_the_same(
    tmp_path: Path, hardware: dict[str, Any]
) -> None:
    chosen = job(hardware, **TINY)
    run(chosen, tmp_path / "whole", device="cpu", threads=1)
    records, attempts = Records(tmp_path), 0
    while not (tmp_path / "out").exists():
        attempts += 1
        records.left = len(records.new) + (1 if hardware is ALIKE else 7)
        records.heard.clear()
        options: dict[str, Any] = {"progress": records.listen, "checkpoints": records.checkpoints()}
        try:
            run(chosen, tmp_path / "out", device="cpu", threads=1, **options)
        except Cancelled:
            continue
    assert attempts == 3
    assert digests(tmp_path / "out") == digests(tmp_path / "whole")
    # One network, whoever trained it, and no chip of it was judged twice.
    assert len(records.answers) == 1
    assert len(set(records.new)) == len(records.new)
    # The training was over when the first one died: none of it was done again.
    assert [each.message for each in records.heard if each.stage == "hardware_aware"] == ["goes on after epoch 1"]
    assert any(each.message.startswith("goes on after") for each in records.heard if each.stage == "evaluation")
    fractions = [each.fraction for each in records.heard]
    assert fractions == sorted(fractions)


def judge(pace: Pace, **options: Any) -> Judge:
    return Judge(foundry(), TEST, pace, **options)


CONDITIONS = [under(["programming"]), under(["drift"], T0), under(["drift"])]
NAMED = task_names(chip_tasks(CONDITIONS, 2))


class Counted:
    """Finds seven images right on every chip, and counts the chips."""

    def __init__(self) -> None:
        self.chips = 0

    def __call__(self, *_: object) -> int:
        self.chips += 1
        return 7


@pytest.mark.parametrize("answer", [[7], [7, 7, 7], [7, -1], [7, len(TEST) + 1], []])
def test_what_cannot_be_an_answer_is_judged_again(answer: list[int]) -> None:
    count = Counted()
    found = judge(Pace(None, 100.0), judged=Judged({NAMED["drift.0"]: answer}), count=count).correct(CONDITIONS, 2)
    assert count.chips == 6
    assert found[CONDITIONS[1]] == [7, 7]


def test_chips_that_were_judged_before_took_no_time() -> None:
    now, listener, count = [0.0], Listener(), Counted()

    def listen(progress: Progress) -> None:
        listener(progress)
        now[0] += 30.0

    new: list[str] = []
    before = {NAMED["drift.0"]: [5, 6], NAMED["drift.1"]: [3, 4], NAMED["programming.1"]: [2]}
    pace = Pace(listen, total=7.0, chip=1.0, clock=lambda: now[0])
    of = judge(pace, judged=Judged(before, lambda task, correct: new.append(task)), count=count)
    found = of.correct(CONDITIONS, 2)
    assert [found[each] for each in CONDITIONS] == [[7, 2], [5, 3], [6, 4]]
    assert (count.chips, new) == (1, [NAMED["programming.0"]])
    # Five of seven looks were there, the sixth took 30 s, and one is left.
    assert [(each.fraction, each.seconds_left) for each in listener.heard] == [(5 / 7, None), (6 / 7, 30.0)]
    assert listener.heard[0].message == "goes on after 3 of 4 chips"


def test_what_all_chips_share_is_not_made_for_those_that_were_judged_before(monkeypatch: pytest.MonkeyPatch) -> None:
    (task,) = chip_tasks([under(["wires"])], 1)
    of = judge(Pace(None, 100.0), judged=Judged({task.name: [3]}))
    made: list[object] = []
    monkeypatch.setattr(of.foundry, "prepare", lambda effects, each: made.append(effects))
    assert of.correct([under(["wires"])], 1) == {under(["wires"]): [3]}
    assert made == []


def test_answers_under_the_names_of_an_earlier_version_are_left_aside(tmp_path: Path) -> None:
    """Such rows may be there where a worker is upgraded in the middle of an evaluation: *effects.number* alone."""
    chosen = job(**TINY)
    records = Records(tmp_path)
    run(chosen, tmp_path / "whole", device="cpu", threads=1, checkpoints=records.checkpoints())
    ((bundle, answers),) = records.answers.items()
    stale = {name.rpartition("-")[0]: [0 for _ in answer] for name, answer in answers.items()}
    assert set(stale) == {"programming.0", "programming.1", "each_layer.0", "each_layer.1"}
    checkpoints = Checkpoints(tmp_path / "newest", tmp_path / "newest", due=lambda: False, judged={bundle: stale})
    run(chosen, tmp_path / "upgraded", device="cpu", threads=1, checkpoints=checkpoints)
    assert digests(tmp_path / "upgraded") == digests(tmp_path / "whole")
    manifest = json.loads((tmp_path / "upgraded" / "manifest.json").read_text())
    assert manifest["run"]["resumed_after"] is not None
    assert manifest["run"]["tasks_done_before"] == 0


def test_chips_of_another_network_are_left_aside(tmp_path: Path) -> None:
    one, other = job(**TINY).resolved(), job(**{**TINY, "training": {"epochs": 1, "batch": 256, "seed": 1}}).resolved()
    kept: list[str] = []
    for each in (one, other):
        records = Records(tmp_path / str(len(kept)))
        records.folder.mkdir()
        run(each, records.folder / "out", device="cpu", threads=1, checkpoints=records.checkpoints())
        kept += records.answers
    assert len(set(kept)) == 2
