"""A small run of `run` and `planted` as a test: one recording of the hostile workload, replayed with --sync strict on an
identical copy must show nothing; with recorded times alone it must show something (or the workload is harmless and the test
proves nothing); and one planted change must be found.

    fidelity_test.py UNDERSTUDY HOSTILE_WORKLOAD
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import expectations  # noqa: E402
import hostile  # noqa: E402
from stage import lab, offered, stage  # noqa: E402

SEEDS = (1, 2, 3, 4, 5) if lab.long_run() else (1,)
SESSIONS, REQUESTS, THINK_US = 16, 120, 2000
STRICT = ("--sync", "strict")
AS_SENT = ("--sync", "none", "--no-remap")
CHANGE = "update accounts set balance = balance + 1 where name = 'account-3'"


def strict(scene, recording, speed):
    setting = {"sync": "strict", "remap": "on", "speed": speed}
    figures = hostile.played(scene, recording, setting, [*STRICT, "--speed", speed])
    lab.check(figures is not None, f"strict at speed {speed} was not compared")
    wrong = expectations.breaches(figures)
    lab.check(not wrong, f"strict at speed {speed}: {'; '.join(wrong)}; by kind {figures['kinds']}")


def hostile_enough(scene, recording):
    """Without order and mapping the same recording must differ, on far more steps than strict may."""
    figures = hostile.played(scene, recording, {"sync": "none", "remap": "off", "speed": "1"}, [*AS_SENT, "--speed", "1"])
    lab.check(figures is not None, "recorded times were not compared")
    share = 100.0 * figures["differing"] / max(figures["compared"], 1)
    lab.check(share > 10 * expectations.STRICT["differing"], f"recorded times alone differ on {share:.2f} % of the steps only")


def finds_a_change(scene, recording):
    database = scene.copy()
    scene.staging.sql(CHANGE, database=database)
    replay = scene.replay(recording, [*STRICT, "--speed", "max", "--ignore-start-state"], database)
    lab.check(replay.report is not None, f"the planted replay was not compared: {replay.said}")
    findings = replay.report["findings"]
    found = [finding for finding in findings if finding["kind"] == "value" and "accounts" in finding["statement"]]
    lab.check(found, f"a changed balance was not found; findings: {findings}")


def main():
    lab.need_packets()
    understudy, workload = sys.argv[1:3]
    help_text = offered(understudy)
    missing = [option for option in expectations.OPTIONS if option not in help_text]
    lab.check(not missing, f"replay has no {', '.join(missing)}")
    with stage(understudy, lab.say) as scene:
        hostile.load(scene)
        for seed in SEEDS:
            recording = scene.record(f"seed-{seed}", hostile.command(workload, SESSIONS, seed, REQUESTS, THINK_US))
            lab.say(recording.said.strip())
            strict(scene, recording, "max")
            strict(scene, recording, "1")
            hostile_enough(scene, recording)
        finds_a_change(scene, recording)


lab.run(main)
