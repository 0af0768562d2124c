"""The recording proxy as a stranger meets it: real clients, a real server, and everything that goes wrong.

    proxy_test.py UNDERSTUDY strangers|crowd|ends|disk_full|rotation|options
"""
import contextlib
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

import inputs_test
import kill_test
import lab
import workload

CROWD = 1000
USAGE = 2


@contextlib.contextmanager
def relayed(understudy, folder, name, *options, settings=()):
    """A server, a proxy before it, the server as clients of the proxy see it, and the capture's path."""
    output = os.path.join(folder, f"{name}.pgcap")
    with lab.server(folder, settings=settings) as server:
        workload.prepare(server)
        with front(understudy, server, output, *options) as (proxy, through):
            yield proxy, through, output


@contextlib.contextmanager
def front(understudy, server, output, *options):
    listen = lab.free_port()
    with understudy.proxy(listen, server, output, *options) as proxy:
        yield proxy, lab.Through(server, listen)


def whole(understudy, output):
    code, file = inputs_test.verify(understudy, output)
    lab.check(code == 0 and file["complete"], f"{output}: {file}")


# ---- strangers

def certificate(folder):
    key, chain = os.path.join(folder, "tls.key"), os.path.join(folder, "tls.crt")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", key, "-out", chain],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return key, chain


def strangers(understudy, folder):
    key, chain = certificate(folder)
    sockets = os.path.join(folder, "sockets")
    os.mkdir(sockets, 0o755)
    with relayed(understudy, folder, "tls", "--tls-cert", chain, "--tls-key", key, "--listen", f"{sockets}:7001") as given:
        proxy, through, output = given
        strict = {"PGSSLMODE": "verify-full", "PGSSLROOTCERT": chain, "PGUSER": "scram"}
        show = ["psql", "-X", "-A", "-t", "-c", "\\conninfo", "-c", "select current_user"]
        told = through.client(show, environment=strict)
        lab.check("SSL connection" in told and told.endswith("scram\n"), f"TLS with SCRAM: {told}")
        wrong = subprocess.run(show, env=through.environment() | strict | {"PGPASSWORD": "wrong"}, capture_output=True,
                               text=True, check=False)
        lab.check(wrong.returncode == 2 and "password authentication failed" in wrong.stderr, f"wrong password: {wrong}")
        plain = through.client(show, environment={"PGSSLMODE": "disable"})
        lab.check("SSL" not in plain, f"without TLS: {plain}")
        by_socket = through.client(show, environment={"PGHOST": sockets, "PGPORT": "7001"})
        lab.check("via socket" in by_socket, f"socket: {by_socket}")
        transcripts = workload.perform(through, workload.PSYCOPG2)
        lab.Understudy.end(proxy)
    whole(understudy, output)
    own = {one["session"] for one in understudy.sessions(output)["sessions"]
           if one["application"] == "differential psycopg2"}
    steps = [step for step in understudy.exchanges(output)["exchanges"] if step["session"] in own]
    lines = workload.seen_by_clients({"exchanges": steps}, transcripts)
    lab.check(not lines, "recorded is not what the client saw:\n" + "\n".join(lines[:30]))
    summary = understudy.summary(output)
    lab.check(summary["cancels"] == 1 and summary["quality"]["percent"] == 100, f"cancels, quality: {summary}")
    lab.check("57014" in summary["sqlstates"] and "28P01" in summary["sqlstates"], f"errors: {summary['sqlstates']}")
    upstream_socket(understudy, folder)


def upstream_socket(understudy, folder):
    """The server's Unix socket as upstream; then no server at all."""
    output = os.path.join(folder, "socket.pgcap")
    listen = lab.free_port()
    with lab.server(folder) as server:
        with understudy.started(output, "relaying ", "--listen", f"127.0.0.1:{listen}", "--upstream",
                                f"{server.data}:{server.port}") as proxy:
            through = lab.Through(server, listen)
            lab.check(through.sql("select inet_client_addr() is null") == "t", "the server's socket as upstream")
            server.stop()
            refused = subprocess.run(["psql", "-X", "-c", "select 1"], env=through.environment(), capture_output=True,
                                     text=True, check=False)
            lab.check(refused.returncode == 2 and "cannot connect to" in refused.stderr, f"no server: {refused}")
            lab.Understudy.end(proxy)
    whole(understudy, output)


# ---- a thousand connections

