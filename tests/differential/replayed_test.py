"""What several clients say, recorded and replayed into a copy of their server: the same answers.

    replayed_test.py UNDERSTUDY GROUP

GROUP: debian or npm, by who installs the clients.
"""
import json
import os
import sys
import time

import lab
import workload

LAST_PACKETS = 1.2  # seconds until the kernel has handed over its last block of packets
# Differs on any two servers: process numbers, times, and numbers of large objects, which are not mapped (docs/remap.md).
OWN = ("pg_backend_pid", "now()", "clock_timestamp", "random()", "lo_from_bytea", "large object")


def recorded(understudy, server, folder, client):
    path = os.path.join(folder, client.replace(" ", "-") + ".pgcap")
    identify = f"host={server.data} port={server.port} user={lab.SUPERUSER} dbname=postgres"
    with understudy.live(server.port, path, "--quiet", "--identify", identify) as process:
        workload.perform(server, client)
        time.sleep(LAST_PACKETS)
        understudy.end(process)
    return path


def replayed(understudy, server, folder, path):
    """The report of the recording and its replay into `server`."""
    answers, report = path.replace(".pgcap", ".replay.pgcap"), path + ".json"
    credentials = os.path.join(folder, "credentials")
    with open(credentials, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write("*:*:*:scram:secret\n")
    target = f"host=127.0.0.1 port={server.port} user={lab.SUPERUSER} dbname=copy"
    done = understudy.call("replay", path, "--target", target, "--database-map", "postgres=copy", "--output", answers,
                           "--production-id", "none", "--ignore-start-state", "--quiet", "--drain", "10s",
                           "--credentials", credentials)
    lab.check(done.returncode == 0, f"replay of {path}: {done}")
    done = understudy.call("compare", path, answers, "--json", report)
    lab.check(done.returncode in (0, 1, 3), f"compare: {done}")
    with open(report, encoding="utf-8") as file:
        return json.load(file)


def differences(report):
    """Findings that are the replay's doing."""
    places = [*report["findings"], *report["unconfirmed_places"]]
    return [f"{one['kind']} × {one['count']} {one['place']}: {one['statement'][:90]} ({one['explanation'][:120]})"
            for one in places if not any(word in one["statement"] + one["explanation"] for word in OWN)]


def main():
    lab.need_programs("psql")
    lab.need_packets()
    understudy = lab.Understudy(sys.argv[1])
    played, failures = 0, []
    with lab.scratch_folder() as folder, lab.server(folder, log_statement="none") as production, \
            lab.server(folder, log_statement="none") as staging:
        workload.prepare(production)
        workload.prepare(staging)
        for client in workload.GROUPS[sys.argv[2]]:
            if client == workload.RAW:  # it sends Syncs amid the data of a COPY, which the replayer leaves out
                continue
            try:
                workload.need(client)
            except lab.Skip as missing:
                lab.say(f"{client}: {missing}")
                continue
            path = recorded(understudy, production, folder, client)
            staging.sql("drop database if exists copy")
            staging.sql("create database copy template postgres")
            understudy.must("target", "--mark",
                            f"host=127.0.0.1 port={staging.port} user={lab.SUPERUSER} dbname=copy")
            report = replayed(understudy, staging, folder, path)
            played += 1
            found = differences(report)
            lab.say(f"{client}: {report['compared']} steps compared, not compared {report['not_compared']}, {len(found)} differ")
            failures += [f"{client}: {one}" for one in found]
    if not played:
        raise lab.Skip("none of the clients is installed")
    lab.check(not failures, "\n".join(failures))


if __name__ == "__main__":
    lab.run(main)
