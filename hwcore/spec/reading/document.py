"""Strict JSON: text in, plain values out, and a fault with its place for everything that is not strict."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import BaseModel

from hwcore.errors import Fault, InvalidInput
from hwcore.spec.reading.wording import NonFinite, shortened

MOST_BYTES: Final = 262_144
"""Far above the largest description; what a request costs to check grows with its length."""
DEEPEST: Final = 32
MOST_FAULTS: Final = 50
_LONGEST_NUMBER: Final = 300
# Neither survives a database: NUL is refused by PostgreSQL, half a surrogate pair has no UTF-8.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


class _Pairs(dict[str, Any]):
    """A JSON object that remembers the keys that stand in it more than once."""

    repeated: tuple[str, ...] = ()


def read_document(document: str | bytes | Mapping[str, Any]) -> dict[str, Any]:
    """The document as plain dict, list, str, int, float, bool and None, tuples and models included.

    NaN, Infinity and numbers beyond float64 pass as `NonFinite`, so that the field they stand in refuses them by name.

    Args:
        document: JSON text, its bytes in UTF-8, or a mapping that holds the same.

    Raises:
        InvalidInput: longer than 256 KiB, no UTF-8, a byte order mark, broken JSON (with line and column), no object,
            a key that stands twice, more than 32 levels deep, text with NUL or half a surrogate pair.
    """
    value = _loads(_decoded(document)) if isinstance(document, str | bytes | bytearray) else document
    faults: list[Fault] = []
    result = _plain(value, "", 1, faults)
    if faults:
        raise InvalidInput(bounded(faults))
    if not isinstance(result, dict):
        raise InvalidInput([fault("", shortened(result), "a JSON object")])
    return result


def fault(pointer: str, got: str, allowed: str, reason: str = "") -> Fault:
    """A fault whose message says it all: the reason where there is one, what came, what is allowed."""
    message = f"got {got}; allowed: {allowed}"
    return Fault(pointer, f"{reason}: {message}" if reason else message, got, allowed)


def bounded(faults: list[Fault], unlisted: int = 0) -> list[Fault]:
    """The faults, or the first fifty and how many more there are: an answer stays small whatever came.

    Args:
        faults: those that were found.
        unlisted: how many more there are already.
    """
    unlisted += max(0, len(faults) - MOST_FAULTS)
    if unlisted == 0:
        return faults
    more = f"{unlisted} more faults"
    return [*faults[:MOST_FAULTS], Fault("", f"and {more} that are not listed", more, "none")]


def child(pointer: str, token: str | int) -> str:
    """The pointer one step further (RFC 6901), the step shortened where it is absurdly long."""
    text = str(token)
    text = text if len(text) <= 100 else text[:96] + " ..."
    # Half a surrogate pair would make the pointer itself unprintable.
    text = text.encode("utf-8", "backslashreplace").decode()
    return f"{pointer}/{text.replace('~', '~0').replace('/', '~1')}"


def _decoded(document: str | bytes | bytearray) -> str:
    size = len(document)
    if size > MOST_BYTES:
        raise InvalidInput([fault("", f"{size:,} bytes", f"at most {MOST_BYTES:,} bytes", "the document is too long")])
    if isinstance(document, str):
        text = document
    else:
        try:
            text = document.decode("utf-8")
        except UnicodeDecodeError as error:
            got = f"byte 0x{document[error.start]:02x} at offset {error.start}"
            raise InvalidInput([fault("", got, "JSON text in UTF-8", "the document is not UTF-8")]) from None
    if text.startswith("\ufeff"):
        allowed = "JSON text in UTF-8 without one: save the file again without BOM"
        raise InvalidInput([fault("", "a byte order mark", allowed, "the document does not start with JSON")])
    return text


def _loads(text: str) -> Any:
    try:
        return json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_constant=NonFinite,
            parse_float=_number,
            parse_int=_whole_number,
        )
    except json.JSONDecodeError as error:
        near = text[error.pos : error.pos + 30]
        got = shortened(near) if near else "the end of the document"
        reason = f"broken JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        raise InvalidInput([fault("", got, "strict JSON (RFC 8259)", reason)]) from None
    except RecursionError:
        raise InvalidInput([_too_deep("")]) from None


def _pairs(pairs: list[tuple[str, Any]]) -> _Pairs:
    result = _Pairs(pairs)
    if len(result) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        result.repeated = tuple(key for key, count in counts.items() if count > 1)
    return result


def _number(literal: str) -> float:
    value = float(literal)
    return NonFinite(literal) if value in (float("inf"), float("-inf")) else value


def _whole_number(literal: str) -> int | float:
    return int(literal) if len(literal) <= _LONGEST_NUMBER else NonFinite(literal)


def _too_deep(pointer: str) -> Fault:
    return fault(pointer, "deeper nesting", f"at most {DEEPEST} levels", "lists and objects are nested too deep")


def _plain(value: Any, pointer: str, depth: int, faults: list[Fault]) -> Any:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping | list | tuple) and depth > DEEPEST:
        faults.append(_too_deep(pointer))
        return None
    match value:
        case Mapping():
            return _plain_items(value, pointer, depth, faults)
        case list() | tuple():
            return [_plain(item, child(pointer, i), depth + 1, faults) for i, item in enumerate(value)]
        case str():
            faults.extend(_text_faults(value, pointer))
        case None | bool() | int() | float():
            pass
        case _:
            faults.append(
                fault(pointer, shortened(value), "JSON values: object, list, text, number, true, false, null")
            )
    return value


def _plain_items(value: Mapping[Any, Any], pointer: str, depth: int, faults: list[Fault]) -> dict[str, Any]:
    if isinstance(value, _Pairs):
        for key in value.repeated:
            reason = "the key stands more than once in its object"
            faults.append(fault(child(pointer, key), shortened(key), "each key once", reason))
    result = {}
    for key, item in value.items():
        if not isinstance(key, str):
            faults.append(fault(child(pointer, repr(key)), shortened(key), "text as key"))
            continue
        faults.extend(_text_faults(key, child(pointer, key)))
        result[key] = _plain(item, child(pointer, key), depth + 1, faults)
    return result


def _text_faults(text: str, pointer: str) -> Iterable[Fault]:
    if _UNSTORABLE.search(text):
        yield fault(pointer, shortened(text), "Unicode text without NUL and without half a surrogate pair")
