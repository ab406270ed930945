"""A warning as the service shows it."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel, Field

from hwcore.spec import JobWarning


class WarningView(BaseModel):
    """What works and is probably not meant."""

    field: str = Field(description="JSON pointer to the field in the resolved document")
    message: str = Field(description="what came, and why it is probably not meant")


def warning_views(warnings: Iterable[JobWarning]) -> list[WarningView]:
    """As they are shown."""
    return [WarningView(field=warning.field, message=warning.message) for warning in warnings]
