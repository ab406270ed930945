"""Declaration of a request's body: media type, character set, content encoding."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import Message

from fastapi import Request

from app.problems.problem import Problem, shown


@dataclass(frozen=True)
class DeclaredBody:
    """The fields of a request that say how its body is to be read.

    Args:
        content_type: as it came; empty where it did not.
        encoding: in lower case; "identity" where nothing was said.
        media_type: "text/plain" where none was said or it is none, as HTTP's own format has it.
        charset: in lower case; "utf-8" where none was said.
    """

    content_type: str
    encoding: str
    media_type: str
    charset: str

    @classmethod
    def of(cls, request: Request) -> DeclaredBody:
        """Read the declaration of this request."""
        declared = Message()
        declared["Content-Type"] = content_type = request.headers.get("content-type", "")
        encoding = ", ".join(request.headers.getlist("content-encoding") or ["identity"]).strip().lower()
        charset = str(declared.get_content_charset("utf-8"))
        return cls(content_type, encoding, declared.get_content_type(), charset)

    def refusal(self, allowed: str) -> Problem:
        """Return the problem for a body that is not declared as one that is read here."""
        declared = f"Content-Type {shown(self.content_type)}, Content-Encoding {shown(self.encoding)}"
        return Problem("UNSUPPORTED_MEDIA_TYPE", f"got {declared}; allowed: {allowed}.")
