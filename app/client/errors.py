"""Errors of the client: the server refuses, or does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

AWAY = frozenset({502, 503, 504})
"""Statuses of a server, or of a proxy before it, that is not there at the moment."""


class ProblemError(Exception):
    """The server refused, with an RFC 9457 problem.

    Args:
        problem: the problem document.

    Attributes:
        document: what messages call the document that was refused.
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        self.status: int = int(self.problem.get("status", 0))
        self.reason: str = str(self.problem.get("reason", "INTERNAL"))
        self.errors: list[dict[str, str]] = list(self.problem.get("errors") or [])
        self.document = "document"
        super().__init__(f"{self.problem.get('title', 'error')}: {self.problem.get('detail', '')}")


class ServerUnreachable(ConnectionError):
    """No answer from the server."""


def may_come_back(error: ServerUnreachable | ProblemError) -> bool:
    """Tell whether the server, or something that it needs, is away at the moment, as in a restart."""
    return isinstance(error, ServerUnreachable) or error.status in AWAY
