"""Reads server-sent events as the service writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any


def events_of(lines: Iterable[str]) -> Iterator[dict[str, Any] | None]:
    """The events of a stream; None for a sign of life, which says nothing.

    Args:
        lines: the stream, line by line.

    Yields:
        The object in `data` with the event's number as `id`. An event that broke off before its empty line is left
        out: it comes again after `Last-Event-ID`.
    """
    number, data = "", ""
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "id":
                number = value
            case "data":
                data += value
            case "" if line:
                yield None
            case "":
                if data:
                    yield {"id": int(number), **json.loads(data)}
                data = ""
