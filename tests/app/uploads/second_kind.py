"""A server with a second kind of upload, which is a row and a check: `python -m tests.app.uploads.second_kind HOME`.

It prints what it answers, as one JSON object. In a process of its own: the tables of the server are made from the rows
when they are imported.
"""

import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from app.uploads import kinds
from app.uploads.upload_kind import UploadKind, Words
from hwcore.uploads.refusal import refusal
from worker.contract import Settings, UploadReference


def check(file: Path, settings: Settings) -> Mapping[str, Any]:
    text = file.read_text()
    if not text.isdecimal():
        raise refusal("", f"{text!r}", "digits")
    return {"digits": len(text)}


NUMBER = UploadKind(
    name="number",
    check=check,
    media_types=("text/plain",),
    size_setting="max_body_bytes",
    words=Words(
        plural="numbers",
        use="counts with",
        named="to count with it",
        file="a number",
        contents="digits",
        rules="this file",
        part="the digit",
    ),
)


def main(home: Path) -> None:
    kinds.KINDS = (*kinds.KINDS, NUMBER)
    # Only now: the tables are made from the rows.
    servers = import_module("tests.app.live_server")
    text = {"Content-Type": "text/plain"}
    with servers.live_server(servers.settings_for(home, max_body_bytes=1024)) as server:
        client = server.http
        posted = client.post("/v1/numbers?name=pi", content=b"31415", headers=text)
        made = posted.json()
        job = server.jobs.create({}, uploads=[UploadReference("number", made["id"])])
        answers = {
            "posted": posted,
            "again": client.post("/v1/numbers", content=b"31415", headers=text),
            "found": client.get(posted.headers["location"]),
            "listed": client.get("/v1/numbers"),
            "datasets": client.get("/v1/datasets"),
            "as a dataset": client.get(f"/v1/datasets/{made['id']}"),
            "refused": client.post("/v1/numbers", content=b"x", headers=text),
            "too large": client.post("/v1/numbers", content=b"1" * 2000, headers=text),
            "another type": client.post("/v1/numbers", content=b"1", headers={"Content-Type": "application/zip"}),
            "in use": client.delete(posted.headers["location"]),
            "nobody": client.get("/v1/numbers/x"),
        }
        server.jobs.request_cancel(job.id)
        answers["removed"] = client.delete(posted.headers["location"])
        document = client.get("/openapi.json").json()
    shown = {name: [each.status_code, each.json() if each.content else None] for name, each in answers.items()}
    operation = document["paths"]["/v1/numbers"]["post"]
    shown["declared"] = [list(operation["requestBody"]["content"]), operation["security"]]
    sys.stdout.write(json.dumps(shown))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
