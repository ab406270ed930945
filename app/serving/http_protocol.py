"""HTTP as it is read: uvicorn's parser in C, with the bounds on what is no body that it lacks.

The parser keeps the head of a request until it ends, takes the fields after a chunked body (trailers) for headers, and
reads request after request before the first is answered. None of it has a limit of its own. Answers to HTTP/1.0 are
written as that version reads them.
"""

from __future__ import annotations

import json
from typing import Any

from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app.asgi.security_headers import HEADERS
from app.problems.problem import MEDIA_TYPE, problem_document

MOST_HEAD = 65_536
"""Bytes of request line and headers."""

MOST_BARREN = 65_536
"""Bytes that may come of a request, one read of the socket after the other, that bring neither its head to an end nor
any of its body."""

MOST_PIPELINED = 16
"""Requests of one connection that may wait for the answer to another."""


class Refused(Exception):
    """Request that is read no further; the message is for its sender."""


class Unframed:
    """Sends an answer without a length as it is, up to the end of the connection.

    Clients of HTTP/1.0 do not know chunks (RFC 9112, section 6.1), and uvicorn sends nothing else.

    Args:
        cycle: a request of such a client; its connection ends with the answer.
    """

    def __init__(self, cycle: RequestResponseCycle) -> None:
        self.cycle = cycle
        self.framed = True

    async def send(self, message: ASGISendEvent) -> None:
        """Send a part of the answer."""
        if message["type"] == "http.response.start":
            self.framed = any(name.lower() == b"content-length" for name, _ in message.get("headers", []))
            if not self.framed:
                self.cycle.chunked_encoding = False
        elif message["type"] == "http.response.body" and not self.framed:
            self.cycle.expected_content_length = len(message.get("body", b""))
        await RequestResponseCycle.send(self.cycle, message)


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection that sends more than a request may have, or what is no request."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head = self._in_request = self._moved = False
        self._head = self._hosts = self._barren = 0
        self._refusal: str | None = None

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head = self._in_request = self._moved = True
        self._head = self._hosts = 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer is dropped, as the headers have been read already."""
        if not self._in_head:
            return
        self._count(len(name) + len(value))
        self._hosts += name.lower() == b"host"
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head has come in whole."""
        self._in_head, self._moved = False, True
        if self._hosts != 1 and self.parser.get_http_version() == "1.1":
            # RFC 9112, section 3.2.
            self._refuse(f"got {self._hosts} Host headers; allowed: one.")
        super().on_headers_complete()
        if self.scope.get("http_version") != "1.1" and self.cycle is not None:
            self.cycle.send = Unframed(self.cycle).send  # type: ignore[method-assign]
            # RFC 9110, section 10.1.1: a client of HTTP/1.0 waits for no 100.
            self.cycle.waiting_for_100_continue = False
        if len(self.pipeline) > MOST_PIPELINED:
            self._refuse(f"More than {MOST_PIPELINED} requests wait on this connection.")

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._moved = True
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request has come in whole."""
        self._in_request, self._moved = False, True
        super().on_message_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes of a client."""
        self._moved = False
        super().data_received(data)
        if self.transport.is_closing() or self._moved or not self._in_request:
            self._barren = 0
            return
        self._barren += len(data)
        if self._barren > MOST_BARREN:
            self.send_400_response(f"More than {MOST_BARREN} bytes without an end of the head, or after the body.")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request with a problem, as everything else, and end the connection.

        Where an earlier request has no answer yet, this one would be taken for it, and there is none.
        """
        if self.cycle is None or self.cycle.response_complete:
            body = json.dumps(problem_document("BAD_REQUEST", self._refusal or msg)).encode()
            headers = {
                "Content-Type": MEDIA_TYPE,
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "Connection": "close",
                **HEADERS,
            }
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            self.transport.write(f"HTTP/1.1 400 Bad Request\r\n{lines}\r\n".encode("latin-1") + body)
        self.transport.close()

    def _count(self, size: int) -> None:
        self._head += size
        if self._head > MOST_HEAD:
            self._refuse(f"Request line and headers have more than {MOST_HEAD} bytes.")

    def _refuse(self, why: str) -> None:
        """End the parsing from within: the parser turns it into an error of its own, and uvicorn that into a 400."""
        self._refusal = why
        raise Refused(why)
