"""Paths on this server, as a client has to write them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Links:
    """Every path that an answer names.

    Args:
        root: what stands before every path, `MHO_ROOT_PATH`; empty where nothing does.
    """

    root: str = ""

    def to(self, path: str) -> str:
        """A path of this server, e.g. "/docs"."""
        return self.root + path

    def job(self, job_id: str) -> str:
        """A job."""
        return self.to(f"/v1/jobs/{job_id}")

    def upload(self, plural: str, upload_id: str) -> str:
        """An uploaded file, by the plural of its kind."""
        return self.to(f"/v1/{plural}/{upload_id}")

    def preset(self, name: str) -> str:
        """A hardware preset."""
        return self.to(f"/v1/hardware/{name}")

    def schema(self, name: str) -> str:
        """A JSON Schema."""
        return self.to(f"/v1/schemas/{name}")
