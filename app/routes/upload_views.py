"""Uploads of one kind as they are shown: models with the words of the kind."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import GenericAlias
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, create_model

from app.answers.links import Links
from app.uploads.upload_kind import UploadKind
from worker.contract import StoredUpload, UploadPage

CURSOR: dict[str, Any] = {"pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}


@dataclass(frozen=True)
class UploadViews:
    """Models of one kind.

    Args:
        kind: of the uploads.
        one: an upload.
        page: of a list.
        query: of a list; unknown parameters are refused rather than ignored.
    """

    kind: UploadKind
    one: type[BaseModel]
    page: type[BaseModel]
    query: type[BaseModel]

    @classmethod
    def of(cls, kind: UploadKind) -> Self:
        """Make the models of a kind."""
        name, plural = kind.name, kind.words.plural
        members: dict[str, Any] = {
            "id": (str, Field(description="UUID (version 7: ids sort by time)")),
            "name": (str, Field(description="the name given when it was first posted, or empty")),
            "sha256": (str, Field(description="SHA-256 of the bytes as they came")),
            "size": (int, Field(description="bytes as they came")),
            "created_at": (datetime, Field(description="when it was first posted, RFC 3339, UTC")),
            "description": (dict[str, Any], Field(description=f"what is in it: {kind.words.contents}")),
            name: (dict[str, str], Field(description=f"what a job says {kind.words.named}")),
            "href": (str, Field(description=f"this {name}")),
        }
        one = create_model(f"{name.capitalize()}View", __doc__=f"One uploaded {name}.", **members)
        entries: dict[str, Any] = {
            plural: (GenericAlias(list, (one,)), ...),
            "next_cursor": (str | None, Field(description="pass as `cursor` for the next page; null on the last one")),
        }
        page = create_model(f"{name.capitalize()}List", __doc__=f"A page of {plural}, newest first.", **entries)
        query = create_model(
            "ListQuery",
            __config__=ConfigDict(extra="forbid"),
            limit=(int, Field(50, ge=1, le=200, description=f"{plural} per page, 1 to 200")),
            cursor=(
                str | None,
                Field(None, max_length=500, description="`next_cursor` of the page before", json_schema_extra=CURSOR),
            ),
        )
        return cls(kind, one, page, query)

    def shown(self, upload: StoredUpload, links: Links) -> BaseModel:
        """One upload as it is shown."""
        return self.one(
            id=upload.id,
            name=upload.name,
            sha256=upload.sha256,
            size=upload.size,
            created_at=upload.created_at,
            description=dict(upload.description),
            href=links.upload(self.kind.words.plural, upload.id),
            **{self.kind.name: {"type": "uploaded", "id": upload.id}},
        )

    def shown_page(self, page: UploadPage, links: Links) -> BaseModel:
        """A page of a list as it is shown."""
        entries: dict[str, Any] = {self.kind.words.plural: [self.shown(upload, links) for upload in page.uploads]}
        return self.page(next_cursor=page.next_cursor, **entries)
