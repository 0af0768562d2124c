"""understudy rehearse from its command line to its report: a recorded shop on one server, its copy on another, and
migrations of each sort. Each has to get its verdict, and the target has to be as it was.

    rehearse_test.py UNDERSTUDY
"""
import contextlib
import json
import os
import signal
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "fidelity"))
from stage import ORIGIN, lab, stage  # noqa: E402

SECONDS = 6
TARGET = "staging_shop"
FAST = ("--traffic-time", "4s", "--quiet")


def shop_traffic(conninfo):
    """Four clients with prepared statements, and four that keep transactions open for a second or two. The pause keeps what
    is ambiguous far below the limit, on a slow machine too."""
    bench = f"pgbench -n -M prepared -T {SECONDS} -c 4 -j 1 -D pause=60 -f {HERE}/shop.pgbench '{conninfo}'"
    reader = f"pgbench -n -T {SECONDS} -c 4 -f {HERE}/reader.pgbench '{conninfo}'"
    return ["sh", "-c", f"{bench} & {reader}; wait"]


class Evening:
    def __init__(self, scene, recording):
        self.scene, self.recording = scene, recording
        scene.staging.sql(f"create database {TARGET} template {ORIGIN}")
        scene.understudy.must("target", "--mark", self.target())
        self.before = self.state()

    def target(self):
        return self.scene.conninfo(TARGET)

    def state(self):
        """Of the whole target: nothing may have touched it."""
        if self.scene.staging.version != self.scene.production.version:  # for which there may be no pg_dump here
            return [self.scene.understudy.must("schema", "fingerprint", self.target()), self.scene.staging.client(
                ["psql", "-X", "-A", "-t", TARGET, "-c", "table customers; table orders"])]
        dump = self.scene.staging.client(["pg_dump", TARGET])
        return [line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]

    def kept(self):
        return ["--history", os.path.join(self.scene.folder, "history"), "--job", "nightly"]

    def databases(self):
        return set(self.scene.staging.sql("select datname from pg_database").split())

    def file(self, name, text):
        path = os.path.join(self.scene.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def command(self, up, down, options):
        migration = ["--migration", self.file("up.sql", up)]
        if down is not None:
            migration += ["--rollback", self.file("down.sql", down)]
        report = os.path.join(self.scene.folder, "rehearsal.json")
        with contextlib.suppress(FileNotFoundError):
            os.remove(report)
        return [self.recording.path, "--target", self.target(), *migration, "--json", report, *FAST, *options], report

    def rehearse(self, up, down, *options):
        """(exit code, report); and the target is as it was, with no database beside it that was not there before."""
        arguments, path = self.command(up, down, options)
        databases = self.databases()
        done = self.scene.understudy.call("rehearse", *arguments)
        lab.check(os.path.exists(path), f"no report; exit code {done.returncode}: {done.stdout}{done.stderr}")
        lab.check(self.databases() == databases, f"left behind: {self.databases() - databases}")
        with open(path, encoding="utf-8") as file:
            report = json.load(file)
        report["said"] = done.stdout
        report["part"] = {section["id"]: section for section in report["sections"]}
        lab.say(f"{up[:60]!r}: exit code {done.returncode}, " +
                ", ".join(f"{s['id']} {s['state']}" for s in report["sections"]))
        return done.returncode, report


def harmless(evening):
    code, report = evening.rehearse("alter table customers add column email text;",
                                    "alter table customers drop column email;", "--max-stall", "10s", *evening.kept())
    lab.check(code == 0 and report["verdict"] == "same", f"cried wolf: {code} {report['reasons']} {report['said']}")
    states = {name: part["state"] for name, part in report["part"].items()}
    wanted = dict.fromkeys(("staging", "hazards", "migration", "held", "traffic", "rollback", "history"), "passed")
    lab.check(states == wanted, f"{states}: {report['said']}")


def harmful(evening):
    """A column that queries read: every way of meeting it is found; its down loses the data."""
    code, report = evening.rehearse("alter table customers drop column note;", "alter table customers add column note text;",
                                    "--max-stall", "10s", *evening.kept())
    lab.check(code == 1, f"passed: {report['said']}")
    lost = [f for f in report["findings"] if f.get("sqlstate") == "42703"]
    lab.check(len(lost) == 2 and all(f["seen_in"] == "fresh and held sessions" for f in lost), f"{report['said']}")
    way_back = report["part"]["rollback"]
    lab.check(way_back["state"] == "failed" and "lossy" in way_back["summary"], f"{way_back}")


def remembered(evening):
    """The two runs before, from the history: listed, shown, and told apart."""
    call, place = evening.scene.understudy.call, evening.kept()[:2]
    listed = json.loads(evening.scene.understudy.must("history", "list", *place, "--json"))["runs"]
    lab.check([(run["job"], run["verdict"]) for run in listed] == [("nightly", "divergent"), ("nightly", "same")], f"{listed}")
    shown = call("show", "last", *place)
    lab.check(shown.returncode == 0 and "DIVERGENT" in shown.stdout and "42703" in shown.stdout, f"{shown}")
    by_id = json.loads(evening.scene.understudy.must("show", listed[1]["id"], *place, "--json"))
    lab.check(by_id["verdict"] == "same", f"{by_id['verdict']}")
    apart = call("diff", listed[1]["id"], "last", *place, "--json")
    changes = json.loads(apart.stdout)["changes"]
    lab.check(apart.returncode == 1 and {change["state"] for change in changes} == {"new"}, f"{apart.returncode} {changes}")
    lab.check(len([change for change in changes if change.get("sqlstate") == "42703"]) == 2, f"{changes}")
    back = call("diff", "last", listed[1]["id"], *place)
    lab.check(back.returncode == 0 and "gone" in back.stdout, f"{back}")
    same = call("diff", "last", "last", *place)
    lab.check(same.returncode == 0, f"{same}")


def only_held(evening):
    """A type that reads the same: sessions with prepared statements fail, new ones do not."""
    code, report = evening.rehearse("alter table customers alter column name type text;",
                                    "alter table customers alter column name type varchar(40);", "--max-stall", "10s",
                                    "--no-traffic", "--no-rollback")
    held = [f for f in report["findings"] if f.get("sqlstate") == "0A000"]
    lab.check(code == 1 and len(held) == 1 and held[0]["seen_in"].startswith("held sessions"), report["said"])


def queue(evening):
    """A lock that waits for an open reader: all others wait behind it. With a lock_timeout the migration gives up instead."""
    code, report = evening.rehearse("alter table orders add column channel text;", "alter table orders drop column channel;",
                                    "--max-stall", "300ms", "--no-held", "--no-rollback")
    traffic = report["part"]["traffic"]
    lab.check(code == 1 and traffic["state"] == "failed", f"{code}: {report['said']}")
    lab.check(any("once more with lock_timeout" in line for line in traffic["lines"]), f"{traffic}")


def broken(evening):
    code, report = evening.rehearse("alter table customers add column a int; alter table missing add column b int;", None)
    part = report["part"]["migration"]
    lab.check(code == 1 and part["state"] == "failed" and "missing" in part["summary"], f"{code}: {report['said']}")


def killed(evening):
    """Whenever it is killed, `clean` finds what is left, and the target is usable."""
    arguments, _ = evening.command("alter table customers add column email text;", "alter table customers drop column email;",
                                   ())
    databases = evening.databases()
    for delay in (0.3, 1.5, 3.5) if lab.long_run() else (1.5,):
        with subprocess.Popen([evening.scene.understudy.path, "rehearse", *arguments], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as process:
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        lab.wait_for(lambda: not evening.scene.staging.sql(
            "select 1 from pg_stat_activity where application_name like 'understudy%'").strip(), "the end of its connections")
        evening.scene.understudy.must("clean", "--target", evening.target())
        lab.check(evening.databases() == databases, f"left behind: {evening.databases() - databases}")


def being_made(evening):
    """A copy that the server still makes when its maker is killed is seen by nobody yet: `clean` says that it comes."""
    name = "understudy_candidate_0123456789abcdef"
    conninfo = evening.target()
    with subprocess.Popen(["psql", "-X", conninfo, "-c", "select pg_sleep(4)"], stdout=subprocess.DEVNULL) as reader:
        # It waits for whoever is connected to what it copies, for five seconds.
        with subprocess.Popen(["psql", "-X", "-q", evening.scene.conninfo("postgres"), "-c",
                               f'create database "{name}" template {TARGET}'], stderr=subprocess.DEVNULL) as maker:
            lab.wait_for(lambda: evening.scene.staging.sql(
                "select 1 from pg_stat_activity where state = 'active' and query like 'create database%'").strip(), "the copy")
            said = evening.scene.understudy.must("clean", "--target", conninfo)
            lab.check(f"kept     {name}" in said and said.endswith("0 scratch databases dropped, 1 kept\n"), said)
            maker.wait()
        reader.wait()
    evening.scene.staging.sql(f'drop database if exists "{name}"')


def stopped(evening):
    """Ctrl-C drops the copies and says that there is no verdict."""
    arguments, _ = evening.command("alter table customers add column email text;", None, ())
    databases = evening.databases()
    with subprocess.Popen([evening.scene.understudy.path, "rehearse", *arguments], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    lab.check(process.returncode == 3 and "stopped" in said, f"{process.returncode}: {said}")
    lab.check(evening.databases() == databases, f"left behind: {evening.databases() - databases}")


def beyond(evening):
    """What would leave the copy is refused before anything runs, of the way back, too."""
    for up, down in (("alter system set work_mem = '9MB';", None), (f"comment on database {TARGET} is 'x';", None),
                     ("select 1;", "copy (select 1) to program 'true';"), ("create role somebody;", None)):
        arguments, path = evening.command(up, down, ())
        done = evening.scene.understudy.call("rehearse", *arguments)
        lab.check(done.returncode == 4 and ".sql:1:" in done.stderr and not os.path.exists(path), f"{up}: {done}")


def own_tool(evening):
    """The team's own tool: its session is watched, too."""
    report = os.path.join(evening.scene.folder, "own.json")
    done = evening.scene.understudy.call(
        "rehearse", evening.recording.path, "--target", evening.target(), "--json", report, *FAST, "--max-stall", "300ms",
        "--no-held", "--migrate-command", "psql -X \"$DATABASE_URL\" -c 'alter table orders add column channel text'")
    with open(report, encoding="utf-8") as file:
        parts = {section["id"]: section for section in json.load(file)["sections"]}
    lab.check(done.returncode == 1 and parts["traffic"]["state"] == "failed", f"{done.returncode}: {parts}")
    lab.check(parts["rollback"]["state"] == "skipped", f"{parts['rollback']}")


def by_command(evening):
    """Without copies: a command restores the target before each run."""
    understudy = evening.scene.understudy
    server = evening.scene.staging
    psql = f"psql -X -q -h 127.0.0.1 -p {server.port} -U {lab.SUPERUSER} -d postgres"
    restore = evening.file("restore.sh", f"""{psql} -c 'drop database {TARGET} with (force)' &&
{psql} -c 'create database {TARGET} template {ORIGIN}' && {understudy.path} target --mark "$UNDERSTUDY_TARGET"
""")
    code, report = evening.rehearse("alter table customers drop column note;", None, "--reset", "command", "--reset-command",
                                    f"sh {restore}", "--no-held", "--no-traffic")
    lab.check(code == 1 and any(f.get("sqlstate") == "42703" for f in report["findings"]), report["said"])
    lab.check(report["part"]["rollback"]["state"] == "skipped", f"{report['part']['rollback']}")
    subprocess.run(["sh", restore], check=True, env=os.environ | {"UNDERSTUDY_TARGET": evening.target()})


def configured(evening):
    """All of it in a file of the repository; --plan does nothing."""
    path = evening.file("understudy.yaml", f"""rehearse:
  capture: {evening.recording.path}
  target: {evening.target()}
  migration: {evening.file("up.sql", "alter table customers add column email text;")}
  no-held: true
  no-traffic: true
  no-rollback: true
""")
    call = evening.scene.understudy.call
    planned = call("rehearse", "--config", path, "--plan")
    lab.check(planned.returncode == 0 and "confirmation" in planned.stdout, f"{planned.stdout}{planned.stderr}")
    done = call("rehearse", "--config", path, "--quiet")
    lab.check(done.returncode == 0 and "SAME" in done.stdout, f"{done.stdout}{done.stderr}")
    template = os.path.join(evening.scene.folder, "template.yaml")
    evening.scene.understudy.must("init", template)
    lab.check(call("init", template).returncode == 2, "init wrote over a file")
    known = call("rehearse", "--config", template, "--plan")
    lab.check("production.pgcap" in known.stderr, f"the template has a key that rehearse does not know: {known.stderr}")
    secret = evening.file("secret.yaml", "rehearse:\n  target: host=x password=y\n")
    refused = call("rehearse", "--config", secret)
    lab.check(refused.returncode == 2 and "secret.yaml:2" in refused.stderr, f"{refused.stderr}")


def main():
    lab.need_programs("pgbench", "psql", "pg_dump")
    with stage(sys.argv[1]) as scene:
        scene.load(script=os.path.join(HERE, "schema.sql"))
        evening = Evening(scene, scene.record("shop", shop_traffic, source="proxy"))
        parts = (harmless, harmful, remembered, only_held, queue, broken, beyond, own_tool, configured, stopped, killed,
                 being_made, by_command)
        wanted = sys.argv[2:] or [part.__name__ for part in parts]
        for part in parts:
            if part.__name__ in wanted:
                part(evening)
        lab.check(evening.state() == evening.before, "the target was changed")


if __name__ == "__main__":
    lab.run(main)
