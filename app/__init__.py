"""The FastAPI server, the command line `mho` and the Python client."""
