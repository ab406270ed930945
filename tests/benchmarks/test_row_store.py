"""Rows that survive a stop."""

from pathlib import Path

from benchmarks.row_store import append, read


def test_rows_come_back_and_the_later_one_of_a_key_counts(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "rows.jsonl"
    assert read(path) == {}
    for row in ({"key": "a", "x": 1}, {"key": "b", "x": 2}, {"key": "a", "x": 3}):
        append(path, row)
    assert read(path) == {"a": {"key": "a", "x": 3}, "b": {"key": "b", "x": 2}}


def test_a_line_cut_short_loses_itself_alone(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    append(path, {"key": "a"})
    with path.open("ab") as file:
        file.write(b'{"key": "cut", "accu')
    assert set(read(path)) == {"a"}
    append(path, {"key": "b"})
    assert set(read(path)) == {"a", "b"}
