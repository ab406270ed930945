"""Memory that is freed and asked for again at every step: the C library keeps it, and does not give it back."""

from __future__ import annotations

import ctypes

# mallopt's names for the numbers, as in malloc.h of glibc.
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
OWN_MAPPING, KEPT = 32 << 20, 1 << 30
"""Bytes: larger blocks have a mapping of their own, which ends with them (the most that every glibc takes); so much may
lie free at the end of the heap."""


def keep_freed_memory() -> bool:
    """Keep up to 1 GiB of freed memory in the process from now on; True where the C library can do so.

    A training step frees its maps, blocks of some MB, and asks for them again in the next one. glibc gives what lies
    free at the end of its heap back to the system as soon as it is about twice the largest block that was freed, and
    the system fills every page with zeros anew: 6,000 to 7,000 pages and a tenth of a step of resnet-8. The peak of the
    memory stays as it is; below it less is given back before the process ends. Where the C library has no `mallopt`,
    nothing is done.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    return bool(mallopt(MMAP_THRESHOLD, OWN_MAPPING)) and bool(mallopt(TRIM_THRESHOLD, KEPT))
