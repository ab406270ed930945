"""The socket that a server listens on, taken before anything else is started."""

from __future__ import annotations

import ipaddress
import socket

from app.problems.faults import shown
from hwcore.errors import Fault, InvalidInput

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""Names by which a client on this machine may call the server."""


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; who may be answered on it is not its business, see `app.serving.reach`.

    Args:
        host: localhost, or an IP address of this machine; 0.0.0.0 or :: for all of them.
        port: 0 takes a free one.

    Raises:
        InvalidInput: the address is none, or cannot be used.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        ipaddress.ip_address(address)
    except ValueError as error:
        allowed = "127.0.0.1, ::1, localhost, or another IP address of this machine"
        raise _refused("host", shown(host), allowed, "names are not looked up") from error
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # Named: asyncio switches Nagle's delay off for sockets that say TCP, and 40 ms of each request are that delay.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        allowed = "an address of this machine and a free port, e.g. --port 0, which takes any"
        raise _refused("port", str(port), allowed, f"{address}:{port} cannot be used: {error.strerror}") from error
    listener.set_inheritable(False)
    return listener


def _refused(option: str, got: str, allowed: str, reason: str) -> InvalidInput:
    """The error for an address that cannot be used."""
    return InvalidInput([Fault(f"/--{option}", f"got {got}; allowed: {allowed}. {reason}", got, allowed)])


def listener_url(listener: socket.socket) -> str:
    """The address of a listening socket as a URL."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
