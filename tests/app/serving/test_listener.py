"""The listening socket: what its connections are like."""

from __future__ import annotations

import asyncio
import socket

from app.serving.listener import bind, is_loopback


def test_connections_do_not_wait_for_more_to_send() -> None:
    """Without TCP_NODELAY a kept connection answers 40 ms late: head and body go out apart, and the second waits."""

    async def delay_is_off() -> bool:
        found: asyncio.Queue[int] = asyncio.Queue()

        async def note(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            accepted = writer.get_extra_info("socket")
            await found.put(accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listener = bind("127.0.0.1", 0)
        async with await asyncio.start_server(note, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname())
            off = await found.get()
            writer.close()
            await writer.wait_closed()
        return off != 0

    assert asyncio.run(delay_is_off())


def test_what_only_this_machine_can_reach() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "::1", "localhost"):
        assert is_loopback(host)
    for host in ("0.0.0.0", "::", "192.0.2.1", "localhost.example.org", "", "127.1", "LOCALHOST"):
        assert not is_loopback(host)
