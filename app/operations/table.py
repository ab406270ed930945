"""Every operation of the service, with the scope that a token needs: the one table that decides who may do what.

A route that is not in it is for administrators alone (`app.operations.needed_scope`).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from app.operations.bodies import JOB, RESOLVE
from app.operations.operation import OPEN, Operation
from app.operations.upload_operations import UploadOperations
from app.uploads.kinds import KINDS
from worker.contract import Scope

POST_JOB = Operation("POST", "/v1/jobs", Scope.SUBMIT, JOB, makes="job_id")
LIST_JOBS = Operation("GET", "/v1/jobs", Scope.READ)
GET_JOB = Operation("GET", "/v1/jobs/{job_id}", Scope.READ)
DELETE_JOB = Operation("DELETE", "/v1/jobs/{job_id}", Scope.SUBMIT)
CANCEL_JOB = Operation("POST", "/v1/jobs/{job_id}/cancel", Scope.SUBMIT)
GET_EVENTS = Operation("GET", "/v1/jobs/{job_id}/events", Scope.READ)

LIST_ARTIFACTS = Operation("GET", "/v1/jobs/{job_id}/artifacts", Scope.READ)
GET_ALL_ARTIFACTS = Operation("GET", "/v1/jobs/{job_id}/artifacts.zip", Scope.READ)
GET_ARTIFACT = Operation("GET", "/v1/jobs/{job_id}/artifacts/{name:path}", Scope.READ)
LIST_LAYERS = Operation("GET", "/v1/jobs/{job_id}/conductances", Scope.READ)
GET_LAYER = Operation("GET", "/v1/jobs/{job_id}/conductances/{layer}", Scope.READ)

UPLOAD_OPERATIONS: Mapping[str, UploadOperations] = MappingProxyType(
    {kind.name: UploadOperations.of(kind) for kind in KINDS}
)
"""Operations on uploads, by the name of their kind."""

LIST_HARDWARE = Operation("GET", "/v1/hardware", Scope.READ)
GET_HARDWARE = Operation("GET", "/v1/hardware/{name}", Scope.READ)
# Computes, but keeps nothing.
RESOLVE_HARDWARE = Operation("POST", "/v1/hardware:resolve", Scope.READ, RESOLVE)
LIST_SCHEMAS = Operation("GET", "/v1/schemas", Scope.READ)
GET_SCHEMA = Operation("GET", "/v1/schemas/{name}", Scope.READ)

# Of all jobs together, and of no single one.
GET_METRICS = Operation("GET", "/metrics", Scope.READ)
# Probes carry no tokens.
GET_HEALTH = Operation("GET", "/healthz", OPEN)
GET_READINESS = Operation("GET", "/readyz", OPEN)
# The same for every server of this version. The framework has the route of the document.
GET_OPENAPI = Operation("GET", "/openapi.json", OPEN)
GET_INDEX = Operation("GET", "/", OPEN)
GET_DOCS = Operation("GET", "/docs", OPEN)
GET_DOCS_FILE = Operation("GET", "/docs/{name}", OPEN)

# Every constant above: one that is not in it would be for administrators alone, and nobody would see why.
OPERATIONS: tuple[Operation, ...] = (
    *(each for each in tuple(globals().values()) if isinstance(each, Operation)),
    *(each for operations in UPLOAD_OPERATIONS.values() for each in operations.all()),
)
"""Every operation above."""
