from __future__ import annotations

import pytest

from worker.celery_app import celery_settings


@pytest.mark.parametrize(
    ("queues", "names"), [(None, ["mho.small", "mho.large"]), ("small", ["mho.small"]), ("large", ["mho.large"])]
)
def test_a_worker_takes_from_the_queues_that_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, queues: str | None, names: list[str]
) -> None:
    if queues is not None:
        monkeypatch.setenv("MHO_QUEUES", queues)
    # And from that of the shares, whichever jobs it takes.
    assert [queue.name for queue in celery_settings()["task_queues"]] == [*names, "mho.shares"]
