from __future__ import annotations

import io

import pytest

from app.cli.watching import job_line
from hwcore.progress import Progress
from worker.compile_display import LineDisplay
from worker.contract.process.place_in_words import place_in_words


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((None, None, None, None, None), ""),
        (("float", 3, 20, "loss 0.21", 12.4), "float  epoch 3/20  loss 0.21  12 s left"),
        (("float", None, 20, "", None), "float  epoch 0/20"),
        (("mapping", None, None, "mapping", 0.0), "mapping  0 s left"),
        (("evaluation", None, None, "a\nb", 180.0), r"evaluation  a\nb  3 min left"),
        (("evaluation", None, None, "drift: 0.9", 7500.0), "evaluation  drift: 0.9  2 h 5 min left"),
    ],
)
def test_a_place_is_one_line(
    place: tuple[str | None, int | None, int | None, str | None, float | None], words: str
) -> None:
    assert place_in_words(*place) == words


def test_compile_and_watch_have_one_text() -> None:
    progress = Progress("float", 3, 20, 0.25, "loss 0.21", 12.4)
    output = io.StringIO()
    LineDisplay(output).step(progress)
    compiled = output.getvalue().rstrip("\n")
    watched = job_line({"state": "running", **vars(progress)})
    assert compiled == " 25.0 %  float  epoch 3/20  loss 0.21  12 s left"
    assert watched == f"running   {compiled}"
