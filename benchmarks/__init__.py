"""Figures: each `python -m benchmarks.NAME` prints one row per figure and writes benchmarks/results/NAME.json."""
