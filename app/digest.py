"""Answers that carry the digest of what they hold: ETag, `Repr-Digest`, and 304 where the client has it already."""

from __future__ import annotations

import base64

from fastapi import Request, Response


def sha256_etag(sha256: str, variant: str = "") -> str:
    """The entity tag of a file with this digest, or of a form of it: `"sha256-<hex>"`, `"sha256-<hex>-<variant>"`."""
    return f'"sha256-{sha256}{"-" + variant if variant else ""}"'


def repr_digest(sha256: str) -> str:
    """The `Repr-Digest` field of a file with this digest (RFC 9530): the bytes in base64 between colons."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode('ascii')}:"


def not_modified(request: Request, etag: str, headers: dict[str, str]) -> Response | None:
    """The 304 where `If-None-Match` names this tag, weakly compared as RFC 9110 section 13.1.2 asks; None otherwise."""
    condition = ",".join(request.headers.getlist("if-none-match"))
    tags = {tag.strip().removeprefix("W/") for tag in condition.split(",")}
    if etag in tags or condition.strip() == "*":
        return Response(status_code=304, headers=headers)
    return None
