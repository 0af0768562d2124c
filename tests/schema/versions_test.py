"""The schema of a database and of its restored dump is the same, on PostgreSQL 13 to 18; and a change is a change.

    versions_test.py UNDERSTUDY VERSION

Debian's pg_dump 15 does not read newer servers: there, the dump of a server 15 is restored, and compared with what the same
statements made.
"""
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "differential"))
import lab  # noqa: E402

BASE = os.path.join(HERE, "..", "integration", "core", "catalog", "snapshot", "base_schema.hpp")
DUMPED_BY = "15"
CHANGES = ("alter table customer drop column note cascade", "alter type mood add value 'great'", "drop index order_net",
           "create policy more on log for insert with check (id > 3)", "alter function audit() security definer")
ONLY_SINCE = {"18": ("alter table log add constraint line_there not null line not valid",
                     "alter table parent add column doubled int generated always as (a * 2) virtual")}


def base_schema():
    return re.search(r'R"sql\((.*)\)sql"', lab.contents(BASE), re.DOTALL).group(1)


def database(server, name, text):
    server.sql(f"create database {name}")
    server.sql("set client_min_messages = error;" + text, database=name)
    return name


def conninfo(server, name):
    return f"host=127.0.0.1 port={server.port} user={lab.SUPERUSER} dbname={name}"


def fingerprint(understudy, server, name):
    return understudy.must("schema", "fingerprint", conninfo(server, name)).strip()


def dump(server, name):
    return server.client(["pg_dump", "--dbname", name])


def main():
    understudy, version = lab.Understudy(sys.argv[1]), sys.argv[2]
    with lab.scratch_folder() as folder, lab.server(folder, version) as server:
        server.sql("create role app; create role reader")
        made = database(server, "made", base_schema())
        if int(version) <= int(DUMPED_BY):
            text = dump(server, made)
        else:
            with lab.server(folder, DUMPED_BY) as older:
                older.sql("create role app; create role reader")
                text = dump(older, database(older, "made", base_schema()))
        restored = database(server, "restored", text)
        before, after = fingerprint(understudy, server, made), fingerprint(understudy, server, restored)
        if before != after:
            raise lab.Failure(understudy.call("schema", "diff", conninfo(server, made), conninfo(server, restored)).stdout)
        file = os.path.join(folder, "made.json")
        understudy.must("schema", "snapshot", conninfo(server, made), "-o", file)
        lab.check(os.stat(file).st_mode & 0o777 == 0o600, "the file is for its owner only")
        for change in CHANGES + ONLY_SINCE.get(version, ()):
            server.sql(change, database=restored)
            now = fingerprint(understudy, server, restored)
            lab.check(now != after, f"{change}: the fingerprint stayed")
            after = now
        done = understudy.call("schema", "diff", file, conninfo(server, restored))
        lab.check(done.returncode == 1 and "column note of customer is gone" in done.stdout, f"{done.stdout}{done.stderr}")
        lab.check(understudy.call("schema", "diff", file, conninfo(server, made)).returncode == 0, "the same is different")


lab.run(main)
