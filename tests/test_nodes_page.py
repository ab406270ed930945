"""The page of the kinds of nodes is their table: what each computes, from how many inputs, with which fields.

`python -m tests.test_nodes_page > docs/reference/nodes.md` writes it anew.
"""

import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields

from hwcore.spec import NODE_KINDS, Operation, Stateless
from tests.conftest import REPOSITORY

HEAD = """# Kinds of nodes

A network is a graph of named nodes: arrays and digital operations
([decision 0069](../decisions/0069-a-network-is-a-graph.md)). These are the kinds that there are; `kind` of a node in
`tiles.json` is the word, and its other members are the fields ([the files of a job](artifacts.md#the-graph)). A further
kind is [one file and one line](../architecture.md#to-add-a-kind-of-node). [Networks](models.md) are put together from
them.

| kind | computes | inputs | numbers that are trained or written |
|---|---|---|---|"""
FIELD = re.compile(r"^    (\w+): (.+)$", re.MULTILINE)


def inputs(kind: type[Operation]) -> str:
    """Number of inputs in words."""
    fewest, most = kind.inputs
    return str(fewest) if fewest == most else f"{fewest} to {most}"


def described_fields(kind: type[Operation]) -> Iterator[str]:
    """A row for every field: its default, and what the docstring says of it."""
    said = re.sub(r"\n\s{8,}", " ", inspect.getdoc(kind) or "")
    meanings = dict(FIELD.findall(said))
    for field in fields(kind):
        yield f"| `{field.name}` | {default(field)} | {meanings[field.name]} |"


def default(field: "Field[object]") -> str:
    """What a field is where nothing is said."""
    return "has to be said" if field.default is MISSING else f"`{json.dumps(field.default)}`"


def row(word: str, kind: type[Operation]) -> str:
    own = "none" if issubclass(kind, Stateless) else "its own"
    return f"| [`{word}`](#{word}) | {kind.title} | {inputs(kind)} | {own} |"


def section(word: str, kind: type[Operation]) -> str:
    paragraphs = (inspect.getdoc(kind) or "").partition("\n\nAttributes:")[0].split("\n\n")
    lines = [f"## {word}", "", *("\n".join([each, ""]) for each in paragraphs)]
    rows = list(described_fields(kind))
    return "\n".join([*lines, *(["| field | default | means |", "|---|---|---|", *rows, ""] if rows else [])])


def page() -> str:
    """The whole page."""
    kinds = sorted(NODE_KINDS.items())
    return "\n".join([HEAD, *(row(*each) for each in kinds), "", *(section(*each) for each in kinds)])


def test_the_page_is_the_table() -> None:
    written = (REPOSITORY / "docs" / "reference" / "nodes.md").read_text(encoding="utf-8")
    assert written == page(), "python -m tests.test_nodes_page > docs/reference/nodes.md"


if __name__ == "__main__":
    print(page(), end="")  # noqa: T201
