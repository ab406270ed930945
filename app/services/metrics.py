"""Figures for Prometheus: requests as they are answered, everything else when Prometheus asks."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.services.event_hub import EventHub
from worker.contract import (
    BlobStore,
    BrokerUnavailable,
    JobState,
    JobStore,
    Reconciler,
    Settings,
    StoreUnavailable,
    broker_ready,
)

log = logging.getLogger("mho.app")

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper ends of the latencies that are counted, s."""


class Metrics:
    """The figures of one server.

    Args:
        settings: where the broker is.
        jobs: the jobs.
        blobs: counts the files that it finds lost.
        reconciler: counts what it puts right.
        events: counts who follows.
    """

    def __init__(
        self, settings: Settings, jobs: JobStore, blobs: BlobStore, reconciler: Reconciler, events: EventHub
    ) -> None:
        self._registry = CollectorRegistry()
        self.requests = Histogram(
            "mho_request_seconds",
            "Time from a request to the first byte of its answer, by route.",
            ("method", "route", "status"),
            buckets=BUCKETS,
            registry=self._registry,
        )
        # Memory, processor time and open files of this process.
        ProcessCollector(registry=self._registry)
        self._registry.register(_StateFigures(settings, jobs, blobs, reconciler, events))

    def text(self) -> bytes:
        """Everything in the text format of Prometheus."""
        return generate_latest(self._registry)


class _StateFigures(Collector):
    """Figures that are looked up whenever Prometheus asks."""

    def __init__(
        self, settings: Settings, jobs: JobStore, blobs: BlobStore, reconciler: Reconciler, events: EventHub
    ) -> None:
        self._settings = settings
        self._jobs = jobs
        self._blobs = blobs
        self._reconciler = reconciler
        self._events = events

    def describe(self) -> list[Metric]:
        """Nothing: to look up would need the database, which may not be there yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Each figure; those of a database that does not answer are left out."""
        try:
            yield from self._of_jobs()
            database = 1.0
        except StoreUnavailable as error:
            log.warning("metrics: %s", error)
            database = 0.0
        yield GaugeMetricFamily("mho_database_up", "1 where the database answers.", database)
        yield GaugeMetricFamily("mho_broker_up", "1 where the broker answers.", _answers(self._settings))
        repaired = self._reconciler
        yield CounterMetricFamily(
            "mho_jobs_republished", "Queued jobs that this server has published again.", repaired.republished
        )
        yield CounterMetricFamily(
            "mho_leases_recovered", "Running jobs that this server took from silent workers.", repaired.recovered
        )
        yield CounterMetricFamily(
            "mho_artifacts_lost", "Stored files that this server found missing or damaged.", self._blobs.check.lost
        )
        yield GaugeMetricFamily("mho_event_followers", "Clients that follow jobs here.", self._events.followers)

    def _of_jobs(self) -> Iterator[Metric]:
        counts, waits = self._jobs.counts(), self._jobs.queue_waits()
        jobs = GaugeMetricFamily("mho_jobs", "Jobs by state.", labels=("state",))
        for state in JobState:
            jobs.add_metric([state.value], counts.get(state, 0))
        yield jobs
        oldest, started = waits
        yield GaugeMetricFamily("mho_queue_oldest_seconds", "How long the job has waited that waits longest.", oldest)
        yield GaugeMetricFamily(
            "mho_queue_wait_seconds", "Mean wait of the jobs that were started last, up to a hundred.", started
        )


def _answers(settings: Settings, ask: Callable[[Settings], None] = broker_ready) -> float:
    """1 where the broker answers."""
    try:
        ask(settings)
    except BrokerUnavailable:
        return 0.0
    return 1.0
