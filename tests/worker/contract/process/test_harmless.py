"""What would steer a terminal is shown, and nothing else is changed."""

from __future__ import annotations

import io
import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.progress import Progress, TextColumn
from rich.table import Table

from worker.contract.process.console import TextConsole
from worker.contract.process.harmless import STEERING, harmless, one_line

HOSTILE = "\x1b]0;owned\x07\x1b[31m\x9b2J\x7f\r\u202egnp.exe\u2066\u200b\ufeff\U000e0041"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x00\x07\x08\x0b\r\x1f", "\\x00\\x07\\x08\\x0b\\x0d\\x1f"),
        ("\x7f\x80\x9b", "\\u007f\\u0080\\u009b"),
        ("\u202e\u2066\u2069\u200f", "\\u202e\\u2066\\u2069\\u200f"),
        ("bad\udcff", "bad\\udcff"),
        ("a\tb\nc", "a\tb\nc"),
        ("naïve Ω 東京 שלום 👩‍🔬 [red] :smile: \\x1b", "naïve Ω 東京 שלום 👩‍🔬 [red] :smile: \\x1b"),
    ],
)
def test_what_steers_is_shown_and_the_rest_stays(text: str, shown: str) -> None:
    assert harmless(text) == shown


def test_every_control_and_every_override_is_one_that_steers() -> None:
    for code in range(0x110000):
        character = chr(code)
        control = unicodedata.category(character) == "Cc" and character not in "\t\n"
        override = unicodedata.bidirectional(character) in (
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        )
        if control or override:
            assert STEERING.fullmatch(character), hex(code)


@settings(max_examples=50, deadline=None)
@given(st.text())
def test_json_stays_the_same_json(text: str) -> None:
    for ascii_only in (True, False):
        written = harmless(json.dumps({"name": text}, ensure_ascii=ascii_only))
        assert json.loads(written) == {"name": text}
        assert STEERING.search(written) is None
    assert harmless(harmless(text)) == harmless(text)
    assert not set("\t\n") & set(one_line(text))


@pytest.mark.parametrize("terminal", [True, False])
def test_a_table_and_a_bar_show_the_text_of_strangers_as_it_is(terminal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1" if terminal else "0")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "250")
    output = io.StringIO()
    console = TextConsole(output)
    table = Table("name")
    table.add_row(f"[red]{HOSTILE} :smile:")
    console.print(table, width=250)
    console.print(f"{HOSTILE}[bold] :smile:")
    with Progress(TextColumn("{task.fields[where]}", markup=False), console=console) as progress:
        progress.add_task("", where=f"[red]{HOSTILE} :smile:")
    shown = output.getvalue()
    assert ("\x1b[?25l" in shown) is terminal
    for part in ("\x1b]0;", "\x1b[31m", "\x9b", "\u202e", "\u2066", "\u200b", "\U000e0041"):
        assert part not in shown
    # A bar is drawn again and again.
    assert shown.count("\\x1b]0;owned") >= 3
    assert shown.count("[red]") >= 2
    assert "[bold] :smile:" in shown
