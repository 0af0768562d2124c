"""Sessions that were open before the capture, asked of the server; several interfaces and ports; and the rights that a
capture gives up.

    open_sessions_test.py UNDERSTUDY identify|interfaces|privileges
"""
import contextlib
import os
import pwd
import signal
import subprocess
import sys
import time

import lab
import workload

POOL, IN_TRANSACTION = 6, 2
LOOPBACK = ("-i", "lo", "-i", "any")  # any shows it once more


@contextlib.contextmanager
def idle(server, user, database, application, first=""):
    """A psql that has connected, said `first`, and waits."""
    environment = server.environment() | {"PGUSER": user, "PGDATABASE": database, "PGAPPNAME": application}
    client = subprocess.Popen(["psql", "-X", "-q", "-A", "-t"], env=environment, text=True, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE)
    try:
        say(client, first)
        yield client
    finally:
        client.stdin.close()
        client.wait(20)


def say(client, sql):
    """Sends a statement, and waits until it was answered."""
    client.stdin.write(f"{sql}\n\\echo done\n")
    client.stdin.flush()
    while client.stdout.readline() != "done\n":
        lab.check(client.poll() is None, "psql ended")


def pool(server, stack):
    """Clients, with who they are."""
    clients = []
    for number in range(POOL):
        who = ("shop" if number % 2 else "postgres", "orders" if number % 3 else "postgres", f"worker {number}")
        first = "begin; select 1;" if number < IN_TRANSACTION else "select 1;"
        clients.append((stack.enter_context(idle(server, *who, first)), who))
    return clients


def identified(understudy, server, output, role):
    """What a capture knows of sessions that were there before it, asking as a role: [(user, database, application)]."""
    conninfo = f"host=127.0.0.1 port={server.port} user={role} dbname=postgres"
    with contextlib.ExitStack() as stack:
        clients = pool(server, stack)
        with understudy.live(server.port, output, "--identify", conninfo) as capture:
            for number, (client, _) in enumerate(clients):
                say(client, f"select {number} + 1;")
            for client, _ in clients[:IN_TRANSACTION]:
                say(client, "commit;")
            time.sleep(1.2)
            lab.Understudy.end(capture)
    sessions = [one for one in understudy.sessions(output)["sessions"] if one["joined"]]
    summary = understudy.summary(output)
    lab.check(summary["statements"] >= POOL and summary["errors"] == 0, f"as {role}: {summary}")
    return [(one["user"], one["database"], one["application"]) for one in sessions], [who for _, who in clients]


def identify(understudy, folder):
    with lab.server(folder) as server:
        server.sql("create role shop login; create role nobody_much login; create role seer login in role pg_read_all_stats; "
                   "grant connect on database postgres to shop; create role owner login superuser")
        server.sql("create database orders")
        for role in ("postgres", "seer"):
            output = os.path.join(folder, f"{role}.pgcap")
            told, truth = identified(understudy, server, output, role)
            lab.check(sorted(told) == sorted(truth), f"as {role}: {told} instead of {truth}")
            file = understudy.summary(output)["files"][0]
            lab.check(file["server_version"].startswith("15"), f"as {role}: {file}")
            lab.check(role != "postgres" or file["system_identifier"], f"as {role}: {file}")
        output = os.path.join(folder, "unprivileged.pgcap")
        told, truth = identified(understudy, server, output, "nobody_much")
        lab.check("grant pg_read_all_stats" in lab.contents(output + ".log"), lab.contents(output + ".log"))
        lab.check(len(told) == POOL and not any(application for _, _, application in told), f"unprivileged: {told}")
        refused = understudy.call("capture", "--interface", "lo", "--port", str(server.port), "--output",
                                  os.path.join(folder, "never.pgcap"), "--identify", "host=127.0.0.1 port=1 user=x")
        lab.check(refused.returncode == 4 and "127.0.0.1" in refused.stderr, f"nobody to ask: {refused}")
        lab.check(not os.path.exists(os.path.join(folder, "never.pgcap")), "nobody to ask: a file is left")


