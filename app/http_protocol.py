"""HTTP as it is read: uvicorn's parser in C, with the bound on the head of a request that it lacks."""

from __future__ import annotations

import json
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.problem import MEDIA_TYPE, problem_document
from app.security_headers import HEADERS

MOST_HEAD = 65_536
"""Bytes of request line and headers that may come without their end; one read of the socket can bring more at once."""


class BoundedHead(HttpToolsProtocol):
    """Ends a connection whose request has a head without an end: the parser keeps all of it until then."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head = False
        self._head = 0

    def on_message_begin(self) -> None:
        """A request begins."""
        self._in_head, self._head = True, 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Its head has come in whole."""
        self._in_head = False
        super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        """Bytes of a client."""
        super().data_received(data)
        if self._in_head and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MOST_HEAD:
                self.send_400_response(f"The head of the request is larger than {MOST_HEAD} bytes.")

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request with a problem, as everything else, and end the connection."""
        body = json.dumps(problem_document("BAD_REQUEST", msg)).encode()
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
