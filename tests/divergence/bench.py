"""Production and staging, and the way of a case over them: recorded on the first, replayed into fresh copies on the second.

    baseline, control    the unchanged schema
    fresh (twice)        copies that were migrated before the first session came
    held (twice)         copies that are migrated while all sessions are open
"""
import contextlib
import datetime
import json
import os
import subprocess
import tempfile

from databases import Databases, lab
import traffic

SETTINGS = ("max_connections = 100", "full_page_writes = off", "autovacuum = off", "synchronous_commit = off",
            "deadlock_timeout = '200ms'", "max_wal_size = '4GB'", "wal_level = logical", "timezone = 'UTC'")
REPLAYS = ("baseline", "control", "fresh", "fresh-again", "held", "held-again")
PAUSE_WAIT = "40ms"  # less than traffic.QUIET
PSQL = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1"]
# A migration that runs while the traffic goes on: it goes on once the migration waits, for a lock or in pg_sleep, or has ended.
WAITS = """select exists (select from pg_stat_activity where datname = current_database() and application_name = 'psql'
    and (wait_event_type = 'Lock' or wait_event = 'PgSleep'))"""
MEANWHILE = """(%s) &
until [ -e %s ] || [ "$(psql -XAt -d "$UNDERSTUDY_TARGET" -c "%s")" = t ]; do sleep 0.02; done"""


class Outcome:
    """What came of a phase: the report of its comparison, its exit code, whether the migration ran through; and what the
    baseline answered otherwise than production."""

    def __init__(self, report, code, migrated, unfaithful):
        self.report, self.code, self.migrated, self.unfaithful = report, code, migrated, unfaithful


class Bench:
    def __init__(self, folder, production, staging, understudy, jobs):
        self.folder, self.production, self.staging = folder, production, staging
        self.understudy = understudy
        self.databases = Databases(production, staging, REPLAYS, jobs)

    def run(self, case):
        """The outcomes of both phases."""
        folder = os.path.join(self.folder, case.name.replace("/", "_"))
        os.mkdir(folder)
        paths = {name: os.path.join(folder, f"{name}.pgcap") for name in ("production", *REPLAYS)}
        files = case.schema_files()
        with self.databases.taken() as database_of:
            pause = self.record(case, database_of("production", files), paths["production"])
            for name in ("baseline", "control"):
                self.replay(paths, name, database_of(name, files))
            fresh = [self.fresh(case, paths, name, database_of(name, files)) for name in ("fresh", "fresh-again")]
            held = [self.held(case, paths, name, database_of(name, files), pause) for name in ("held", "held-again")]
        _, faithful = self.compare(paths, "production", "baseline", "control")
        outcomes = {"fresh": all(fresh), "held": all(held)}
        for phase, migrated in outcomes.items():
            again = phase + "-again"
            timed = ["--latency", "--pair", paths["control"], paths[again]] if case.timed else []
            code, report = self.compare(paths, "baseline", phase, "control", again, *timed)
            outcomes[phase] = Outcome(report, code, migrated, faithful["findings"])
        return outcomes

    def record(self, case, database, path):
        """Plays the case's traffic through a recording proxy; the time at which its migration is due."""
        identify = f"host={self.production.data} port={self.production.port} user={lab.SUPERUSER} dbname={database}"
        port = lab.free_port()
        with self.understudy.proxy(port, self.production, path, "--quiet", "--identify", identify) as process:
            player = traffic.Player(f"host=127.0.0.1 port={port} dbname={database}")
            player.play(case.script)
            self.understudy.end(process)
        return datetime.datetime.fromtimestamp(player.migrated_at, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def fresh(self, case, paths, name, database):
        """Migrates and replays; whether the migration ran through."""
        with open(paths[name] + ".migration", "w", encoding="utf-8") as log:
            done = subprocess.run([*PSQL, "-f", case.file("migration.sql")], stdout=log, stderr=log, check=False,
                                  env=self.staging.environment() | {"PGDATABASE": database})
        self.replay(paths, name, database)
        return done.returncode == 0

    def held(self, case, paths, name, database, pause):
        """Replays, with the migration when all sessions are held; whether it ran through."""
        log, code = paths[name] + ".migration", paths[name] + ".code"
        run = f"{' '.join(PSQL)} -d \"$UNDERSTUDY_TARGET\" -f {case.file('migration.sql')} >{log} 2>&1; echo $? >{code}"
        if case.meanwhile:
            run = MEANWHILE % (run, code, WAITS)
        self.replay(paths, name, database, "--pause-at", pause, "--pause-wait", PAUSE_WAIT, "--run", run)
        lab.wait_for(lambda: os.path.exists(code) and lab.contents(code), "the end of the migration")
        return lab.contents(code).strip() == "0"

    def replay(self, paths, name, database, *options):
        target = f"host=127.0.0.1 port={self.staging.port} user={lab.SUPERUSER} dbname={database}"
        done = self.understudy.call("replay", paths["production"], "--target", target, "--output", paths[name], "--quiet",
                                    "--ignore-start-state", "--speed", "max", *options)
        with open(paths[name] + ".said", "w", encoding="utf-8") as file:
            file.write(done.stdout + done.stderr)
        lab.check(done.returncode == 0 and os.path.exists(paths[name]),
                  f"replay of {name} ended with {done.returncode}: {done.stderr}")

    def compare(self, paths, before, after, control, confirm=None, *options):
        """(exit code, report)"""
        report = paths[after] + ".json"
        confirmation = ["--confirm", paths[confirm]] if confirm else []
        done = self.understudy.call("compare", paths[before], paths[after], "--control", paths[control], *confirmation,
                                    *options, "--json", report)
        with open(paths[after] + ".txt", "w", encoding="utf-8") as file:
            file.write(done.stdout + done.stderr)
        lab.check(done.returncode in (0, 1, 3) and os.path.exists(report),
                  f"compare of {before} and {after} ended with {done.returncode}: {done.stderr}")
        with open(report, encoding="utf-8") as file:
            return done.returncode, json.load(file)


@contextlib.contextmanager
def bench(understudy, version="15", keep=None, jobs=1):
    """Both servers run as long as this does. Captures and reports stay in the folder `keep`, if there is one."""
    with lab.scratch_folder() as scratch, \
            lab.server(scratch, version, settings=SETTINGS, log_statement="none") as production, \
            lab.server(scratch, version, settings=SETTINGS, log_statement="none") as staging:
        if keep:
            os.makedirs(keep, exist_ok=True)
        folder = tempfile.mkdtemp(prefix=f"divergence-{version}-", dir=keep or scratch)
        yield Bench(folder, production, staging, lab.Understudy(understudy), jobs)
