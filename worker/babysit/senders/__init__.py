"""Senders: bring what an attempt reports to blob store, database and other workers, while it goes on."""