def crowd(understudy, folder):
    resource.setrlimit(resource.RLIMIT_NOFILE, (8192, max(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    settings = (f"max_connections = {CROWD + 50}", "shared_buffers = 32MB")
    with relayed(understudy, folder, "crowd", settings=settings) as (proxy, through, output):
        started = time.monotonic()
        body = struct.pack("!i", 3 << 16) + b"user\0postgres\0database\0postgres\0\0"
        clients = []
        for _ in range(CROWD):
            client = socket.create_connection(("127.0.0.1", through.port))
            client.settimeout(60)
            client.sendall(struct.pack("!i", len(body) + 4) + body)
            clients.append(client)
        for client in clients:
            until_ready(client)
        for round_ in range(3):
            for number, client in enumerate(clients):
                sql = f"select * from generate_series(1, {(number + round_) % 7})".encode() + b"\0"
                client.sendall(b"Q" + struct.pack("!i", len(sql) + 4) + sql)
            for client in clients:
                until_ready(client)
        for client in clients:
            client.sendall(b"X\0\0\0\4")
            client.close()
        lab.Understudy.end(proxy)
        lab.say(f"{CROWD} connections at once, 3 statements each: {time.monotonic() - started:.1f} s")
    whole(understudy, output)
    answered = kill_test.true_exchanges(understudy, output)
    summary = understudy.summary(output)
    lab.check(answered == 3 * CROWD and summary["session_ends"] == {"terminate": CROWD} | summary["session_ends"],
              f"{answered} statements; {summary['session_ends']}")


def until_ready(client):
    data = b""
    while not data.endswith(b"Z\0\0\0\5I"):
        more = client.recv(65536)
        lab.check(more, "the proxy closed a connection")
        data += more


# ---- ends

def ends(understudy, folder):
    with lab.server(folder) as server:
        workload.prepare(server)
        for name, number in (("term", signal.SIGTERM), ("int", signal.SIGINT), ("kill", signal.SIGKILL)):
            output = os.path.join(folder, f"{name}.pgcap")
            with front(understudy, server, output, "--grace", "1s") as (proxy, through):
                with kill_test.busy(through, 60, 4, lasts=False):
                    time.sleep(0.7)
                    begun = time.monotonic()
                    lab.Understudy.end(proxy, number, -signal.SIGKILL if number == signal.SIGKILL else 0)
                    lab.check(time.monotonic() - begun < 4, f"{name}: ended after {time.monotonic() - begun:.1f} s")
            if number == signal.SIGKILL:
                kill_test.whole_chunks(understudy, output)
            else:
                whole(understudy, output)
            answered = kill_test.true_exchanges(understudy, output)
            lab.check(answered > kill_test.AT_LEAST, f"{name}: {answered} statements")
            lab.say(f"{name}: {answered} statements true")
        limits = (("--duration", "1s", "the duration is over"), ("--max-size", "50kB", "--max-size is reached"))
        for option, value, reason in limits:
            output = os.path.join(folder, f"{option[2:]}.pgcap")
            with front(understudy, server, output, "--grace", "1s", option, value) as (proxy, through):
                with kill_test.busy(through, 60, 4, lasts=False):
                    lab.check(proxy.wait(60) == 0, f"{option}: exit code {proxy.returncode}")
            lab.check(reason in lab.contents(output + ".log"), f"{option}: {lab.contents(output + '.log')}")
            whole(understudy, output)
            answered = kill_test.true_exchanges(understudy, output)
            lab.say(f"{option} {value}: {os.path.getsize(output)} bytes, {answered} statements")


# ---- a full disk

def grows(path):
    before = os.path.getsize(path)
    time.sleep(2.5)
    return before < 10_000 or os.path.getsize(path) > before


def disk_full(understudy, folder):
    """The relay goes on; it is said and counted; the exit code says that the recording is not whole."""
    with inputs_test.small_disk(folder) as disk, lab.server(folder) as server:
        workload.prepare(server)
        output = os.path.join(disk, "full.pgcap")
        log = output + ".log"
        os.symlink(os.path.join(folder, "proxy.log"), log)
        with front(understudy, server, output, "--grace", "1s") as (proxy, through):
            with kill_test.busy(through, 60, 4):
                lab.wait_for(lambda: not grows(output), "the disk to be full", 100)
                lab.check(proxy.poll() is None, "the proxy ended on a full disk")
                lab.check("NOT RECORDING" in lab.contents(log), f"nobody is told of the full disk: {lab.contents(log)}")
                lab.check(through.sql("select 41 + 1") == "42", "a relay on a full disk")
            lab.Understudy.end(proxy, signal.SIGTERM, 4)
        text = lab.contents(log)
        lab.check("No space left" in text and "were relayed and not recorded" in text, text)
        code, file = inputs_test.verify(understudy, output)
        lab.check(code == 4 and file["damage"]["bad_chunks"] == 0, f"disk full: {file}")
        answered = kill_test.true_exchanges(understudy, output)
        lab.check(answered > kill_test.AT_LEAST, f"{answered} statements")
        lab.say(text)


# ---- rotation

def rotation(understudy, folder):
    """--keep files under load, each readable alone; SIGHUP begins a new one."""
    output = os.path.join(folder, "captures")
    with lab.server(folder) as server:
        workload.prepare(server)
        with front(understudy, server, output, "--grace", "1s", "--rotate-size", "60kB", "--keep", "3") as (proxy, through):
            with kill_test.busy(through, 60, 4, lasts=False):
                lab.wait_for(lambda: len(files(output)) >= 3, "three files", 60)
                time.sleep(3)
                for _ in range(3):
                    before = files(output)
                    proxy.send_signal(signal.SIGHUP)
                    lab.wait_for(lambda: files(output)[-1:] != before[-1:], "a new file after SIGHUP", 5)
                    # There is one more for as long as the new one is opened and the oldest not yet deleted.
                    lab.wait_for(lambda: len(files(output)) <= 3, "--keep 3", 5)
                lab.Understudy.end(proxy)
        lab.check(len(files(output)) == 3, f"--keep 3: {files(output)}")
        for path in files(output):
            whole(understudy, path)
            lab.say(f"{os.path.basename(path)}: {kill_test.true_exchanges(understudy, path)} statements true")
        kill_test.true_exchanges(understudy, output)


def files(folder):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".pgcap"))


# ---- wrong options

def options(understudy, folder):
    output = os.path.join(folder, "never.pgcap")
    key, chain = certificate(folder)
    place = f"127.0.0.1:{lab.free_port()}"
    proxy = ["--listen", place, "--upstream", "127.0.0.1:1"]
    packets = ["--interface", "lo"]
    wrong = {
        "no source": [],
        "two sources": [*proxy, *packets],
        "no upstream": ["--listen", place],
        "upstream without listen": ["--upstream", "127.0.0.1:1"],
        "certificate without key": [*proxy, "--tls-cert", chain],
        "key without certificate": [*proxy, "--tls-key", key],
        "unknown sslmode": [*proxy, "--upstream-sslmode", "perhaps"],
        "no port": ["--listen", "127.0.0.1", "--upstream", "127.0.0.1:1"],
        "port too large": ["--listen", "127.0.0.1:70000", "--upstream", "127.0.0.1:1"],
        "upstream without port": ["--listen", place, "--upstream", "dbhost"],
        "no duration": [*proxy, "--duration", "soon"],
        "no size": [*proxy, "--max-size", "large"],
        "negative grace": [*proxy, "--grace", "-1s"],
        "no thread": [*proxy, "--threads", "0"],
        "keep without rotation": [*proxy, "--keep", "2"],
        "rotation too fast": [*proxy, "--rotate-every", "10ms"],
        "unknown policy": [*proxy, "--results", "none"],
        "too many parts in a rule": [*proxy, "--redact", "a.b.c.d.e"],
        "no rule in a file": [*proxy, "--redact", "@/dev/null"],
        "rotation into a file": [*proxy, "--rotate-size", "1MB", "--output", chain],
        "filter that is none": [*packets, "--bpf", "no such word"],
        "unknown option": [*proxy, "--colour"],
        "upstream beside packets": [*packets, "--upstream", "127.0.0.1:1"],
        "certificate beside packets": [*packets, "--tls-cert", chain, "--tls-key", key],
        "log's prefix beside packets": [*packets, "--log-line-prefix", "%m "],
        "port beside the proxy": [*proxy, "--port", "5432"],
        "filter beside the proxy": [*proxy, "--bpf", "tcp"],
        "user who is not there": [*proxy, "--user", "no-such-user"],
        "verify-full without root certificate": [*proxy, "--upstream-sslmode", "verify-full"],
        "client certificate without its key": [*proxy, "--upstream-sslcert", chain],
        "a relay to itself": ["--listen", place, "--upstream", place],
    }
    failures = 0
    for name, given in wrong.items():
        arguments = ["capture", *(given if "--output" in given else ["--output", output, *given])]
        try:
            done = subprocess.run([understudy.path, *arguments], capture_output=True, text=True, timeout=3, check=False)
        except subprocess.TimeoutExpired as error:
            lab.say(f"{name}: it runs: {(error.stderr or b'').decode()}")
            failures += 1
            os.remove(output)
            continue
        lines = done.stderr.strip().splitlines()
        if done.returncode != USAGE or not 1 <= len(lines) <= 2:
            lab.say(f"{name}: exit code {done.returncode}: {lines}")
            failures += 1
        if os.path.exists(output):
            lab.say(f"{name}: a file is left")
            failures += 1
            os.remove(output)
    lab.say(f"{len(wrong)} wrong combinations of options")
    with open(output, "wb") as file:
        file.write(b"a capture of yesterday")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        busy = f"127.0.0.1:{taken.getsockname()[1]}"
        done = understudy.call("capture", "--listen", busy, "--upstream", "127.0.0.1:1", "--output", output)
    lab.check(done.returncode == 4 and busy in done.stderr, f"a port in use: {done}")
    lab.check(os.path.getsize(output) == 22, "a proxy that did not start has replaced an earlier capture")
    lab.check(failures == 0, f"{failures} wrong options are taken or not explained")


PARTS = {"strangers": strangers, "crowd": crowd, "ends": ends, "disk_full": disk_full, "rotation": rotation, "options": options}


def main():
    lab.need_programs("psql", "openssl")
    workload.need(workload.PSYCOPG2)
    with lab.scratch_folder() as folder:
        PARTS[sys.argv[2]](lab.Understudy(sys.argv[1]), folder)


if __name__ == "__main__":
    lab.run(main)
