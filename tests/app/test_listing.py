"""Lists: for people on a terminal, for programs in a pipe."""

from __future__ import annotations

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
