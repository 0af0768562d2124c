"""The cases through `understudy check`, which executes nothing: what it observes, what it predicts, what it calls possible."""
import concurrent.futures
import json
import os
import traceback

import case as cases
import libpq
import traffic
from bench import lab


class Checked:
    """What `check` said of one case."""

    def __init__(self, case, report, code):
        self.case, self.report, self.code = case, report, code
        known = [one for phase in cases.PHASES for one in case.expected[phase] + case.also[phase]]
        self.harmful = any(case.expected.values())
        self.observed = report["findings"]
        self.predicted, self.possible = report["predicted"], report["possible"]
        self.migration_failed = report.get("migration", {}).get("failed", False)
        # What a Parse says of a result's shape meets a session only if it reads it: of a harmful change any such word is true.
        shapes = {"column_added", "column_removed", "column_renamed", "column_retyped", "column_order", "parameter_types"}
        self.false = [one for one in self.observed
                      if not any(each.seen_in(one) for each in known) and (not self.harmful or one["kind"] not in shapes)]

    @property
    def how(self):
        """The surest way in which something was found."""
        if self.observed or self.migration_failed:
            return "observed"
        return "predicted" if self.predicted else "possible" if self.possible else "silent"

    def line(self):
        words = [f"{'harmful' if self.harmful else 'harmless':<9}{self.how:<10}{self.case.name}"]
        if self.migration_failed:
            words.append(f"migration fails: {self.report['migration']['sqlstate']}")
        words += sorted({f"{one['kind']} {one.get('sqlstate', '')}".strip() for one in self.observed})
        words += sorted({f"({one['kind']} {one.get('sqlstate', '')})".replace(" )", ")") for one in self.predicted})
        words += [f"FALSE: {one['kind']} {one.get('sqlstate', '')} {one['statement']}" for one in self.false]
        return "  ".join(words)


def check(scene, case, copy):
    folder = os.path.join(scene.folder, case.name.replace("/", "_") + "-check")
    os.mkdir(folder)
    capture, report = os.path.join(folder, "production.pgcap"), os.path.join(folder, "check.json")
    files = case.schema_files()
    with scene.databases.taken() as database_of:
        scene.record(case, database_of("production", files), capture)
        database = database_of("baseline", files)
        target = f"host=127.0.0.1 port={scene.staging.port} user={lab.SUPERUSER} dbname={database}"
        done = scene.understudy.call("check", capture, "--target", target, "--migration", case.file("migration.sql"), "--copy",
                                     copy, "--close-connections", "--allow", "ALTER DATABASE",
                                     "--allow", "ALTER ROLE", "--allow", "COMMENT ON DATABASE", "--json", report)
    with open(os.path.join(folder, "check.txt"), "w", encoding="utf-8") as file:
        file.write(done.stdout + done.stderr)
    lab.check(done.returncode in (0, 1, 3) and os.path.exists(report), f"check ended with {done.returncode}: {done.stderr}")
    with open(report, encoding="utf-8") as file:
        return Checked(case, json.load(file), done.returncode)


def tried(scene, case, copy):
    try:
        return check(scene, case, copy), None
    except (lab.Failure, traffic.Wrong, libpq.Refused) as failure:
        return None, str(failure)
    except Exception:  # pylint: disable=broad-except
        return None, traceback.format_exc()


def play(chosen, scene, jobs=1, copy="template"):
    """What was said of each case, printed as it comes; and those that could not be played."""
    checked, broken = [], []
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for case, (one, failure) in zip(chosen, pool.map(lambda case: tried(scene, case, copy), chosen)):
            if one:
                lab.say(one.line())
                checked.append(one)
            else:
                lab.say(f"BROKEN   {case.name}: {failure}")
                broken.append(case.name)
    return checked, broken


def score_lines(checked):
    harmful = [one for one in checked if one.harmful]
    harmless = [one for one in checked if not one.harmful]
    for name, group in (("harmful", harmful), ("harmless", harmless)):
        counts = {how: sum(one.how == how for one in group) for how in ("observed", "predicted", "possible", "silent")}
        yield f"{name:<9} {len(group):4}: " + ", ".join(f"{count} {how}" for how, count in counts.items())
    yield f"observed and false: {sum(len(one.false) for one in checked)}"


def wrong(checked):
    """Cases that contradict what check promises: nothing observed is false, and what is harmless has no finding."""
    def rightly_failed(one):
        return one.migration_failed and one.case.migration_fails["fresh"] and not one.observed and not one.predicted
    return [one for one in checked
            if one.false or (not one.harmful and one.how in ("observed", "predicted") and not rightly_failed(one))]
