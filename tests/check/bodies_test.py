"""understudy check beyond the recorded text: bodies of functions, triggers and DO blocks, and temporary tables.

    bodies_test.py UNDERSTUDY [PART …]
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "fidelity"))
from stage import lab, stage  # noqa: E402

INSERT = "insert into orders (customer, note, total) values (1, 'fragile', 10)"
OWED = "select owed(1)"
TOLD = "select told(1)"
BLOCK = "do $$ declare n int; begin select count(*) into n from orders where note = 'x'; end $$"
STAGED = "insert into orders (customer, note) select customer, note from staging"
COUNTED = "select count(*) from totals"
STATEMENTS = (INSERT, OWED, TOLD, "select made_up('orders')", BLOCK,
              "create temp table staging (like orders including defaults)",
              "insert into staging (customer, note) values (2, 'x')", STAGED,
              "select customer, sum(total) as total into temp totals from orders group by customer", COUNTED,
              "prepare one (int) as select note from orders where id = $1")


def clients(conninfo):
    return ["psql", "-X", "-q", "-d", conninfo, *(part for text in STATEMENTS for part in ("-c", text))]


class Desk:
    def __init__(self, scene):
        self.scene, self.recording = scene, scene.record("bodies", clients, source="proxy")
        self.dump = os.path.join(scene.folder, "dump.sql")
        with open(self.dump, "w", encoding="utf-8") as file:
            file.write(scene.staging.client(["pg_dump", "--schema-only", "origin"]))

    def check(self, migration, *options):
        report = os.path.join(self.scene.folder, "check.json")
        path = os.path.join(self.scene.folder, "change.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write(migration)
        done = self.scene.understudy.call("check", self.recording.path, "--schema", self.dump, "--migration", path, "--json",
                                          report, *options)
        lab.check(done.returncode in (0, 1, 3), f"check ended with {done.returncode}: {done.stderr}")
        with open(report, encoding="utf-8") as file:
            return done.returncode, json.load(file), done.stdout


def of_bodies(report, sqlstate):
    """Statement → reasons, of what is predicted from bodies."""
    found = {}
    for one in report["predicted"]:
        if one["kind"] == "function_body" and one["sqlstate"] == sqlstate:
            found.setdefault(one["statement"].split(" ")[0].lower() + " " + one["object"], []).append(one["reason"])
    return found


def harmless(desk):
    """All of it can be asked about, and nothing is found."""
    code, report, said = desk.check("alter table orders add column extra integer;\n")
    lab.check(code == 0, f"harmless: {said}")
    lab.check(not report["not_checked"], f"not checked: {report['not_checked']}")
    lab.check(report["bodies"]["routines"] == 4, f"reached: {report['bodies']}")
    lab.check(report["bodies"]["not_checked"] == {"dynamic_sql": 1}, f"bodies: {report['bodies']}")


def dropped(desk):
    """A column that is named in bodies, by a block, and through a temporary table made like its table."""
    code, report, said = desk.check("alter table orders drop column note;\n")
    found = of_bodies(report, "42703")
    # The planner puts the body of owed() in place of its call, so that is observed.
    lab.check(code == 1 and set(found) == {"select public.told(integer)", "do DO"}, f"bodies: {sorted(found)} {said}")
    observed = {one["statement"].lower()[:40] for one in report["findings"] if one.get("sqlstate") == "42703"}
    lab.check(len(observed) == 5, f"observed: {observed} {said}")
    idle = [one for one in report["possible"] if "nobody_calls" in one["object"]]
    lab.check(len(idle) == 1 and "no recorded statement" in idle[0]["reason"], f"unreached: {report['possible']}")


def by_trigger(desk):
    """A trigger's body is broken by a change of another table than the statement's."""
    _, report, said = desk.check("alter table audit drop column note;\n")
    reasons = [one for one in report["predicted"] if one["kind"] == "function_body"]
    lab.check(len(reasons) == 2 and all("trigger \"audited\"" in one["reason"] and "line 4 of audit_order()" in one["reason"]
                                        and "where it is reached" in one["reason"] for one in reasons), f"trigger: {said}")
    lab.check(not report["findings"], f"nothing to be observed: {said}")


def ambiguous(desk):
    """A new column has the name of a function's parameter."""
    _, report, said = desk.check("alter table orders add column p_id integer;\n")
    found = of_bodies(report, "42702")
    lab.check(len(found) == 1 and "p_id" in str(found), f"ambiguous: {found} {said}")


def returns_otherwise(desk):
    """An SQL function's last statement no longer gives what the function returns, and there is no cast to it."""
    _, report, said = desk.check("alter table orders alter column total drop default, alter column total type interval "
                                 "using make_interval(secs => total::float8);\n")
    told = [one for one in report["findings"] + report["predicted"] if one.get("sqlstate") == "42P13"]
    lab.check(told, f"return type: {said}")


def without_temps(desk):
    code, report, said = desk.check("select 1;\n", "--temp-tables", "never")
    lab.check(code == 3, f"too little was checked for a verdict: {code} {said}")
    lab.check(report["not_checked"] == {"server_trouble": 4}, f"never: {report['not_checked']} {said}")


def main():
    lab.need_programs("psql", "pg_dump")
    with stage(sys.argv[1]) as scene:
        scene.load(script=os.path.join(HERE, "bodies.sql"))
        desk = Desk(scene)
        for part in (harmless, dropped, by_trigger, ambiguous, returns_otherwise, without_temps):
            if part.__name__ in (sys.argv[2:] or [part.__name__]):
                part(desk)
                lab.say(f"{part.__name__}: passed")


if __name__ == "__main__":
    lab.run(main)
