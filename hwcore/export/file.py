"""A row of the table of files: the name, the writer, and the jobs that have it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hwcore.export.results import Results
from hwcore.media_types import media_type_of
from hwcore.spec import CompileJob

Writer = Callable[[Path, Results], None]
"""Writes the file at a path; where that path is a pattern, one file for every word that fills it (see `filled`)."""


def every_job(job: CompileJob) -> bool:
    """Want the file of every job."""
    return True


@dataclass(frozen=True)
class File:
    """A file that jobs leave behind, or several with one pattern of names.

    Attributes:
        name: path below the folder of the job, with `/` between folders: "report.json". A word in angle brackets stands
            for many: "netlist/<tile>.sp".
        write: the writer. It is given the path with its folder made, and writes the same bytes for the same results.
        wanted: whether a resolved job has the file.
    """

    name: str
    write: Writer
    wanted: Callable[[CompileJob], bool] = every_job

    @property
    def media_type(self) -> str:
        """Media type by the suffix of the name."""
        return media_type_of(self.name)

    def holds(self, name: str) -> bool:
        """Tell whether a file with this name is the one of this row, or one of those of its pattern."""
        words = (re.escape(part) for part in re.split(r"<\w+>", self.name))
        return re.fullmatch("[^/]+".join(words), name) is not None


def filled(path: Path, word: str) -> Path:
    """Path of one file of a pattern: the word takes the place of the brackets in its last part."""
    return path.with_name(re.sub(r"<\w+>", lambda _: word, path.name))
