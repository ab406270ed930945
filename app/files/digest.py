"""Digests in headers: the entity tag and `Repr-Digest`."""

from __future__ import annotations

import base64


def sha256_etag(sha256: str, variant: str = "") -> str:
    """The entity tag of a file with this digest, or of a form of it: `"sha256-<hex>"`, `"sha256-<hex>-<variant>"`."""
    return f'"sha256-{sha256}{"-" + variant if variant else ""}"'


def repr_digest(sha256: str) -> str:
    """The `Repr-Digest` field of a file with this digest (RFC 9530): the bytes in base64 between colons."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode('ascii')}:"
