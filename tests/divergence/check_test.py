"""Some of the cases through `understudy check`, chosen for breadth: how each is found is the test. `run --check` plays all.

    check_test.py UNDERSTUDY
"""
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import case as cases  # noqa: E402
import check_suite  # noqa: E402
from bench import bench, lab  # noqa: E402

EXPECTED = {
    "columns/drop-column": "observed", "types/int-to-bigint": "observed", "types/sql-level-prepare": "observed",
    "constraints/add-column-not-null": "predicted", "constraints/constraint-renamed": "predicted",
    "constraints/not-null-dropped": "predicted", "functions/body-uses-dropped-column": "predicted",
    "triggers/rewrites": "predicted", "views/predicate": "predicted", "columns/drop-and-add-again": "predicted",
    "indexes/index-dropped": "possible", "values/one-row-of-many": "possible", "views/check-option": "possible",
    "locks/deadlock": "silent", "harmless/other-oids": "possible", "harmless/rebuilt-in-other-order": "possible",
    "harmless/same-function-again": "silent", "harmless/comments": "silent",
}


def main():
    chosen = cases.read_cases(",".join(EXPECTED))
    lab.check(len(chosen) == len(EXPECTED), "cases of the list are missing")
    with bench(sys.argv[1]) as scene:
        checked, broken = check_suite.play(chosen, scene)
    lab.check(not broken, f"could not be played: {broken}")
    otherwise = [f"{one.case.name} is {one.how}" for one in checked if one.how != EXPECTED[one.case.name]]
    lab.check(not otherwise, "; ".join(otherwise))
    lab.check(not check_suite.wrong(checked), f"false: {[one.case.name for one in check_suite.wrong(checked)]}")


lab.run(main)
