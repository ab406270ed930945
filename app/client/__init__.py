"""The Python client of the service."""

from app.client.client import DEFAULT_URL, Client
from app.client.download import DownloadDamaged
from app.client.errors import ProblemError, ServerUnreachable

__all__ = ["DEFAULT_URL", "Client", "DownloadDamaged", "ProblemError", "ServerUnreachable"]
