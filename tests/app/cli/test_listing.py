"""Lists: for people on a terminal, for programs in a pipe."""

from __future__ import annotations

import re

import pytest

from app.cli.listing import print_rows

ROWS = [("a", 1_234_567, ""), ("b", 0, "named")]


def printed(capsys: pytest.CaptureFixture[str]) -> list[list[str]]:
    print_rows(("id", "size", "name"), ROWS, newest_of_more=None)
    out, err = capsys.readouterr()
    assert err == ""
    return [line.split("\t" if "\t" in line else None) for line in out.splitlines()]


def test_programs_see_values_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys) == [["id", "size", "name"], ["a", "1234567", ""], ["b", "0", "named"]]


def test_people_see_groups_of_digits_and_a_dash_for_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    assert printed(capsys) == [["id", "size", "name"], ["a", "1,234,567", "-"], ["b", "0", "named"]]


def test_an_id_is_whole_however_narrow_the_terminal_and_long_the_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    job = "01a22621-4879-7b5c-8c8d-59a284528c92"
    row = (job, "succeeded", "100 %", "hardware_aware", "2026-11-29 07:07:25", "\x1b]0;" + "n" * 150)
    print_rows(("id", "state", "done", "stage", "created", "name"), [row], newest_of_more=None)
    out, _ = capsys.readouterr()
    assert job in out
    assert out.count("n" * 2) >= 10
    assert "…" not in out
    assert all(len(re.sub("\x1b\\[\\d*m", "", line)) <= 80 for line in out.splitlines())
