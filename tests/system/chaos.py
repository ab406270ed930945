"""A service that is killed again and again: server, two workers and Redis as real processes, and who ends them."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.client import Client, ProblemError, ServerUnreachable
from tests.worker.private_redis import PrivateRedis, private_redis
from tests.worker.processes import children, descendants
from worker.contract import JobFilter, JobState, JobStore
from worker.contract.jobs.events import Event, EventKind

PROGRAM = Path(sys.executable).parent / "mho"
QUICK = {
    "MHO_LEASE_SECONDS": "3",
    "MHO_HEARTBEAT_SECONDS": "0.5",
    "MHO_RECONCILE_SECONDS": "0.5",
    "MHO_CHECKPOINT_SECONDS": "0",
    "MHO_THREADS": "1",
    "MHO_DEVICE": "cpu",
    # No job here is poisonous; whoever is killed that often by chance is not to fail for it.
    "MHO_MAX_ATTEMPTS": "100",
    "MHO_MAX_QUEUED_JOBS": "100000",
    "MHO_RATE_PER_SECOND": "100000",
}


WORKERS = ("worker-1", "worker-2")
IDLE_SECONDS = 60.0
"""How long a fault waits for a training that it could disturb, s."""


class Service:
    """Server, two workers and Redis, each of which can be killed and comes back.

    Args:
        folder: for everything.
        redis: not started yet.
        database_url: of an empty database.
    """

    def __init__(self, folder: Path, redis: PrivateRedis, database_url: str) -> None:
        self.folder, self.redis, self.database_url = folder, redis, database_url
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str) -> None:
        """Start the server or a worker."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MHO_", "AWS_"))}
        own = {
            "MHO_HOME": str(self.folder / "home"),
            "MHO_DATABASE_URL": self.database_url,
            "MHO_BROKER_URL": self.redis.url,
            "OMP_NUM_THREADS": "1",
        }
        command = [str(PROGRAM), *(["server", "--port", str(self.port)] if name == "server" else ["worker"])]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=kept | own | QUICK, stdout=log, stderr=log, start_new_session=True
            )

    def end(self, name: str, number: signal.Signals) -> None:
        """End the server or a worker, and wait until it has."""
        process = self.processes[name]
        process.send_signal(number)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def trainings(self) -> list[int]:
        """The training processes themselves."""
        return [
            pid
            for process in self.processes.values()
            for pid, command in descendants(process.pid).items()
            if "-m worker.run.run_attempt" in command and "tether" not in command
        ]

    # What can happen to it.

    def kill_worker(self, random: random.Random) -> None:
        """SIGKILL to a worker: its pool and its training die with it."""
        name = random.choice(WORKERS)
        self.end(name, signal.SIGKILL)
        self.start(name)

    def stop_worker(self, random: random.Random) -> None:
        """SIGTERM to a worker: it hands over."""
        name = random.choice(WORKERS)
        self.end(name, signal.SIGTERM)
        self.start(name)

    def kill_child(self, random: random.Random) -> None:
        """SIGKILL to the process that looks after a training."""
        name = random.choice(WORKERS)
        _kill(children(self.processes[name].pid), random)

    def kill_workers_in_evaluation(self, random: random.Random) -> None:
        """SIGKILL to both workers at once, as a power cut does it, while chips are judged and some of them are kept."""
        store = JobStore(self.database_url)
        deadline = time.monotonic() + IDLE_SECONDS
        while not being_judged(store) and time.monotonic() < deadline:
            time.sleep(0.05)
        store.close()
        time.sleep(random.uniform(0.0, 0.3))
        for name in WORKERS:
            self.processes[name].send_signal(signal.SIGKILL)
        for name in WORKERS:
            self.end(name, signal.SIGKILL)
            self.start(name)

    def kill_training(self, random: random.Random) -> None:
        """SIGKILL to a training, as the kernel does for want of memory."""
        _kill(self.trainings(), random)

    def wipe_redis(self, random: random.Random) -> None:
        """SIGKILL to Redis, and its data gone."""
        self.redis.stop()
        shutil.rmtree(self.folder / "home" / "redis", ignore_errors=True)
        self.redis.start()

    def restart_server(self, random: random.Random) -> None:
        """The server ends, cleanly or not, and starts again."""
        self.end("server", random.choice([signal.SIGTERM, signal.SIGKILL]))
        self.start("server")

    def faults(self) -> tuple[Callable[[random.Random], None], ...]:
        """Everything that can happen; what needs a job that has come far goes first."""
        return (
            self.kill_workers_in_evaluation,
            self.kill_worker,
            self.stop_worker,
            self.kill_child,
            self.kill_training,
            self.wipe_redis,
            self.restart_server,
        )


