"""Requests at a fixed rate, each timed from the moment it was due: a slow answer delays no other request."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        status: of HTTP.
        seconds: from the moment the request was due to the last byte of the answer.
        body: of the answer.
    """

    status: int
    seconds: float
    body: bytes


class Connection:
    """A kept connection to a server on this machine."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self.reader, self.writer, self.host = reader, writer, host

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect to a port of 127.0.0.1."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return cls(reader, writer, f"127.0.0.1:{port}")

    async def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """One request, and its whole answer."""
        kind = "Content-Type: application/json\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(body)}\r\n{kind}\r\n"
        self.writer.write(head.encode() + body)
        lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        content = await self.reader.readexactly(int(headers["content-length"]))
        return int(lines[0].split()[1]), content

    def close(self) -> None:
        """End the connection."""
        self.writer.close()


async def at_rate(
    port: int, rate: float, requests: list[tuple[str, str, bytes]], connections: int = 16
) -> list[Answer]:
    """Send every request when it is due, over a few kept connections.

    Args:
        port: of the server.
        rate: requests per second.
        requests: method, path and body of each.
        connections: requests under way at once, at most; one that is due and finds none free waits, and that counts.
    """
    free: asyncio.Queue[Connection] = asyncio.Queue()
    opened = [await Connection.open(port) for _ in range(connections)]
    for each in opened:
        free.put_nowait(each)
    begin = time.perf_counter() + 0.1

    async def one(due: float, method: str, path: str, body: bytes) -> Answer:
        connection = await free.get()
        status, content = await connection.ask(method, path, body)
        seconds = time.perf_counter() - due
        free.put_nowait(connection)
        return Answer(status, seconds, content)

    # One after the other as they are due: thousands of tasks made at the start would hold the first requests up.
    under_way = []
    for number, request in enumerate(requests):
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        under_way.append(asyncio.create_task(one(due, *request)))
    answers = await asyncio.gather(*under_way)
    for each in opened:
        each.close()
    return list(answers)


class Stream:
    """A stream of server-sent events that is open and read."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.events = 0
        self._reading: asyncio.Task[None] | None = None

    async def open(self, path: str) -> None:
        """Ask for it, and read it until `close`."""
        writer = self.connection.writer
        writer.write(
            f"GET {path} HTTP/1.1\r\nHost: {self.connection.host}\r\nAccept: text/event-stream\r\n\r\n".encode()
        )
        head = await self.connection.reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n")[0]:
            raise RuntimeError(f"the stream was refused: {head[:200]!r}")
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        while line := await self.connection.reader.readline():
            self.events += line.startswith(b"id:")

    def close(self) -> None:
        """End it."""
        if self._reading is not None:
            self._reading.cancel()
        self.connection.close()
