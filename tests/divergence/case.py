"""A case: a folder with schema.sql, traffic.txt, migration.sql and expect.json. README.md says what is in them."""
import fnmatch
import json
import os

import traffic

HERE = os.path.dirname(os.path.abspath(__file__))
CASES = os.path.join(HERE, "cases")
PHASES = ("fresh", "held")
SILENT = "silent"
KINDS = {"error_appeared", "error_disappeared", "error_changed", "row_count", "affected_rows", "value", "order", "notice",
         "column_added", "column_removed", "column_renamed", "column_order", "column_retyped", "parameter_types", "copy_data",
         "command_tag", "statement_count", "transaction_status", "stall", "latency"}
CAUSES = {"schema", "data", "privilege", "lock or timeout", "artefact of replaying", "environment", "latency"}
FIELDS = {"change", "why", "fresh", "held", "also", "migration", "meanwhile", "servers"}
EXPECTATION = {"kind", "cause", "statement", "sqlstate", "phase"}


def alternatives(value):
    return value if isinstance(value, list) else [value]


def squeezed(text):
    return " ".join(text.split()).casefold()


class Expectation:
    """One finding that has to come (or, in `also`, may come); each field may have alternatives."""

    def __init__(self, fields):
        self.kinds = set(alternatives(fields["kind"]))
        self.causes = set(alternatives(fields.get("cause", [])))
        self.sqlstates = set(alternatives(fields.get("sqlstate", [])))
        self.statement = squeezed(fields.get("statement", ""))
        self.phase = fields.get("phase")
        wrong = (self.kinds - KINDS) | (self.causes - CAUSES) | (set(fields) - EXPECTATION)
        if wrong:
            raise traffic.Wrong(f"expect.json: no such kind, cause or field: {', '.join(sorted(wrong))}")

    def seen_in(self, finding):
        """Whether a finding is this one, whatever its cause."""
        return (finding["kind"] in self.kinds and self.statement in squeezed(finding["statement"])
                and (not self.sqlstates or finding.get("sqlstate") in self.sqlstates))

    def explained_by(self, finding):
        return self.seen_in(finding) and (not self.causes or finding["cause"] in self.causes)

    def __str__(self):
        state = f" {'/'.join(sorted(self.sqlstates))}" if self.sqlstates else ""
        return f"{'/'.join(sorted(self.kinds))}{state} ({'/'.join(sorted(self.causes))}) of '{self.statement}'"


class Case:
    def __init__(self, folder):
        self.folder = folder
        self.name = os.path.relpath(folder, CASES)
        with open(self.file("expect.json"), encoding="utf-8") as file:
            told = json.load(file)
        if set(told) - FIELDS:
            raise traffic.Wrong(f"{self.name}/expect.json: no such field: {', '.join(sorted(set(told) - FIELDS))}")
        self.change, self.why = told["change"], told["why"]
        self.expected = {phase: [] if told[phase] == SILENT else [Expectation(one) for one in told[phase]] for phase in PHASES}
        also = [Expectation(one) for one in told.get("also", [])]
        self.also = {phase: [one for one in also if one.phase in (None, phase)] for phase in PHASES}
        fails = told.get("migration", "succeeds")
        self.migration_fails = {phase: (fails if isinstance(fails, str) else fails[phase]) == "fails" for phase in PHASES}
        self.timed = any("latency" in one.kinds for phase in PHASES for one in self.expected[phase])
        self.meanwhile = told.get("meanwhile", False)  # held: the traffic goes on while the migration runs
        self.servers = told.get("servers")
        with open(self.file("traffic.txt"), encoding="utf-8") as file:
            self.script = traffic.parse(file.read())

    def file(self, name):
        return os.path.join(self.folder, name)

    def schema_files(self):
        """The shop that all cases share, what an area adds to it, and what the case adds; each if it is there."""
        folders = (CASES, os.path.dirname(self.folder), self.folder)
        return [path for path in (os.path.join(folder, "schema.sql") for folder in folders) if os.path.exists(path)]


def read_cases(pattern="*"):
    """The cases whose name (area/name) fits the pattern, in order of name."""
    folders = sorted(folder for folder, _, files in os.walk(CASES) if "expect.json" in files)
    names = [os.path.relpath(folder, CASES) for folder in folders]
    return [Case(os.path.join(CASES, name)) for name in names if any(fnmatch.fnmatch(name, one) for one in pattern.split(","))]
