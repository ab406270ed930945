"""ASGI middleware, one duty each."""
