"""Faults of documents and of parameters as members of a problem's `errors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hwcore.errors import Fault


def fault_document(fault: Fault) -> dict[str, str]:
    """One fault of a document as a member of `errors`."""
    return {"pointer": fault.pointer, "message": fault.message, "got": fault.got, "allowed": fault.allowed}


def parameter_fault(parameter: str, message: str, got: str, allowed: str) -> dict[str, str]:
    """One entry of `errors` for a query parameter."""
    return {"parameter": parameter, "message": message, "got": got, "allowed": allowed}


def parameter_detail(faults: Sequence[Mapping[str, str]]) -> str:
    """The faults of the parameters in one line each."""
    return "\n".join(f"{f['parameter']}: got {f['got']}; allowed: {f['allowed']}" for f in faults)
