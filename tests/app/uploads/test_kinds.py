"""Rows of the table of kinds, and a server with one more."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.problems.reasons import REASONS
from app.uploads.kinds import KINDS
from app.uploads.upload_kind import UploadKind
from tests.conftest import REPOSITORY
from worker.contract import Settings, UploadInUse, UploadNotFound


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_kind_has_what_the_server_needs(kind: UploadKind, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert kind.most_bytes(settings) == settings.model_dump()[kind.size_setting]
    assert kind.media_types
    statuses = {REASONS[kind.invalid].status, REASONS[kind.not_found].status, REASONS[kind.in_use].status}
    assert statuses == {422, 404, 409}
    # As the contract names them.
    assert UploadNotFound(kind.name, "x").reason == kind.not_found
    assert UploadInUse(kind.name, "x", "y", kind.words.use).reason == kind.in_use


def test_names_of_kinds_are_their_own() -> None:
    assert len({kind.name for kind in KINDS}) == len({kind.path for kind in KINDS}) == len(KINDS)


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Any]]:
    home = tmp_path_factory.mktemp("second") / "home"
    command = [sys.executable, "-m", "tests.app.uploads.second_kind", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    found: dict[str, list[Any]] = json.loads(done.stdout)
    return found


def test_a_new_kind_is_a_row_and_a_check(answers: dict[str, list[Any]]) -> None:
    status, made = answers["posted"]
    assert (status, made["name"], made["description"]) == (201, "pi", {"digits": 5})
    assert made["number"] == {"type": "uploaded", "id": made["id"]}
    assert made["href"] == f"/v1/numbers/{made['id']}"
    assert answers["again"] == [200, made]
    assert answers["found"] == [200, made]
    assert answers["listed"] == [200, {"numbers": [made], "next_cursor": None}]
    assert answers["datasets"] == [200, {"datasets": [], "next_cursor": None}]
    assert answers["removed"] == [204, None]
    assert answers["declared"] == [["text/plain"], [{"token": ["submit"]}, {}]]


@pytest.mark.parametrize(
    ("answer", "status", "reason", "detail"),
    [
        ("refused", 422, "NUMBER_INVALID", "the file: got 'x'; allowed: digits"),
        ("too large", 413, "BODY_TOO_LARGE", "(MHO_MAX_BODY_BYTES)"),
        ("another type", 415, "UNSUPPORTED_MEDIA_TYPE", "allowed: Content-Type text/plain, no Content-Encoding"),
        ("in use", 409, "NUMBER_IN_USE", "counts with; allowed: to remove it when no queued or running job names it"),
        ("nobody", 404, "NUMBER_NOT_FOUND", "got the number id 'x'"),
        ("as a dataset", 404, "DATASET_NOT_FOUND", "got the dataset id"),
    ],
)
def test_a_new_kind_is_refused_in_its_own_words(
    answers: dict[str, list[Any]], answer: str, status: int, reason: str, detail: str
) -> None:
    found, problem = answers[answer]
    assert (found, problem["reason"]) == (status, reason)
    assert detail in problem["detail"]
