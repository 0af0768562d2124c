"""From a replay and its comparison with production to one row of the table in docs/fidelity.md.

What a build does not report is None, shown as a dash; it is never taken for 0.
"""
import json

def by_kind(report):
    """Differences of each kind, whether findings or set apart. `followed_by` and noise are not among them."""
    kinds = {}
    for place in ("findings", "unconfirmed_places", "downstream_places"):
        for finding in report.get(place, []):
            kinds[finding["kind"]] = kinds.get(finding["kind"], 0) + finding["count"]
    return kinds


def by_sqlstate(report):
    states = {}
    for place in ("findings", "unconfirmed_places", "downstream_places"):
        for finding in report.get(place, []):
            if finding["kind"] == "error_appeared":
                state = finding.get("sqlstate", "")
                states[state] = states.get(state, 0) + finding["count"]
    return states


def values_sent(counters):
    """(generated values that were sent as recorded for want of a partner, all that were sent), over all domains."""
    def total(*words):
        return sum(count for name, count in counters.items() if name.split(".", 2)[:2] in [["remap", word] for word in words])
    left = total("unmapped", "unfit")
    if not any(name.startswith("remap.") for name in counters):
        return None, None
    return left, left + total("changed", "equal")


def in_flight(exchanges):
    """How many exchanges were under way at once, on average: from asked to answered, by the time from first to last."""
    spans = {}
    for step in exchanges["exchanges"]:
        if step["latency_ms"] is None or step["offset_ms"] is None:
            continue
        begin, end = step["offset_ms"], step["offset_ms"] + step["latency_ms"]
        known = spans.setdefault((step["session"], step["ordinal"]), [begin, end])
        known[:] = min(known[0], begin), max(known[1], end)
    if not spans:
        return None
    whole = max(end for _, end in spans.values()) - min(begin for begin, _ in spans.values())
    return sum(end - begin for begin, end in spans.values()) / max(whole, 0.001)


def row(stage, recording, replay, final):
    """The figures of one replay. `final` is final_state.differing()."""
    report = replay.report
    counters = stage.understudy.summary(replay.path)["counters"]
    steps = report["coverage"]["steps"]
    kinds = by_kind(report)
    coverage = report["coverage"]
    unmapped, values = values_sent(counters)
    excused = coverage.get("steps_excused")
    return {
        "steps": steps,
        "exchanges": coverage["exchanges"],
        "compared": report["compared"],
        "differing": coverage["steps_differing"],
        "folded": coverage["steps_folded"],
        "kinds": kinds,
        "errors_appeared": kinds.get("error_appeared", 0),
        "sqlstates": by_sqlstate(report),
        "outside": None if excused is None else coverage["steps_differing"] - excused,
        "ambiguous": coverage.get("steps_ambiguous"),
        "with_data": coverage.get("steps_with_data"),
        "tainted": coverage.get("steps_tainted"),
        "unmapped": unmapped,
        "values": values,
        "broken_waits": counters.get("replay.broken_waits"),
        "not_compared": steps - report["compared"],
        "not_compared_reasons": report["not_compared"],
        "deadlocks": replay.deadlocks,
        "recorded_s": round(recording.seconds, 2),
        "replay_s": round(replay.seconds, 2),
        "in_flight_recorded": in_flight(stage.understudy.exchanges(recording.path)),
        "in_flight": in_flight(stage.understudy.exchanges(replay.path)),
        "final_rows": sum(count for count, _ in final.values()),
        "final_differing": sum(count for _, count in final.values()),
        "final_tables": {table: count for table, (_, count) in final.items() if count},
        "exit_code": replay.code,
        "verdict": report["verdict"],
    }


def percent(part, whole):
    return None if part is None or whole is None else 100.0 * part / max(whole, 1)


def shown(value, digits=2):
    return "–" if value is None else f"{value:.{digits}f}" if isinstance(value, float) else str(value)


HEADINGS = ("sessions", "order", "values", "speed", "seeds", "steps", "differ %", "outside %", "errors", "deadlocks",
            "ambiguous % (of steps with data)", "tainted %", "unmapped %", "not compared %", "final rows differ %",
            "wall / recorded", "in flight (recorded)")


def range_of(values):
    """One value, or least to greatest of the seeds."""
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    low, high = shown(float(min(known))), shown(float(max(known)))
    return low if low == high else f"{low}–{high}"


def table_line(setting, rows):
    """All seeds of one setting; ranges are least to greatest."""
    def percents(part, whole="steps"):
        return range_of([percent(one[part], one[whole]) for one in rows])
    cells = (setting["sessions"], setting["sync"], "mapped" if setting["remap"] == "on" else "as sent", setting["speed"],
             len(rows), sum(one["steps"] for one in rows), percents("differing", "compared"), percents("outside", "compared"),
             sum(one["errors_appeared"] for one in rows), sum(one["deadlocks"] for one in rows),
             f"{percents('ambiguous')} ({percents('ambiguous', 'with_data')})", percents("tainted"),
             percents("unmapped", "values"), percents("not_compared"),
             percents("final_differing", "final_rows"),
             range_of([one["replay_s"] / one["recorded_s"] for one in rows]),
             f"{range_of([one['in_flight'] for one in rows])} ({range_of([one['in_flight_recorded'] for one in rows])})")
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def table(grouped):
    """Markdown; `grouped` is a list of (setting, rows)."""
    lines = ["| " + " | ".join(HEADINGS) + " |", "|" + "---|" * len(HEADINGS)]
    lines += [table_line(setting, rows) for setting, rows in grouped]
    return "\n".join(lines)


def json_line(setting, seed, figures):
    return json.dumps({**setting, "seed": seed, **figures}, sort_keys=True)
