"""Faults that a store finds in what a request's query asked for, as the problem of the request."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.problems.faults import parameter_detail, parameter_fault
from app.problems.problem import Problem
from hwcore.errors import InvalidInput


@contextmanager
def faults_of_parameters() -> Iterator[None]:
    """Whatever is found at fault within this block came in the query.

    Raises:
        Problem: INVALID_PARAMETER, with every fault.
    """
    try:
        yield
    except InvalidInput as error:
        faults = [parameter_fault(f.path, f.message, f.got, f.allowed) for f in error.faults]
        raise Problem("INVALID_PARAMETER", parameter_detail(faults), errors=faults) from error
