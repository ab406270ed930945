"""A small client of the service, for notebooks and for the command line.

    from app.client import Client

    client = Client("http://127.0.0.1:8000")
    job = client.submit({"hardware": "fefet-2b", "dataset": "digits"})
    job = client.wait(job["id"])
    print(job["result"]["ladder"])
    client.download(job["id"], "out")

Jobs, events and all else are the JSON objects of the API, as dicts. Every method is in docs/reference/client.md.
"""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote

import httpx
import numpy as np

from app.client.connection import Connection
from app.client.download import DownloadDamaged, download_all, download_one, fetch_into
from app.client.errors import ProblemError, ServerUnreachable
from app.client.events import events_of
from app.client.following import PATIENCE, Patience, polled
from worker.contract import FINAL

DEFAULT_URL = "http://127.0.0.1:8000"
"""Address of a service that `mho serve` started."""

UPLOAD_TIMEOUT = 600.0
"""s to wait for the answer to an upload, which is checked before the answer comes."""

RECONNECT = 1.0
"""s after which a stream of events that has ended before its time is asked for again."""

Document = dict[str, Any]
Documents = list[Document]
Array = np.ndarray[Any, np.dtype[Any]]

__all__ = ["DEFAULT_URL", "Client", "DownloadDamaged", "ProblemError", "ServerUnreachable"]


