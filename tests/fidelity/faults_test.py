"""Replays of the hostile workload with --sync strict whose target fails while sessions wait for each other: connections
are ended at random, the server stops and comes back. Whatever happens, the replay ends, its file is whole and holds each
answer once, and the exit code says whether what was played means something.

    faults_test.py UNDERSTUDY HOSTILE_WORKLOAD
"""
import collections
import os
import random
import re
import subprocess
import sys
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile  # noqa: E402
from stage import lab, stage  # noqa: E402

ROUNDS = 10 if lab.long_run() else 1
SESSIONS, REQUESTS, THINK_US = 16, 150, 2000
DRAIN, LIMIT = "5s", 60  # seconds in all, of a replay of less than two
SUMMARY = re.compile(r"([\d,]+) of ([\d,]+) requests were not sent")
END_SOME = "select pg_terminate_backend(pid) from pg_stat_activity where datname like 'copy%' and random() < 0.4"


def end_sessions(scene):
    scene.staging.sql(END_SOME)


def restart(scene):
    server = scene.staging
    server.call("pg_ctl", "-D", server.data, "-w", "-m", "immediate", "-l", server.log, "restart")


def lock_out(scene):
    """Somebody else's lock, of two seconds: far longer than the replay waits before it asks who is in whose way."""
    database = f"copy{scene.copies}"
    scene.staging.sql("begin; lock table accounts in access exclusive mode; select pg_sleep(2); commit", database=database)


def faulty(scene, recording, fault, delay):
    path = os.path.join(scene.folder, "fault.pgcap")
    command = [scene.understudy.path, "replay", recording.path, "--target", scene.conninfo(scene.copy()), "--output", path,
               "--quiet", "--ignore-start-state", "--speed", "1", "--drain", DRAIN]
    what = f"{fault.__name__} after {delay:.2f} s"
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        time.sleep(delay)
        fault(scene)
        try:
            _, said = process.communicate(timeout=LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise lab.Failure(f"{what}: the replay had not ended after {LIMIT} s") from None
    scene.understudy.must("inspect", "--verify", path)
    # A note of what was not sent is one for each piece of an exchange; an answer is there once.
    answers = collections.Counter((step["session"], step["ordinal"], step["step"])
                                  for step in scene.understudy.exchanges(path)["exchanges"] if step["outcome"] != "not_sent")
    twice = [place for place, times in answers.items() if times > 1]
    lab.check(not twice, f"{what}: answered twice: {twice[:4]}")
    unsent = SUMMARY.search(said)
    lost, asked = (int(number.replace(",", "")) for number in unsent.groups()) if unsent else (0, 1)
    lab.check(process.returncode in ((4,) if 2 * lost >= asked else (0,)), f"{what}: exit code {process.returncode}: {said}")
    if fault is lock_out:
        lab.check(unsent is None and "lost their connection" not in said, f"{what}: the replay did not get over it: {said}")
    else:
        lab.check("lost their connection" in said, f"{what}: lost sessions are not told of: {said}")
    lab.say(f"  {what}: exit code {process.returncode}; {unsent.group(0) if unsent else 'all was sent'}")


def main():
    lab.need_packets()
    understudy, workload = sys.argv[1:3]
    random.seed(3)
    with stage(understudy, lab.say) as scene:
        hostile.load(scene)
        recording = scene.record("faults", hostile.command(workload, SESSIONS, 1, REQUESTS, THINK_US))
        for _ in range(ROUNDS):
            for fault in (end_sessions, lock_out, restart):
                faulty(scene, recording, fault, random.uniform(0.3, 0.3 + 0.8 * recording.seconds))


lab.run(main)
