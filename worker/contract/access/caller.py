"""The caller: the token behind a request, or everybody where the service has none."""

from __future__ import annotations

from dataclasses import dataclass

from worker.contract.access.scopes import ALLOWED, Scope


@dataclass(frozen=True)
class Caller:
    """The one on whose behalf a store is asked.

    Args:
        token_id: id of the token; empty where the service has no tokens.
        scopes: what the token was given.
    """

    token_id: str
    scopes: frozenset[Scope]

    @property
    def owner(self) -> str:
        """Owner of the caller's jobs."""
        return self.token_id

    @property
    def sees_all(self) -> bool:
        """Tell whether the caller may see everybody's jobs."""
        return Scope.ADMIN in self.scopes

    def may(self, scope: Scope) -> bool:
        """Tell whether the caller's scopes include this one."""
        return any(scope in ALLOWED[given] for given in self.scopes)


EVERYBODY = Caller("", frozenset({Scope.ADMIN}))
"""The caller of a service without tokens, and of the service's own parts: sees and may everything, owns as nobody."""
