"""`mho token`, and what the other commands do with a token."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.cli.program import run
from app.client import Client, ProblemError
from app.client.download import DownloadDamaged
from hwcore.errors import InvalidInput
from tests.app.finished_jobs import DOCUMENT, succeeded_job
from tests.app.token_holders import guarded_server, holder
from worker.contract import Scope, Settings, TokenStore

Mho = Callable[..., tuple[int, str, str]]


@pytest.fixture
def mho(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Mho:
    """Runs a command in this process, with a home of its own: exit code, standard output, standard error."""
    for name in [*Settings.model_fields, "token"]:
        monkeypatch.delenv(f"MHO_{name.upper()}", raising=False)
    monkeypatch.setenv("MHO_HOME", str(tmp_path / "home"))

    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = run(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_token_is_made_listed_and_revoked(mho: Mho, tmp_path: Path) -> None:
    code, out, err = mho("token", "create", "ann's bench", "--scope", "submit", "--days", "7")
    assert code == 0
    secret = out.removesuffix("\n")
    assert re.fullmatch(r"mho_[A-Za-z0-9_-]{43}", secret)
    assert "submit" in err
    assert secret[4:] not in err
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0

    code, out, err = mho("token", "list")
    heads, row = (line.split("\t") for line in out.splitlines())
    assert heads == ["id", "state", "scopes", "created", "expires", "name"]
    assert row[1:3] + row[5:] == ["live", "submit", "ann's bench"]
    assert secret[4:] not in out
    until = datetime.fromisoformat(json.loads(mho("token", "list", "--json")[1])[0]["expires_at"])
    assert timedelta(days=6.9) < until - datetime.now(UTC) < timedelta(days=7.1)

    assert mho("token", "revoke", row[0]) == (0, f"{row[0]} revoked\n", "")
    assert json.loads(mho("token", "list", "--json")[1])[0]["state"] == "revoked"


def test_a_token_for_machines(mho: Mho, tmp_path: Path) -> None:
    code, out, err = mho("token", "create", "x", "--scope", "read", "--scope", "admin", "--forever", "--json")
    assert (code, err) == (0, "")
    made = json.loads(out)
    assert made["scopes"] == ["admin", "read"]
    assert made["expires_at"] is None
    with closing(TokenStore(f"sqlite:///{tmp_path / 'home' / 'mho.sqlite3'}")) as tokens:
        assert tokens.verify(made["token"]).token_id == made["id"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("create", "x"), "--scope"),
        (("create", "x", "--scope", "write"), "read"),
        (("create", "x", "--scope", "read", "--days", "0"), "--days"),
        (("create", " ", "--scope", "read"), "name"),
        (("revoke", "nothing"), "mho token list"),
    ],
)
def test_what_is_wrong_is_said(mho: Mho, arguments: tuple[str, ...], said: str) -> None:
    code, out, err = mho("token", *arguments)
    assert code in (1, 2)
    assert out == ""
    assert said in err
    assert "Traceback" not in err


def test_every_command_has_help(mho: Mho) -> None:
    for command in ((), ("create",), ("list",), ("revoke",)):
        code, out, _ = mho("token", *command, "--help")
        assert code == 0
        assert "Usage" in out


def test_the_client_commands_send_the_token_of_the_environment(
    mho: Mho, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_file = tmp_path / "job.json"
    job_file.write_text(json.dumps(DOCUMENT))
    with guarded_server(tmp_path / "other") as server:
        monkeypatch.setenv("MHO_URL", server.url)
        code, out, err = mho("list")
        assert (code, out) == (2, "")
        assert "mho token create" in err
        assert "MHO_TOKEN" in err

        reader, ann, bob = (holder(server, scope) for scope in (Scope.READ, Scope.SUBMIT, Scope.SUBMIT))
        monkeypatch.setenv("MHO_TOKEN", reader.secret)
        code, out, err = mho("submit", str(job_file))
        assert (code, out) == (2, "")
        assert "submit" in err

        monkeypatch.setenv("MHO_TOKEN", f" {ann.secret}\n")
        code, out, _ = mho("submit", str(job_file))
        assert code == 0
        job_id = out.strip()
        done = succeeded_job(ann.jobs, server.artifacts)
        assert mho("get", done.id, "--out", str(tmp_path / "out"))[0] == 0

        monkeypatch.setenv("MHO_TOKEN", bob.secret)
        assert mho("cancel", job_id)[0] == 2
        code, out, err = mho("get", done.id, "--out", str(tmp_path / "again"))
        assert (code, out) == (2, "")
        assert bob.secret[4:] not in err

        with Client(server.url, token=ann.secret) as client:
            assert client.cancel(job_id)["state"] == "cancelled"
        with Client(server.url, token="") as client, pytest.raises(ProblemError) as refused:
            client.list()
        assert (refused.value.status, refused.value.reason) == (401, "TOKEN_REQUIRED")


def test_a_client_that_asks_too_fast_waits_as_it_is_told(tmp_path: Path) -> None:
    with (
        guarded_server(tmp_path, rate_per_second=50, rate_burst=1) as server,
        Client(server.url, token=holder(server, Scope.SUBMIT).secret) as client,
    ):
        assert client.submit(DOCUMENT)["state"] == "queued"
        assert len(client.list()["jobs"]) == 1
        assert len(client.list()["jobs"]) == 1


def test_a_client_does_not_wait_for_ever_or_for_a_quota(tmp_path: Path) -> None:
    with (
        guarded_server(tmp_path, rate_per_second=0.001, rate_burst=3, max_queued_jobs_per_token=1) as server,
        Client(server.url, token=holder(server, Scope.SUBMIT).secret) as client,
    ):
        client.submit(DOCUMENT)
        for reason in ("QUOTA_EXCEEDED", "QUOTA_EXCEEDED", "RATE_LIMITED"):
            with pytest.raises(ProblemError) as refused:
                client.submit(DOCUMENT)
            assert (refused.value.status, refused.value.reason) == (429, reason)


@pytest.mark.parametrize("token", ["secret", "mho_short", "mho_" + "ä" * 43, "mho_" + "A" * 43 + "\r\nX: y"])
def test_a_malformed_token_is_not_sent_and_not_repeated(token: str) -> None:
    with pytest.raises(InvalidInput, match="MHO_TOKEN") as refused:
        Client(token=token)
    assert token not in str(refused.value)


@pytest.mark.parametrize("href", ["http://192.0.2.1/x", "https:x", "x", ""])
def test_the_token_goes_to_no_other_server(tmp_path: Path, href: str, monkeypatch: pytest.MonkeyPatch) -> None:
    artifact = {"name": "report.json", "size": 1, "sha256": "0" * 64, "media_type": "application/json", "href": href}
    with Client("http://127.0.0.1:9", token="mho_" + "A" * 43) as client:
        monkeypatch.setattr(client, "artifacts", lambda job_id: [artifact])
        with pytest.raises(DownloadDamaged, match="not a path of its own"):
            client.download("x", tmp_path / "out")
    assert not (tmp_path / "out").exists()
