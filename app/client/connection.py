"""The connection of the client to its server: requests, answers, and what is raised where there is none."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast, final
from urllib.parse import urlsplit

import httpx

from app.client.auth import TokenAuth
from app.client.download import DownloadDamaged
from app.client.errors import ProblemError, ServerUnreachable
from app.client.url import server_url

EVENT_STREAM = "text/event-stream"

SILENCE = 45.0
"""s without a sign of life after which a stream of events is taken for broken: the server gives one every 15 s."""


@final
class Connection:
    """One connection to a server.

    Args:
        url: the server.
        token: what is sent with every request; empty for none.
        timeout: s to wait for an answer.

    Raises:
        InvalidInput: the address or the token is malformed.
    """

    def __init__(self, url: str, token: str, timeout: float) -> None:
        self.url = server_url(url)
        # A proxy from the environment would be asked for this machine's own server.
        self._http = httpx.Client(
            base_url=self.url, auth=TokenAuth(token), timeout=timeout, trust_env=not _is_loopback(self.url)
        )

    def close(self) -> None:
        """Close it."""
        self._http.close()

    def bytes_of(self, href: str, offset: int) -> Iterator[bytes]:
        """The bytes of a file from `offset` on."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if not href.startswith("/"):
            # The token goes with the request, and is for this server alone.
            raise DownloadDamaged(f"the server says that a file is at {href!r}, which is not a path of its own")
        # A server behind a path prefix names whole paths; requests have the prefix already.
        href = "/" + href.removeprefix(self._http.base_url.path).lstrip("/")
        with self.stream(href, headers=headers) as response:
            yield from response.iter_bytes()

    @contextmanager
    def events(self, path: str, after: int) -> Iterator[httpx.Response]:
        """A stream of events that has begun after the event of this number, or a 204 where none will come.

        Raises:
            ProblemError: it is no such stream, as from a proxy that leads elsewhere.
        """
        headers = {"Last-Event-ID": str(after)} if after else {}
        with self.stream(
            path, headers=headers, timeout=httpx.Timeout(self._http.timeout.connect, read=SILENCE)
        ) as found:
            media_type = found.headers.get("content-type", "").partition(";")[0]
            if found.status_code != httpx.codes.NO_CONTENT and media_type != EVENT_STREAM:
                raise _problem_error(found)
            yield found

    @contextmanager
    def stream(self, path: str, **arguments: Any) -> Iterator[httpx.Response]:
        """An answer that goes well, read as it comes."""
        try:
            with self._http.stream("GET", path, **arguments) as response:
                if not response.is_success:
                    response.read()
                    raise _problem_error(response)
                yield response
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._unreachable(error) from error

    def json(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        """One call that answers with a JSON object."""
        response = self.send(method, path, **arguments)
        try:
            document = response.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise _problem_error(response)
        return cast(dict[str, Any], document)

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """One call that went well."""
        try:
            response = self._http.request(method, path, **arguments)
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise self._unreachable(error) from error
        if not response.is_success:
            # A redirection as well, which is not followed: nothing was done.
            raise _problem_error(response)
        return response

    def _unreachable(self, error: httpx.RequestError) -> ServerUnreachable:
        """Return the error for a server that does not answer."""
        return ServerUnreachable(
            f"no server answers at {self.url} ({str(error) or type(error).__name__}); "
            "start one with `mho serve`, or name another with --url or MHO_URL"
        )


def _problem_error(response: httpx.Response) -> ProblemError:
    """The problem in an answer; one made up where something else than mho answered."""
    try:
        problem = response.json() if response.is_error else None
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "reason" not in problem:
        leads = f" to {response.headers['location']}" if "location" in response.headers else ""
        request = f"{response.request.method} {response.url}"
        detail = f"{request} answered {response.status_code}{leads} without a document of mho"
        problem = {"title": "Not an answer of mho", "status": response.status_code, "detail": detail}
    return ProblemError(problem)


def _is_loopback(url: str) -> bool:
    """Tell whether the URL names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
