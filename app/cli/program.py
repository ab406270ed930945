"""The program `mho`: its commands, and how every error becomes one message and one exit code.

Exit codes: 0 done; 1 it failed, or the job did; 2 invalid input or usage; 3 no server answers; 4 what it prints could
not be written; 130 interrupted; 141 whoever read what it prints has gone.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from app.cli.cancel import cancel
from app.cli.compile import compile_job
from app.cli.dataset import dataset
from app.cli.gc import gc
from app.cli.get import get
from app.cli.hardware import hardware
from app.cli.list import list_jobs
from app.cli.names import check_names
from app.cli.serve import serve
from app.cli.server import server
from app.cli.streams import OutputLost, Streams, guarded_streams, keep_standard_descriptors
from app.cli.submit import submit
from app.cli.token import token
from app.cli.validate import validate
from app.cli.watch import watch
from app.cli.worker import worker
from app.client import ProblemError, ServerUnreachable
from app.client.download import DownloadDamaged
from hwcore.errors import InvalidInput, MhoError, OutputExists, OutputNotWritable

FAILED, INVALID, UNREACHABLE, INTERRUPTED = 1, 2, 3, 130
UNAUTHORIZED = 401

REFUSED_INPUT = frozenset({400, 401, 403, 404, 409, 413, 415, 422})
"""Statuses of a server that mean that the input is to be changed."""

MAKERS = frozenset({"compile", "get", "serve", "server", "worker"})
"""Commands that leave files or run a service: they go on, and end as they would, where nobody hears them."""
FOLLOWERS = frozenset({"submit", "watch"})
"""Commands that end where nobody hears them: they would go on for as long as a job."""

program = typer.Typer(
    name="mho",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    """Print the version and end, where that was asked for."""
    if wanted:
        typer.echo(f"mho {version('mho')}")
        raise typer.Exit


@program.callback()
def _options(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Compile neural networks to conductances: training for the analog hardware you have, and every cell's conductance.

    `mho compile` does one job here and now; `mho serve` starts the service that the other commands talk to.
    """
    # Escapes of colours in what is printed would be taken out without a word, before they could be shown.
    context.color = True
    streams = context.find_object(Streams)
    if streams is not None:
        streams.needed = context.invoked_subcommand not in MAKERS
        if context.invoked_subcommand in FOLLOWERS:
            streams.end_when_lost()


program.command("serve")(serve)
program.command("server")(server)
program.command("worker")(worker)
program.command("compile")(compile_job)
program.command("submit")(submit)
program.command("watch")(watch)
program.command("get")(get)
program.command("list")(list_jobs)
program.command("cancel")(cancel)
program.command("gc")(gc)
program.command("hardware")(hardware)
program.add_typer(dataset, name="dataset")
program.command("validate")(validate)
program.add_typer(token)


def main() -> None:
    """Run the command of this process's arguments and exit with its code."""
    keep_standard_descriptors()
    sys.exit(run())


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command; every error is one message on standard error and an exit code.

    Args:
        arguments: what follows `mho`; this process's own by default.

    Returns:
        The exit code.
    """
    with guarded_streams() as streams:
        return streams.settled(_run(sys.argv[1:] if arguments is None else arguments, streams))


def _run(arguments: Sequence[str], streams: Streams) -> int:
    """Run a command and turn every error into its exit code."""
    try:
        # Made once: it takes longer than all else here.
        command = typer.main.get_command(program)
        check_names(command, arguments, os.environ)
        command(args=arguments, prog_name="mho", obj=streams)
    except SystemExit as finished:
        return finished.code if isinstance(finished.code, int) else FAILED
    except ServerUnreachable as error:
        return _say(str(error), UNREACHABLE)
    except ProblemError as error:
        return _say(_problem_text(error), INVALID if error.status in REFUSED_INPUT else FAILED)
    except (InvalidInput, OutputExists, OutputNotWritable) as error:
        return _say(str(error), INVALID)
    except (MhoError, DownloadDamaged) as error:
        return _say(str(error), FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except OutputLost as lost:
        for note in getattr(lost, "__notes__", ()):
            _say(note, 0)
    return 0


def _problem_text(error: ProblemError) -> str:
    """A problem in one line, or one line per fault."""
    if error.errors:
        return "\n".join(_fault_text(fault, error.document) for fault in error.errors)
    return f"{error} Clients send the token in MHO_TOKEN." if error.status == UNAUTHORIZED else str(error)


def _fault_text(fault: dict[str, str], document: str) -> str:
    """One fault of a problem in one line."""
    place = (fault.get("pointer") or fault.get("parameter") or "").strip("/").replace("/", ".")
    return f"{place or document}: {fault.get('message', '')}"


def _say(message: str, code: int) -> int:
    """Write the message to standard error and pass the code on."""
    for line in message.splitlines():
        print(f"mho: {line}", file=sys.stderr)
    return code
