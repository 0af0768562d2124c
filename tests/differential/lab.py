"""What the scripts of this folder share: throwaway servers, packets from the loopback interface, the program under test.

A script ends with run(main): exit code 0 passed, 1 failed, 77 skipped. Whatever is started is stopped again.
"""
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
HERE = os.path.dirname(os.path.abspath(__file__))
SYSTEM_PYTHON = "/usr/bin/python3"  # Debian's, which has Debian's psycopg2 and asyncpg
DATABASE = "postgres"
SUPERUSER = "postgres"


class Skip(Exception):
    """Something outside of this repository is missing; says what, and how to get it."""


class Failure(Exception):
    """The program did not do what it should."""


def check(condition, message):
    if not condition:
        raise Failure(message)


def say(text):
    print(text, flush=True)


def run(main):
    """Ends the process with the exit code that ctest is told of."""
    def stop(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, stop)
    try:
        main()
    except Skip as reason:
        say(f"SKIPPED: {reason}")
        sys.exit(SKIPPED)
    except Failure as failure:
        say(f"FAILED: {failure}")
        sys.exit(1)
    say("passed")


def long_run():
    """tools/test --long: more seeds, more rounds."""
    return bool(os.environ.get("UNDERSTUDY_LONG"))


def need_programs(*names):
    for name in names:
        if shutil.which(name) is None:
            raise Skip(f"{name} is not installed (tools/setup differential)")


def need_packets():
    need_programs("tcpdump")
    with tempfile.TemporaryFile() as errors:
        probe = subprocess.run(["timeout", "0.3", "tcpdump", "-i", "lo", "-c", "1", "-w", "/dev/null"], stderr=errors,
                               check=False)
        errors.seek(0)
        text = errors.read().decode(errors="replace")
    if "listening on" not in text:
        raise Skip(f"packets of lo may not be captured here (exit code {probe.returncode}): {text.strip()}")


def clients_folder():
    folder = os.environ.get("UNDERSTUDY_CLIENTS") or os.path.join(HERE, "..", "..", "build", "clients")
    return os.path.join(os.path.abspath(folder), "node_modules")


def need_node_packages():
    need_programs("node")
    if not os.path.isdir(os.path.join(clients_folder(), "pg")):
        raise Skip(f"no npm clients in {clients_folder()}: tools/clients installs them")


def need_python_module(name):
    probe = subprocess.run([SYSTEM_PYTHON, "-c", f"import {name}"], stderr=subprocess.DEVNULL, check=False)
    if probe.returncode != 0:
        raise Skip(f"{SYSTEM_PYTHON} cannot import {name} (tools/setup differential)")


