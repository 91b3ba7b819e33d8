"""A light load generator: one thread, kept-alive connections, requests made beforehand.

    python bench/http_load.py REQUESTS --port 8000 --head FILE --rate 500 --connections 32 --seconds 20 --out FILE

REQUESTS: one JSON body a line, each sent once, in their order. head: a file with the request line and the headers but
Content-Length. rate: requests a second at random moments (a Poisson process) whatever the answers take; 0: each
connection sends the next as soon as it has its answer. A request's time counts from the moment at which it was due, so
that one that waits for a free connection is not flattered. out: a line for each answer: number of the request,
seconds, status, body. The last line printed is one JSON object: what was sent, and this process's own CPU seconds.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import resource
import select
import socket
import time
from collections import deque
from pathlib import Path

LONGEST_WAIT = 30.0


class Connection:
    """One kept-alive connection, with at most one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number, self.due, self.got = -1, 0.0, b""

    def send(self, number: int, due: float, octets: bytes) -> None:
        self.number, self.due, self.got = number, due, b""
        self.socket.sendall(octets)

    def receive(self) -> tuple[int, bytes] | None:
        """Status and body, once they are whole."""
        octets = self.socket.recv(1 << 18)
        if not octets:
            raise ConnectionError("the server closed a connection")
        self.got = self.got + octets if self.got else octets
        end = self.got.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self.got[:end].lower()
        at = head.index(b"content-length:") + 15
        length = int(head[at : (head.find(b"\r\n", at) + 1 or len(head) + 1) - 1])
        if len(self.got) < end + 4 + length:
            return None
        return int(self.got[9:12]), self.got[end + 4 :]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("requests", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--head", type=Path, required=True)
    parser.add_argument("--rate", type=float, default=0.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    head = options.head.read_bytes().rstrip() + b"\r\nContent-Length: "
    bodies = options.requests.read_bytes().splitlines()
    ready = [head + str(len(body)).encode() + b"\r\n\r\n" + body for body in bodies]
    gc.disable()
    begun, cpu = time.perf_counter(), time.process_time()
    answers = drive(ready, options)
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    with options.out.open("wb") as out:
        for number, taken, status, body in answers:
            out.write(b"%d %.6f %d " % (number, taken, status) + body + b"\n")
    print(
        json.dumps(
            {
                "sent": len(answers),
                "seconds": seconds,
                "cpu_seconds": cpu,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def drive(ready: list[bytes], options: argparse.Namespace) -> list[tuple[int, float, int, bytes]]:
    """Send requests until the time is over or none is left; every one that was sent is waited for."""
    poll, free = select.epoll(), deque(Connection(options.port) for _ in range(options.connections))
    by_handle = {each.socket.fileno(): each for each in free}
    for handle in by_handle:
        poll.register(handle, select.EPOLLIN)
    clock, chance = time.perf_counter, random.Random(options.seed)
    answers: list[tuple[int, float, int, bytes]] = []
    following, busy, start = 0, 0, clock()
    due = start
    while True:
        now = clock()
        ended = following == len(ready) or due - start >= options.seconds
        while free and not ended and (due <= now or not options.rate):
            if not options.rate:
                due = now
            free.popleft().send(following, due, ready[following])
            following, busy = following + 1, busy + 1
            due += chance.expovariate(options.rate) if options.rate else 0.0
            ended = following == len(ready) or due - start >= options.seconds
        if ended and not busy:
            return answers
        wait = LONGEST_WAIT if ended or not free else max(due - clock(), 0.0)
        events = poll.poll(wait)
        if not events and (ended or not free):
            raise TimeoutError(f"no answer within {LONGEST_WAIT:.0f} seconds")
        for handle, _ in events:
            connection = by_handle[handle]
            answer = connection.receive()
            if answer is not None:
                answers.append((connection.number, clock() - connection.due, *answer))
                free.append(connection)
                busy -= 1
                if not options.rate:
                    due = clock()


if __name__ == "__main__":
    main()
