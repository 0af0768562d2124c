"""The measure of understudy fidelity on recorded traffic: a staging that holds production's data reproduces (nearly) all
of it; one where the answers of one statement were changed reproduces all but that one, which is named; and the
certificate goes into a rehearsal.

    measure_test.py UNDERSTUDY
"""
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(HERE, "..", "fidelity"))
from stage import ORIGIN, lab, stage  # noqa: E402

SECONDS = 5
REHEARSE = os.path.join(HERE, "..", "rehearse")
MIGRATION = "alter table customers alter column note type varchar(60);\nalter table orders add column paid boolean;\n"


class Measure:
    def __init__(self, scene, recording):
        self.scene, self.recording = scene, recording
        scene.staging.sql(f"create database staging_shop template {ORIGIN}")
        scene.understudy.must("target", "--mark", self.target())

    def target(self):
        return self.scene.conninfo("staging_shop")

    def path(self, name):
        return os.path.join(self.scene.folder, name)

    def answers(self, name, change=""):
        """What a replay on a copy wrote, `change` made first."""
        database = self.scene.copy()
        if change:
            self.scene.staging.sql(change, database=database)
        path = self.path(name)
        done = self.scene.understudy.call("replay", self.recording.path, "--target", self.scene.conninfo(database), "--output",
                                          path, "--quiet", "--ignore-start-state")
        lab.check(done.returncode == 0, f"replay: {done.returncode} {done.stderr}")
        return path

    def certificate(self, *options):
        """Of a production that is copied beside itself, so that only the measure can differ."""
        production = self.scene.conninfo("staging_shop")
        done = self.scene.understudy.call("fidelity", "--production", production, "--staging", self.target(), "--json",
                                          self.path("certificate.json"), "--html", self.path("certificate.html"), *options)
        lab.check(done.returncode in (0, 3), f"fidelity: {done.returncode} {done.stderr}")
        with open(self.path("certificate.json"), encoding="utf-8") as file:
            return done.returncode, json.load(file), done.stdout


def share(reproduction, what):
    one = reproduction[what]
    lab.check(0 < one["part"] <= one["of"] and one["low"] <= one["part"] / one["of"] <= one["high"] + 1e-9, f"{what}: {one}")
    return one["part"] / one["of"]


def faithful(measure):
    path = measure.answers("control.pgcap")
    code, certificate, said = measure.certificate("--capture", measure.recording.path, "--answers", path, "--migration",
                                                  measure.path("up.sql"), "--probe-storage", "--min-reproduction", "90")
    lab.say(said)
    reproduction = certificate["reproduction"]
    lab.check(code == 0 and certificate["holds"], f"{code}: {certificate['verdict']}")
    lab.check(share(reproduction, "calls") > 0.97, f"{reproduction}")
    lab.check(reproduction["calls"]["of"] > 100, f"too little was recorded: {reproduction}")
    touched = {(one["table"].split(".")[-1], one["column"]): one for one in certificate["migration"]}
    note = touched.get(("customers", "note"))
    lab.check(note is not None and note["fingerprints"] >= 2 and 0 < note["same"] <= note["calls"], f"{touched}")
    lab.check(certificate["probe"], "the probe of the storage is missing")
    return reproduction


def altered(measure, whole):
    """Every customer's note and name are other ones: one statement of the shop reads them."""
    path = measure.answers("altered.pgcap", "update customers set name = 'someone'")
    options = ("--capture", measure.recording.path, "--answers", path)
    code, certificate, said = measure.certificate(*options)
    reproduction = certificate["reproduction"]
    lab.check(code == 0, f"{code}: no floor was asked for")
    share_before, share_now = share(whole, "calls"), share(reproduction, "calls")
    lab.check(0.4 < share_now < share_before - 0.05, f"{share_before} and then {share_now}")
    named = [one for one in reproduction["not_covered"] if "from customers" in one["statement"]]
    lab.check(named, f"not named: {reproduction['not_covered']}")
    lab.check("customers" in said, said)
    code, certificate, _ = measure.certificate(*options, "--min-reproduction", "99")
    lab.check(code == 3, f"less than the floor, and exit code {code}: {certificate['verdict']}")


def embedded(measure):
    """A certificate that holds is a section of the rehearsal; one with a gate that differs takes its verdict away."""
    for change, expected in (("", 0), ("alter table orders add column other int", 3)):
        if change:
            measure.scene.staging.sql(f"create database elsewhere template {ORIGIN}")
            measure.scene.staging.sql(change, database="elsewhere")
        production = measure.scene.conninfo("elsewhere" if change else "staging_shop")
        path, report = measure.path("embedded.json"), measure.path("rehearsal.json")
        measure.scene.understudy.call("fidelity", "--production", production, "--staging", measure.target(), "--json", path)
        done = measure.scene.understudy.call(
            "rehearse", measure.recording.path, "--target", measure.target(), "--migration", measure.path("harmless.sql"),
            "--rollback", measure.path("back.sql"), "--fidelity", path, "--traffic-time", "3s", "--quiet", "--json", report)
        lab.check(done.returncode == expected, f"rehearse: {done.returncode}, not {expected}: {done.stdout}{done.stderr}")
        answers = measure.path("control.pgcap")
        compared = measure.scene.understudy.call("compare", answers, answers, "--fidelity", path)
        lab.check(compared.returncode == expected and "Fidelity of staging" in compared.stdout,
                  f"compare: {compared.returncode}, not {expected}: {compared.stdout}{compared.stderr}")
        with open(report, encoding="utf-8") as file:
            sections = {section["id"]: section for section in json.load(file)["sections"]}
        lab.check("fidelity" in sections, f"sections: {sorted(sections)}")


def shop_traffic(conninfo):
    return ["sh", "-c", f"pgbench -n -M prepared -T {SECONDS} -c 3 -j 1 -D pause=60 -f {REHEARSE}/shop.pgbench '{conninfo}'"]


def main():
    with stage(sys.argv[1]) as scene:
        scene.load(script=os.path.join(REHEARSE, "schema.sql"))
        measure = Measure(scene, scene.record("measured", shop_traffic))
        limit = "set lock_timeout = '2s';\n"
        for name, text in (("up.sql", MIGRATION), ("harmless.sql", limit + "comment on table orders is 'sold';\n"),
                           ("back.sql", limit + "comment on table orders is null;\n")):
            with open(measure.path(name), "w", encoding="utf-8") as file:
                file.write(text)
        altered(measure, faithful(measure))
        embedded(measure)


lab.run(main)
