"""Messages: publication after the row, and the reconciler that repeats what was lost."""
