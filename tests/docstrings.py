"""Reads docstrings and finds first sentences that begin with neither a verb nor a noun, or that are riddles."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

QUESTIONS = "what whatever when whenever where wherever which whichever who whoever whom whose why how however whether"
PREPOSITIONS = (
    "above after against among as at before below beneath beside besides between beyond by despite during except for "
    "from in inside into like of off on onto out outside over per since through to toward towards under up upon via "
    "with within without"
)
CONJUNCTIONS = "although and because but if lest nor or so than that though unless until while"
PRONOUNS = (
    "anybody anyone anything he her his it its me my our ours she somebody someone something that their theirs them "
    "these they this those us we you your"
)
ADVERBS = (
    "actually again ago almost already also always anyway basically currently even ever here indeed instead just "
    "maybe merely mostly never not now often only perhaps quite rather roughly simply sometimes soon still then there "
    "therefore thus too usually very yet"
)
NEITHER = frozenset(" ".join((QUESTIONS, PREPOSITIONS, CONJUNCTIONS, PRONOUNS, ADVERBS)).split())
"""Words that are no verb and no noun, and that lead to none as an article or a number does."""

RIDDLES = re.compile(
    r"one's own|(?:is|are|was|were|be) told(?! to\b| apart)|is believed|had better|is idle|are none|less than nothing"
    r"|for a while and then no longer|told to some times"
)
"""Turns of phrase that a reader has to guess at, each met in a docstring of this project."""

_FIRST_WORD = re.compile(r"[^\w`(]*([A-Za-z][\w'/-]*)(.?)")
_SENTENCE_END = re.compile(r"(?<!e\.g)(?<!i\.e)[.:;?!](?=\s|$)|\n\s*\n")


@dataclass(frozen=True)
class Docstring:
    """One docstring: of a module, class or function, or below a constant.

    Args:
        line: line of the file on which it begins.
        text: the whole of it.
    """

    line: int
    text: str

    @property
    def first_sentence(self) -> str:
        """Everything up to the first full stop, colon or empty line, in one line."""
        return " ".join(_SENTENCE_END.split(self.text.strip(), maxsplit=1)[0].split())


def docstrings(source: str) -> Iterator[Docstring]:
    """Yield every docstring of a module, those of constants and attributes as well."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        before: ast.stmt | None = None
        for statement in node.body:
            of_something = before is None or isinstance(before, ast.Assign | ast.AnnAssign)
            match statement:
                case ast.Expr(value=ast.Constant(value=str(text))) if of_something:
                    yield Docstring(statement.lineno, text)
            before = statement


def fault_of(docstring: Docstring) -> str | None:
    """Say what is wrong with the first sentence of a docstring; None where nothing is."""
    sentence = docstring.first_sentence
    found = _FIRST_WORD.match(sentence)
    # A symbol, a path or a call (`W(theta)`, `a/b.py`, `it.next`) is a name, whatever its letters spell.
    if found and found[2] in ("", " ", ",", "-") and found[1].lower() in NEITHER:
        return f"begins with '{found[1]}'; begin with a verb or a noun"
    riddle = RIDDLES.search(sentence)
    return None if riddle is None else f"has '{riddle[0]}'; say it plainly"


def faults_of(path: Path, excused: frozenset[str] = frozenset()) -> list[str]:
    """Return one line for each docstring of a file that is at fault.

    Args:
        path: the file.
        excused: first sentences that are none of this one's business.
    """
    found = ((each, fault_of(each)) for each in docstrings(path.read_text(encoding="utf-8")))
    return [
        f"{each.line}: {each.first_sentence[:80]!r} {fault}"
        for each, fault in found
        if fault is not None and each.first_sentence not in excused
    ]
