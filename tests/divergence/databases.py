"""Databases that cases take one after the other: emptied, since to make them anew would be most of a run's time."""
import contextlib
import os
import queue
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))
import lab  # noqa: E402
import libpq  # noqa: E402

ROLES = ("app", "reader", "owner")  # every case may use them
RESET_ROLES = "".join(f"execute format('alter role {role} in database %I reset all', current_database());" for role in ROLES)
EMPTY = f"""
set client_min_messages = error;
reset search_path;
select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid();
do $$
declare
    name text;
begin
    execute format('alter database %I reset all', current_database());
    {RESET_ROLES}
    for name in select pubname from pg_publication loop
        execute format('drop publication %I', name);
    end loop;
    for name in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
        execute format('drop schema %I cascade', name);
    end loop;
    create schema public authorization pg_database_owner;
    grant usage on schema public to public;
end $$"""


def ask(server, database, *texts):
    """By the Unix socket and without a psql, whose start would take longer than its work."""
    connection = libpq.Connection(f"host={server.data} port={server.port} user={lab.SUPERUSER} dbname={database}")
    try:
        for text in texts:
            connection.query(text)
    finally:
        connection.close()


class Databases:
    """Sets of databases, one for each case that runs at a time: `production`, and on staging one for each replay."""

    def __init__(self, production, staging, replays, sets):
        self.servers = {"production": production} | {name: staging for name in replays}
        self.staging = staging
        self.mark = "staging:" + staging.sql("select system_identifier from pg_control_system()")
        for server in (production, staging):
            ask(server, lab.DATABASE, *(f"create role {role} login" for role in ROLES))
        self.free = queue.Queue()
        for number in range(sets):
            for name, server in self.servers.items():
                ask(server, lab.DATABASE, f"create database {self.of(number, name)} template template0")
            self.free.put(number)

    @staticmethod
    def of(number, name):
        return f"set{number}_{name.replace('-', '_')}"

    @contextlib.contextmanager
    def taken(self):
        """A set for as long as a case lasts: a function from a name and files of SQL to a database that holds only these."""
        number = self.free.get()
        try:
            yield lambda name, files: self.filled(self.of(number, name), self.servers[name], files)
        finally:
            self.free.put(number)

    def filled(self, database, server, files):
        mark = [f"alter database {database} set understudy.target = '{self.mark}'"] if server is self.staging else []
        ask(server, database, EMPTY, *mark)
        ask(server, database, *map(lab.contents, files))
        return database
