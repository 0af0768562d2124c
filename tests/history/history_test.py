"""Nights that are kept and told apart, by the program's commands: one recording, replayed on the old schema and on a broken
one, compared night after night into a directory and into a database.

    history_test.py UNDERSTUDY
"""
import json
import os
import re
import stat
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "fidelity"))
from stage import lab, stage  # noqa: E402

SECRET = "4711-topsecret"
SCHEMA = """create table customers (id int primary key, name text, note text);
insert into customers select i, 'name ' || i, 'note ' || i from generate_series(1, 50) as i;
"""
TRAFFIC = f"""select id, name from customers where id = 7;
select note from customers where name = '{SECRET}';
select count(*) from customers;
"""
RUN = re.compile(r"[0-9]{8}T[0-9]{9}Z-[0-9a-f]{4}")


def psql(script):
    return lambda conninfo: ["psql", "-X", "-q", "-f", script, conninfo]


class Nights:
    """Captures of both sides, and what is kept of comparing them."""

    def __init__(self, scene, baseline, broken):
        self.scene, self.understudy = scene, scene.understudy
        self.baseline, self.broken = baseline, broken

    def night(self, history, bad, *options):
        """(exit code, the section against earlier runs, the run's id)."""
        report = os.path.join(self.scene.folder, "night.json")
        done = self.understudy.call("compare", self.baseline, self.broken if bad else self.baseline, "--json", report,
                                    "--history", history, "--job", "nightly", *options)
        lab.check(done.returncode == (1 if bad else 0), f"exit code {done.returncode}: {done.stdout}{done.stderr}")
        with open(report, encoding="utf-8") as file:
            sections = {section["id"]: section for section in json.load(file)["sections"]}
        return sections["history"], RUN.search(done.stderr).group()

    def must(self, *command, code=0):
        done = self.understudy.call(*command)
        lab.check(done.returncode == code, f"{command}: exit code {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout


def states(section):
    return section["summary"] + "".join("\n  " + line for line in section["lines"])


def told_apart(nights, history):
    """Good, bad, bad, good, bad: first run, new, persisting, gone, flapping."""
    first, first_run = nights.night(history, False)
    lab.check("first run" in first["summary"], states(first))
    nights.must("history", "release", "last", "7.1", "--history", history, "--job", "nightly")
    new, _ = nights.night(history, True)
    lab.check("1 new" in new["summary"] and any(line.startswith("new: breaking") for line in new["lines"]), states(new))
    persisting, _ = nights.night(history, True)
    lab.check("0 new" in persisting["summary"] and "1 persisting" in persisting["summary"], states(persisting))
    lab.check(any("release 7.1" in line and "1 new" in line for line in persisting["lines"]), states(persisting))
    gone, _ = nights.night(history, False)
    lab.check("1 gone" in gone["summary"], states(gone))
    flapping, last_run = nights.night(history, True)
    lab.check("1 flapping" in flapping["summary"], states(flapping))
    return first_run, last_run


def asked_again(nights, history, first_run, last_run):
    """list, show, diff, trend; the same answers from every place, but for the runs' names."""
    at = ("--history", history)
    listed = json.loads(nights.must("history", "list", "--json", *at))
    lab.check([run["verdict"] for run in listed["runs"]] == ["divergent", "same", "divergent", "divergent", "same"], f"{listed}")
    lab.check(listed["runs"][-1]["release"] == "7.1" and listed["skipped"] == 0 and not listed["more"], f"{listed}")
    lab.check(nights.must("history", *at) == nights.must("history", "list", *at), "history alone is not the list")
    page = json.loads(nights.must("history", "list", "--json", "--limit", "2", "--before", listed["runs"][1]["id"], *at))
    lab.check([run["id"] for run in page["runs"]] == [run["id"] for run in listed["runs"][2:4]] and page["more"], f"{page}")

    shown = nights.must("show", last_run, *at)
    lab.check(f"run {last_run}" in shown and "42703" in shown and SECRET not in shown, shown)
    report = json.loads(nights.must("show", "last", "--json", *at))
    lab.check(report["verdict"] == "divergent" and SECRET not in json.dumps(report), f"{report}")
    lab.check(nights.must("show", "release", *at) == nights.must("show", first_run, *at), "release is not the first run")
    lab.check(nights.must("show", "7.1", *at) == nights.must("show", first_run, *at), "7.1 is not the first run")
    nights.must("show", "20200101T000000000Z-0000", *at, code=2)

    diff = json.loads(nights.must("diff", "7.1", "last", "--json", *at, code=1))
    lab.check(diff["states"]["new"] == 1 and diff["changes"][0]["kind"] == "error_appeared", f"{diff}")
    back = nights.must("diff", "last", "last~1", *at)
    lab.check("1 gone" in back and "0 new" in back, back)

    statement = diff["changes"][0]["fingerprint"]
    others = {finding["fingerprint"] for finding in report["findings"]} - {statement}
    lab.check(not others, f"{report['findings']}")
    nights.must("history", "trend", "0" * 16, *at, code=2)
    return [(change["state"], change["id"]) for change in diff["changes"]]


def trends(nights, history):
    """The statement that works on both sides has its times of every night."""
    record = json.loads(nights.must("inspect", nights.baseline, "--what", "statements", "--json"))
    counted = [row for row in record["statements"] if "count" in row["text"].lower()]
    lab.check(len(counted) == 1, f"{record}")
    series = json.loads(nights.must("history", "trend", counted[0]["fingerprint"], "--json", "--history", history))
    lab.check(len(series["nights"]) == 5 and series["trend"] is None, f"{series}")
    lab.check(all(night["candidate"]["median_ms"] > 0 for night in series["nights"]), f"{series}")
    text = nights.must("history", "trend", counted[0]["fingerprint"], "--history", history)
    lab.check(text.count("▪") >= 5, text)


def certified(nights, history):
    path = os.path.join(nights.scene.folder, "certificate.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write('{"ok": true}\n')
    at = ("--history", history)
    nights.must("history", "certificate", "release", *at, code=2)
    nights.must("history", "certificate", "release", path, *at)
    lab.check(nights.must("history", "certificate", "7.1", *at) == '{"ok": true}\n', "another certificate")


def pruned(nights, history):
    at = ("--history", history)
    would = nights.must("history", "prune", "--keep-runs", "2", "--dry-run", *at)
    lab.check(would.count("would remove") == 2, would)  # of five: two stay, and the release
    nights.must("history", "prune", "--keep-runs", "2", *at)
    left = json.loads(nights.must("history", "list", "--json", *at))["runs"]
    lab.check(len(left) == 3 and left[-1]["release"] == "7.1", f"{left}")
    nights.night(history, False, "--keep-runs", "1")
    left = json.loads(nights.must("history", "list", "--json", *at))["runs"]
    lab.check(len(left) == 2, f"{left}")


def by_place(nights):
    server = nights.scene.staging
    server.sql("create database history")
    database = f"postgresql://{lab.SUPERUSER}@127.0.0.1:{server.port}/history"
    directory = os.path.join(nights.scene.folder, "history")
    answers = []
    for history in (directory, database):
        first_run, last_run = told_apart(nights, history)
        answers.append(asked_again(nights, history, first_run, last_run))
        trends(nights, history)
        certified(nights, history)
        pruned(nights, history)
        lab.say(f"{'directory' if history == directory else 'database'}: told apart")
    lab.check(answers[0] == answers[1], f"the places answer differently: {answers}")
    lab.check(stat.S_IMODE(os.stat(directory).st_mode) == 0o700, "others can look into the directory")


def values(nights):
    """Values are in a directory only where they are asked for, and never in a database."""
    server = nights.scene.staging
    server.sql("create database with_values")
    directory = os.path.join(nights.scene.folder, "values")
    nights.night(directory, True, "--include-values")
    lab.check(SECRET in nights.must("show", "last", "--json", "--history", directory), "the directory has no values")
    nights.night(f"host=127.0.0.1 port={server.port} user={lab.SUPERUSER} dbname=with_values", True, "--include-values")
    dump = server.client(["pg_dump", "with_values"])
    lab.check("42703" in dump and SECRET not in dump, "a value has left the machine")


def refused(nights):
    """What cannot be kept is said before any work, and a replay target keeps nothing."""
    server = nights.scene.staging
    both = (nights.baseline, nights.baseline)
    target = nights.scene.conninfo(nights.scene.copy())
    done = nights.understudy.call("compare", *both, "--history", target)
    lab.check(done.returncode == 4 and "replayed into" in done.stderr and not done.stdout, f"{done}")
    done = nights.understudy.call("compare", *both, "--history", target, "--history-in-target")
    lab.check(done.returncode == 0, f"{done}")
    done = nights.understudy.call("compare", *both, "--history", "postgresql://127.0.0.1:1/nowhere")
    lab.check(done.returncode == 4 and not done.stdout, f"{done}")
    done = nights.understudy.call("history", "--history", os.path.join(nights.scene.folder, "none"))
    lab.check(done.returncode == 4 and "no history" in done.stderr, f"{done}")
    done = nights.understudy.call("history", "--config", os.path.join(nights.scene.folder, "none.yaml"))
    lab.check(done.returncode == 2, f"{done}")
    server.sql("drop database history")


def configured(nights):
    """understudy.yaml says where, for those that ask."""
    directory = os.path.join(nights.scene.folder, "configured")
    nights.night(directory, True)
    config = os.path.join(nights.scene.folder, "understudy.yaml")
    with open(config, "w", encoding="utf-8") as file:
        file.write(f"rehearse:\n  history: {directory}\n  job: nightly\n")
    lab.check("nightly" in nights.must("history", "--config", config), "not from the file")
    lab.check("42703" in nights.must("show", "last", "--config", config), "not from the file")
    with open(os.path.join(directory, "notes.txt"), "w", encoding="utf-8") as file:
        file.write("not ours")
    done = nights.understudy.call("history", "--json", "--config", config)
    lab.check(json.loads(done.stdout)["skipped"] == 1 and "notes.txt" in done.stderr, f"{done}")


def main():
    lab.need_programs("psql", "pg_dump")
    with stage(sys.argv[1]) as scene:
        files = {}
        for name, text in (("schema", SCHEMA), ("traffic", TRAFFIC * 40)):
            files[name] = os.path.join(scene.folder, name + ".sql")
            with open(files[name], "w", encoding="utf-8") as file:
                file.write(text)
        scene.load(script=files["schema"])
        recording = scene.record("shop", psql(files["traffic"]), source="proxy")
        sides = {}
        for side, change in (("baseline", ""), ("broken", "alter table customers drop column note")):
            database = scene.copy()
            if change:
                scene.staging.sql(change, database=database)
            sides[side] = os.path.join(scene.folder, side + ".pgcap")
            scene.understudy.must("replay", recording.path, "--target", scene.conninfo(database), "--output", sides[side],
                                  "--quiet", "--speed", "max", "--ignore-start-state")
        nights = Nights(scene, sides["baseline"], sides["broken"])
        for part in (by_place, values, refused, configured):
            part(nights)


if __name__ == "__main__":
    lab.run(main)