def interfaces(understudy, folder):
    """Two servers in one capture, and `lo` seen twice: each exchange once."""
    several, alone = os.path.join(folder, "several.pgcap"), [os.path.join(folder, f"alone-{n}.pgcap") for n in (1, 2)]
    with lab.server(folder) as first, lab.server(folder) as second, contextlib.ExitStack() as stack:
        servers = (first, second)
        for server in servers:
            workload.prepare(server)
        captures = [stack.enter_context(understudy.started(several, "capturing on", *LOOPBACK, "-p", str(first.port),
                                                           "-p", str(second.port)))]
        for server, output in zip(servers, alone):
            captures.append(stack.enter_context(understudy.live(server.port, output)))
        for server in servers:
            workload.perform(server, workload.PSQL)
            workload.perform(server, "pgbench prepared")
            workload.perform(server, workload.LIBPQ)
        time.sleep(1.2)
        for capture in captures:
            lab.Understudy.end(capture)
    both = {"exchanges": [step for output in alone for step in understudy.exchanges(output)["exchanges"]]}
    lines = workload.same_statements(both, understudy.exchanges(several))
    lab.check(not lines, "the capture of both is not the servers' own:\n" + "\n".join(lines[:20]))
    summary = understudy.summary(several)
    lab.check(summary["quality"]["percent"] == 100 and summary["joined_sessions"] == 0, f"quality: {summary['quality']}")
    servers_seen = {one["server"].rsplit(":", 1)[1] for one in understudy.sessions(several)["sessions"]}
    lab.check(servers_seen == {str(first.port), str(second.port)}, f"servers: {servers_seen}")
    lab.say(f"{len(both['exchanges'])} steps, each once")


def privileges(understudy, folder):
    """--user gives root up before anything is written; who may not read packets is told what to do."""
    if os.geteuid() != 0:
        raise lab.Skip("only root can give root up")
    nobody = pwd.getpwnam("nobody")
    place = os.path.join(folder, "captures")
    os.mkdir(place)
    os.chown(place, nobody.pw_uid, nobody.pw_gid)
    output = os.path.join(place, "rotated")
    with lab.server(folder) as server:
        workload.prepare(server)
        with understudy.live(server.port, output, "--user", "nobody", "--rotate-every", "1s") as capture:
            lines = lab.contents(f"/proc/{capture.pid}/status").splitlines()
            status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
            for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
                lab.check(int(status[name], 16) == 0, f"{name}: {status[name]}")
            owner = [set(status[name].split()) for name in ("Uid", "Gid")]
            lab.check(owner == [{str(nobody.pw_uid)}, {str(nobody.pw_gid)}], f"user and group {owner}")
            lab.check(status["Groups"].split() in ([], [str(nobody.pw_gid)]), f"groups {status['Groups']}")
            workload.perform(server, workload.PSQL)
            time.sleep(1.5)
            capture.send_signal(signal.SIGHUP)
            workload.perform(server, workload.PSQL)
            time.sleep(1.2)
            lab.Understudy.end(capture)
        made = [os.path.join(output, name) for name in os.listdir(output)]
        lab.check(len(made) > 2, f"files: {made}")
        for path in made:
            state = os.stat(path)
            lab.check(state.st_uid == nobody.pw_uid and state.st_mode & 0o777 == 0o600, f"{path}: {state}")
        lab.check(understudy.summary(output)["errors"] > 0, "nothing was captured")
        lab.say(f"{len(made)} files of nobody")
    as_nobody = ["setpriv", "--reuid", "nobody", "--regid", str(nobody.pw_gid), "--clear-groups", understudy.path, "capture",
                 "--interface", "lo", "--output", os.path.join(place, "never.pgcap")]
    done = subprocess.run(as_nobody, capture_output=True, text=True, timeout=20, check=False)
    lab.check(done.returncode == 4 and "cap_net_raw" in done.stderr, f"as nobody: {done}")
    wrong = understudy.call("capture", "--interface", "lo", "--output", os.path.join(place, "never.pgcap"), "--user", "nowhere")
    lab.check(wrong.returncode == 2 and '"nowhere"' in wrong.stderr, f"an unknown user: {wrong}")
    lab.check(not os.path.exists(os.path.join(place, "never.pgcap")), "a refused capture left a file")


def main():
    lab.need_programs("psql")
    lab.need_packets()
    with lab.scratch_folder() as folder:
        part = {"identify": identify, "interfaces": interfaces, "privileges": privileges}[sys.argv[2]]
        part(lab.Understudy(sys.argv[1]), folder)


if __name__ == "__main__":
    lab.run(main)
