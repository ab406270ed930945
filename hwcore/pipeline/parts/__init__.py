"""Parts that kinds of jobs share: data, networks, judged chips, checkpoints, output."""
