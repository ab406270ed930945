"""Lines for people or for machines, with what they are about and nothing of what came before."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest

from worker.contract import Settings
from worker.contract.process.logs import configure_logging, logged_as


@pytest.fixture
def root() -> Iterator[None]:
    """The root logger as it was, afterwards."""
    logger = logging.getLogger()
    before, level = list(logger.handlers), logger.level
    yield
    logger.handlers[:] = before
    logger.setLevel(level)


def written(settings: Settings, **changes: str) -> list[str]:
    stream = io.StringIO()
    configure_logging(settings.model_copy(update=changes), stream)
    log = logging.getLogger("mho.tests")
    log.info("before")
    with logged_as(request_id="r-1"), logged_as(job_id="j-1"):
        log.warning("a line\nof two with %s", '"quotes"')
    with logged_as(job_id="j-2"):
        try:
            raise ZeroDivisionError("no way")
        except ZeroDivisionError:
            log.exception("failed")
    log.debug("not heard")
    log.info("after")
    return stream.getvalue().splitlines()


@pytest.mark.usefixtures("root")
def test_json_is_one_object_a_line(settings: Settings) -> None:
    lines = [json.loads(line) for line in written(settings, log_format="json")]
    assert [line["message"] for line in lines] == ["before", 'a line\nof two with "quotes"', "failed", "after"]
    assert [line["job_id"] for line in lines] == [None, "j-1", "j-2", None]
    assert [line["request_id"] for line in lines] == [None, "r-1", None, None]
    assert [line["level"] for line in lines] == ["INFO", "WARNING", "ERROR", "INFO"]
    assert "ZeroDivisionError: no way" in lines[2]["exception"]
    assert set(lines[0]) == {"time", "level", "logger", "message", "job_id", "request_id"}
    assert all(line["logger"] == "mho.tests" and line["time"] for line in lines)


@pytest.mark.usefixtures("root")
def test_text_says_it_at_the_end_of_the_line(settings: Settings) -> None:
    lines = written(settings)
    assert lines[0].endswith(" INFO mho.tests: before")
    assert lines[2] == '    of two with "quotes" [job=j-1 request=r-1]'
    assert lines[3].endswith("failed [job=j-2]")
    assert lines[4] == "    Traceback (most recent call last):"
    # Whatever was in what is told: a line that is not indented was logged.
    assert [line.split(" ")[2] for line in lines if not line.startswith("    ")] == ["INFO", "WARNING", "ERROR", "INFO"]
    assert lines[-1].endswith("after")


@pytest.mark.usefixtures("root")
def test_the_level_is_that_of_the_settings(settings: Settings) -> None:
    assert len(written(settings, log_format="json", log_level="error")) == 1
    configure_logging(settings.model_copy(update={"log_level": "debug"}), sys.stderr)
    assert logging.getLogger("uvicorn").level == logging.NOTSET
    configure_logging(settings, sys.stderr)
    assert logging.getLogger("uvicorn").level == logging.WARNING
