"""Validators of a file, and requests on condition of them (RFC 9110, section 13)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime

from fastapi import Request, Response

from app.files.http_date import http_date, parse_http_date
from app.problems.problem import Problem, shown

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t,]*+{_TAG}[ \t]*+(?:,[ \t,]*+{_TAG}[ \t]*+)*+(?:,[ \t,]*+)?")


@dataclass(frozen=True)
class Validators:
    """Validators of a file (RFC 9110, section 8.8): they tell one state of it from another.

    Args:
        etag: its entity tag, a strong one, with the quotation marks.
        modified: when it came to be so, with its zone; parts of a second do not count.
    """

    etag: str
    modified: datetime

    def headers(self) -> dict[str, str]:
        """Return the headers that carry them."""
        return {"ETag": self.etag, "Last-Modified": http_date(self.modified)}

    def modified_since(self, moment: datetime) -> bool:
        """Tell whether the file changed in a later second than that of `moment`."""
        return self.modified.replace(microsecond=0) > moment


def sha256_etag(sha256: str, variant: str = "") -> str:
    """Return the entity tag of a file with this digest, or of a form of it: `"sha256-<hex>-<variant>"`."""
    return f'"sha256-{sha256}{"-" + variant if variant else ""}"'


def repr_digest(sha256: str) -> str:
    """Return the `Repr-Digest` field of a file with this digest (RFC 9530): the bytes in base64 between colons."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode('ascii')}:"


def precondition(request: Request, validators: Validators, headers: dict[str, str]) -> Response | None:
    """Evaluate the conditions of a request for a thing that is there (RFC 9110, section 13.2.2).

    `If-Match` goes before `If-Unmodified-Since`, both before `If-None-Match`, and that before `If-Modified-Since`; of
    each pair the second counts only without the first. A date that is none is passed over. `If-Range` is of the range.

    Args:
        request: a GET or HEAD.
        validators: of the thing, as it would be sent.
        headers: that a 304 has.

    Returns:
        The 304, or None where the answer is to be sent.

    Raises:
        Problem: PRECONDITION_FAILED.
    """
    fields = request.headers
    if "if-match" in fields:
        condition = ",".join(fields.getlist("if-match"))
        if not _names(condition, validators.etag, weakly=False):
            raise _failed("If-Match", condition, validators.etag)
    else:
        moment = parse_http_date(fields.get("if-unmodified-since", ""))
        if moment is not None and validators.modified_since(moment):
            raise _failed("If-Unmodified-Since", fields["if-unmodified-since"], http_date(validators.modified))
    if "if-none-match" in fields:
        known = _names(",".join(fields.getlist("if-none-match")), validators.etag, weakly=True)
    else:
        since = parse_http_date(fields.get("if-modified-since", ""))
        known = since is not None and not validators.modified_since(since)
    return Response(status_code=304, headers=headers) if known else None


def range_wanted(request: Request, validators: Validators) -> bool:
    """Tell whether `If-Range` lets `Range` count: it is absent, or names this state, by its tag or to the second."""
    condition = request.headers.get("if-range")
    if condition is None:
        return True
    if condition.startswith(('"', "W/")):
        # Strongly compared: a weak tag is never the same.
        return condition == validators.etag
    return parse_http_date(condition) == validators.modified.replace(microsecond=0)


def _names(condition: str, etag: str, *, weakly: bool) -> bool:
    """Tell whether the tags of a condition name this one; `*` names every tag, and a malformed list names none."""
    if condition.strip(" \t") == "*":
        return True
    if not _TAGS.fullmatch(condition):
        return False
    tags = re.findall(_TAG, condition)
    return etag in ([tag.removeprefix("W/") for tag in tags] if weakly else tags)


def _failed(name: str, got: str, is_now: str) -> Problem:
    return Problem("PRECONDITION_FAILED", f"got {name}: {shown(got)}; it is {shown(is_now)}.")
