"""The socket that `mho serve` listens on: loopback only, taken before anything else is started."""

from __future__ import annotations

import ipaddress
import socket

from hwcore.errors import Fault, InvalidInput

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""How a client on this machine may call the server."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket on a loopback address.

    Raises:
        InvalidInput: the address is not this machine's own, or cannot be used.
    """
    address = "127.0.0.1" if host == "localhost" else host
    try:
        loopback = ipaddress.ip_address(address).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise _refused(
            "host",
            host,
            "127.0.0.1, ::1 or localhost",
            "without access tokens mho listens to this machine alone; to reach it from elsewhere, forward the port "
            "(ssh -L 8000:127.0.0.1:8000 HOST)",
        )
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        allowed = "a free port, e.g. --port 0, which takes any"
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
