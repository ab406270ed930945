"""Text of strangers as it may reach a terminal or a log: what would steer the terminal is shown, not obeyed."""

from __future__ import annotations

import json
import re

STEERING = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and new line, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # marks, embeddings, overrides and isolates of direction
    "\u200b\u2028\u2029\u2060\ufeff"  # invisible spaces, separators of lines
    "\U000e0000-\U000e007f"  # invisible tags
    "\ud800-\udfff"  # halves of characters, as of names that are not UTF-8
    "]"
)
"""Characters that are never written as they are. Joiners (U+200C, U+200D) stay: scripts and emoji need them."""

ENDING = re.compile("[\t\n]")
"""Characters that end a column or a line."""


def harmless(text: str) -> str:
    r"""The text with control characters, marks of direction and invisible characters as visible escapes.

    ESC becomes `\x1b`, U+202E `\u202e`. What is not ASCII, and DEL, is written as JSON writes it, and JSON holds no
    other control character: JSON text stays the same JSON text. Tabs and new lines stay.

    Args:
        text: whatever came.
    """
    return STEERING.sub(_shown, text)


def one_line(text: str) -> str:
    r"""The same where a tab or a new line would end a column or a line: they become `\t` and `\n`.

    Args:
        text: whatever came.
    """
    return ENDING.sub(lambda found: "\\t" if found[0] == "\t" else "\\n", harmless(text))


def _shown(found: re.Match[str]) -> str:
    """One character as its escape."""
    code = ord(found[0])
    if code < 0x20:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else json.dumps(found[0])[1:-1]
