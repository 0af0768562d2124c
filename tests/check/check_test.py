"""understudy check from its command line to its report: recorded statements, and migrations of each sort asked of a
scratch copy, of a throwaway server and of the cache. No database, process or folder may stay behind.

    check_test.py UNDERSTUDY [PART …]
"""
import contextlib
import copy
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "fidelity"))
from stage import ORIGIN, lab, stage  # noqa: E402

TARGET = "staging_shop"
STATEMENTS = ("select id, name, note from customers where id = 3",
              "insert into customers (name) values ('new customer')",
              "update customers set note = 'seen' where id = 4")
HARMLESS = "alter table customers add column email text;\n"
DROPPED = "alter table customers drop column note;\n"
NOT_NULL = "alter table customers add column code integer;\nupdate customers set code = id;\n" \
           "alter table customers alter column code set not null;\n"
FAILING = "alter table customers add column a integer;\n\nalter table missing add column b integer;\n"


def clients(conninfo):
    return ["psql", "-X", "-q", "-d", conninfo, *(part for text in STATEMENTS for part in ("-c", text))]


class Desk:
    def __init__(self, scene, recording):
        self.scene, self.recording = scene, recording
        scene.staging.sql(f"create database {TARGET} template {ORIGIN}")
        scene.understudy.must("target", "--mark", self.target())
        self.dump = self.file("dump.sql", scene.staging.client(["pg_dump", "--schema-only", ORIGIN]))

    def target(self):
        return self.scene.conninfo(TARGET)

    def file(self, name, text):
        path = os.path.join(self.scene.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def databases(self):
        return set(self.scene.staging.sql("select datname from pg_database").split())

    def check(self, migration, *options, where=None):
        """(exit code, report or none, what was said); and no database is left that was not there before."""
        report = os.path.join(self.scene.folder, "check.json")
        with contextlib.suppress(FileNotFoundError):
            os.remove(report)
        databases = self.databases()
        done = self.scene.understudy.call("check", self.recording.path, *(where or ("--target", self.target())), "--migration",
                                          self.file("V1__change.sql", migration), "--json", report, *options)
        lab.check(self.databases() == databases, f"left behind: {self.databases() - databases}")
        said = done.stdout + done.stderr
        if not os.path.exists(report):
            return done.returncode, None, said
        with open(report, encoding="utf-8") as file:
            return done.returncode, json.load(file), said


def verdicts(desk, where=None):
    """The four migrations get their verdicts."""
    code, report, said = desk.check(HARMLESS, where=where)
    lab.check(code == 0 and report["verdict"] == "passed" and report["checked"] == len(STATEMENTS), f"harmless: {code} {said}")
    lab.check(isinstance(report["hazards"], list) and report["hazards"], f"no hazards: {said}")

    code, report, said = desk.check(DROPPED, where=where)
    lost = [one for one in report["findings"] if one.get("sqlstate") == "42703"]
    lab.check(code == 1 and len(lost) == 2, f"dropped column: {code} {said}")

    code, report, said = desk.check(NOT_NULL, where=where)
    lab.check(code == 1 and not report["findings"], f"not null: {code} {said}")
    lab.check([(one["kind"], one["sqlstate"]) for one in report["predicted"]] == [("not_null", "23502")], f"not null: {said}")

    code, report, said = desk.check(FAILING, where=where)
    lab.check(code == 1 and report["migration"]["failed"], f"failing migration: {code} {said}")
    lab.check(report["migration"]["place"].endswith("V1__change.sql:3"), f"its place: {report['migration']}")
    lab.check(report["migration"]["sqlstate"] == "42P01", f"its error: {report['migration']}")


def on_target(desk):
    verdicts(desk)


def on_dump(desk):
    """The same without a server; neither a folder nor a process stays."""
    pattern = os.path.join(tempfile.gettempdir(), "understudy-pg-*")
    before = set(glob.glob(pattern))
    verdicts(desk, where=("--schema", desk.dump))
    left = set(glob.glob(pattern)) - before
    lab.check(not left, f"folders left: {left}")
    processes = subprocess.run(["ps", "-eo", "args"], stdout=subprocess.PIPE, text=True, check=True).stdout
    running = {line for line in processes.splitlines() if "understudy-pg-" in line}
    lab.check(not [line for line in running if not any(folder in line for folder in before)], f"servers left: {running}")


def cached(desk):
    """The second run says so and gives the same; a changed migration, and a changed target, are noticed."""
    options = ("--cache", os.path.join(desk.scene.folder, "cache"))
    fresh = "nothing has changed since"
    code, report, said = desk.check(DROPPED, *options)
    lab.check(code == 1 and fresh not in said, f"first: {code} {said}")
    again, same, said = desk.check(DROPPED, *options)  # which writes the migration anew: its times are not its content
    lab.check(again == 1 and fresh in said and len(same["findings"]) == len(report["findings"]), f"second: {again} {said}")
    code, same, said = desk.check(HARMLESS, *options)
    lab.check(code == 0 and fresh not in said, f"changed migration: {code} {said}")
    code, same, said = desk.check(HARMLESS + "\n", *options)
    lab.check(f"of {2 * len(STATEMENTS)} answers {2 * len(STATEMENTS)} were kept" in said, f"no statement is touched: {said}")
    code, same, said = desk.check(DROPPED + "\n", *options)
    lab.check(code == 1 and len(same["findings"]) == len(report["findings"]), f"with kept answers: {code} {said}")
    lab.check(same["findings"][0]["message"] == report["findings"][0]["message"], f"with kept answers: {said}")
    path = os.path.join(desk.scene.folder, "V1__change.sql")
    arguments = ("check", desk.recording.path, "--target", desk.target(), "--migration", path, *options)
    desk.scene.staging.sql("create table beside (id integer)", database=TARGET)
    done = desk.scene.understudy.call(*arguments)
    lab.check(done.returncode == 1 and fresh not in done.stdout + done.stderr, f"changed target: {done.stderr}")
    desk.scene.staging.sql("drop table beside", database=TARGET)


def unmarked(desk):
    code, report, said = desk.check(HARMLESS, where=("--target", desk.scene.conninfo(ORIGIN)))
    lab.check(code == 4 and report is None, f"an unmarked target: {code} {said}")


def stopped(desk):
    """Ctrl-C drops the scratch database, even amid the migration."""
    path = desk.file("slow.sql", "select pg_sleep(5);\n" + HARMLESS)
    databases = desk.databases()
    with subprocess.Popen([desk.scene.understudy.path, "check", desk.recording.path, "--target", desk.target(), "--migration",
                           path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        lab.wait_for(lambda: desk.databases() != databases or process.poll() is not None, "the scratch database")
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)
    lab.check(process.returncode in (3, 4), f"it was not stopped: {process.returncode}")
    lab.check(desk.databases() == databases, f"left behind: {desk.databases() - databases}")


PLAIN = "plain"


def plain_owner(desk):
    """Asked by the owner of the database, no superuser and no member of the recorded role: what is not checked is said, with what
    to grant, and a REVOKE is not taken for no change."""
    scene, database = desk.scene, "staging_plain"
    for server in (scene.production, scene.staging):
        server.sql("create role app login")
    scene.production.sql("grant select, insert, update on customers to app; grant usage on sequence customers_id_seq to app",
                         database=ORIGIN)
    as_app = (f"user={lab.SUPERUSER}", "user=app")
    recording = scene.record("plain", lambda conninfo: clients(conninfo.replace(*as_app)), source="proxy")
    scene.staging.sql(f"create role {PLAIN} login createdb")
    scene.staging.sql(f"create database {database} owner {PLAIN}")
    dump = scene.production.client(["pg_dump", "--schema-only", "--no-owner", ORIGIN])
    scene.staging.sql(dump, database=database, user=PLAIN)
    scene.understudy.must("target", "--mark", scene.conninfo(database))
    other = copy.copy(desk)
    other.recording = recording
    where = ("--target", scene.conninfo(database).replace(f"user={lab.SUPERUSER}", f"user={PLAIN}"))

    code, report, said = other.check(HARMLESS, where=where)
    lab.check(code == 0 and report["checked"] == len(STATEMENTS) and report["roles_not_assumed"] == ["app"],
              f"harmless: {code} {said}")
    lab.check(f"GRANT app TO {PLAIN};" in said, f"what to grant: {said}")
    code, report, said = other.check(DROPPED, where=where)
    lab.check(code == 1 and len(report["findings"]) == 2, f"dropped column: {code} {said}")
    for text, hit in (("revoke select on customers from app;\n", {"public.customers"}),
                      ("revoke usage on schema public from public;\n", {"public.customers"}),
                      ("revoke update on customers from app;\ngrant update (name) on customers to app;\n",
                       {"public.customers.note"})):
        code, report, said = other.check(text, where=where)
        told = {(one["kind"], one["sqlstate"], one["object"]) for one in report["predicted"]}
        lab.check(code == 1 and told == {("privilege", "42501", one) for one in hit}, f"{text}: {code} {said}")

    scene.staging.sql(f"grant app to {PLAIN}")  # as the report asks for
    code, report, said = other.check("revoke select on customers from app;\n", where=where)
    lab.check(code == 1 and not report["roles_not_assumed"] and not report["predicted"], f"granted: {code} {said}")
    lab.check({one["sqlstate"] for one in report["findings"]} == {"42501"}, f"granted, so it is observed: {said}")


def main():
    lab.need_programs("psql", "pg_dump")
    with stage(sys.argv[1]) as scene:
        scene.load(script=os.path.join(HERE, "schema.sql"))
        desk = Desk(scene, scene.record("shop", clients, source="proxy"))
        parts = (on_target, on_dump, cached, unmarked, stopped, plain_owner)
        wanted = sys.argv[2:] or [part.__name__ for part in parts]
        for part in parts:
            if part.__name__ in wanted:
                part(desk)
                lab.say(f"{part.__name__}: passed")


if __name__ == "__main__":
    lab.run(main)
