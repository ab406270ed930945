"""The whole job in one place, the same for the service, the command line and a notebook."""

from hwcore.pipeline.checkpoint import Checkpoints
from hwcore.pipeline.output import check_output
from hwcore.pipeline.own_file import with_file
from hwcore.pipeline.run import run

__all__ = ["Checkpoints", "check_output", "run", "with_file"]
