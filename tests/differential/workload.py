"""One workload, spoken by several clients, and the comparison of two recordings of it.

Every client prints what it saw, so that a recording can be compared with that (seen_by_clients), and two recordings of
the same workload, made from packets, by the proxy or from logs, can be compared with each other (same_statements). Run
by hand against the server of the PG* variables, after `prepare`:  workload.py CLIENT...
"""
import difflib
import json
import os
import shutil
import subprocess
import sys

import lab

CLIENTS_FOLDER = os.path.join(lab.HERE, "clients")
NODE, PSYCOPG2, ASYNCPG, LIBPQ, LIBPQ_32, RAW, PSQL = "node", "psycopg2", "asyncpg", "libpq", "libpq 3.2", "raw", "psql"
PGBENCH = {"pgbench simple": "simple", "pgbench extended": "extended", "pgbench prepared": "prepared"}  # -M
PGBENCH_CLIENTS, PGBENCH_TRANSACTIONS, PGBENCH_STATEMENTS = 4, 100, 3
WITH_TRANSCRIPT = (NODE, PSYCOPG2, ASYNCPG, LIBPQ, LIBPQ_32, RAW)
GROUPS = {"debian": (PSQL, *PGBENCH, LIBPQ, RAW, PSYCOPG2, ASYNCPG), "npm": (NODE, LIBPQ_32)}  # by who installs them
DEBIAN_LIBPQ = "libpq.so.5"
SETUP = "create role scram superuser login password 'secret'; create table bench (id int, name text);"


def libpq_18():
    return os.path.join(lab.clients_folder(), "postgresql-18", "native", "lib", "libpq.so.5")


def need(client):
    """Raises lab.Skip where a client is not installed."""
    if client == NODE:
        lab.need_node_packages()
    elif client in (PSYCOPG2, ASYNCPG):
        lab.need_python_module(client)
    elif client == LIBPQ_32 and not os.path.exists(libpq_18()):
        raise lab.Skip(f"no libpq 18 in {libpq_18()}: tools/clients installs it")


def script(name):
    return os.path.join(CLIENTS_FOLDER, name)


def command_of(client):
    if client == NODE:
        return ["node", script("node_client.js")]
    if client in (PSYCOPG2, ASYNCPG, RAW):
        return [lab.SYSTEM_PYTHON, script(f"{client}_client.py")]
    if client == LIBPQ:
        return [lab.SYSTEM_PYTHON, script("libpq_client.py"), DEBIAN_LIBPQ, "3.0"]
    if client == LIBPQ_32:
        return [lab.SYSTEM_PYTHON, script("libpq_client.py"), libpq_18(), "3.2"]
    if client == PSQL:
        return ["psql", "-X", "-q", "-d", "application_name='differential psql' sslmode=prefer", "-f", script("psql.sql")]
    pgbench = shutil.which("pgbench") or "/usr/lib/postgresql/15/bin/pgbench"
    return [pgbench, "-n", "-c", str(PGBENCH_CLIENTS), "-t", str(PGBENCH_TRANSACTIONS), "-M", PGBENCH[client], "-f",
            script("pgbench.sql")]


def perform(server, client):
    """Runs one client; the sessions it reports: [{"client", "statements": [[sql, rows, sqlstate]...]}], or []."""
    printed = server.client(command_of(client))
    return json.loads(printed) if client in WITH_TRANSCRIPT else []


def prepare(server):
    """What the clients need on a fresh server."""
    server.client(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", SETUP])


# ---- comparison

def statements_by_session(exchanges):
    """From `inspect --what exchanges --json`: for each session its [sql, rows, sqlstate], as its client would list them.

    Executions count, and steps that failed before one could come; the Execute that is skipped because its own Parse or
    Bind failed is the same statement. What was fetched in parts from one portal is one statement.
    """
    sessions = {}
    for step in exchanges["exchanges"]:
        sessions.setdefault(step["session"], Telling()).step(step)
    return {session: telling.statements for session, telling in sessions.items()}


class Telling:
    """Tells the statements of a session from its steps."""

    def __init__(self):
        self.statements = []
        self.ordinal = None
        self.failed_early = False  # a step before the Execute of the same statement failed
        self.suspended = False     # the last statement's portal has more rows

    def step(self, step):
        state = step.get("sqlstate")
        if step["ordinal"] != self.ordinal:
            self.ordinal, self.failed_early = step["ordinal"], False
        if step["kind"] not in ("Execute", "Statement"):
            self.suspended = self.suspended and step["kind"] not in ("Bind", "Close")
            if state:
                self.failed_early = True
                self.statements.append([step["sql"], 0, state])
            return
        if step["outcome"] == "skipped":
            if not self.failed_early or step["kind"] == "Statement":
                self.statements.append([step["sql"], 0, "skipped"])
            self.failed_early = self.failed_early and step["kind"] == "Statement"
            return
        if self.suspended:
            self.statements[-1][1] += step["rows"]
            self.statements[-1][2] = state
        else:
            self.statements.append([step["sql"], step["rows"], state])
        self.suspended = step["outcome"] == "suspended"


def listing(statements, rows):
    return [json.dumps([sql, count, state] if rows else [sql, state]) for sql, count, state in statements]


def unmatched(left, right):
    """Lists without an equal partner, of each side."""
    rest = list(right)
    alone = []
    for one in left:
        if one in rest:
            rest.remove(one)
        else:
            alone.append(one)
    return alone, rest


def differences(left, right, rows):
    """Lines that tell how two sets of sessions' statements differ; sessions are matched by what they hold."""
    alone, rest = unmatched([listing(one, rows) for one in left], [listing(one, rows) for one in right])
    for one in alone:
        other = max(rest, key=lambda it: difflib.SequenceMatcher(None, one, it, autojunk=False).ratio(), default=[])
        if other:
            rest.remove(other)
        yield from (line for line in difflib.unified_diff(one, other, "left", "right", lineterm="", n=1))
    for other in rest:
        yield f"only right: {len(other)} statements, first {other[:1]}"


def same_statements(left, right, rows=True):
    """Two documents of `inspect --what exchanges --json` -> [] if they hold the same statements in the same session
    order, else lines of a diff. Logs know no row counts: rows=False."""
    sides = [list(statements_by_session(document).values()) for document in (left, right)]
    return list(differences(*sides, rows))


def seen_by_clients(exchanges, transcripts):
    """Like same_statements, between a recording and what the clients saw."""
    recorded = list(statements_by_session(exchanges).values())
    return list(differences(recorded, [transcript["statements"] for transcript in transcripts], True))


def main():
    for client in sys.argv[1:]:
        subprocess.run(command_of(client), check=True, stdout=subprocess.DEVNULL,
                       env=os.environ | {"NODE_PATH": lab.clients_folder()})


if __name__ == "__main__":
    main()
