"""`python -m benchmarks`: all of them, one after the other, and docs/results.md from what they left.

--peers-python PATH goes to those benchmarks that measure peers; anything else is refused before hours are spent.
"""

from __future__ import annotations

import argparse

import torch

from benchmarks import (
    accuracy,
    bit_true,
    chips,
    cifar,
    cnn_chip,
    cnn_step,
    crosssim,
    cuda,
    evaluate,
    first_light,
    fsdd,
    milo,
    recipes,
    references,
    results,
    service,
    train_step,
    wires,
)


def main() -> int:
    """Run every benchmark, the short ones first. Hours: see benchmarks/README.md."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--peers-python", help="an interpreter with the peers in it")
    python = parser.parse_args().peers_python
    peers = [] if python is None else ["--peers-python", python]
    first_light.main()
    chips.main()
    failed = train_step.main(peers)
    failed |= cnn_step.main(peers)
    failed |= cnn_chip.main([])
    failed |= wires.main(peers)
    failed |= evaluate.main([])
    failed |= service.main([])
    if torch.cuda.is_available():
        failed |= cuda.main([])
    failed |= bit_true.main([])
    failed |= crosssim.main([])
    failed |= recipes.main([])
    failed |= references.main([])
    failed |= accuracy.main(peers)
    failed |= cifar.main(peers)
    failed |= milo.main([])
    failed |= fsdd.main([])
    results.main([])
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
