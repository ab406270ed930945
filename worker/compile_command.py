"""`mho compile`: one job in this process, without a service."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

from hwcore import pipeline
from hwcore.errors import Cancelled, DatasetInvalid, Fault, InvalidInput, MhoError, OutputExists, OutputNotWritable
from hwcore.pipeline import Environment
from hwcore.spec import (
    FileDataset,
    JobDocument,
    JobWarning,
    UploadedDataset,
    own_dataset,
    parse_job,
    warning_line,
)
from hwcore.uploads import ANY_SIZE, Limits
from worker.compile_display import Display, choose_display
from worker.contract.jobs.job_file import named_in_faults, read_job_file

EXIT_DONE = 0
EXIT_FAILED = 1
EXIT_INVALID = 2
EXIT_INTERRUPTED = 128 + signal.SIGINT
EXIT_TERMINATED = 128 + signal.SIGTERM

ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def compile_job(
    job_path: Path,
    out: Path,
    force: bool = False,
    device: str = "auto",
    json_output: bool = False,
    data_dir: Path | None = None,
    threads: int | None = None,
    dataset_file: Path | None = None,
) -> int:
    """Run one job in this process, show its progress, and leave the artifacts in `out`, complete or not at all.

    Args:
        job_path: the job's document; `-` is standard input.
        out: folder to be made.
        force: replace an earlier output there.
        device: "auto", "cpu", "cuda" or "cuda:N".
        json_output: write events for machines (see `worker.babysit.events`), not text for people.
        data_dir: folder with the datasets' IDX files.
        threads: CPU threads; None: OMP_NUM_THREADS, or all processors.
        dataset_file: file of a user's dataset; None: the one that the job names.

    Returns:
        The exit code: 0 done; 1 the job failed; 2 the job, the dataset's files or the output folder was refused; 130
        and 143 ended by Ctrl-C and by another signal. Errors go to standard error, one line per fault.
    """
    display = choose_display(sys.stdout, json_output=json_output)
    try:
        with _ended_by_signal(), display:
            with named_in_faults(job_path):
                job = parse_job(read_job_file(job_path))
            pipeline.check_output(out, force)
            own = dataset_file or named_file(job, job_path)
            if own is not None:
                job = pipeline.with_file(job, own, Limits(file_bytes=ANY_SIZE, unpacked_bytes=ANY_SIZE))
            return _run(Environment(device, data_dir, own, threads), job, out, force, display)
    except (InvalidInput, DatasetInvalid, OutputExists, OutputNotWritable) as error:
        return _refuse(error, display, EXIT_INVALID)
    except Cancelled as error:
        return _refuse(error, display, EXIT_TERMINATED)
    except MhoError as error:
        return _refuse(error, display, EXIT_FAILED)
    except KeyboardInterrupt:
        return _refuse(Cancelled("interrupted; nothing was left behind"), display, EXIT_INTERRUPTED)


def named_file(job: JobDocument, job_path: Path) -> Path | None:
    """Find the file that a job names as its dataset, relative to the job's file (for standard input, to this folder).

    Raises:
        InvalidInput: the job names an uploaded dataset, and this command has no service to get it from.
    """
    match own_dataset(job):
        case FileDataset(path=path):
            return (Path() if str(job_path) == "-" else job_path.parent) / path
        case UploadedDataset(id=dataset_id):
            allowed = "with --dataset FILE, the file that was uploaded"
            message = f"got data that were uploaded, and no service to ask for them; allowed: {allowed}"
            raise InvalidInput([Fault("/dataset", message, f'"uploaded" {dataset_id}', allowed)])
    return None


def _run(environment: Environment, job: JobDocument, out: Path, force: bool, display: Display) -> int:
    report = pipeline.run_in(environment, job, out, force=force, progress=display.step, warn=_warn)
    display.succeeded(report, out)
    return EXIT_DONE


def _warn(warnings: Sequence[JobWarning]) -> None:
    for warning in warnings:
        sys.stderr.write(warning_line(warning.field, warning.message) + "\n")


def _refuse(error: MhoError, display: Display, code: int) -> int:
    display.failed(error)
    for line in str(error).splitlines():
        sys.stderr.write(f"mho: {line}\n")
    return code


@contextmanager
def _ended_by_signal() -> Iterator[None]:
    """End the job on SIGTERM and a closed terminal as on Ctrl-C; a second signal does not disturb the clean-up."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        for other in ENDING_SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise Cancelled(f"ended by {signal.Signals(number).name}; nothing was left behind")

    before = {number: signal.signal(number, end) for number in ENDING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
