"""The HTTP server as a process: its socket, its protocol, its start and end."""
