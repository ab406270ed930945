"""The commands of the README: its Python runs as it stands, and every line of its shell is one that mho takes.

`make readme` runs the shell as well, block after block, in a folder of its own (a minute or two).
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from app.cli.program import program
from tests.conftest import REPOSITORY

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
ALL_SHELL = os.environ.get("MHO_README") == "1"
SERVING = "mho serve "


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def lines_of(block: str) -> Iterator[list[str]]:
    """The words of every `mho` command of a block, with those within $( )."""
    for line in block.splitlines():
        text = line.removeprefix("id=$(").replace(")", "", 1) if line.startswith("id=$(") else line
        words = shlex.split(text, comments=True)
        if words and words[0] == "mho":
            yield words[1:]


def parsed(words: list[str]) -> dict[str, object]:
    """The parameters of a command as its own parser reads them; nothing is run."""
    command = get_command(program)
    while isinstance(command, TyperGroup):
        command = command.commands[words.pop(0)]
    return command.make_context("mho", list(words)).params


def test_every_command_is_one_that_mho_takes_and_none_stands_in_the_way_of_another() -> None:
    commands = [parsed(words) for block in blocks("sh") for words in lines_of(block)]
    assert len(commands) >= 7
    folders = [str(values["out"]) for values in commands if values.get("out")]
    assert len(set(folders)) == len(folders) >= 3
    for values in commands:
        job = values.get("source")
        assert job is None or (REPOSITORY / str(job)).is_file()


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_the_python_of_the_readme_runs(number: int) -> None:
    block = blocks("python")[number]
    if "Client(" in block and not ALL_SHELL:
        pytest.skip("needs the service of the README: `make readme`")
    done = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    if "net.eval()" in block:
        printed = re.fullmatch(r"tensor\((\d\.\d*)\)\n?", done.stdout)
        assert printed is not None, done.stdout
        assert float(printed[1]) > 0.9


@pytest.mark.skipif(not ALL_SHELL, reason="takes a minute or two: `make readme`")
def test_all_of_it_runs_as_it_stands(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "MHO_HOME": "home"}
    service: subprocess.Popen[bytes] | None = None
    try:
        for number, block in enumerate(blocks("sh")):
            if "make env" in block:
                continue
            if block.startswith(SERVING):
                with (tmp_path / "serve.log").open("wb") as log:
                    service = subprocess.Popen(
                        ["bash", "-c", f"exec {block}"], cwd=tmp_path, env=environment, stdout=log, stderr=log
                    )
                until_ready(tmp_path / "serve.log", service)
                continue
            script = "set -euo pipefail\n" + block.replace(". .venv/bin/activate\n", "")
            done = subprocess.run(["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, f"block {number}:\n{block}\n{done.stdout}\n{done.stderr}"
        client = [block for block in blocks("python") if "Client(" in block]
        for block in client:
            subprocess.run([sys.executable, "-c", block], cwd=tmp_path, env=environment, check=True, timeout=250)
    finally:
        if service is not None:
            service.terminate()
            service.wait(60)


def until_ready(log: Path, service: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 60
    while b"mho is serving on" not in log.read_bytes():
        assert service.poll() is None, log.read_text()
        assert time.monotonic() < until
        time.sleep(0.1)
