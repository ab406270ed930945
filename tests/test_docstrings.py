"""The first sentence of every docstring begins with a verb or a noun, and says plainly what it says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.main import create_app
from hwcore.spec import SCHEMA_NAMES, json_schema
from tests.app.live_server import settings_for
from tests.conftest import REPOSITORY
from tests.docstrings import Docstring, docstrings, fault_of, faults_of

SOURCE = ("app", "worker", "hwcore", "benchmarks")
PUBLISHED = frozenset(
    {
        "Up to the largest current that the column can carry",
        "What a description comes to",
        "What a job has to know of a file",
        "What differs in the negative component",
        "What is done to the training images on their way into the network, in both stages",
        "What is in it, and how a job names it",
        "What is random about the cells",
        "What is written beside the files that every job leaves behind",
        "What this server is, and where its things are",
        "What works and is probably not meant",
        "Where a job is in its life",
        "Where to go from here",
        "Which chips are drawn, what is looked at, and which accuracy makes a good chip",
        "Why a job failed",
    }
)
"""First sentences that stand in /openapi.json or in a JSON Schema: they change only with what is published."""


def source_files() -> list[Path]:
    return [path for folder in SOURCE for path in sorted((REPOSITORY / folder).rglob("*.py"))]


def descriptions(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from descriptions(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            if key == "description" and isinstance(value, str):
                yield value
            yield from descriptions(value)


def test_a_sentence_that_is_excused_is_published(tmp_path: Path) -> None:
    documents = [create_app(settings_for(tmp_path)).openapi(), *map(json_schema, SCHEMA_NAMES)]
    published = {Docstring(1, text).first_sentence for document in documents for text in descriptions(document)}
    assert sorted(PUBLISHED - published) == []


def test_every_docstring_begins_with_a_verb_or_a_noun() -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}:{fault}" for path in source_files() for fault in faults_of(path, PUBLISHED)
    ]
    assert not found, "\n" + "\n".join(found)


BAD = (
    "Where the netlists lie.",
    "What is wrong with the currents of one product.",
    "Whoever helps had better begin with the last one.",
    "Of how many jobs the mean wait is told.",
    "How long a token, or that there is none at all, is believed.",
    "Something that every layer of a kind has for a while and then no longer.",
    "what is told may end it all, and then no further one begins.",
    "That of the stream.",
    "When the files came to be as they are.",
    "Which of them the file has.",
    "Whether people read it.",
    "As they are sent.",
    "A dataset of one's own.",
    "Images that are to be moved, where the examples are none.",
    "Before nothing conducts less than nothing.",
    "Resolving again is idle.",
    "A place is told to some times the last bit of the largest number in it.",
)
GOOD = (
    "Return the blob of a digest.",
    "Returns the blob of a digest.",
    "Read noise of one product.",
    "The bytes of a file, in chunks.",
    "A blob, by its digest.",
    "Each event once, in order.",
    "No further item starts if `tell` raises.",
    "`mho get`: the files of a job.",
    "`/v1/jobs`: post, list, look at and cancel jobs.",
    "s; the time between two looks.",
    "(rows, cols): conductances in S.",
    "i, the index of a row.",
    "I_j = sum_i g_ij V_i, the currents of the columns.",
    "In-place sum of two tensors.",
    "On/off ratio of a cell.",
    "Under-relaxation of a solver.",
    "Run the service until it is told to stop.",
    "Helpers start from the end: what is told last is done first.",
    "Everything that a job writes.",
    "Base of descriptions that are told apart by `type`.",
    "2-bit codes.",
    "RFC 9457 problems.",
    "app.main.create_app, with everything around it.",
)


@pytest.mark.parametrize("text", BAD)
def test_what_riddles_is_found(text: str) -> None:
    assert fault_of(Docstring(1, text)) is not None


@pytest.mark.parametrize("text", GOOD)
def test_plain_english_is_none(text: str) -> None:
    assert fault_of(Docstring(1, text)) is None


SOURCE_TEXT = '''"""Module."""
LIMIT = 3
"""Constant."""
"""No docstring at all."""

class A:
    """Class."""
    x: int
    """Attribute."""

    async def f(self):
        """Function: what it does.

        More.
        """
        text = "no docstring"
'''


def test_every_docstring_of_a_module_is_read() -> None:
    found = {(each.line, each.first_sentence) for each in docstrings(SOURCE_TEXT)}
    assert found == {(1, "Module"), (3, "Constant"), (7, "Class"), (9, "Attribute"), (12, "Function")}


def test_a_faulty_file_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text('"""Module."""\n\ndef f():\n    """What it is\n    about."""\n')
    assert faults_of(path, frozenset({"What it is about"})) == []
    assert faults_of(path) == ["4: 'What it is about' begins with 'What'; begin with a verb or a noun"]
