"""The benchmark of wires runs; what it measures is for an idle machine."""

import json
from pathlib import Path

from benchmarks import ngspice
from benchmarks.wires import main, wires_table


def test_a_smoke_run_leaves_its_figures(tmp_path: Path) -> None:
    assert main(["--smoke", "--threads", "1", "--scratch", str(tmp_path)]) == 0
    document = json.loads((tmp_path / "smoke" / "results" / "wires.json").read_text(encoding="utf-8"))
    figures = document["figures"]
    assert set(figures) == {"wires_128_10k", "wires_512"} | ({"ngspice_error"} if ngspice.installed() else set())
    assert [figures[name]["limit"] for name in ("wires_128_10k", "wires_512")] == [0.3, 12.0]
    if ngspice.installed():
        assert figures["ngspice_error"]["holds"]
    assert wires_table(document["rows"]).count("\n") == len(document["rows"]) + 1
