"""Slow and malformed visitors of understudy serve: none of them harms it or another visitor, and all are counted.

    hostile_test.py UNDERSTUDY [SEED]
"""
import json
import os
import random
import socket
import sys
import threading
import time

import viewers
from host import host, lab

CONFIG = "rehearse:\n  capture: nothing.pgcap\n  target: host=127.0.0.1 port=1 dbname=shop\n  migration: up.sql\n"
VIEWERS = 200
MUTATIONS = 400
VALID = (b"GET /api/v1/runs?limit=5 HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nConnection: close\r\n\r\n",
         b"POST /api/v1/rules HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
         b"Connection: close\r\n\r\n{}",
         b"PUT /api/v1/schedules/a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
         b"2\r\n{}\r\n0\r\n\r\n",
         b"GET /api/v1/live HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
         b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")


def status_of(said):
    return int(said.split(b" ", 2)[1]) if said.startswith(b"HTTP/1.") else 0


def malformed(service, _):
    """Requests that are known to be wrong, with the answer that each has to get."""
    long_header = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + 20000 * b"x" + b"\r\n\r\n"
    long_body = b"POST /api/v1/rules HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
    endless = b"POST /api/v1/rules HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n"
    both = (b"POST /api/v1/rules HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x")
    cases = [(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", (400,)), (b"GET\r\n\r\n", (400,)),
             (b"GET / HTTP/9.9\r\n\r\n", (400,)),
             (b"GET / HTTP/1.1\r\nHost a\r\n\r\n", (400,)), (long_header, (431,)), (long_body, (413,)), (endless,
                 (400, 413)), (both, (400,)),
             (b"GET /%00 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", (400,)),
             (b"GET http://other/healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", (400,)),
             (b"GET /" + 3000 * b"a" + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", (414,)),
             (b"GET /a HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", (400,))]
    for data, statuses in cases:
        said = service.raw(data)
        lab.check(status_of(said) in statuses, f"{data[:60]!r}: {said[:120]!r}")
    # Whoever still sends after it was refused gets the answer all the same.
    with socket.create_connection(("127.0.0.1", service.port), timeout=15) as connection:
        connection.sendall(long_header[:17_000])
        time.sleep(0.3)
        connection.sendall(long_header[17_000:])
        time.sleep(0.1)
        lab.check(status_of(connection.recv(65536)) == 431, "the answer was lost")
    lab.check(service.metric("malformed_total") >= 5, "not counted")


def fuzzed(service, chance):
    """Valid requests with bytes changed, dropped, doubled and cut: an answer of HTTP, or none."""
    for _ in range(MUTATIONS):
        data = bytearray(chance.choice(VALID))
        for _ in range(chance.randint(1, 6)):
            at = chance.randrange(len(data))
            kind = chance.randrange(4)
            if kind == 0:
                data[at] = chance.randrange(256)
            elif kind == 1:
                del data[at:at + chance.randint(1, 8)]
            elif kind == 2:
                data[at:at] = data[at:at + chance.randint(1, 30)]
            else:
                data[at:at] = bytes(chance.randrange(256) for _ in range(chance.randint(1, 20)))
            if len(data) < 2:
                break
        said = service.raw(bytes(data), seconds=15)
        lab.check(said == b"" or status_of(said) in (*range(100, 102), *range(200, 500), 503), f"{bytes(data)!r}: {said[:100]!r}")
    lab.check(service.process.poll() is None, "the service is gone")


def fuzzed_frames(service, chance):
    """Frames that are none, before and after signing in."""
    token = json.dumps({"token": service.tokens["view"]}).encode()
    wrong = [lambda: viewers.frame(b"x", masked=False), lambda: viewers.frame(b"x", opcode=3),
             lambda: viewers.frame(b"x" * 200, opcode=9),
             lambda: viewers.frame(b"", length=2 ** 62), lambda: viewers.frame(b"x" * 5000), lambda: viewers.frame(b"x",
                 opcode=0),
             lambda: viewers.frame(b"x", fin=False) + viewers.frame(b"y", opcode=1), lambda: viewers.frame(b"\xff\xfe", opcode=1),
             lambda: viewers.frame(b"\x03", opcode=8), lambda: viewers.frame(token[:-1]), lambda: viewers.frame(b'{"token":7}'),
             lambda: bytes(chance.randrange(256) for _ in range(chance.randint(1, 300)))]
    for make in wrong * (4 if lab.long_run() else 2):
        for first in (b"", viewers.frame(token)):
            connection, line = viewers.handshake(service.port)
            with connection:
                lab.check(" 101 " in line, line)
                connection.settimeout(0.5)
                try:
                    connection.sendall(first + make())
                    while connection.recv(65536):
                        pass
                except OSError:
                    pass
    lab.wait_for(lambda: service.metric("viewers_open") == 0, "all of them to be gone")


def foreign_viewers(service, _):
    """A page of another origin is refused before a token is asked for; without a token there is nothing to see."""
    connection, line = viewers.handshake(service.port, origin="https://evil.example")
    connection.close()
    lab.check(" 403 " in line, line)
    connection, line = viewers.handshake(service.port, origin=f"http://127.0.0.1:{service.port}")
    with connection:
        lab.check(" 101 " in line, line)
        begin = time.monotonic()
        connection.settimeout(10)
        try:
            while connection.recv(100):
                pass
        except ConnectionError:
            pass
        lab.check(time.monotonic() - begin < 9, "a viewer that says nothing is kept")
    connection, _ = viewers.handshake(service.port)
    with connection:
        connection.sendall(viewers.frame(b'{"token":"ust_no"}'))
        opcode, _ = viewers.receive(connection)
        lab.check(opcode == 8, f"opcode {opcode}")


def slow(service, _):
    """Connections that send a byte now and then, or nothing, are closed after ten seconds; others do not notice."""
    slow_ones = [socket.create_connection(("127.0.0.1", service.port), timeout=20) for _ in range(40)]
    begin = time.monotonic()
    for connection in slow_ones[20:]:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")
    answered = []
    while time.monotonic() - begin < 8:
        at = time.monotonic()
        lab.check(service.call("GET", "/healthz").status == 200, "others are not served")
        answered.append(time.monotonic() - at)
        for connection in slow_ones[30:]:
            connection.sendall(b"x")
        time.sleep(0.5)
    time.sleep(5)
    for connection in slow_ones:
        connection.settimeout(5)
        try:
            lab.check(connection.recv(100) in (b"",) or True, "")
        except ConnectionError:
            pass
        except socket.timeout:
            raise lab.Failure("a slow connection is still open") from None
        connection.close()
    lab.check(service.metric("timed_out_total") >= 40, f"counted {service.metric('timed_out_total')}")
    lab.say(f"answers beside 40 slow connections: at most {max(answered) * 1000:.0f} ms")


def many_viewers(service, _):
    """200 viewers see a run begin and end; one that does not read is told what it lost, and holds nobody up."""
    sockets = []
    for _ in range(VIEWERS):
        connection, hello = viewers.signed_in(service.port, service.tokens["view"])
        lab.check(hello["type"] == "hello" and hello["runs"] == [], f"{hello}")
        sockets.append(connection)
        time.sleep(0.025)  # within the rate of one token
    lab.check(service.metric("viewers_open") == VIEWERS, f"{service.metric('viewers_open')} viewers")
    states = [[] for _ in sockets]

    def listen(i):
        while not states[i] or states[i][-1] not in ("failed", "finished"):
            said = viewers.message(sockets[i])
            if said["type"] == "run":
                states[i].append(said["run"]["state"])
    threads = [threading.Thread(target=listen, args=(i,)) for i in range(1, VIEWERS)]
    for thread in threads:
        thread.start()
    begin = time.monotonic()
    lab.check(service.call("POST", "/api/v1/rehearsals/nightly/start", "run", {}).status == 202, "not started")
    for thread in threads:
        thread.join(60)
        lab.check(not thread.is_alive(), "a viewer did not hear of the end")
    lab.check(all(one == ["running", "failed"] for one in states[1:]), f"{states[1:5]}")
    lab.say(f"{VIEWERS} viewers heard of start and end in {time.monotonic() - begin:.2f} s")
    for connection in sockets:
        connection.close()
    lab.wait_for(lambda: service.metric("viewers_open") == 0, "all viewers to be gone")


def too_many_connections(service, _):
    """Beyond the limit connections are closed at once; when room is there again, new ones are served."""
    held = [socket.create_connection(("127.0.0.1", service.port), timeout=10) for _ in range(560)]
    time.sleep(1)
    for connection in held:
        connection.close()
    lab.wait_for(service.is_ready, "room")
    lab.check(service.metric("connections_refused_total") >= 40, f"{service.metric('connections_refused_total')}")


def main():
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 20261128)
    with host(sys.argv[1], {"nightly": CONFIG}) as service:
        for part in (malformed, fuzzed, fuzzed_frames, foreign_viewers, slow, many_viewers, too_many_connections):
            part(service, chance)
            lab.check(service.process.poll() is None, f"{part.__name__}: the service is gone: {service.log()[-2000:]}")
            lab.say(part.__name__)
        descriptors = len(os.listdir(f"/proc/{service.process.pid}/fd"))
        lab.check(descriptors < 40, f"{descriptors} descriptors are open")
        service.end()


if __name__ == "__main__":
    lab.run(main)
