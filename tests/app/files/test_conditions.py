"""Conditional requests: which condition counts, and what it decides (RFC 9110, section 13)."""

from __future__ import annotations

import itertools
import time
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Request

from app.files.conditions import Validators, precondition
from app.files.http_date import http_date, parse_http_date
from app.problems.problem import Problem
from app.problems.reasons import REASONS
from tests.app.finished_jobs import succeeded_job
from tests.app.live_server import LiveServer, problem_of
from worker.contract import Job

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
VALIDATORS = Validators('"tag"', MOMENT + timedelta(microseconds=999_999))
EARLIER, SAME, LATER = (http_date(MOMENT + timedelta(seconds=seconds)) for seconds in (-1, 0, 1))


def status(**headers: str) -> int:
    """What a request ends with: 200 stands for the answer itself."""
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    request = Request({"type": "http", "method": "GET", "headers": raw})
    try:
        response = precondition(request, VALIDATORS, {"ETag": VALIDATORS.etag})
    except Problem as problem:
        return REASONS[problem.reason].status
    return 200 if response is None else response.status_code


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", MOMENT),
        ("Sunday, 06-Nov-94 08:49:37 GMT", MOMENT),
        ("Sun Nov  6 08:49:37 1994", MOMENT),
        ("Sat, 31 Dec 2016 23:59:60 GMT", datetime(2017, 1, 1, tzinfo=UTC)),
        # Fifty years ahead at the most.
        ("Friday, 01-Jan-77 00:00:00 GMT", None),
        ("Saturday, 01-Jan-77 00:00:00 GMT", datetime(1977, 1, 1, tzinfo=UTC)),
        ("Sunday, 01-Jan-40 00:00:00 GMT", datetime(2040, 1, 1, tzinfo=UTC)),
        ("Mon, 06 Nov 1994 08:49:37 GMT", None),
        ("Sun, 6 Nov 1994 08:49:37 GMT", None),
        ("Sun, 06 Nov 1994 08:49:37 UTC", None),
        ("Sun, 06 Nov 1994 08:49:37", None),
        ("Sun, 06 Nov 1994 24:00:00 GMT", None),
        ("Sun, 06 Nov 1994 08:49:61 GMT", None),
        ("Sun, 31 Feb 1994 08:49:37 GMT", None),
        ("Sun, 06 nov 1994 08:49:37 GMT", None),
        ("Fri, 31 Dec 9999 23:59:60 GMT", None),
        ("Sat, 01 Jan 0000 00:00:00 GMT", None),
        ("1994-11-06T08:49:37Z", None),
        ("784111777", None),
        ("", None),
    ],
)
def test_dates_in_three_forms(text: str, moment: datetime | None) -> None:
    assert parse_http_date(text, datetime(2026, 1, 1, tzinfo=UTC)) == moment


def test_a_date_that_is_sent_can_be_read() -> None:
    for days in range(0, 20_000, 13):
        moment = datetime(1990, 1, 1, 12, tzinfo=UTC) + timedelta(days=days)
        assert parse_http_date(http_date(moment)) == moment


@pytest.mark.parametrize(
    ("tags", "strongly", "weakly"),
    [
        ('"tag"', True, True),
        ('W/"tag"', False, True),
        ('"other", "tag"', True, True),
        (', "other",,"tag" ,', True, True),
        ("*", True, True),
        ('"other"', False, False),
        ('"ta,g", W/"ot\xe9r"', False, False),
        # No list of tags: it names none.
        ("tag", False, False),
        ('"tag" "tag"', False, False),
        ('"tag', False, False),
        ('"tag", *', False, False),
        ("", False, False),
    ],
)
def test_tags(tags: str, strongly: bool, weakly: bool) -> None:
    assert status(if_match=tags) == (200 if strongly else 412)
    assert status(if_none_match=tags) == (304 if weakly else 200)


@pytest.mark.parametrize(
    ("date", "unmodified", "modified"),
    [(EARLIER, 412, 200), (SAME, 200, 304), (LATER, 200, 304), ("yesterday", 200, 200), ("", 200, 200)],
)
def test_dates(date: str, unmodified: int, modified: int) -> None:
    assert status(if_unmodified_since=date) == unmodified
    assert status(if_modified_since=date) == modified


def expected(if_match: str, if_unmodified: str, if_none: str, if_modified: str) -> int:
    """Section 13.2.2, step by step."""
    if if_match:
        if if_match != '"tag"':
            return 412
    elif if_unmodified == EARLIER:
        return 412
    if if_none:
        return 304 if if_none == '"tag"' else 200
    return 304 if if_modified == LATER else 200


def test_every_combination_has_the_precedence_of_the_standard() -> None:
    tags, dates = ("", '"tag"', '"other"'), ("", EARLIER, LATER)
    for case in itertools.product(tags, dates, tags, dates):
        names = ("if_match", "if_unmodified_since", "if_none_match", "if_modified_since")
        given = {name: value for name, value in zip(names, case, strict=True) if value}
        assert status(**given) == expected(*case), given


def test_a_long_header_takes_no_time() -> None:
    began = time.perf_counter()
    for header in ('"a"' + " " * 60_000 + "x", '"a",' * 15_000 + "x", ", " * 30_000 + "x", '"a' * 20_000):
        assert status(if_match=header) == 412
    assert time.perf_counter() - began < 1.0


@pytest.fixture(scope="module")
def job(server: LiveServer) -> Job:
    return succeeded_job(server.jobs, server.artifacts)


@pytest.mark.parametrize("rest", ["artifacts/report.json", "artifacts.zip", "conductances/fc1?format=csv"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_wherever_a_tag_is_sent_every_condition_is_heeded(server: LiveServer, job: Job, method: str, rest: str) -> None:
    def ask(**headers: str) -> int:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        response = server.http.request(method, f"/v1/jobs/{job.id}/{rest}", headers=sent)
        if response.status_code == 412 and method == "GET":
            problem_of(response, 412, "PRECONDITION_FAILED")
        if response.status_code == 304:
            assert (response.headers["etag"], response.headers["last-modified"]) == (tag, modified)
        return response.status_code

    whole = server.http.request(method, f"/v1/jobs/{job.id}/{rest}")
    tag, modified = whole.headers["etag"], whole.headers["last-modified"]
    assert job.finished_at is not None
    assert parse_http_date(modified) == job.finished_at.replace(microsecond=0)
    assert ask(if_none_match=tag) == ask(if_modified_since=modified) == 304
    assert ask(if_match=tag, if_unmodified_since=EARLIER) == ask(if_unmodified_since=modified) == 200
    assert ask(if_match='"other"') == ask(if_unmodified_since=EARLIER) == 412
    assert ask(if_none_match='"other"', if_modified_since=modified) == ask(if_modified_since=EARLIER) == 200


def test_a_range_of_this_state_alone(server: LiveServer, job: Job) -> None:
    url = f"/v1/jobs/{job.id}/artifacts/report.json"
    modified = server.http.get(url).headers["last-modified"]
    for condition, answered in ((modified, 206), (LATER, 200)):
        assert server.http.get(url, headers={"Range": "bytes=0-1", "If-Range": condition}).status_code == answered
