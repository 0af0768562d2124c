"""A live capture is killed, at random moments, while the server is busy: what it leaves is readable and true.

    kill_test.py UNDERSTUDY

Each statement of the workload says how many rows it has, so that an answer given to another request shows. Rounds: 8,
or UNDERSTUDY_KILLS, or 100 with UNDERSTUDY_LONG.
"""
import contextlib
import json
import os
import random
import re
import subprocess
import sys
import time

import lab
import workload

ASKED = re.compile(r"^select \* from generate_series\(1, (\d+)\)$")
HEADER = 1000   # bytes, more than the header of any capture here
AT_LEAST = 100  # statements in all rounds together, a round; else the test would show nothing


def rounds():
    return int(os.environ.get("UNDERSTUDY_KILLS") or (100 if lab.long_run() else 8))


@contextlib.contextmanager
def busy(server, seconds, seed, lasts=True):
    """pgbench and a pipelining client, whose errors are of no interest: they are stopped in mid-flight, or end by themselves
    where what they speak to does not last as long."""
    pgbench = workload.command_of("pgbench simple")[0]
    commands = [[pgbench, "-n", "-c", "4", "-C" if seed % 4 == 3 else "-r", "-T", "600", "-f",
                 workload.script("countable.sql"), "--random-seed", str(seed)],
                [lab.SYSTEM_PYTHON, workload.script("pipelining_client.py"), str(seconds), str(seed)]]
    running = [subprocess.Popen(command, env=server.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
               for command in commands]
    try:
        yield
        lab.check(not lasts or all(process.poll() is None for process in running), "a client of the workload ended by itself")
    finally:
        for process in running:
            process.kill()
            process.wait(20)


def killed_capture(understudy, server, output, seed):
    chance = random.Random(seed)
    wait = chance.uniform(0.3, 3.0)
    if seed % 2:  # the clients are there before the capture, and are joined
        with busy(server, 60, seed):
            time.sleep(0.3)
            with understudy.live(server.port, output) as capture:
                time.sleep(wait)
                capture.kill()
    else:
        with understudy.live(server.port, output) as capture, busy(server, 60, seed):
            time.sleep(wait)
            capture.kill()


def whole_chunks(understudy, output):
    done = understudy.call("inspect", output, "--verify", "--json")
    lab.check(done.returncode == 4, f"verify of a killed capture ended with {done.returncode}: {done.stderr}")
    verdict = json.loads(done.stdout)
    file = verdict["files"][0]
    lab.check("error" not in file and not verdict["complete"] and not file["complete"], f"verify says {verdict}")
    damage = file["damage"]
    lab.check(damage["trailer_missing"] and damage["bad_chunks"] == damage["bytes_skipped"] == damage["unknown_records"] == 0,
              f"damage: {damage}")
    return damage["bytes_cut_off"]


def true_exchanges(understudy, output):
    """The number of answered statements; fails at the first that is not true."""
    answered, ordinals = 0, {}
    for step in understudy.exchanges(output)["exchanges"]:
        where = f"session {step['session']}, exchange {step['ordinal']}.{step['step']}: {step}"
        position = (step["ordinal"], step["step"])
        lab.check(position > ordinals.get(step["session"], (-1, -1)), f"{where} comes after {ordinals.get(step['session'])}")
        ordinals[step["session"]] = position
        lab.check("sqlstate" not in step, f"{where}: no statement of the workload fails")
        if step["kind"] not in ("Execute", "Statement") or step["outcome"] != "complete":
            continue
        if step["sql"] is None:
            continue  # a session that was joined after the request
        asked = ASKED.match(step["sql"])
        lab.check(asked is not None, f"{where}: nobody sent that")
        lab.check(step["rows"] == int(asked[1]) and step["tag"] == f"SELECT {asked[1]}", f"{where}: another request's answer")
        answered += 1
    return answered


def cut_short(output, seed):
    """As a full disk or a lost machine would leave it: the file ends anywhere behind its header."""
    size = os.path.getsize(output)
    os.truncate(output, random.Random(-seed).randint(min(HEADER, size), size))


def main():
    lab.need_programs("psql")
    lab.need_packets()
    understudy = lab.Understudy(sys.argv[1])
    first = int(os.environ.get("UNDERSTUDY_SEED", "1"))
    total, cut = 0, 0
    with lab.scratch_folder() as folder, lab.server(folder) as server:
        workload.prepare(server)
        for seed in range(first, first + rounds()):
            output = os.path.join(folder, f"killed-{seed}.pgcap")
            killed_capture(understudy, server, output, seed)
            bytes_cut = whole_chunks(understudy, output)
            answered = true_exchanges(understudy, output)
            cut_short(output, seed)
            cut += whole_chunks(understudy, output) > 0
            less = true_exchanges(understudy, output)
            lab.check(less <= answered, "a cut file holds more than a whole one")
            lab.say(f"seed {seed}: {answered} statements true, {bytes_cut} bytes cut off; {less} true after a cut")
            total += answered
            os.remove(output)
    lab.say(f"{rounds()} captures killed, {total} statements; {cut} cut again inside a chunk")
    lab.check(cut > 0, "no file was cut inside a chunk")
    lab.check(total > AT_LEAST * rounds(), f"only {total} statements were recorded")


if __name__ == "__main__":
    lab.run(main)
