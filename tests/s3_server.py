"""An S3 for the tests: moto, run by an interpreter that has it. Prints its address; ends with its standard input."""

import sys

from moto.server import ThreadedMotoServer

server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
host, port = server.get_host_and_port()
sys.stdout.write(f"http://{host}:{port}\n")
sys.stdout.flush()
sys.stdin.read()
server.stop()
