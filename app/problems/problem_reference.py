"""Writes the page of all reasons: `python -m app.problems.problem_reference > docs/reference/problems.md`."""

from __future__ import annotations

import sys

from app.problems.problem import problem_type
from app.problems.reasons import REASONS
from worker.contract.jobs.failure_reasons import FAILURE_REASONS

HEAD = """# Problems

Written by `python -m app.problems.problem_reference` from the tables in `app/problems/reasons.py` and
`worker/contract/jobs/failure_reasons.py`; do not edit.

Every error of the server is a problem document (RFC 9457, `application/problem+json`) with the members `type`, `title`,
`status`, `detail`, `reason`, and often `errors`: one entry per fault with `pointer` (RFC 6901, where in the body) or
`parameter`, `message`, `got` and `allowed`. The list of reasons is closed: no other appears.

## Of a request

| status | reason | type | title | meaning |
|---|---|---|---|---|
"""

JOBS_HEAD = """
## Of a failed job

A job in the state `failed` has an `error` with `reason` and `detail`.

| reason | meaning |
|---|---|
"""


def problem_reference() -> str:
    """The page as Markdown."""
    requests = "".join(
        f"| {row.status} | `{name}` | `{problem_type(name)}` | {row.title} | {row.meaning} |\n"
        for name, row in sorted(REASONS.items(), key=lambda item: (item[1].status, item[0]))
    )
    jobs = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in sorted(FAILURE_REASONS.items()))
    return HEAD + requests + JOBS_HEAD + jobs


if __name__ == "__main__":
    sys.stdout.write(problem_reference())
