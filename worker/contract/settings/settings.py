"""The settings of the service: one list, used by the code, the command line and `docs/reference/settings.md`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from worker.contract.blobs.blob_url import check_blob_url, url_of_folder
from worker.contract.jobs.job_size import parse_queues
from worker.contract.settings.broker_url import check_broker_url

_Queues = Annotated[str, AfterValidator(lambda text: ",".join(parse_queues(text)))]
_Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


_ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_OWN_PATHS = frozenset({"v1", "docs", "openapi.json", "healthz", "readyz", "metrics"})


def _check_root_path(text: str) -> str:
    """The prefix without a slash at its end, refused where it is none, or where a path of the server begins with it."""
    path = text.rstrip("/")
    if not _ROOT_PATH.fullmatch(path):
        raise ValueError("allowed: a path such as /mho, of letters, digits and . _ ~ - between slashes, or nothing")
    if path[1:].partition("/")[0] in _OWN_PATHS:
        own = ", ".join(f"/{name}" for name in sorted(_OWN_PATHS))
        raise ValueError(f"paths of the server's own begin like that; allowed: any that begins with none of {own}")
    return path


def _setting(default: Any, description: str, *, shown: str | None = None, **bounds: Any) -> Any:
    """A field; `default` may be a function of the fields before it, and then `shown` says what it gives."""
    if callable(default):
        return Field(
            default_factory=default, description=description, json_schema_extra={"default_shown": shown}, **bounds
        )
    return Field(default=default, description=description, **bounds)


class Settings(BaseSettings):
    """Choices of an operator, each as an environment variable `MHO_<NAME>`; an empty variable counts as absent."""

    model_config = SettingsConfigDict(env_prefix="MHO_", env_ignore_empty=True, frozen=True, extra="ignore")

    home: _Folder = _setting(
        lambda: Path("~/.local/share/mho"),
        "Folder for all that the service keeps: database, artifacts, logs, the embedded Redis.",
        shown="~/.local/share/mho",
        validate_default=True,
    )
    database_url: str = _setting(
        lambda data: f"sqlite:///{data['home']}/mho.sqlite3",
        "Where the jobs are: sqlite:///FILE on one machine, postgresql://USER:PASSWORD@HOST:PORT/NAME on several.",
        shown="sqlite:///<home>/mho.sqlite3",
    )
    staging_dir: _Folder = _setting(
        lambda data: data["home"] / "staging",
        "Folder where a worker's attempts write before their files are kept; on each worker its own, on a local disk.",
        shown="<home>/staging",
    )
    artifacts_url: Annotated[str, AfterValidator(check_blob_url)] = _setting(
        lambda data: url_of_folder(data["home"] / "artifacts"),
        "Where the files of jobs and datasets are kept, for server and workers alike: file:///FOLDER or "
        "s3://BUCKET/PREFIX (then region, credentials and endpoint are in `AWS_*`). One place belongs to one database: "
        "[how to](../howto/storage.md).",
        shown="file://<home>/artifacts",
    )
    gc_grace_seconds: float = _setting(
        3600.0,
        "Age from which a file that nothing refers to is removed, s. It has to be longer than a worker needs to hand "
        "in the files of one job.",
        ge=60,
        le=31_536_000,
    )
    retention_days: float | None = _setting(
        None,
        "Finished jobs are removed with all their files after so many days. Without it they are kept for ever.",
        gt=0,
        le=36_500,
    )
    max_stored_bytes: int | None = _setting(
        None,
        "Bytes of artifacts and datasets from which on new jobs are refused, and which no dataset may go beyond. "
        "Without it there is no limit.",
        ge=0,
    )
    broker_url: Annotated[str, AfterValidator(check_broker_url)] | None = _setting(
        None,
        "The Redis that carries job ids to the workers, e.g. redis://host:6379/0 or redis+socket:///path. Without one, "
        "`mho serve` starts its own.",
    )
    data_dir: _Folder | None = _setting(
        None,
        "Folder with the datasets' files in mnist/, emnist/, cifar10/ and fsdd/. Without it they are downloaded once.",
    )
    device: str = _setting("auto", "Where networks are trained: cpu, cuda, cuda:N, or auto (CUDA where it is there).")
    threads: int | None = _setting(
        None,
        "CPU threads of one training. Without it, as many as OMP_NUM_THREADS says; without that either, the machine's "
        "processors are shared out evenly among the jobs that a worker runs at once.",
        ge=1,
        le=1024,
    )
    concurrency: int = _setting(1, "Jobs that one worker runs at once.", ge=1, le=256)
    queues: _Queues = _setting(
        "small,large",
        "Which jobs a worker takes: small, large, or both with a comma between them. Somebody has to take each kind.",
    )
    small_job_work: float = _setting(
        1e11,
        "A job is small while its training takes at most so many products of a weight and an input: epochs x training "
        "images x weights, a kernel's weights once for every position. At the default that is seconds on two cores.",
        gt=0,
        le=1e30,
    )
    share_chips: int = _setting(
        16,
        "Chips of a job that another worker with nothing to do takes over at once, while they are looked at: fewer "
        "spread better, but each share costs its helper the start of a process and the loading of the data. With 0, or "
        "where there are no two shares, nothing is offered. The results are the same.",
        ge=0,
        le=10_000,
    )
    max_attempts: int = _setting(
        3,
        "Attempts of a job, one after the other, whose worker or training process dies with nothing new kept (no "
        "checkpoint, no judged chip), before the job fails.",
        ge=1,
        le=100,
    )
    job_seconds: float = _setting(86_400.0, "Longest time of one attempt, s; then the job fails.", gt=0, le=31_536_000)
    lease_seconds: float = _setting(
        15.0, "A running job whose worker has been silent for so long, s, is taken from it.", ge=1, le=3600
    )
    heartbeat_seconds: float = _setting(
        2.0, "How often a worker says that it is alive and asks for cancellations, s.", ge=0.05, le=600
    )
    cancel_grace_seconds: float = _setting(
        5.0, "Time that a training gets to end by itself when it is cancelled, s; then it is killed.", ge=0, le=600
    )
    start_seconds: float = _setting(
        60.0,
        "How long `mho server` and `mho worker` wait at the start for a database or broker that does not answer, s.",
        ge=0,
        le=86_400,
    )
    handover_seconds: float = _setting(
        8.0,
        "Time that a training gets to finish its epoch and to take a checkpoint when its worker stops, s; then it is "
        "killed, and the job goes on from its last checkpoint.",
        ge=0,
        le=3600,
    )
    store_seconds: float = _setting(
        60.0,
        "How long a job waits for an artifact store that does not answer or is full, s, before it fails.",
        ge=0,
        le=86_400,
    )
    checkpoint_seconds: float = _setting(
        2.0,
        "Least time between two checkpoints of a training, s; they are taken after an epoch, and always at its end.",
        ge=0,
        le=86_400,
    )
    job_memory_bytes: int | None = _setting(
        None,
        "Most memory that one training may ask for, bytes; then the job fails with OUT_OF_MEMORY. Without it, what the "
        "machine has.",
        ge=1 << 28,
        le=1 << 46,
    )
    reconcile_seconds: float = _setting(
        2.0, "How often the server looks for jobs that the broker or a worker lost, s.", ge=0.05, le=600
    )
    max_queued_jobs: int = _setting(10_000, "Jobs that may wait; further ones are refused.", ge=1, le=10_000_000)
    max_queued_jobs_per_token: int = _setting(
        1_000, "Jobs that may wait of those posted with one token; further ones are refused.", ge=1, le=10_000_000
    )
    max_body_bytes: int = _setting(
        1_048_576, "Largest body of a request, bytes; larger ones are refused.", ge=1024, le=1_073_741_824
    )
    access: Literal["auto", "tokens", "off"] = _setting(
        "auto",
        "Whether requests need a token: tokens (always), off (never; on loopback alone), or auto (once a token was "
        "made, and always beyond loopback).",
    )
    hosts: str = _setting(
        "",
        "Names under which the server may be called beside the loopback names, between commas, e.g. behind a proxy; "
        "then it wants tokens. Empty: under no other on loopback, under any beyond.",
    )
    root_path: Annotated[str, AfterValidator(_check_root_path)] = _setting(
        "",
        "Path under which a proxy has the server, e.g. /mho: it stands before every path that an answer names, and is "
        "taken off the path of a request that has it, so the proxy may take it off or leave it.",
    )
    rate_per_second: float = _setting(
        50.0, "Requests per second of one token, in each server process.", gt=0, le=1_000_000
    )
    rate_burst: int = _setting(200, "Requests of one token that may come at once.", ge=1, le=1_000_000)
    body_seconds: float = _setting(
        30.0, "How long the body of a request may take to come, s; then it is refused.", gt=0, le=3600
    )
    upload_seconds: float = _setting(
        1800.0, "How long the body of an uploaded dataset may take to come, s; then it is refused.", gt=0, le=86_400
    )
    max_dataset_bytes: int = _setting(
        268_435_456,
        "Largest dataset that may be uploaded, bytes; larger ones are refused.",
        ge=1024,
        le=1_099_511_627_776,
    )
    max_dataset_unpacked_bytes: int = _setting(
        1_073_741_824,
        "Size of an uploaded dataset's arrays when unpacked, bytes; larger ones are refused before they are unpacked.",
        ge=1024,
        le=1_099_511_627_776,
    )
    log_level: Literal["debug", "info", "warning", "error"] = _setting("info", "How much server and workers log.")
    log_format: Literal["text", "json"] = _setting(
        "text", "What server and workers log: lines for people, or one JSON object a line."
    )

    @field_validator("heartbeat_seconds")
    @classmethod
    def _beats_within_a_lease(cls, heartbeat: float, info: ValidationInfo) -> float:
        lease = info.data.get("lease_seconds")
        if lease is not None and 2 * heartbeat > lease:
            raise ValueError(
                f"a lease has to last two heartbeats; allowed: at most half of lease_seconds, {lease / 2:g}"
            )
        return heartbeat

    def environment(self) -> dict[str, str]:
        """Write these settings as environment variables, from which a process makes the same settings."""
        values = self.model_dump(mode="json")
        return {f"MHO_{name.upper()}": "" if value is None else str(value) for name, value in values.items()}
