"""The surroundings that a job runs in: device, processors, and where its data lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """All that a run takes from its machine, and not from its job.

    Attributes:
        device: "auto", "cpu", "cuda" or "cuda:N"; training runs there, the arrays are simulated on the CPU.
        data_dir: folder with IDX files in mnist/ and emnist/; None: the cache, else a download.
        dataset_file: the file of a user's dataset, which the job describes (`hwcore.pipeline.with_file`).
        threads: for torch; None: OMP_NUM_THREADS, or all cores of this process. Part of what makes the bytes the same.
        memory: bytes that the transfer matrices of wires may take, which is found out before the job begins; None: what
            the machine has left.
    """

    device: str = "auto"
    data_dir: Path | None = None
    dataset_file: Path | None = None
    threads: int | None = None
    memory: int | None = None
