"""Findings against expectations, and the score of all cases."""
import case as cases

ERRORS = {"error_appeared", "error_disappeared", "error_changed"}
COUNTS = ERRORS | {"row_count", "affected_rows", "statement_count"}
SHAPE = COUNTS | {"column_added", "column_removed", "column_renamed", "column_order", "column_retyped", "parameter_types",
                  "command_tag", "transaction_status"}
LEVELS = (("errors only", ERRORS), ("+ counts", COUNTS), ("+ shape", SHAPE), ("+ values (all)", cases.KINDS))
SET_APART = ("noise_places", "unconfirmed_places", "downstream_places")
DIVERGENT, SAME = 1, 0
OK = "ok"


class Verdict:
    """What is to be said of one phase of a case."""

    def __init__(self, case, phase, outcome):
        self.case, self.phase, self.outcome = case, phase, outcome
        self.findings = outcome.report["findings"] + slower(outcome.report)
        self.expected, self.also = case.expected[phase], case.also[phase]
        self.missed = [one for one in self.expected if not any(one.seen_in(each) for each in self.findings)]
        self.misjudged = [one for one in self.expected if one not in self.missed
                          and not any(one.explained_by(each) for each in self.findings)]
        known = self.expected + self.also
        self.alarms = [each for each in self.findings if not any(one.seen_in(each) for one in known)]
        self.status = self.judge()

    def judge(self):
        wrong = []
        if self.outcome.migrated == self.case.migration_fails[self.phase]:
            wrong.append(f"MIGRATION {'RAN' if self.outcome.migrated else 'FAILED'}")
        if self.outcome.unfaithful:
            wrong.append("UNFAITHFUL")
        if self.missed:
            wrong.append("MISSED")
        if self.misjudged:
            wrong.append("WRONG CAUSE")
        if self.alarms:
            wrong.append("FALSE ALARM")
        only_consequences = bool(self.findings) and not self.expected
        if not wrong and not only_consequences and self.outcome.code != (DIVERGENT if self.expected else SAME):
            wrong.append(f"VERDICT {self.outcome.report['verdict']}")
        return " + ".join(wrong) or OK

    @property
    def harmful(self):
        return bool(self.expected)

    @property
    def only_slower(self):
        """Nothing but time shows the harm."""
        return self.harmful and all(one.kinds == {"latency"} for one in self.expected)

    def found(self, kinds):
        """Whether a comparator that knows only these kinds would have found the harm."""
        return any(one.seen_in(each) for one in self.expected for each in self.findings if each["kind"] in kinds)

    def explained(self, kinds):
        return any(one.explained_by(each) for one in self.expected for each in self.findings if each["kind"] in kinds)

    def quiet(self, kinds):
        return not any(each["kind"] in kinds for each in self.findings)

    def apart(self):
        report = self.outcome.report
        return [f"{place.removesuffix('_places')}: {brief(each)}" for place in SET_APART for each in report.get(place, [])]

    def lines(self):
        """One line, and more where something is wrong."""
        wanted = "; ".join(map(str, self.expected)) or "silent"
        came = "; ".join(map(brief, self.findings)) or "silent"
        if self.status == OK:
            return [f"{self.status:<12} {self.case.name} {self.phase}: {came}"]
        lines = [f"{self.status:<12} {self.case.name} {self.phase}:", f"    expected: {wanted}", f"    came:     {came}"]
        lines += [f"    apart:    {each}" for each in self.apart()]
        lines += [f"    baseline is not production: {brief(each)}" for each in self.outcome.unfaithful]
        reasons = self.outcome.report["reasons"] if self.status.startswith("VERDICT") else []
        return lines + [f"    reason:   {reason}" for reason in reasons]

    def as_json(self):
        return {"case": self.case.name, "phase": self.phase, "change": self.case.change, "why": self.case.why,
                "status": self.status, "harmful": self.harmful, "expected": [str(one) for one in self.expected],
                "findings": [brief(each) for each in self.findings], "set_apart": self.apart(),
                "unfaithful": [brief(each) for each in self.outcome.unfaithful],
                "verdict": self.outcome.report["verdict"], "migrated": self.outcome.migrated}


def slower(report):
    """Statements that took longer, as findings."""
    places = report.get("latency", {}).get("places", [])
    return [{"kind": "latency", "cause": "latency", "place": "time", "statement": place["statement"], "count": place["calls"]}
            for place in places if place["verdict"] == "regressed"]


def brief(finding):
    state = f" {finding['sqlstate']}" if finding.get("sqlstate") else ""
    statement = " ".join(finding["statement"].split())
    return f"{finding['kind']}{state} ({finding['cause']}) at {finding['place']} of '{statement[:70]}' x{finding['count']}"


def score(verdicts):
    """Rows of the score: harmful found, with the right cause, harmless silent, by what a comparator looks at."""
    harmful = [one for one in verdicts if one.harmful and not one.only_slower]
    harmless = [one for one in verdicts if not one.harmful]
    slower = [one for one in verdicts if one.only_slower]
    rows = [{"level": level, "harmful": len(harmful), "found": sum(one.found(kinds) for one in harmful),
             "cause_right": sum(one.explained(kinds) for one in harmful), "harmless": len(harmless),
             "silent": sum(one.quiet(kinds) for one in harmless)} for level, kinds in LEVELS]
    return {"levels": rows, "only_slower": len(slower), "only_slower_found": sum(one.found(cases.KINDS) for one in slower)}


def share(part, whole):
    return f"{part} of {whole} ({100 * part / whole:.0f} %)" if whole else "none"


def score_lines(table):
    yield f"{'comparator':<16} {'harmful found':<20} {'cause right':<20} harmless silent"
    for row in table["levels"]:
        yield (f"{row['level']:<16} {share(row['found'], row['harmful']):<20} {share(row['cause_right'], row['harmful']):<20} "
               f"{share(row['silent'], row['harmless'])}")
    yield f"harm that only time shows, found: {share(table['only_slower_found'], table['only_slower'])}"
