"""Scopes of tokens."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    """One thing that a token allows."""

    READ = "read"
    SUBMIT = "submit"
    ADMIN = "admin"


ALLOWED: Mapping[Scope, frozenset[Scope]] = MappingProxyType(
    {
        Scope.READ: frozenset({Scope.READ}),
        Scope.SUBMIT: frozenset({Scope.READ, Scope.SUBMIT}),
        Scope.ADMIN: frozenset(Scope),
    }
)
"""Scopes that each scope includes."""
