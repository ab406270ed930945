"""`python -m benchmarks`: all of them, one after the other."""

from __future__ import annotations

from benchmarks import chips, first_light


def main() -> None:
    """Run every benchmark."""
    first_light.main()
    chips.main()


if __name__ == "__main__":
    main()
