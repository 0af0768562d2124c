"""Histories in the layouts of migration tools, through `understudy rehearse` and `migrate` on a real server: what is
pending by the tool's own table, up, down, up, and failures on the way.

    layouts_test.py UNDERSTUDY [LAYOUT …]
"""
import json
import os
import shutil
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
from failures_test import report_of  # noqa: E402
from rehearse_test import TARGET, Evening, lab, shop_traffic, stage  # noqa: E402

# Each history: a migration that is applied already, one that is pending and reversible, and one that does not come back.
CHANNEL = ("create table channels (id int primary key, name text not null);", "drop table channels;")
EMAIL = ("alter table customers add column email text;\nupdate customers set email = name || '@example.org';",
         "alter table customers drop column email;")
NOTE = ("alter table customers drop column note;", "alter table customers add column note text;")

SQITCH = {
    "sqitch.plan": "%syntax-version=1.0.0\n%project=shop\n\n"
                   "channels 2024-01-01T00:00:00Z A <a@example.org> # channels\n"
                   "email [channels] 2024-01-02T00:00:00Z A <a@example.org> # email\n"
                   "note 2024-01-03T00:00:00Z A <a@example.org> # note\n",
    **{f"deploy/{name}.sql": f"BEGIN;\n{up}\nCOMMIT;\n" for name, (up, _) in
       (("channels", CHANNEL), ("email", EMAIL), ("note", NOTE))},
    **{f"revert/{name}.sql": f"BEGIN;\n{down}\nCOMMIT;\n" for name, (_, down) in
       (("channels", CHANNEL), ("email", EMAIL), ("note", NOTE))},
    "verify/channels.sql": "BEGIN;\nselect id, name from channels where false;\nROLLBACK;\n",
    "verify/email.sql": "BEGIN;\nselect email from customers where false;\nROLLBACK;\n",
}
DBMATE = {f"{stamp}_{name}.sql": f"-- migrate:up\n{up}\n\n-- migrate:down\n{down}\n" for stamp, name, (up, down) in
          (("20240101000000", "channels", CHANNEL), ("20240102000000", "email", EMAIL), ("20240103000000", "note", NOTE))}
DIESEL = {f"{stamp}_{name}/{way}.sql": sql + "\n" for stamp, name, ways in
          (("2024-01-01-000000", "channels", CHANNEL), ("2024-01-02-000000", "email", EMAIL),
           ("2024-01-03-000000", "note", NOTE)) for way, sql in zip(("up", "down"), ways)}
LIQUIBASE = {"changelog.sql": "--liquibase formatted sql\n" + "".join(
    f"\n--changeset a:{name}\n{up}\n" + "".join(f"--rollback {line}\n" for line in down.split("\n"))
    for name, (up, down) in (("channels", CHANNEL), ("email", EMAIL), ("note", NOTE)))}

# layout: (files, the tool's own table with the first migration in it)
LAYOUTS = {
    "sqitch": (SQITCH, "create schema sqitch; create table sqitch.changes (change text, committed_at timestamptz default now());"
                       "insert into sqitch.changes values ('channels');"),
    "dbmate": (DBMATE, "create table schema_migrations (version varchar(128) primary key);"
                       "insert into schema_migrations values ('20240101000000');"),
    "diesel": (DIESEL, "create table __diesel_schema_migrations (version varchar(50) primary key);"
                       "insert into __diesel_schema_migrations values ('20240101000000');"),
    "liquibase": (LIQUIBASE, "create table databasechangelog (id text, author text, exectype text, orderexecuted int);"
                             "insert into databasechangelog values ('channels', 'a', 'EXECUTED', 1);"),
}


def write(folder, files):
    shutil.rmtree(folder, ignore_errors=True)
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    return folder


def columns(evening, database):
    rows = evening.scene.staging.client(["psql", "-X", "-A", "-t", database, "-c", "select attname from pg_attribute where "
                                         "attrelid = 'customers'::regclass and attnum > 0 and not attisdropped order by 1"])
    return rows.split()


def psql(evening, database, sql):
    return evening.scene.staging.client(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", database, "-c", sql])


def rehearsed(evening, layout, directory):
    """Two are pending: one comes back; of the other the column does, elsewhere and without its data. The first is applied
    and left alone.
    """
    keep = os.path.join(evening.scene.folder, "kept-" + layout)
    code, parts, said = report_of(evening, layout, "--migration", directory, "--no-held", "--no-traffic", "--no-control",
                                  "--keep", keep)
    lab.check(code == 1 and parts["migration"]["state"] == "passed", f"{layout}: {code}: {said}")
    with open(os.path.join(keep, "rollback.json"), encoding="utf-8") as file:
        found = json.load(file)
    classes = {m["version"] if layout == "liquibase" else m["name"] or m["version"]: m["class"] for m in found["migrations"]}
    wanted = ["reversible", "undeclared irreversible"]
    lab.check(found["complete"] and list(classes.values()) == wanted, f"{layout}: {classes} {found['migrations']}")
    first = found["migrations"][0]
    lab.check(first["down"]["schema_equal"] and first["down"]["data_equal"] and first["up_again"]["schema_equal"] and
              first["failures"], f"{layout}: {first}")
    lab.check(layout in found["layout"], found["layout"])
    if layout == "sqitch":
        lab.check(first["verify"]["ran"], f"the verify script was not run: {first}")


def migrated(evening, layout, directory):
    """`migrate` runs what is pending into a marked database, and nothing else."""
    evening.scene.staging.sql(f"create database migrated template {TARGET}")
    evening.scene.understudy.must("target", "--mark", evening.scene.conninfo("migrated"))
    done = evening.scene.understudy.call("migrate", directory, "--target", evening.scene.conninfo("migrated"),
                                         "--production-id", "none")
    lab.check(done.returncode == 0 and columns(evening, "migrated") == ["email", "id", "name"],
              f"{layout}: {columns(evening, 'migrated')} {done.stdout}{done.stderr}")
    psql(evening, "migrated", "select email from customers where email like '%@example.org' limit 1")
    evening.scene.staging.sql("drop database migrated")


def main():
    lab.need_programs("pgbench", "psql", "pg_dump")
    with stage(sys.argv[1]) as scene:
        scene.load(script=os.path.join(HERE, "schema.sql"))
        evening = Evening(scene, scene.record("shop", shop_traffic, source="proxy"))
        for layout in sys.argv[2:] or LAYOUTS:
            begin = time.monotonic()
            files, bookkeeping = LAYOUTS[layout]
            directory = write(os.path.join(scene.folder, "migrations"), files)
            psql(evening, TARGET, CHANNEL[0] + bookkeeping)
            rehearsed(evening, layout, directory)
            migrated(evening, layout, directory)
            psql(evening, TARGET, CHANNEL[1] + "drop schema if exists sqitch cascade; drop table if exists schema_migrations, "
                 "__diesel_schema_migrations, databasechangelog")
            lab.say(f"{layout}: {time.monotonic() - begin:.1f} s")
        lab.check(evening.state() == evening.before, "the target was changed")


if __name__ == "__main__":
    lab.run(main)