class Client:
    """One connection to a server; close it, or use it as a context manager.

    Args:
        url: the server, e.g. "http://127.0.0.1:8000".
        token: what `mho token create` printed; by default that of the environment variable MHO_TOKEN, if any. It is
            sent to this server alone: redirections are not followed. A server that is asked too fast is asked again
            when it said so.
        timeout: s to wait for an answer.

    Raises:
        InvalidInput: the address or the token is malformed.
    """

    def __init__(self, url: str = DEFAULT_URL, *, token: str | None = None, timeout: float = 30.0) -> None:
        token = os.environ.get("MHO_TOKEN", "") if token is None else token
        self._connection = Connection(url, token, timeout)
        self.url = self._connection.url

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def submit(self, document: Mapping[str, Any] | str | bytes, *, key: str | None = None) -> Document:
        """Post a job; returns it as queued.

        Args:
            document: the job; JSON text is sent as it is.
            key: names this job among those of the token: a post with the same key within a day makes no second job.
        """
        headers = {} if key is None else {"Idempotency-Key": key}
        if isinstance(document, str | bytes):
            headers["Content-Type"] = "application/json"
            return self._connection.json("POST", "/v1/jobs", content=document, headers=headers)
        return self._connection.json("POST", "/v1/jobs", json=dict(document), headers=headers)

    def get(self, job_id: str) -> Document:
        """One job in full."""
        return self._connection.json("GET", _job_path(job_id))

    def list(
        self,
        state: str | Sequence[str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
        *,
        labels: Mapping[str, str] | str | Sequence[str] | None = None,
        name: str | None = None,
        created_after: datetime | str | None = None,
        created_before: datetime | str | None = None,
    ) -> Document:
        """A page of jobs, newest first: `{"jobs": [...], "next_cursor": ... or None}`.

        Args:
            state: only jobs in this state, or in one of these.
            limit: jobs on the page, 1 to 200.
            cursor: `next_cursor` of the page before.
            labels: only jobs with all of these; keys with their values, or one or several texts `key:value`.
            name: only jobs with exactly this name.
            created_after: only jobs posted later; a time with its zone, or RFC 3339 text.
            created_before: only jobs posted earlier; the same.
        """
        query = {
            "state": state,
            "limit": limit,
            "cursor": cursor,
            "label": [f"{key}:{value}" for key, value in labels.items()] if isinstance(labels, Mapping) else labels,
            "name": name,
            "created_after": _moment(created_after),
            "created_before": _moment(created_before),
        }
        return self._connection.json("GET", "/v1/jobs", params=_given(query))

    def cancel(self, job_id: str) -> Document:
        """Ask for a job's end."""
        return self._connection.json("POST", f"{_job_path(job_id)}/cancel")

    def delete(self, job_id: str) -> None:
        """Remove a job that has finished, with all that belongs to it."""
        self._connection.send("DELETE", _job_path(job_id))

    def add_dataset(self, path: str | Path, name: str | None = None) -> Document:
        """Upload an npz file or a zip of IDX files; returns the dataset, its `dataset` is what a job says.

        Args:
            path: the file.
            name: what people call it; the file's own name by default.
        """
        path = Path(path)
        query = {"name": path.name[:200] if name is None else name}
        headers = {"Content-Type": "application/octet-stream"}
        with path.open("rb") as file:
            return self._connection.json(
                "POST", "/v1/datasets", params=query, content=file, headers=headers, timeout=UPLOAD_TIMEOUT
            )

    def datasets(self, limit: int = 50, cursor: str | None = None) -> Document:
        """A page of datasets, newest first: `{"datasets": [...], "next_cursor": ... or None}`."""
        return self._connection.json("GET", "/v1/datasets", params=_given({"limit": limit, "cursor": cursor}))

    def dataset(self, dataset_id: str) -> Document:
        """One uploaded dataset."""
        return self._connection.json("GET", f"/v1/datasets/{quote(dataset_id, safe='')}")

    def remove_dataset(self, dataset_id: str) -> None:
        """Remove a dataset that no queued or running job is trained on."""
        self._connection.send("DELETE", f"/v1/datasets/{quote(dataset_id, safe='')}")

    def artifacts(self, job_id: str) -> Documents:
        """The files of a job that has succeeded: name, size, sha256, media_type, href."""
        return cast(Documents, self._connection.json("GET", f"{_job_path(job_id)}/artifacts")["artifacts"])

    def artifact(self, job_id: str, name: str) -> bytes:
        """The bytes of one file of a job that has succeeded, in memory; a broken download is taken up where it broke.

        Args:
            job_id: a job that has succeeded.
            name: the file's name, as `artifacts` lists it, e.g. "report.json" or "plots/ladder.svg".

        Raises:
            app.client.download.DownloadDamaged: the file arrived with another SHA-256 than the server promised.
        """
        found = io.BytesIO()
        fetch_into(found, self._artifact(job_id, name), self._connection.bytes_of)
        return found.getvalue()

    def save_artifact(self, job_id: str, name: str, path: str | Path, *, force: bool = False) -> Path:
        """One file of a job that has succeeded, as a file that appears only when its SHA-256 has been verified.

        Args:
            job_id: a job that has succeeded.
            name: the file's name, as `artifacts` lists it.
            path: where to; must not exist. Folders above it are made.
            force: replace a file that exists.

        Raises:
            hwcore.errors.OutputExists: there is something already.
            hwcore.errors.OutputNotWritable: nothing can be written there.
            app.client.download.DownloadDamaged: the file arrived with another SHA-256 than the server promised.
        """
        return download_one(self._artifact(job_id, name), Path(path), self._connection.bytes_of, force=force)

    def layers(self, job_id: str) -> Documents:
        """The layers of a job that has succeeded: name, rows, cols, and the range of their conductances in S."""
        return cast(Documents, self._connection.json("GET", f"{_job_path(job_id)}/conductances")["layers"])

    def conductances(self, job_id: str, layer: str) -> dict[str, Array]:
        """One layer of a job that has succeeded.

        Returns:
            `g_pos` and `g_neg` in S, shape (rows = word lines, cols = bit lines), and `code_pos`, `code_neg`.
        """
        response = self._connection.send("GET", f"{_job_path(job_id)}/conductances/{quote(layer, safe='')}?format=npz")
        with np.load(io.BytesIO(response.content), allow_pickle=False) as found:
            return {name.rpartition("/")[2]: found[name] for name in found.files}

    def presets(self) -> Documents:
        """The hardware presets: name, title, reference, href."""
        return cast(Documents, self._connection.json("GET", "/v1/hardware")["hardware"])

    def preset(self, name: str) -> Document:
        """One hardware preset; its `hardware` is the description, ready to be changed and used in a job."""
        return self._connection.json("GET", f"/v1/hardware/{quote(name, safe='')}")

    def resolve(
        self,
        hardware: Mapping[str, Any] | str,
        *,
        model: Mapping[str, Any] | str | None = None,
        dataset: Mapping[str, Any] | str | None = None,
    ) -> Document:
        """Resolve a hardware description, without running anything.

        Args:
            hardware: a description, or the name of a preset.
            model: the network, as in a job.
            dataset: the dataset, as in a job; without it `footprint` is None.

        Returns:
            `hardware` with every choice written out, `component_tables`, `representable`, `footprint`, `warnings`.
        """
        body = _given({"hardware": hardware, "model": model, "dataset": dataset})
        return self._connection.json("POST", "/v1/hardware:resolve", json=body)

    def schemas(self) -> Documents:
        """The JSON Schemas of what can be posted: name, href."""
        return cast(Documents, self._connection.json("GET", "/v1/schemas")["schemas"])

    def schema(self, name: str) -> Document:
        """One JSON Schema (2020-12), e.g. "job" or "hardware"."""
        return self._connection.json("GET", f"/v1/schemas/{quote(name, safe='')}")

    def events(self, job_id: str, *, after: int = 0, patience: float = PATIENCE) -> Iterator[Document]:
        """Follow a job: each event once and in order, as it happens, the final one last.

        A stream that breaks is resumed after the last event that came.

        Args:
            job_id: the job.
            after: the `id` of the event after which to begin; 0 begins with the first one.
            patience: s for which a server that does not answer is asked again.

        Yields:
            `id`, `kind`, `job_id`, `at`, `attempt`, and what belongs to the kind (docs/reference/http.md).
        """
        bearing = Patience(patience)
        while True:
            try:
                with self._connection.events(f"{_job_path(job_id)}/events", after) as response:
                    if response.status_code == httpx.codes.NO_CONTENT:
                        return
                    for event in events_of(response.iter_lines()):
                        bearing.answered()
                        if event is None:
                            continue
                        after = event["id"]
                        yield event
                        if event["kind"] in FINAL:
                            return
            except (ServerUnreachable, ProblemError) as error:
                bearing.bear(error)
            time.sleep(RECONNECT)

    def watch(self, job_id: str, *, interval: float = 0.5, patience: float = PATIENCE) -> Iterator[Document]:
        """The job each time it has changed, the last time in its final state.

        Args:
            job_id: the job.
            interval: s between two requests.
            patience: s for which a server that does not answer is asked again.
        """
        last: Document | None = None
        for job in polled(lambda: self.get(job_id), interval=interval, patience=patience):
            if job is not None and job != last:
                last = job
                yield job

    def wait(
        self, job_id: str, *, timeout: float | None = None, interval: float = 0.5, patience: float = PATIENCE
    ) -> Document:
        """The job in its final state.

        Args:
            job_id: the job.
            timeout: s to wait at the most; None waits as long as it takes.
            interval: s between two requests.
            patience: s for which a server that does not answer is asked again.

        Raises:
            TimeoutError: it was not finished `timeout` s later.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        last: Document = {"state": "not known"}
        for job in polled(lambda: self.get(job_id), interval=interval, patience=patience):
            last = last if job is None else job
            if last["state"] not in FINAL and deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"job {job_id} is still {last['state']} after {timeout} s")
        return last

    def download(self, job_id: str, folder: str | Path, *, force: bool = False) -> Path:
        """All artifacts into a folder that appears only when every SHA-256 has been verified.

        Args:
            job_id: a job that has succeeded.
            folder: where to; must not exist.
            force: replace a folder that exists.

        Raises:
            hwcore.errors.OutputExists: the folder exists.
            hwcore.errors.OutputNotWritable: nothing can be written there.
            app.client.download.DownloadDamaged: a file arrived with other bytes than the server promised.
        """
        return download_all(self.artifacts(job_id), Path(folder), self._connection.bytes_of, force=force)

    def _artifact(self, job_id: str, name: str) -> Document:
        """The line of the manifest with this name."""
        for each in self.artifacts(job_id):
            if each["name"] == name:
                return each
        # The server says it better: which names there are.
        self._connection.send("GET", f"{_job_path(job_id)}/artifacts/{quote(name, safe='')}")
        raise DownloadDamaged(
            f"{name}: the server has the file and does not list it, so nothing says whether it is whole"
        )


def _job_path(job_id: str) -> str:
    """The path of a job; whatever the text holds, it stays one segment."""
    return f"/v1/jobs/{quote(job_id, safe='')}"


def _given(values: Mapping[str, Any]) -> Document:
    """Return the entries that are not None."""
    return {key: value for key, value in values.items() if value is not None}


def _moment(moment: datetime | str | None) -> str | None:
    """A time as a query has it."""
    return moment.isoformat() if isinstance(moment, datetime) else moment