def as_server_user(command):
    if os.geteuid() != 0:
        return command
    return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups"] + command


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def server_programs(version, scratch):
    """The folder with initdb, postgres and pg_ctl of a major version, where the server's user can reach it."""
    debian = f"/usr/lib/postgresql/{version}/bin"
    if os.path.exists(os.path.join(debian, "initdb")):
        return debian
    native = os.path.join(clients_folder(), f"postgresql-{version}", "native")
    if not os.path.exists(os.path.join(native, "bin", "initdb")):
        raise Skip(f"no PostgreSQL {version}: neither {debian} nor {native} (tools/setup differential, tools/clients)")
    reach = subprocess.run(as_server_user([os.path.join(native, "bin", "postgres"), "--version"]),
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if reach.returncode != 0:
        copy = os.path.join(scratch, f"postgresql-{version}")
        if not os.path.exists(copy):
            shutil.copytree(native, copy, symlinks=True)
        native = copy
    return os.path.join(native, "bin")


HBA_RULES = "host all scram 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\nlocal all all trust\n"


class Server:
    """A cluster of its own port, on 127.0.0.1 and a Unix socket, which trusts everyone but the user `scram`."""

    def __init__(self, folder, version="15", settings=(), rules=HBA_RULES, log_statement="all"):
        self.version = version
        self.port = free_port()
        self.data = tempfile.mkdtemp(prefix=f"data-{version}-", dir=folder)
        self.log = os.path.join(self.data, "server.log")
        if os.geteuid() == 0:
            shutil.chown(self.data, "postgres", "postgres")
        self.programs = server_programs(version, folder)
        try:
            self.call("initdb", "-D", self.data, "-U", SUPERUSER, "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
            with open(os.path.join(self.data, "pg_hba.conf"), "w", encoding="ascii") as file:
                file.write(rules)
            with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="ascii") as file:
                file.writelines(line + "\n" for line in ("max_connections = 60", *settings))
            options = (f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.data} -c fsync=off "
                       f"-c log_statement={log_statement} -c password_encryption=scram-sha-256")
            self.call("pg_ctl", "-D", self.data, "-w", "-l", self.log, "-o", options, "start")
        except subprocess.CalledProcessError as error:
            raise Skip(f"PostgreSQL {version} does not start here: {error.output}") from error

    def call(self, program, *arguments):
        command = as_server_user([os.path.join(self.programs, program), *arguments])
        subprocess.run(command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, text=True)

    def stop(self):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.call("pg_ctl", "-D", self.data, "-w", "-m", "immediate", "stop")

    def environment(self):
        """Of clients: libpq's variables, which all of them understand."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return plain | {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": SUPERUSER, "PGDATABASE": DATABASE,
                        "PGPASSWORD": "secret", "NODE_PATH": clients_folder()}

    def sql(self, text, **variables):
        """What psql prints, unaligned and without headings."""
        environment = {f"PG{name.upper()}": str(value) for name, value in variables.items()}
        return self.client(["psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-"], text, environment).strip()

    def client(self, command, text=None, environment=None):
        """What a client printed; a client that fails is a failure of the test's own."""
        done = subprocess.run(command, env=self.environment() | (environment or {}), input=text, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, timeout=120, check=False)
        check(done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout


@contextlib.contextmanager
def scratch_folder():
    with tempfile.TemporaryDirectory(prefix="understudy-differential-") as folder:
        os.chmod(folder, 0o755)
        yield folder


@contextlib.contextmanager
def server(folder, version="15", settings=(), rules=HBA_RULES, log_statement="all"):
    """`settings` are lines of postgresql.conf, `rules` those of pg_hba.conf."""
    running = Server(folder, version, settings, rules, log_statement)
    try:
        yield running
    finally:
        running.stop()


def wait_for(ready, what, seconds=20):
    end = time.monotonic() + seconds
    while not ready():
        check(time.monotonic() < end, f"{what}: not within {seconds} s")
        time.sleep(0.02)


def contents(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()


@contextlib.contextmanager
def packets_into(path, port):
    """All packets of a port of lo, in a pcap file; fails if the kernel dropped one."""
    log = path + ".log"
    with open(log, "w", encoding="utf-8") as errors:
        dump = subprocess.Popen(["tcpdump", "-i", "lo", "-s", "0", "-B", "65536", "-Z", "root", "-w", path, "tcp", "port",
                                 str(port)], stderr=errors)
    try:
        wait_for(lambda: "listening on" in contents(log), "tcpdump")
        yield
        time.sleep(1.2)  # until the kernel has handed over its last block of packets
    finally:
        dump.send_signal(signal.SIGINT)
        dump.wait(20)
    check("0 packets dropped by kernel" in contents(log), f"tcpdump lost packets: {contents(log)}")


class Understudy:
    """The program under test."""

    def __init__(self, path):
        self.path = path

    def call(self, *arguments, **options):
        return subprocess.run([self.path, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=300, check=False, **options)

    def must(self, *arguments):
        done = self.call(*arguments)
        check(done.returncode == 0, f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def decode(self, pcap, port, output, *options):
        self.must("capture", "--pcap", pcap, "--port", str(port), "--output", output, "--quiet", *options)
        return self.summary(output)

    def summary(self, capture):
        return json.loads(self.must("inspect", capture, "--json"))

    def exchanges(self, capture, *options):
        return json.loads(self.must("inspect", capture, "--what", "exchanges", "--json", *options))

    def sessions(self, capture):
        return json.loads(self.must("inspect", capture, "--what", "sessions", "--json"))

    def live(self, port, output, *options):
        """A capture of lo that has begun to listen. Whoever ends it says how; one that still runs is killed."""
        return self.started(output, "capturing on", "--interface", "lo", "--port", str(port), *options)

    def proxy(self, listen, server, output, *options):
        """A recording proxy before a server, at a port of 127.0.0.1."""
        return self.started(output, "relaying ", "--listen", f"127.0.0.1:{listen}", "--upstream",
                            f"127.0.0.1:{server.port}", *options)

    @contextlib.contextmanager
    def started(self, output, word, *options, prefix=()):
        """A live capture that has said the word; its standard error is in OUTPUT.log."""
        log = output + ".log"
        with open(log, "w", encoding="utf-8") as errors:
            process = subprocess.Popen([*prefix, self.path, "capture", "--output", output, *options], stderr=errors,
                                       stdin=subprocess.DEVNULL)
        try:
            wait_for(lambda: word in contents(log) or process.poll() is not None, "the live capture")
            check(process.poll() is None, f"the live capture ended at once: {contents(log)}")
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(20)

    @staticmethod
    def end(process, number=signal.SIGTERM, code=0, seconds=30):
        """Ends a live capture by a signal."""
        process.send_signal(number)
        process.wait(seconds)
        check(process.returncode == code, f"signal {number}: exit code {process.returncode} instead of {code}")


class Through:
    """A server as its clients see it through a proxy."""

    def __init__(self, server, port):
        self.server, self.port = server, port

    def environment(self):
        return self.server.environment() | {"PGPORT": str(self.port)}

    client, sql = Server.client, Server.sql
