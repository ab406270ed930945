"""The service's outside: the HTTP server, the command line `mho` and the Python client. Free of torch."""
