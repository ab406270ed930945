"""The command that starts Celery: as a process of its own, so that whoever starts it needs neither it nor torch."""

from __future__ import annotations

import sys

from worker.contract.settings.settings import Settings


def celery_command(settings: Settings, name: str) -> list[str]:
    """Program and arguments of a worker with these settings, which it reads again from its environment.

    Args:
        settings: for `log_level`; all others the worker takes from the environment itself.
        name: of the worker on its machine, for the log.
    """
    command = [sys.executable, "-m", "celery", "--app", "worker.celery_app", "--quiet", "worker"]
    # What only costs: the workers' talk with each other. Whether one is alive is told by its leases.
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [*command, "--hostname", f"{name}@%h", "--loglevel", settings.log_level]
