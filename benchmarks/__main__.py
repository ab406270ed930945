"""`python -m benchmarks`: all of them, one after the other, and docs/results.md from what they left.

Options, such as --peers-python PATH, go to those benchmarks that measure peers.
"""

from __future__ import annotations

import sys

from benchmarks import accuracy, chips, first_light, results, train_step


def main() -> int:
    """Run every benchmark, the short ones first. Hours: see benchmarks/README.md."""
    first_light.main()
    chips.main()
    failed = train_step.main(sys.argv[1:])
    failed |= accuracy.main(sys.argv[1:])
    results.main([])
    return failed


if __name__ == "__main__":
    raise SystemExit(main())
