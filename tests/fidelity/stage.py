"""Production and staging of a fidelity run: two throwaway clusters that begin with the same data, one workload that is
recorded on the first, and any number of replays into fresh copies on the second.
"""
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "differential"))
import lab  # noqa: E402

SETTINGS = ("max_connections = 300", "shared_buffers = '256MB'", "full_page_writes = off", "autovacuum = off",
            "max_wal_size = '4GB'", "log_min_messages = warning", "deadlock_timeout = '1s'")
ORIGIN = "origin"  # what both servers begin with
RECORDED = "shop"
LAST_PACKETS = 1.2  # seconds until the kernel has handed over its last block of packets
LIMIT_FACTOR, HUNG = 10, 30  # a replay may take ten times its recording and 30 s
WAITING = """select pid, state, wait_event_type, wait_event, pg_blocking_pids(pid), now() - state_change, left(query, 100)
from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() order by state_change"""


class Recording:
    """A capture of production, what its clients said when they ended, and how long they took."""

    def __init__(self, path, said, seconds):
        self.path, self.said, self.seconds = path, said, seconds


class Replay:
    """A replay that has ended: its file, exit code (none: killed, as it did not end) and what it said; the report of its
    comparison with production."""

    def __init__(self, path, code, said, seconds, deadlocks, database):
        self.path, self.code, self.said, self.seconds = path, code, said, seconds
        self.deadlocks, self.database = deadlocks, database
        self.report = None


class Stage:
    def __init__(self, folder, production, staging, understudy, log):
        self.folder, self.production, self.staging = folder, production, staging
        self.understudy, self.log = understudy, log
        self.copies = 0

    def load(self, script=None, program=None):
        """Fills the origin on production by an SQL script or a client program, and dumps it onto staging."""
        self.production.sql(f"create database {ORIGIN}")
        if script is not None:
            psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script]
            self.production.client(psql, environment={"PGDATABASE": ORIGIN})
        if program is not None:
            self.production.client(program, environment={"PGDATABASE": ORIGIN})
        dump = self.production.client(["pg_dump", ORIGIN])
        self.staging.sql(f"create database {ORIGIN}")
        self.staging.sql(dump, database=ORIGIN)

    def record(self, name, command, source="packets", options=()):
        """Runs the clients on a fresh copy of the origin and records them. `command` is a function of libpq's conninfo."""
        self.production.sql(f"drop database if exists {RECORDED}")
        self.production.sql(f"create database {RECORDED} template {ORIGIN}")
        path = os.path.join(self.folder, name + ".pgcap")
        direct = f"host=127.0.0.1 port={self.production.port} user={lab.SUPERUSER} dbname={RECORDED}"
        # By the Unix socket, so that the recording has the workload's sessions only.
        identify = direct.replace("127.0.0.1", self.production.data)
        options = ("--quiet", "--identify", identify, *options)
        if source == "packets":
            port, capturing = self.production.port, self.understudy.live(self.production.port, path, *options)
        else:
            port = lab.free_port()
            capturing = self.understudy.proxy(port, self.production, path, *options)
        with capturing as process:
            start = time.monotonic()
            said = self.production.client(command(direct.replace(f"port={self.production.port}", f"port={port}")))
            seconds = time.monotonic() - start
            time.sleep(LAST_PACKETS)
            self.understudy.end(process)
        loss = self.understudy.summary(path)["loss"]
        lab.check(not any(loss.values()), f"the recording lost something: {loss}")
        return Recording(path, said, seconds)

    def copy(self):
        """A marked database of its own on staging; the one before is dropped."""
        if self.copies:
            self.staging.sql(f"drop database copy{self.copies} with (force)")
        self.copies += 1
        database = f"copy{self.copies}"
        self.staging.sql(f"create database {database} template {ORIGIN}")
        self.understudy.must("target", "--mark", self.conninfo(database))
        return database

    def conninfo(self, database):
        return f"host=127.0.0.1 port={self.staging.port} user={lab.SUPERUSER} dbname={database}"

    def replay(self, recording, options, database=None):
        """Plays a recording into a database (a fresh copy unless given) and compares it with production."""
        database = database or self.copy()
        path = recording.path.replace(".pgcap", ".replay.pgcap")
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
        logged = os.path.getsize(self.staging.log)
        command = [self.understudy.path, "replay", recording.path, "--target", self.conninfo(database), "--output", path,
                   "--quiet", *options]
        start = time.monotonic()
        code, said = self.run_limited(command, LIMIT_FACTOR * recording.seconds + HUNG)
        seconds = time.monotonic() - start
        with open(self.staging.log, encoding="utf-8", errors="replace") as log:
            log.seek(logged)
            deadlocks = log.read().count("deadlock detected")
        replay = Replay(path, code, said, seconds, deadlocks, database)
        if code is not None and os.path.exists(path):
            replay.report = self.compare(recording.path, path)
        return replay

    def run_limited(self, command, limit):
        """(exit code, what it said); no code when it had to be killed: then what its sessions waited for."""
        with tempfile.TemporaryFile(mode="w+") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output)
            try:
                code = process.wait(limit)
            except subprocess.TimeoutExpired:
                code = None
                waiting = self.staging.sql(WAITING)
                process.kill()
                process.wait()
            output.seek(0)
            said = output.read()
        return code, said if code is not None else f"{said}had not ended after {limit:.0f} s; sessions on staging:\n{waiting}"

    def compare(self, baseline, candidate):
        """The JSON report of two captures; none when there is no verdict."""
        path = candidate + ".json"
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)
        done = self.understudy.call("compare", baseline, candidate, "--json", path)
        lab.check(done.returncode in (0, 1, 3), f"compare ended with {done.returncode}: {done.stderr}")
        if not os.path.exists(path):
            return None
        with open(path, encoding="utf-8") as file:
            return json.load(file)


@contextlib.contextmanager
def stage(understudy, log=lambda text: print(text, file=sys.stderr, flush=True)):
    """Both servers run as long as this does; `understudy` is the program's path. Staging is of the major version
    UNDERSTUDY_STAGING_VERSION (15).
    """
    version = os.environ.get("UNDERSTUDY_STAGING_VERSION", "15")
    with lab.scratch_folder() as folder, \
            lab.server(folder, settings=SETTINGS, log_statement="none") as production, \
            lab.server(folder, version, settings=SETTINGS, log_statement="none") as staging:
        yield Stage(folder, production, staging, lab.Understudy(understudy), log)


def offered(understudy):
    """The options that this build of replay has."""
    return subprocess.run([understudy, "replay", "--help"], stdout=subprocess.PIPE, text=True, check=True).stdout


def build(*targets):
    """Builds what a run needs, once, where build/release was configured."""
    folder = os.path.join(ROOT, "build", "release")
    subprocess.run(["nice", "ninja", "-C", folder, "-j2", *targets], stdout=subprocess.DEVNULL, check=True)
    return [os.path.join(folder, "bin", target) for target in targets]


def ends(main):
    """Runs a script; what failed goes to standard error, and the exit code is then 1."""
    try:
        main()
    except (lab.Failure, lab.Skip) as failure:
        print(f"{type(failure).__name__}: {failure}", file=sys.stderr)
        sys.exit(1)
