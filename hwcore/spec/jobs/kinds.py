"""The kinds of jobs: a further kind is one more member of the union, and one more row of the table."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hwcore.spec.jobs.compile_job import CompileJob

Job = CompileJob
"""A job of any kind. Each fulfils `JobDocument`."""
JOB_KINDS: Final[Mapping[str, type[Job]]] = MappingProxyType({"compile": CompileJob})
"""The model of each kind, by the word that a document has for `kind`."""
DEFAULT_KIND: Final = "compile"
"""The kind of a document that names none."""
