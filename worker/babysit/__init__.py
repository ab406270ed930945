"""Looking after an attempt or a share: its process, its lease, what it reports, and its end in the row."""
