"""Chips of another process: the tasks of a bundle, computed to the same numbers as by the process that offers them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch

from hwcore.pipeline.parts.as_built import judge_of
from hwcore.pipeline.parts.bundle import Bundle
from hwcore.pipeline.parts.chip_tasks import Task, drawn_tasks
from hwcore.pipeline.parts.data import load_data
from hwcore.pipeline.parts.machine import threads_of
from hwcore.pipeline.parts.pace import Pace


def chips_of_bundle(
    bundle: Bundle,
    names: Sequence[str],
    came: Callable[[str, list[int]], None],
    *,
    data_dir: Path | None = None,
    dataset_file: Path | None = None,
    threads: int | None = None,
) -> None:
    """Do some tasks of an examination.

    Args:
        bundle: of the network.
        names: of the tasks, in the order in which they are to be done.
        came: told of the name and the result of every task, as each is done.
        data_dir, dataset_file, threads: as for `run`.

    Raises:
        ValueError: there is no task of such a name, or the images here are not those of the bundle.
        InvalidInput, DatasetUnavailable, DatasetInvalid, ArrayTooLarge: as from `run`.
    """
    known = {task.name: task for task in drawn_tasks(bundle.examination)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"got the task {unknown[0]!r}; allowed: one of the {len(known)} of the job")

    def tell(task: Task, correct: list[int]) -> None:
        came(task.name, correct)

    with threads_of(threads):
        data = load_data(bundle.examination, data_dir, torch.device("cpu"), dataset_file)
        judge = judge_of(bundle.examination, bundle.network, data, Pace(None, total=1.0))
        here = judge.images_sha256()
        if here != bundle.images:
            raise ValueError(
                f"the chips are offered for other images of {data.dataset.name}: got the SHA-256 {here} here; allowed: "
                f"{bundle.images}, as where they are offered (MHO_DATA_DIR)"
            )
        judge.answers([known[name] for name in names], tell)
