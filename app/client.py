"""A small client of the service, for notebooks and for the command line.

    from app.client import Client

    client = Client("http://127.0.0.1:8000")
    job = client.submit({"hardware": "fefet-2b", "dataset": "digits"})
    job = client.wait(job["id"])
    print(job["result"]["ladder"])
    client.download(job["id"], "out")

Jobs are the JSON objects of the API, as dicts.
"""

from __future__ import annotations

import io
import ipaddress
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote, urlsplit

import httpx
import numpy as np

from app.client_auth import TokenAuth
from app.download import DownloadDamaged, download_all
from worker.contract import FINAL

DEFAULT_URL = "http://127.0.0.1:8000"
"""Where `mho serve` listens."""

UPLOAD_TIMEOUT = 600.0
"""s to wait for the answer to an upload, which is judged before the answer comes."""

Document = dict[str, Any]
Documents = list[Document]
Array = np.ndarray[Any, np.dtype[Any]]


class ProblemError(Exception):
    """The server refused, with an RFC 9457 problem.

    Args:
        problem: the problem document.

    Attributes:
        document: what messages call the document that was refused.
    """

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self.problem = dict(problem)
        self.status: int = int(self.problem.get("status", 0))
        self.reason: str = str(self.problem.get("reason", "INTERNAL"))
        self.errors: list[dict[str, str]] = list(self.problem.get("errors") or [])
        self.document = "document"
        super().__init__(f"{self.problem.get('title', 'error')}: {self.problem.get('detail', '')}")


class ServerUnreachable(ConnectionError):
    """No answer from the server."""


