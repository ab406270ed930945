"""Faults and texts of clients as members of a problem: without the framework, for the command line as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwcore.errors import Fault
from worker.contract.access.tokens import SECRET

LONGEST = 100
"""Characters of a client's text that are repeated."""


def shown(text: str) -> str:
    """Quote a client's text, printable, at most 100 characters of it; a token, wherever it stands, is left out."""
    text = SECRET.sub("mho_...", text)
    return ascii(text if len(text) <= LONGEST else text[: LONGEST - 3] + "...")


def fault_document(fault: Fault) -> dict[str, str]:
    """Return one fault of a document as a member of `errors`."""
    return {"pointer": fault.pointer, "message": fault.message, "got": fault.got, "allowed": fault.allowed}


def parameter_fault(parameter: str, message: str, got: str, allowed: str) -> dict[str, str]:
    """Return one entry of `errors` for a query parameter."""
    return {"parameter": parameter, "message": message, "got": got, "allowed": allowed}


def parameter_detail(faults: Sequence[Mapping[str, str]]) -> str:
    """Return the faults of the parameters in one line each."""
    return "\n".join(f"{f['parameter']}: got {f['got']}; allowed: {f['allowed']}" for f in faults)