def _kill(pids: list[int], random: random.Random) -> None:
    if pids:
        try:
            os.kill(random.choice(sorted(pids)), signal.SIGKILL)
        except ProcessLookupError:
            return


@contextmanager
def service(folder: Path, database_url: str) -> Iterator[Service]:
    """All of it, until the block ends."""
    (folder / "home").mkdir()
    with private_redis(folder / "home") as redis:
        started = Service(folder, redis, database_url)
        try:
            redis.start()
            for name in ("server", *WORKERS):
                started.start(name)
            yield started
        finally:
            for process in started.processes.values():
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


class Posting(threading.Thread):
    """Posts jobs one after the other, each until it was accepted, whatever happens to the server meanwhile.

    Args:
        url: of the server.
        documents: to be posted.
        pause: s between two of them.
    """

    def __init__(self, url: str, documents: list[dict[str, Any]], pause: float) -> None:
        super().__init__(name="posting", daemon=True)
        self.url, self.documents, self.pause = url, documents, pause
        self.accepted: dict[str, int] = {}
        self.refused: list[str] = []

    def run(self) -> None:
        """Post all of them."""
        for number, document in enumerate(self.documents):
            while True:
                try:
                    with Client(self.url, timeout=10) as client:
                        self.accepted[client.submit(document, key=f"chaos-{number}")["id"]] = number
                    break
                except (ServerUnreachable, ProblemError) as error:
                    # A server that is away, or whose database is locked for a moment: it was not accepted.
                    if isinstance(error, ProblemError) and error.status < 500:
                        self.refused.append(str(error))
                        break
                    time.sleep(0.1)
            time.sleep(self.pause)


def disturb(service: Service, seed: int, count: int, pause: tuple[float, float]) -> Counter[str]:
    """Let so many things happen, at random moments; what happened how often.

    Args:
        service: that suffers it.
        seed: of what and when.
        count: of events.
        pause: shortest and longest time from the start of a training to the next of them, s.
    """
    chance = random.Random(seed)
    happened: Counter[str] = Counter()
    # Each as often as the others, in a random order, but for the first.
    first, *faults = (service.faults()[number % len(service.faults())] for number in range(count))
    chance.shuffle(faults)
    for fault in (first, *faults):
        # Nothing that is idle can be disturbed.
        deadline = time.monotonic() + IDLE_SECONDS
        while not service.trainings() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(chance.uniform(*pause))
        fault(chance)
        happened[fault.__name__] += 1
    return happened


def being_judged(store: JobStore) -> bool:
    """Whether a job runs of which some chips are judged and kept, and others most likely are left."""
    running = store.list(JobFilter(states=frozenset({JobState.RUNNING})), limit=100).jobs
    return any(job.stage == "evaluation" and job.fraction < 0.9 and store.judged_chips(job.id) for job in running)


def ended_in_evaluation(events: Sequence[Event]) -> int:
    """How many attempts of a job were lost, or handed over, after their evaluation had begun."""
    ended, stage = 0, None
    for event in events:
        match event.kind:
            case EventKind.PROGRESS:
                stage = event.data["stage"]
            case EventKind.REQUEUED:
                ended += stage == "evaluation"
                stage = None
    return ended


def unfinished(store: JobStore, job_ids: list[str]) -> int:
    """How many of the jobs have not ended."""
    return sum(not store.get(job_id).finished for job_id in job_ids)
