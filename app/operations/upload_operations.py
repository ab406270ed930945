"""Operations on the uploads of one kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from app.operations.operation import Body, Operation, Schema
from app.uploads.upload_kind import UploadKind
from worker.contract import Scope


@dataclass(frozen=True)
class UploadOperations:
    """Operations on the uploads of one kind: all there are."""

    post: Operation
    list: Operation
    get: Operation
    delete: Operation

    @classmethod
    def of(cls, kind: UploadKind) -> Self:
        """Make the operations of a kind."""
        one = f"{kind.path}/{{{kind.name}_id}}"
        return cls(
            Operation("POST", kind.path, Scope.SUBMIT, Body(kind.media_types, _file_schema), makes=f"{kind.name}_id"),
            Operation("GET", kind.path, Scope.READ),
            Operation("GET", one, Scope.READ),
            Operation("DELETE", one, Scope.SUBMIT),
        )

    def all(self) -> tuple[Operation, ...]:
        """Every one of them."""
        return self.post, self.list, self.get, self.delete


def _file_schema() -> Schema:
    """A file, as it is."""
    return {"type": "string", "format": "binary"}
