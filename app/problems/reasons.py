"""The closed list of reasons that an HTTP problem of mho can bear, each with its status and meaning.

A reason is a promise: clients branch on it. A new one is added here and nowhere else, but for those of uploads, which
follow from `app.uploads.kinds`; `docs/reference/problems.md` is written from this table (`python -m
app.problems.problem_reference`) and a test fails when it is stale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.uploads.kinds import KINDS
from app.uploads.upload_kind import UploadKind


@dataclass(frozen=True)
class Reason:
    """One row of the list.

    Args:
        status: the HTTP status that goes with the reason.
        title: the same few words every time.
        meaning: what happened and what to do about it, for the reference page.
    """

    status: int
    title: str
    meaning: str


def _of_uploads(kind: UploadKind) -> dict[str, Reason]:
    """The rows of one kind of upload."""
    name, words = kind.name, kind.words
    return {
        kind.not_found: Reason(
            404,
            f"No such {name}",
            f"No uploaded {name} has this id. `GET {kind.path}` lists the {words.plural}.",
        ),
        kind.in_use: Reason(
            409,
            f"A job {words.use} the {name}",
            f"A queued or running job names the {name}, which stays until that has finished; the detail names the job.",
        ),
        kind.invalid: Reason(
            422,
            f"The file is no {name}",
            f"The uploaded file is damaged, or breaks a rule of {words.rules}. `errors` names {words.part}, what came "
            "and what is allowed.",
        ),
    }


def _media_types(kind: UploadKind) -> str:
    """The media types of one kind of upload, as part of a sentence."""
    *most, last = (f"`{media_type}`" for media_type in kind.media_types)
    return f"a {kind.name} with {', '.join(most)} or {last}" if most else f"a {kind.name} with {last}"


_SIZES = ", ".join(f"of a {kind.name} `{kind.size_variable}`" for kind in KINDS)
_MEDIA_TYPES = ", ".join(map(_media_types, KINDS))

REASONS: Mapping[str, Reason] = MappingProxyType(
    {
        "BAD_REQUEST": Reason(
            400,
            "The request is malformed",
            "The request breaks a rule of HTTP itself. The detail says which.",
        ),
        "MALFORMED_JSON": Reason(
            400,
            "The body is not JSON",
            "The body cannot be read as JSON text in UTF-8. The detail gives line and column.",
        ),
        "TOKEN_REQUIRED": Reason(
            401,
            "A token is needed",
            "The server answers only requests with a token: `Authorization: Bearer mho_...`. Its operator makes one "
            "with `mho token create`.",
        ),
        "TOKEN_INVALID": Reason(
            401,
            "The token is not good",
            "The token is malformed, unknown, expired or revoked; the detail says which.",
        ),
        "SCOPE_MISSING": Reason(
            403,
            "The token does not allow this",
            "The token is good, but the request needs another scope; `scope` names it.",
        ),
        "NOT_FOUND": Reason(
            404,
            "No such path",
            "No route has this path. `/docs` shows all of them, `/openapi.json` lists them.",
        ),
        "JOB_NOT_FOUND": Reason(
            404,
            "No such job",
            "No job has this id. `GET /v1/jobs` lists the jobs.",
        ),
        "ARTIFACT_NOT_FOUND": Reason(
            404,
            "No such artifact",
            "The job has no artifact of this name. `GET /v1/jobs/{id}/artifacts` lists the names.",
        ),
        "LAYER_NOT_FOUND": Reason(
            404,
            "No such layer",
            "The network of the job has no layer of this name; the detail lists the names.",
        ),
        "HARDWARE_NOT_FOUND": Reason(
            404,
            "No such hardware preset",
            "No preset has this name; the detail lists the names.",
        ),
        "SCHEMA_NOT_FOUND": Reason(
            404,
            "No such schema",
            "No JSON Schema has this name; the detail lists the names.",
        ),
        "METHOD_NOT_ALLOWED": Reason(
            405,
            "Method not allowed",
            "The path exists, but not with this method; the `Allow` header lists those that it has.",
        ),
        "REQUEST_TIMEOUT": Reason(
            408,
            "The body came too slowly",
            "The body was not there in whole in the time that the server waits (`MHO_BODY_SECONDS`). Send it again.",
        ),
        "JOB_ALREADY_FINISHED": Reason(
            409,
            "The job has finished already",
            "A job that has succeeded, failed or been cancelled cannot be cancelled any more.",
        ),
        "JOB_NOT_FINISHED": Reason(
            409,
            "The job has not finished",
            "Only a job that has succeeded, failed or been cancelled can be removed; cancel it first.",
        ),
        "JOB_NOT_SUCCEEDED": Reason(
            409,
            "The job has not succeeded",
            "Only a job that succeeded has artifacts and conductances; `state` names the state that it is in.",
        ),
        "PRECONDITION_FAILED": Reason(
            412,
            "It is not as the request wants it",
            "`If-Match` names another ETag, or `If-Unmodified-Since` an earlier time; the detail says how it is.",
        ),
        "BODY_TOO_LARGE": Reason(
            413,
            "The body is too large",
            f"The body is larger than the server accepts (`MHO_MAX_BODY_BYTES`, {_SIZES}).",
        ),
        "UNSUPPORTED_MEDIA_TYPE": Reason(
            415,
            "The body is not declared as what is read here",
            f"Send JSON with `Content-Type: application/json`, in UTF-8 and not compressed, and {_MEDIA_TYPES}.",
        ),
        "RANGE_NOT_SATISFIABLE": Reason(
            416,
            "The range lies outside the file",
            "The `Range` header asks for bytes that the file does not have; `Content-Range` gives its size.",
        ),
        "HOST_NOT_ALLOWED": Reason(
            421,
            "The request names another host",
            "The server answers only requests to this machine's own loopback names and to those of `MHO_HOSTS`: a page "
            "in a browser could reach it under a name of its choice otherwise. Use http://127.0.0.1:PORT.",
        ),
        "INVALID_INPUT": Reason(
            422,
            "The document has faults",
            "The body is JSON, but not a valid document. `errors` holds every fault: where (`pointer`, RFC 6901), what "
            "came (`got`) and what is allowed (`allowed`).",
        ),
        "IDEMPOTENCY_KEY_REUSED": Reason(
            422,
            "The key was used for another body",
            "A request with this `Idempotency-Key` came before, with another body. Send the same body to the byte, or "
            "choose a key of its own for another job.",
        ),
        "INVALID_PARAMETER": Reason(
            422,
            "A parameter has a fault",
            "A query parameter, or a header that the route reads, is unknown or out of its range. `errors` holds every "
            "fault, with the `parameter`.",
        ),
        "QUOTA_EXCEEDED": Reason(
            429,
            "A quota is exhausted",
            "The server has as many waiting jobs as it accepts, of this token or at all, as many stored bytes "
            "(`MHO_MAX_STORED_BYTES`), or as many who upload or follow jobs at once. Wait for some to finish, cancel "
            "some, or remove finished ones.",
        ),
        "RATE_LIMITED": Reason(
            429,
            "Too many requests",
            "The token sends more requests than the server accepts (`MHO_RATE_PER_SECOND`, `MHO_RATE_BURST`). "
            "`Retry-After` says when the next one is welcome.",
        ),
        "INTERNAL": Reason(
            500,
            "The server failed",
            "A fault of the server, not of the request. The server's log has the details under the id in `instance`.",
        ),
        "ARTIFACT_LOST": Reason(
            500,
            "The artifact's file is missing or damaged",
            "The database lists the artifact, but its file is gone from the artifact store, or its bytes are not those "
            "of its SHA-256: restore it from a copy, or run the job again. `mho gc --verify` lists all that are lost.",
        ),
        "NOT_READY": Reason(
            503,
            "The server is not ready",
            "`/readyz` found a dependency missing. `dependencies` says which and why.",
        ),
        "ARTIFACTS_UNAVAILABLE": Reason(
            503,
            "The artifact store does not answer",
            "The server cannot read or write the folder or bucket of the artifacts (`MHO_ARTIFACTS_URL`): it is full, "
            "read-only or out of reach. Try again later.",
        ),
        "STORE_UNAVAILABLE": Reason(
            503,
            "The database does not answer",
            "The server cannot reach its database (`MHO_DATABASE_URL`), or it is locked or full. Try again later.",
        ),
        **{reason: row for kind in KINDS for reason, row in _of_uploads(kind).items()},
    }
)
"""Every reason of an HTTP problem, by name."""
