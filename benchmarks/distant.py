"""A Git server that seems far away, as a process of its own: `python -m benchmarks.distant FOLDER`.

It prints its port. Then each line of its input is a delay in seconds each way, from which on it counts anew; it answers
with what it has counted before, as one line of JSON. It ends with its input.
"""

import json
import sys
from dataclasses import asdict

from benchmarks.gitserver import GitServer
from benchmarks.proxy import Counted, Proxy


def main(folder: str) -> None:
    """Serves until the input ends."""
    server = GitServer(folder)
    proxy = Proxy(server.server_port)
    print(proxy.port, flush=True)
    for line in sys.stdin:
        counted = {**asdict(proxy.counted), "asked": list(server.asked)}
        proxy.delay, proxy.counted = float(line), Counted()
        server.asked.clear()
        print(json.dumps(counted), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
