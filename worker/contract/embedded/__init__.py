"""The services that `mho serve` starts for itself: a private Redis and a worker. Free of torch and Celery."""

from worker.contract.embedded.services import EmbeddedServices

__all__ = ["EmbeddedServices"]
