"""A part of a capture, played alone: rotated files and cuts of pgbench's prepared statements; and captures of several
hosts merged.

    parts_test.py UNDERSTUDY replay|merge
"""
import collections
import os
import subprocess
import sys
import time

import lab
import workload

SECONDS = 7


def pgbench(*arguments):
    return [workload.command_of("pgbench simple")[0], *arguments]


def staging(understudy, folder, production):
    """A server of its own with production's data, marked as a target."""
    other = lab.Server(folder)
    dump = production.client([os.path.join(production.programs, "pg_dump"), "-d", lab.DATABASE])
    other.client(["psql", "-X", "-q", "-f", "-"], dump)
    understudy.must("target", "--mark", f"host=127.0.0.1 port={other.port} user=postgres dbname=postgres")
    return other


def played(understudy, target, capture, folder):
    """A part is played, and answers as production did."""
    answers = os.path.join(folder, "answers.pgcap")
    place = f"host=127.0.0.1 port={target.port} user=postgres dbname=postgres"
    done = understudy.call("replay", capture, "--target", place, "--production-id", "none", "--speed", "max", "--output",
                           answers, "--quiet", "--results", "digest", "--key", key_of(capture), "--drain", "5s")
    name = os.path.basename(capture)
    lab.check(done.returncode == 0, f"{name}: replay ended with {done.returncode}: {done.stderr}")
    summary = understudy.summary(answers)
    lab.check(not summary["sqlstates"], f"{name}: errors of the replay: {summary['sqlstates']}")
    recorded = understudy.summary(capture)
    lab.check(recorded["unresolved_requests"] == 0, f"{name}: {recorded['unresolved_requests']} unresolved requests")
    compared = understudy.call("compare", capture, answers, "--key", key_of(capture))
    same = 0 if recorded["exchanges"] else 3  # the last file may hold nothing but the sessions' ends
    lab.check(compared.returncode == same, f"{name}: compare ended with {compared.returncode}: {compared.stdout}")
    lab.say(f"{name}: {recorded['exchanges']} exchanges recorded, {summary['exchanges']} played")
    return recorded["exchanges"]


def key_of(capture):
    beside = capture + ".key"
    return beside if os.path.exists(beside) else os.path.join(os.path.dirname(capture), "capture.key")


def replay(understudy, folder):
    parts = os.path.join(folder, "parts")
    with lab.server(folder) as production:
        production.client(pgbench("-i", "-s", "1", "-q"))
        target = staging(understudy, folder, production)
        try:
            with understudy.live(production.port, parts, "--rotate-every", "2s") as capture:
                production.client(pgbench("-n", "-S", "-M", "prepared", "-c", "4", "-R", "400", "-T", str(SECONDS)))
                time.sleep(1.2)
                lab.Understudy.end(capture)
            files = sorted(os.path.join(parts, name) for name in os.listdir(parts) if name.endswith(".pgcap"))
            lab.check(len(files) >= 4, f"rotated files: {files}")
            whole = understudy.summary(parts)["exchanges"]
            total = sum(played(understudy, target, path, folder) for path in files)
            lab.check(abs(total - whole) <= 4 * len(files), f"{total} exchanges in the parts, {whole} in all")
            for begin, end in (("1s", "2s"), ("3s", "5500ms")):
                cut = os.path.join(parts, f"cut-{begin}.pgcap")
                understudy.must("cut", parts, "--from", f"+{begin}", "--to", f"+{end}", "--output", cut)
                exchanges = played(understudy, target, cut, folder)
                lab.check(0 < exchanges < whole, f"cut {begin}: {exchanges} exchanges of {whole}")
                os.remove(cut)
        finally:
            target.stop()


# ---- merge

def told(understudy, *captures):
    """How often each statement was executed, in all captures."""
    count = collections.Counter()
    for capture in captures:
        for statements in workload.statements_by_session(understudy.exchanges(capture)).values():
            count.update((sql, rows, state) for sql, rows, state in statements)
    return count


def merge(understudy, folder):
    def path(name):
        return os.path.join(folder, name)
    with lab.server(folder) as server:
        workload.prepare(server)
        for name, client in (("one", workload.PSQL), ("two", workload.LIBPQ)):
            with lab.packets_into(path(f"{name}.pcap"), server.port):
                workload.perform(server, client)
    subprocess.run(["editcap", "-t", "-1.5", path("one.pcap"), path("shifted.pcap")], check=True)
    key = ("--key", path("key"))
    for name in ("one", "two", "shifted"):
        understudy.decode(path(f"{name}.pcap"), server.port, path(f"{name}.pgcap"), *key)
    both, same, all_ = path("both.pgcap"), path("same.pgcap"), path("all.pgcap")
    understudy.must("merge", path("one.pgcap"), path("two.pgcap"), "--output", both)
    lab.check(told(understudy, both) == told(understudy, path("one.pgcap"), path("two.pgcap")), "two hosts, other sessions")
    text = understudy.call("merge", path("one.pgcap"), path("shifted.pgcap"), "--output", same)
    lab.check(text.returncode == 0, f"merge: {text}")
    lab.say(text.stderr + text.stdout)
    merged, once = understudy.exchanges(same), understudy.exchanges(path("one.pgcap"))
    lines = workload.same_statements(once, merged)
    lab.check(not lines, "the same sessions seen twice:\n" + "\n".join(lines[:20]))
    lab.check(len(merged["exchanges"]) == len(once["exchanges"]), "steps of sessions seen twice")
    understudy.must("merge", path("shifted.pgcap"), path("two.pgcap"), "--output", path("half.pgcap"))
    understudy.must("merge", path("half.pgcap"), both, "--output", all_)
    lab.check(told(understudy, all_) == told(understudy, both), "three captures, one session in two of them")
    for capture in (both, same, all_):
        understudy.must("inspect", capture, "--verify")


def main():
    lab.need_programs("psql", "editcap")
    lab.need_packets()
    with lab.scratch_folder() as folder:
        {"replay": replay, "merge": merge}[sys.argv[2]](lab.Understudy(sys.argv[1]), folder)


if __name__ == "__main__":
    lab.run(main)
