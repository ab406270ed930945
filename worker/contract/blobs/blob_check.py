"""Check that stored bytes are those that their name says: made as they are read, and remembered for a while."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterator

from worker.contract.errors import BlobLost

log = logging.getLogger("mho.blobs")

REMEMBERED = 10_000
"""Blobs of which it is known that they were intact, and lost ones that have been told of; of each kind the newest."""


class BlobCheck:
    """Knowledge of a process of the blobs that it has read; safe to use from any number of threads.

    A blob that was found intact counts as such only as long as nobody touched it (its identity is the same), and only
    for as long as the reader says: bits that flip on a disk change no date.

    Attributes:
        lost: how many blobs were found missing or damaged, each state of each once.
    """

    def __init__(self) -> None:
        self.lost = 0
        self._lock = threading.Lock()
        self._intact: OrderedDict[str, tuple[Hashable, float]] = OrderedDict()
        self._told: OrderedDict[str, tuple[Hashable, float]] = OrderedDict()

    def is_intact(self, sha256: str, identity: Hashable, within: float) -> bool:
        """Tell whether the blob was found intact with this identity at most so many seconds ago; 0: never."""
        with self._lock:
            known, moment = self._intact.get(sha256, (None, 0.0))
        return known == identity and time.monotonic() - moment < within

    def found_intact(self, sha256: str, identity: Hashable) -> None:
        """All bytes were read just now, and are what the name says."""
        with self._lock:
            self._told.pop(sha256, None)
            _note(self._intact, sha256, identity)

    def found_lost(self, sha256: str, identity: Hashable, error: BlobLost, name: str) -> None:
        """The blob is not there, or its bytes are others: count it, and log it, once until somebody touches it.

        Args:
            sha256: the blob.
            identity: as it lies there; None where it does not.
            error: what was found.
            name: what it is to whoever asked, e.g. an artifact's name; empty where the caller says it by himself.
        """
        with self._lock:
            self._intact.pop(sha256, None)
            known = sha256 in self._told and self._told[sha256][0] == identity
            _note(self._told, sha256, identity)
            self.lost += not known
        if name and not known:
            log.error("%s: %s; `mho gc --verify` says who needs it", name, error)


def verified(chunks: Iterator[bytes], sha256: str, place: str, expected: int | None = None) -> Iterator[bytes]:
    """The same bytes; the last chunk comes only if all of them together are what the name says.

    Args:
        chunks: of the whole blob.
        sha256: its name.
        place: where it lies, for the message.
        expected: its length in bytes; no more is read.

    Raises:
        BlobLost: after all chunks but the last one, so that nobody takes what came for the whole.
    """
    digest, size, held = hashlib.sha256(), 0, b""
    for chunk in chunks:
        digest.update(chunk)
        size += len(chunk)
        if expected is not None and size > expected:
            break
        if held:
            yield held
        held = chunk
    if digest.hexdigest() != sha256:
        raise BlobLost(
            f"the blob {sha256} in {place} is damaged: its bytes, {size:,} of them, have the SHA-256 "
            f"{digest.hexdigest()}; restore it from a copy, or run the job again"
        )
    if held:
        yield held


def _note(notes: OrderedDict[str, tuple[Hashable, float]], sha256: str, identity: Hashable) -> None:
    notes[sha256] = (identity, time.monotonic())
    notes.move_to_end(sha256)
    if len(notes) > REMEMBERED:
        notes.popitem(last=False)
