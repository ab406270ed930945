"""Displays of a running job for `mho compile`: a bar on a terminal, lines in a pipe, events for machines."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO, final

from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from hwcore.errors import MhoError
from hwcore.progress import Progress
from worker.babysit.events import Event, FailedNote, SucceededNote, event_line, result_of
from worker.contract.jobs.ladder import result_lines
from worker.contract.process.console import TextConsole
from worker.contract.process.place_in_words import place_in_words

LINE_SECONDS = 1.0
"""Seconds between two lines in a pipe, at least, within a stage that has no epochs (the drawn chips)."""


class Display(ABC):
    """Shows one job from its first step to its end; a context manager."""

    def __enter__(self) -> Display:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the terminal as it was."""
        return None

    @abstractmethod
    def step(self, progress: Progress) -> None:
        """Show one step."""

    @abstractmethod
    def succeeded(self, report: Mapping[str, Any], out: Path) -> None:
        """Show the result."""

    @abstractmethod
    def failed(self, error: MhoError) -> None:
        """Show why there is no result, in addition to the message on standard error."""


@final
class BarDisplay(Display):
    """One bar that moves, and the ladder."""

    def __init__(self, console: TextConsole) -> None:
        self._console = console
        columns = (
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.fields[place]}", markup=False),
        )
        self._bar = Bar(*columns, console=console)
        self._task = self._bar.add_task("", total=1.0, place="")

    def __enter__(self) -> Display:
        """Show the bar."""
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the bar where it is."""
        self._bar.stop()

    def step(self, progress: Progress) -> None:
        """Move the bar."""
        self._bar.update(self._task, completed=progress.fraction, place=_place(progress))

    def succeeded(self, report: Mapping[str, Any], out: Path) -> None:
        """Stop the bar and print the ladder."""
        self._bar.stop()
        for line in _result(report, out):
            self._console.print(line, soft_wrap=True)

    def failed(self, error: MhoError) -> None:
        """Show nothing: the message on standard error is enough."""
        return None


@final
class LineDisplay(Display):
    """One line of text per epoch or stage, and the ladder."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._place: tuple[str, int | None] | None = None
        self._written = 0.0

    def step(self, progress: Progress) -> None:
        """Write a line, at most one a second for steps at one place."""
        place = (progress.stage, progress.epoch)
        moment = time.monotonic()
        if place == self._place and moment - self._written < LINE_SECONDS:
            return
        self._place, self._written = place, moment
        self._write(f"{100 * progress.fraction:5.1f} %  {_place(progress)}".rstrip())

    def succeeded(self, report: Mapping[str, Any], out: Path) -> None:
        """Write the ladder."""
        for line in _result(report, out):
            self._write(line)

    def failed(self, error: MhoError) -> None:
        """Show nothing: the message on standard error is enough."""
        return None

    def _write(self, line: str) -> None:
        self._output.write(line + "\n")
        self._output.flush()


@final
class EventDisplay(Display):
    """One JSON object per line, as in `worker.babysit.events`."""

    def __init__(self, output: TextIO) -> None:
        self._output = output

    def step(self, progress: Progress) -> None:
        """Write a `progress` event."""
        self._write(progress)

    def succeeded(self, report: Mapping[str, Any], out: Path) -> None:
        """Write a `succeeded` event with the result and the folder."""
        self._write(SucceededNote({**result_of(report), "out": str(out)}))

    def failed(self, error: MhoError) -> None:
        """Write a `failed` event with reason and detail."""
        self._write(FailedNote.of(error.reason, str(error)))

    def _write(self, event: Event) -> None:
        self._output.write(event_line(event) + "\n")
        self._output.flush()


def choose_display(output: TextIO, *, json_output: bool) -> Display:
    """Choose events where they were asked for, else a bar on a terminal and lines in a pipe."""
    if json_output:
        return EventDisplay(output)
    console = TextConsole(output)
    return BarDisplay(console) if console.is_terminal else LineDisplay(output)


def _place(progress: Progress) -> str:
    return place_in_words(progress.stage, progress.epoch, progress.epochs, progress.message, progress.seconds_left)


def _result(report: Mapping[str, Any], out: Path) -> list[str]:
    return [*result_lines(report), f"the artifacts are in {out}"]
