"""The words of messages: values shortened, lists of names, near matches."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

LONGEST_GOT: Final = 80
_SAMPLE: Final = 12


class NonFinite(float):
    """A number of the document that no float64 holds (NaN, Infinity, 1e400), with the text that was written."""

    literal: str

    def __new__(cls, literal: str) -> "NonFinite":
        """Take the number's text; its value is infinite or not a number."""
        try:
            value = float(literal)
        except ValueError:
            value = float("nan")
        number = super().__new__(cls, value)
        number.literal = literal
        return number


def shortened(value: Any) -> str:
    """A value as JSON text of at most about 80 characters, safe to print, log and send on."""
    text = _text(value)
    return text if len(text) <= LONGEST_GOT else text[: LONGEST_GOT - 4] + " ..."


def _text(value: Any) -> str:
    match value:
        case NonFinite():
            return value.literal
        case str():
            # Escapes whatever is not printable; a lone surrogate would not survive UTF-8.
            escaped = json.dumps(value[: 2 * LONGEST_GOT], ensure_ascii=False)
            return escaped if escaped.isprintable() else json.dumps(value[: 2 * LONGEST_GOT])
        case None | bool():
            return json.dumps(value)
        case int() if value.bit_length() > 1024:
            return f"a whole number of {value.bit_length()} bits"
        case float() | int():
            return repr(value)
        case Mapping():
            items = [f"{_text(str(key))}: {shortened(value[key])}" for key in list(value)[:_SAMPLE]]
            return "{" + ", ".join(items) + (", ..." if len(value) > _SAMPLE else "") + "}"
        case list() | tuple():
            items = [shortened(item) for item in value[:_SAMPLE]]
            more = f", ... ({len(value)} in all)" if len(value) > _SAMPLE else ""
            body = ", ".join(items)
            return f"[{body if len(body) + len(more) < LONGEST_GOT else body[: LONGEST_GOT - 30] + ' ...'}{more}]"
        case _:
            return f"a Python object of type {type(value).__name__}"


def quoted(names: Iterable[str]) -> str:
    """Names as they stand in JSON, with commas between."""
    return ", ".join(f'"{name}"' for name in names)


def nearest(name: str, names: Sequence[str]) -> str | None:
    """The name that a misspelt one was probably meant for; None where none is close."""
    close = difflib.get_close_matches(name[:LONGEST_GOT].lower(), names, n=1, cutoff=0.6)
    return close[0] if close else None


def near_match(name: str, names: Sequence[str]) -> str:
    """' (did you mean "x"?)' when one of the names is close, else nothing."""
    meant = nearest(name, names)
    return "" if meant is None else f' (did you mean "{meant}"?)'
