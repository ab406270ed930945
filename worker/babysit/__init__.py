"""The process that looks after an attempt or a share: its lease, what it sends and keeps, and its end in the row."""
