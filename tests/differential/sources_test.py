"""One workload, recorded at once by packets, by the proxy and by three kinds of server log: the same statements in the
same session order, with the same errors.

    sources_test.py UNDERSTUDY
"""
import os
import sys
import time

import lab
import workload

CLIENTS = (workload.PSQL, *workload.PGBENCH, workload.PSYCOPG2, workload.LIBPQ, workload.RAW)
AT_LEAST = 3000
LOGS = {"csvlog": "server.csv", "jsonlog": "server.json", "stderr": "server.log"}
SETTINGS = ("logging_collector = on", "log_destination = 'stderr,csvlog,jsonlog'", "log_directory = 'log'",
            "log_filename = 'server.log'", "log_rotation_size = 0", "log_statement = 'all'", "log_connections = on",
            "log_disconnections = on", "log_line_prefix = '%m [%p] %q%u@%d %c %e %r '",
            "log_min_duration_statement = 0")


def words(sql):
    """What a log and split statements have in common: neither keeps the semicolons and blanks between statements."""
    return None if sql is None else "".join(sql.replace(";", " ").split())


def of_queries(exchanges):
    """For each session [sql, sqlstate] as a log has them: a Query is one entry, what was skipped is none, and what is
    read from one portal in parts is one. The error of a Bind to what was never prepared names no statement there."""
    result = {}
    last = {}
    for step in exchanges["exchanges"]:
        session = step["session"]
        entries = result.setdefault(session, [])
        if step["outcome"] == "skipped":
            continue
        state = step.get("sqlstate")
        if step["kind"] == "Statement" and last.get(session) == step["ordinal"]:
            entries[-1] = [entries[-1][0] + words(step["sql"]), entries[-1][1] or state]
        elif step["sql"] is not None and (step["kind"] in ("Statement", "Execute") or state):
            entries.append([words(step["sql"]), state])
        last[session] = step["ordinal"] if step["kind"] == "Statement" else None
    return result


def by_port(understudy, capture, exchanges):
    """What of_queries() says, by the port that the server sees: between proxy and server, as the packets are."""
    ports = {one["session"]: int(one["client"].rsplit(":", 1)[1]) for one in understudy.sessions(capture)["sessions"]}
    told = of_queries(exchanges)
    return {ports[session]: entries for session, entries in told.items() if entries}


def different(name, left, right):
    """Lines that tell where two lists of [words, sqlstate] part. Which statement of a Query failed is not in a log."""
    for number, (one, other) in enumerate(zip(left, right)):
        failed = one[1] is not None and one[1] == other[1]
        same = one == other or failed and (one[0].startswith(other[0]) or other[0].startswith(one[0]))
        if not same:
            return [f"{name}, statement {number}: {one} in packets, {other} in the log"]
    if len(left) != len(right):
        rest = (left if len(left) > len(right) else right)[min(len(left), len(right)):]
        return [f"{name}: {len(left)} statements in packets, {len(right)} in the log; the rest begins {rest[:3]}"]
    return []


def compared(understudy, packets, proxied, logs):
    whole = understudy.exchanges(packets)
    lines = [f"packets (left), proxy (right): {line}" for line in
             workload.same_statements(whole, understudy.exchanges(proxied))]
    truth = by_port(understudy, packets, whole)
    total = sum(map(len, truth.values()))
    lab.check(total > AT_LEAST, f"only {total} statements")
    for name, capture in logs.items():
        told = by_port(understudy, capture, understudy.exchanges(capture))
        for port in sorted(truth.keys() | told.keys()):
            lines += different(f"{name}, port {port}", truth.get(port, []), told.get(port, []))
    for line in lines[:40]:
        lab.say(line)
    lab.say(f"{total} statements of {len(truth)} sessions, {len(lines)} differences")
    lab.check(not lines, "the sources do not agree")


def main():
    lab.need_programs("psql")
    lab.need_packets()
    for client in CLIENTS:
        workload.need(client)
    understudy = lab.Understudy(sys.argv[1])
    with lab.scratch_folder() as folder, lab.server(folder, settings=SETTINGS) as server:
        packets, proxied = os.path.join(folder, "packets.pgcap"), os.path.join(folder, "proxy.pgcap")
        listen = lab.free_port()
        with understudy.live(server.port, packets) as live, understudy.proxy(listen, server, proxied) as proxy:
            through = lab.Through(server, listen)
            workload.prepare(through)
            for client in CLIENTS:
                workload.perform(through, client)
            time.sleep(1.2)  # until the kernel has handed over its last block of packets
            lab.Understudy.end(proxy)
            lab.Understudy.end(live)
        captures = {}
        for name, file in LOGS.items():
            captures[name] = os.path.join(folder, f"{name}.pgcap")
            understudy.must("capture", "--log", os.path.join(server.data, "log", file), "--output", captures[name])
        compared(understudy, packets, proxied, captures)


if __name__ == "__main__":
    lab.run(main)
