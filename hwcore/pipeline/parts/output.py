"""The output folder: checked before any work, filled aside, moved in whole."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hwcore.errors import OutputExists, OutputNotWritable

MARK = "manifest.json"
"""A folder with this file was written by mho: --force may replace it, and nothing else that holds files."""


def check_output(out: Path, force: bool) -> None:
    """Refuse an output folder before any time is spent on what could not be kept.

    Args:
        out: the folder to be.
        force: whether an earlier output of mho there may be replaced.

    Raises:
        OutputExists: it is there, and force is not set, or it holds something that mho did not write.
        OutputNotWritable: nothing can be made in the folder above it, or there can be no folder of that name.
    """
    try:
        _check(out, force)
    except OSError as error:
        raise OutputNotWritable(
            f"output folder: {out} cannot be made: {error.strerror}; choose another path"
        ) from error


def _check(out: Path, force: bool) -> None:
    if out.is_symlink() or out.exists():
        if not force:
            raise OutputExists(f"output folder: {out} exists; allowed: a path that does not, or --force to replace it")
        if out.is_symlink() or not out.is_dir() or (any(out.iterdir()) and not (out / MARK).is_file()):
            raise OutputExists(
                f"output folder: {out} exists and is not an output of mho (no {MARK}); --force replaces only those: "
                "choose another path"
            )
    parent = _existing_parent(out)
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        raise OutputNotWritable(
            f"output folder: {out} cannot be made, {parent} is not a folder that this user may write to; "
            "choose a path below one"
        )


def _existing_parent(out: Path) -> Path:
    for parent in out.absolute().parents:
        if parent.exists():
            return parent
    return Path(out.anchor)


@contextmanager
def whole_output(out: Path, force: bool) -> Iterator[Path]:
    """Give a temporary folder beside `out`; at the end it becomes `out`, or on any error it is gone.

    Raises:
        OutputExists, OutputNotWritable: as `check_output`, before and again after the work.
    """
    check_output(out, force)
    out = out.absolute()
    new_parents = [parent for parent in out.parents if not parent.exists()]
    aside = None
    try:
        aside = _aside(out)
        # Now that its parents are there, the system says what it thinks of the name.
        check_output(out, force)
        yield aside
        _move_in(aside, out, force)
    except BaseException:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        for parent in new_parents:
            with suppress(OSError):
                parent.rmdir()
        raise


@contextmanager
def filling(out: Path) -> Iterator[None]:
    """Say of a file that could not be written that the output could not.

    Raises:
        OutputNotWritable: the disk is full, say.
    """
    try:
        yield
    except OSError as error:
        raise OutputNotWritable(
            f"output folder: {out} cannot be filled: {error}; make room there or choose another path"
        ) from error


def _aside(out: Path) -> Path:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=f".{out.name[:40]}.", dir=out.parent))
    except OSError as error:
        raise OutputNotWritable(
            f"output folder: {out} cannot be made: {error.strerror}; choose another path"
        ) from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _move_in(aside: Path, out: Path, force: bool) -> None:
    check_output(out, force)
    replaced = _aside(out) / "old"
    try:
        aside.chmod(0o777 & ~_umask())
        if out.exists():
            out.rename(replaced)
        aside.rename(out)
    except OSError as error:
        raise OutputNotWritable(
            f"output folder: {out} cannot be made: {error.strerror}; choose another path"
        ) from error
    finally:
        if replaced.exists() and not out.exists():
            replaced.rename(out)
        shutil.rmtree(replaced.parent, ignore_errors=True)
