"""ASGI middleware: who asks, whether they may, and whether not too fast; before anything else of a request is read."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as Request

from app.asgi.known_tokens import KnownTokens
from app.asgi.rate_limit import RateLimit
from app.operations.needed_scope import needed_scope
from app.operations.operation import OPEN
from app.operations.table import GET_HEALTH
from app.problems.problem import Problem, problem_response
from worker.contract import EVERYBODY, Caller, Scope, StoreUnavailable, TokenInvalid, TokenStore
from worker.contract.access.tokens import digest_of

log = logging.getLogger("mho.app")

CALLER = "caller"
"""Key of the caller in the state of a request."""

UNANSWERED = "The server cannot look tokens up: its database does not answer. Its log has more. Try again later."
"""Everything that the public may know of a database that is down."""


class AccessGuard:
    """Lets a request through with its `Caller`, or answers 401, 403 or 429.

    Args:
        app: the application behind it.
        tokens: where the tokens are.
        access: `Settings.access`: "tokens" for none without one, "off" for everybody, "auto" for everybody until there
            is or was a token.
        rate: how fast a token, or an address without a good one, may ask; a server for everybody has no limit.
        known: tokens that were good a moment ago.
    """

    def __init__(self, app: ASGIApp, tokens: TokenStore, access: str, rate: RateLimit, known: KnownTokens) -> None:
        self.app = app
        self.tokens = tokens
        self.rate = rate
        self._known = known
        self._none_at = -math.inf
        self._for_everybody = access == "off"
        self._tokens_needed = access == "tokens"

    async def __call__(self, scope: Request, receive: Receive, send: Send) -> None:
        """Run the request."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        try:
            await self._admit(scope)
        except Problem as problem:
            refusal = problem_response(problem.reason, problem.detail, headers=problem.headers, **problem.extra)
            await refusal(scope, receive, send)
        except StoreUnavailable as error:
            # The caller is not known yet: place and user of the database are for the log alone.
            log.warning("nobody is let in: %s", error)
            await problem_response(error.reason, UNANSWERED)(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _admit(self, request: Request) -> None:
        """Note the caller in the request's state.

        Raises:
            Problem: TOKEN_REQUIRED, TOKEN_INVALID, SCOPE_MISSING, RATE_LIMITED.
            StoreUnavailable: the database does not answer.
        """
        needed = needed_scope(request, request["app"].routes)
        if needed is OPEN:
            # Whether the server is alive is answered however often somebody asks: it touches nothing.
            if self._tokens_needed and request["path"] != GET_HEALTH.path:
                self._slow_down(_address(request))
            return
        if self._for_everybody or not await self._needs_token():
            caller = EVERYBODY
        else:
            caller = await self._caller(request)
            self._slow_down(caller.token_id)
            if not caller.may(needed):
                raise _scope_missing(needed)
        request.setdefault("state", {})[CALLER] = caller

    async def _needs_token(self) -> bool:
        """Tell whether requests need a token; once they do, they always will. A first token counts within a second."""
        began = self._known.now()
        if not self._tokens_needed and began - self._none_at >= self._known.seconds:
            self._tokens_needed = await run_in_threadpool(self.tokens.any_token)
            self._none_at = began
        return self._tokens_needed

    async def _caller(self, request: Request) -> Caller:
        """Return the caller whose token came. Failures of its address are counted before the token is looked up.

        A token that was good the last time is looked up however often its address has failed: many may share one.

        Raises:
            Problem: TOKEN_REQUIRED, TOKEN_INVALID, RATE_LIMITED.
        """
        address = _address(request)
        try:
            secret = _secret(Headers(scope=request).getlist("authorization"))
        except Problem:
            self._slow_down(address)
            raise
        digest = digest_of(secret)
        caller = self._known.caller(digest)
        if caller is not None:
            return caller
        strange = digest not in self._known
        if strange:
            self._slow_down(address)
        began = self._known.now()
        try:
            caller = await run_in_threadpool(self.tokens.verify, secret)
        except TokenInvalid as error:
            self._known.forget(digest)
            if not strange:
                self._slow_down(address)
            raise _refused("TOKEN_INVALID", f"{str(error)[0].upper()}{str(error)[1:]}.", "invalid_token") from error
        if strange:
            # It was no failure after all.
            self.rate.give_back(address)
        self._known.note(digest, caller, began)
        return caller

    def _slow_down(self, sender: str) -> None:
        """Raise RATE_LIMITED where the sender asks too fast."""
        wait = self.rate.take(sender)
        if wait > 0:
            raise Problem(
                "RATE_LIMITED",
                f"Allowed: {self.rate.per_second:g} requests per second (MHO_RATE_PER_SECOND), {self.rate.burst} at a "
                f"time (MHO_RATE_BURST); the next one is welcome in {wait:.1f} s.",
                headers={"Retry-After": str(math.ceil(wait))},
            )


def _address(request: Request) -> str:
    """Return the address of the sender; no token's id looks like that."""
    client = request.get("client")
    return f"address {client[0] if client else ''}"


def _secret(headers: list[str]) -> str:
    """Return the token in the Authorization headers. No message repeats them: a token may stand in a wrong place.

    Raises:
        Problem: TOKEN_REQUIRED.
    """
    if not headers:
        raise _refused("TOKEN_REQUIRED", "The request has no Authorization header.")
    scheme, _, secret = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer":
        raise _refused("TOKEN_REQUIRED", "The request has another Authorization header than the one allowed.")
    return secret.strip()


def _refused(reason: str, detail: str, error: str | None = None) -> Problem:
    """A 401 with the challenge of RFC 6750."""
    challenge = 'Bearer realm="mho"' + (f', error="{error}"' if error else "")
    allowed = "" if error else " Allowed: one `Authorization: Bearer mho_...`; `mho token create` makes a token."
    return Problem(reason, detail + allowed, headers={"WWW-Authenticate": challenge})


def _scope_missing(needed: Scope) -> Problem:
    """A 403 that names the scope."""
    headers: Mapping[str, str] = {
        "WWW-Authenticate": f'Bearer realm="mho", error="insufficient_scope", scope="{needed.value}"'
    }
    extra: dict[str, Any] = {"scope": needed.value}
    return Problem(
        "SCOPE_MISSING", f"The token lacks the scope {needed.value}, which this needs.", headers=headers, **extra
    )
