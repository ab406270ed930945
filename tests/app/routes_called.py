"""Calls an ASGI application in this process, for applications that no server runs."""

from __future__ import annotations

import anyio
import httpx
from fastapi import FastAPI


def answer_of(app: FastAPI, path: str) -> httpx.Response:
    """The answer to a GET."""

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            return await client.get(path)

    return anyio.run(call)