class Client:
    """One connection to a server; close it, or use it as a context manager.

    Args:
        url: the server, e.g. "http://127.0.0.1:8000".
        token: what `mho token create` printed; by default that of the environment variable MHO_TOKEN, if any. It is
            sent to this server alone: redirections are not followed. A server that is asked too fast is asked again
            when it said so.
        timeout: s to wait for an answer.

    Raises:
        InvalidInput: the token is malformed.
    """

    def __init__(self, url: str = DEFAULT_URL, *, token: str | None = None, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        auth = TokenAuth(os.environ.get("MHO_TOKEN", "") if token is None else token)
        # A proxy from the environment would be asked for this machine's own server.
        self._http = httpx.Client(base_url=self.url, auth=auth, timeout=timeout, trust_env=not _is_loopback(self.url))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def submit(self, document: Mapping[str, Any] | str | bytes, *, key: str | None = None) -> Document:
        """Post a job; returns it as queued.

        Args:
            document: the job; JSON text is sent as it is.
            key: names this job among one's own: posted again with the same key within a day, it is not made twice.
        """
        headers = {} if key is None else {"Idempotency-Key": key}
        if isinstance(document, str | bytes):
            headers["Content-Type"] = "application/json"
            return self._json("POST", "/v1/jobs", content=document, headers=headers)
        return self._json("POST", "/v1/jobs", json=dict(document), headers=headers)

    def get(self, job_id: str) -> Document:
        """One job in full."""
        return self._json("GET", _job_path(job_id))

    def list(
        self,
        state: str | Sequence[str] | None = None,
        limit: int = 50,
        cursor: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        name: str | None = None,
    ) -> Document:
        """A page of jobs, newest first: `{"jobs": [...], "next_cursor": ... or None}`."""
        label = [f"{key}:{value}" for key, value in (labels or {}).items()]
        query = {"state": state, "limit": limit, "cursor": cursor, "label": label, "name": name}
        return self._json("GET", "/v1/jobs", params={key: value for key, value in query.items() if value is not None})

    def cancel(self, job_id: str) -> Document:
        """Ask for a job's end."""
        return self._json("POST", f"{_job_path(job_id)}/cancel")

    def delete(self, job_id: str) -> None:
        """Remove a job that has finished, with all that belongs to it."""
        self._send("DELETE", _job_path(job_id))

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
            return self._json(
                "POST", "/v1/datasets", params=query, content=file, headers=headers, timeout=UPLOAD_TIMEOUT
            )

    def datasets(self, limit: int = 50, cursor: str | None = None) -> Document:
        """A page of datasets, newest first: `{"datasets": [...], "next_cursor": ... or None}`."""
        query = {"limit": limit, "cursor": cursor}
        return self._json(
            "GET", "/v1/datasets", params={key: value for key, value in query.items() if value is not None}
        )

    def dataset(self, dataset_id: str) -> Document:
        """One uploaded dataset."""
        return self._json("GET", f"/v1/datasets/{quote(dataset_id, safe='')}")

    def remove_dataset(self, dataset_id: str) -> None:
        """Remove a dataset that no queued or running job is trained on."""
        self._send("DELETE", f"/v1/datasets/{quote(dataset_id, safe='')}")

    def artifacts(self, job_id: str) -> Documents:
        """The files of a job that has succeeded: name, size, sha256, media_type, href."""
        return cast(Documents, self._json("GET", f"{_job_path(job_id)}/artifacts")["artifacts"])

    def conductances(self, job_id: str, layer: str) -> dict[str, Array]:
        """One layer of a job that has succeeded.

        Returns:
            `g_pos` and `g_neg` in S, shape (rows = word lines, cols = bit lines), and `code_pos`, `code_neg`.
        """
        response = self._send("GET", f"{_job_path(job_id)}/conductances/{quote(layer, safe='')}?format=npz")
        with np.load(io.BytesIO(response.content), allow_pickle=False) as found:
            return {name.rpartition("/")[2]: found[name] for name in found.files}

    def watch(self, job_id: str, *, interval: float = 0.5, patience: float = 15.0) -> Iterator[Document]:
        """The job each time it has changed, the last time in its final state.

        Args:
            job_id: the job.
            interval: s between two looks.
            patience: s for which a server that does not answer is asked again.
        """
        last: Document | None = None
        answered = time.monotonic()
        while last is None or last["state"] not in FINAL:
            try:
                job = self.get(job_id)
                answered = time.monotonic()
            except ServerUnreachable:
                if time.monotonic() - answered > patience or last is None:
                    raise
                job = last
            if job != last:
                last = job
                yield job
            if job["state"] not in FINAL:
                time.sleep(interval)

    def wait(self, job_id: str, *, timeout: float | None = None, interval: float = 0.5) -> Document:
        """The job in its final state.

        Raises:
            TimeoutError: it was not finished `timeout` s later.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            job = self.get(job_id)
            if job["state"] in FINAL:
                return job
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"job {job_id} is still {job['state']} after {timeout} s")
            time.sleep(interval)

    def download(self, job_id: str, folder: str | Path, *, force: bool = False) -> Path:
        """All artifacts into a folder that appears only when every SHA-256 has been verified.

        Args:
            job_id: a job that has succeeded.
            folder: where to; must not exist.
            force: replace a folder that exists.

        Raises:
            hwcore.errors.OutputExists: the folder exists.
            hwcore.errors.OutputNotWritable: nothing can be written there.
            app.download.DownloadDamaged: a file arrived with other bytes than the server promised.
        """
        return download_all(self.artifacts(job_id), Path(folder), self._bytes, force=force)

    def _bytes(self, href: str, offset: int) -> Iterator[bytes]:
        """The bytes of a file from `offset` on."""
        headers = {"Range": f"bytes={offset}-"} if offset else {}
        if not href.startswith("/"):
            # The token goes with the request, and is for this server alone.
            raise DownloadDamaged(f"the server says that a file is at {href!r}, which is not a path of its own")
        # With the server under a path, its links begin with that.
        parts = urlsplit(self.url)
        if parts.path and href.startswith(f"{parts.path}/"):
            href = f"{parts.scheme}://{parts.netloc}{href}"
        try:
            with self._http.stream("GET", href, headers=headers) as response:
                if response.is_error:
                    response.read()
                    raise _problem_error(response)
                yield from response.iter_bytes()
        except httpx.TransportError as error:
            raise self._unreachable(error) from error

    def _json(self, method: str, path: str, **arguments: Any) -> Document:
        """One call that answers in JSON."""
        return cast(Document, self._send(method, path, **arguments).json())

    def _send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """One call that went well."""
        try:
            response = self._http.request(method, path, **arguments)
        except httpx.TransportError as error:
            raise self._unreachable(error) from error
        if response.is_error:
            raise _problem_error(response)
        return response

    def _unreachable(self, error: httpx.TransportError) -> ServerUnreachable:
        """What to say when nobody answers."""
        return ServerUnreachable(
            f"no server answers at {self.url} ({str(error) or type(error).__name__}); "
            "start one with `mho serve`, or name another with --url or MHO_URL"
        )


def _problem_error(response: httpx.Response) -> ProblemError:
    """The problem in an answer; one made up where something else than mho answered."""
    try:
        problem = response.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "reason" not in problem:
        detail = f"{response.request.method} {response.url} answered {response.status_code} without a problem document"
        problem = {"title": "Not an answer of mho", "status": response.status_code, "detail": detail}
    return ProblemError(problem)


def _job_path(job_id: str) -> str:
    """The path of a job; whatever the text holds, it stays one segment."""
    return f"/v1/jobs/{quote(job_id, safe='')}"


def _is_loopback(url: str) -> bool:
    """Whether the URL names this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
