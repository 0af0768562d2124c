"""Some of the cases as a test, chosen for breadth: each has to come out as its expect.json says. `run` plays all of them.

    divergence_test.py UNDERSTUDY
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import case as cases  # noqa: E402
import judge  # noqa: E402
import suite  # noqa: E402
from bench import bench, lab  # noqa: E402

CASES = (
    "columns/drop-column", "columns/captured-by-subselect", "columns/select-star-reordered", "columns/error-in-transaction",
    "constraints/add-column-not-null", "constraints/enum-value-renamed", "constraints/conflict-do-nothing",
    "types/int-to-bigint", "types/int-to-text-held", "types/timestamp-to-timestamptz", "types/widened-varchar-held",
    "privileges/rls-without-policy", "functions/preferred", "views/predicate", "partitions/on-conflict",
    "triggers/rewrites", "settings/search-path", "locks/add-column-lock-timeout",
    "harmless/clocks-and-chance", "harmless/rewrite-reorders", "harmless/other-oids", "harmless/enum-value-held-writes",
    "harmless/other-oids-in-binary", "values/inside-binary",
)


def main():
    chosen = cases.read_cases("*" if lab.long_run() else ",".join(CASES))
    with bench(sys.argv[1]) as scene:
        verdicts, broken = suite.play(chosen, scene)
    wrong = [f"{one.case.name} {one.phase}: {one.status}" for one in verdicts if one.status != judge.OK]
    wrong += [f"{one['case']}: {one['reason']}" for one in broken]
    if lab.long_run():
        for line in judge.score_lines(judge.score(verdicts)):
            lab.say(line)
        wrong = [line for line in wrong if line.split()[0].rstrip(":") in CASES]  # the others are the bench's, not the test's
    lab.check(len(chosen) >= len(CASES), "cases of the list are missing")
    lab.check(not wrong, "; ".join(wrong))


lab.run(main)
