from __future__ import annotations

from worker.contract.jobs.failure_reasons import FAILURE_REASONS


def test_reasons_are_upper_case_and_explained() -> None:
    for reason, meaning in FAILURE_REASONS.items():
        assert reason.isidentifier()
        assert reason.isupper()
        assert meaning.endswith(".")
