"""One attempt at a job as its babysitter holds it: process, lease, and the senders of what the process reports."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hwcore.progress import Progress
from worker.babysit.events import CheckpointNote, Event, JudgedNote, OfferNote
from worker.babysit.lease import Lease
from worker.babysit.patience import patiently
from worker.babysit.process.attempt_process import AttemptProcess, share_of_threads
from worker.babysit.protocol import Request
from worker.babysit.senders.checkpoint_sender import CheckpointSender
from worker.babysit.senders.chip_offer import ChipOffer, Publish
from worker.babysit.senders.judged_chips import JudgedChips
from worker.contract import FINAL, ArtifactStore, JobState, JobStore, Settings


@dataclass(frozen=True, eq=False)
class Attempt:
    """A running attempt.

    Attributes:
        process: that trains.
        lease: of the job.
        checkpoints: go to the blob store.
        chips: go to the database as they are judged.
        offer: of chips, to other workers.
    """

    process: AttemptProcess
    lease: Lease
    checkpoints: CheckpointSender
    chips: JudgedChips
    offer: ChipOffer

    @staticmethod
    def start(
        command: Sequence[str],
        lease: Lease,
        store: JobStore,
        artifacts: ArtifactStore,
        settings: Settings,
        publish: Publish | None,
    ) -> Attempt:
        """Make the folders of an attempt, fetch what earlier ones left, and start the process.

        Args:
            command: the process.
            lease: of the job, as it was claimed.
            store: the jobs.
            artifacts: staging folders, and blobs.
            settings: folders, limits, device and threads.
            publish: tells other workers of shares; None: nothing is offered.

        Raises:
            OSError: a folder or the process cannot be made.
            BlobStoreUnavailable: the checkpoint to go on from cannot be fetched now.
            StoreUnavailable: the database did not answer until the lease was over.
        """
        job = lease.job
        out = artifacts.staging(job.id, job.attempt)
        folder, offers = out.with_name("checkpoints"), out.with_name("offers")
        folder.mkdir()
        offers.mkdir()
        checkpoints = CheckpointSender(job, store, artifacts.blobs, folder)
        chips = JudgedChips(job, store, folder)
        offer = ChipOffer(job, store, artifacts.blobs, offers, settings.share_chips, publish)
        request = Request(
            job.document,
            out,
            settings.device,
            settings.data_dir,
            share_of_threads(settings),
            checkpoints=folder,
            checkpoint_seconds=settings.checkpoint_seconds,
            resume_from=patiently(lease, checkpoints.earlier, settings.store_seconds),
            memory_bytes=settings.job_memory_bytes,
            blobs_url=settings.artifacts_url,
            cache_dir=settings.home / "cache" / "datasets",
            judged=lease.insist(chips.earlier),
            offers=offers,
            share_chips=offer.share_chips,
        )
        return Attempt(AttemptProcess(command, request), lease, checkpoints, chips, offer)

    def look_after(self, seconds: float) -> None:
        """Listen to the process for so long, pass its events on, and do what is due for lease and senders."""
        self.process.listen(seconds)
        self._pass_on(self.process.events())
        self.lease.beat()
        self.checkpoints.send_next()
        self.chips.keep_in_time()
        self.offer.look()

    def finish(self, most_seconds: float) -> None:
        """Send what the process reported until its end, from which another attempt goes on.

        Args:
            most_seconds: longest time for the last checkpoint.
        """
        self.offer.close()
        self._pass_on(self.process.events())
        self.chips.keep()
        self.checkpoints.finish(self.lease.beat, most_seconds)

    def settle(self, state: JobState | None) -> None:
        """Remove the blobs that nobody needs now.

        Args:
            state: in which the attempt left the job; None: the job is another one's.
        """
        if state in FINAL:
            self.checkpoints.forget()
        if state is not None:
            self.offer.withdraw()

    def close(self) -> None:
        """End the threads of the senders."""
        self.checkpoints.close()
        self.offer.close()

    def _pass_on(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case Progress():
                    self.lease.hear(event)
                case CheckpointNote():
                    self.checkpoints.take(event)
                case JudgedNote():
                    self.chips.take(event)
                case OfferNote():
                    self.offer.make(event)
