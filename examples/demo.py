"""The whole of mho in one minute: start the service, post a job over HTTP, watch it, fetch what it made.

Run by `make demo`. Every command is shown as one would type it. The service keeps its data in a temporary folder and is
ended at the end; the artifacts stay in demo-out/.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
MHO = Path(sys.executable).with_name("mho")
OUT = Path("demo-out")
READY = "mho is serving on "


def show(*command: str) -> None:
    """Print a command as one would type it."""
    print(f"\n$ mho {' '.join(command)}", flush=True)


def mho(*command: str, url: str) -> str:
    """Run one command against the service, show it, and return what it printed."""
    show(*command)
    done = subprocess.run([MHO, *command], env={**os.environ, "MHO_URL": url}, stdout=subprocess.PIPE, text=True)
    print(done.stdout, end="", flush=True)
    if done.returncode:
        raise SystemExit(f"mho {command[0]} ended with {done.returncode}")
    return done.stdout


def follow(job_id: str, url: str) -> None:
    """Watch the job; its progress bar needs the terminal itself."""
    show("watch", job_id)
    subprocess.run([MHO, "watch", job_id], env={**os.environ, "MHO_URL": url}, check=True)


def demonstrate(url: str) -> None:
    """Submit, watch, fetch, and look at one layer."""
    job_id = mho("submit", os.path.relpath(HERE / "digits.json"), url=url).strip()
    follow(job_id, url)
    mho("get", job_id, "--out", str(OUT), "--force", url=url)
    layers = json.loads((OUT / "report.json").read_text(encoding="utf-8"))["layers"]
    print("\nlayer   rows  cols  tiles  cells on each level of the positive component")
    for layer in layers:
        counts = "  ".join(f"{count:6d}" for count in layer["level_counts_pos"])
        print(f"{layer['name']:<6} {layer['rows']:5d} {layer['cols']:5d} {layer['tiles']:6d}  {counts}")
    print(f"\nThe conductance of every cell, in siemens: {OUT}/conductances.npz (docs/reference/artifacts.md)")


def main() -> None:
    """Serve, demonstrate, end."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mho-demo-") as home:
        show("serve", "--port", "0", "--home", home)
        service = subprocess.Popen(
            [MHO, "serve", "--port", "0", "--home", home], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            url = ""
            for line in service.stdout or ():
                print(line, end="", flush=True)
                if READY in line:
                    url = line.split(READY, 1)[1].strip()
                    break
            if not url:
                raise SystemExit(f"the service did not start: it ended with {service.wait()}")
            demonstrate(url)
        finally:
            service.terminate()
            service.wait(timeout=30)
    print(f"{time.monotonic() - started:.0f} s in all")


if __name__ == "__main__":
    main()
