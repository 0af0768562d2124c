"""Reports for the page, as docs/report.md has them: made here, with made-up shops, and the same at every run."""
import random

KINDS = ["error_appeared", "value", "row_count", "column_removed", "column_retyped", "order", "notice", "affected_rows"]
SEVERITIES = ["breaking", "wrong answer", "risky", "cosmetic"]
CAUSES = ["schema", "data", "privilege", "lock or timeout"]
TABLES = ["orders", "order_items", "payments", "customers", "inventory", "price_lists", "shipments", "carts"]

# Text that would do something if a page took it for markup. Each sets window.ran, which the test looks at.
HOSTILE = [
    "</script><script>window.ran = 'script'</script>",
    "<img src=x onerror=\"window.ran = 'img'\">",
    "<svg onload=\"window.ran = 'svg'\">",
    "\"><iframe srcdoc=\"<script>parent.ran = 'frame'</script>\"></iframe>",
    "javascript:window.ran='address'",
    "<!--<script>", "--><script>window.ran = 'comment'</script>", "<!--STYLE--><!--SCRIPT--><!--REPORT-->",
    "]]>&lt;b&gt;&amp;", "\u2028\u2029\u0000\u202egnp.exe", "__proto__", "constructor", "${window.ran = 'template'}",
    "</style><link rel=stylesheet href=http://192.0.2.1/a.css>", "' onfocus=window.ran='focus' autofocus x='",
]


def coverage(compared, steps, **more):
    return {"percent": 100 * compared / steps if steps else 0, "min_percent": 98, "steps": steps, "exchanges": steps // 3,
            "exchanges_compared": compared // 3, "steps_differing": 0, "steps_folded": 0, "steps_ambiguous": 0,
            "steps_with_data": steps // 2, "steps_tainted": 0, "steps_excused": 0, "steps_only_in_candidate": 0,
            "steps_in_control": compared, "steps_in_confirmation": 0, **more}


def input_of(role, **more):
    return {"role": role, "name": f"{role}.pgcap", "source": "replay", "description": "shop, ten minutes of a Monday morning",
            "created": "2026-03-02T09:14:07.120Z", "tool_version": "0.1.0", "server_version": "15.12",
            "system_identifier": "7345918273645190213", "policy": "digest", "exchanges": 31204, "complete": True,
            "damage": {"bad_chunks": 0, "bytes_skipped": 0, "bytes_cut_off": 0, "unknown_records": 0, "trailer_missing": False},
            "gaps": 0, "loss": {}, **more}


def same():
    return {"format_version": 1, "verdict": "same", "reasons": [], "remarks": [], "compared": 93612, "diverged": 0,
            "not_compared": {}, "noise": 0, "unconfirmed": 0, "downstream": 0, "coverage": coverage(93612, 93612),
            "findings": [], "noise_places": [], "unconfirmed_places": [], "downstream_places": [],
            "inputs": [input_of("baseline"), input_of("candidate")], "title": "Release 41: add shipments.carrier"}


def finding(**more):
    return {"kind": "error_appeared", "statement": "SELECT 1", "fingerprint": "0123456789abcdef", "place": "error", "count": 1,
            "sessions": 1, "cause": "schema", "explanation": "The candidate refuses it.", **more}


def shop_findings():
    update = ("UPDATE orders SET status = $1, total = total - $2 -- discount\nWHERE id = $3 AND status <> 'cancelled'\n"
              "RETURNING id, total")
    total = ("SELECT o.id, o.total, c.name, o.note, c.city\nFROM orders o JOIN customers c ON c.id = o.customer_id\n"
             "WHERE o.created_at >= $1 AND o.status = $2\nORDER BY o.id LIMIT 50")
    columns = ["id", "total", "name", "note", "city"]
    return [
        finding(id="f3a91c", severity="breaking", statement=update, sqlstate="42703", count=412, sessions=38,
                followed_by=1207, downstream=31, fingerprint="9c1f03aa5be7d210",
                first="2026-03-02T09:00:03.512Z", last="2026-03-02T09:09:58.020Z",
                users=["shop_app"], applications=["checkout", "backoffice"], databases=["shop"], calls_a_day=59328,
                blame=["column order_totals.discount_total: removed"],
                explanation="The column discount_total no longer exists, and a trigger of orders still writes it.",
                example={"session": "00000000000003f1", "ordinal": 84, "step": 2, "message": "Execute",
                         "sql": "UPDATE orders SET status = 'paid', total = total - 4.50 -- discount\n"
                                "WHERE id = 88123 AND status <> 'cancelled'\nRETURNING id, total;",
                         "baseline": "UPDATE 1, 1 row", "candidate": "ERROR 42703: column \"discount_total\" of relation "
                         "\"order_totals\" does not exist"}),
        finding(id="b07e55", severity="wrong answer", kind="value", place="column total", statement=total, count=96, sessions=21,
                cause="data", fingerprint="41aa90c2d8e35f77", first="2026-03-02T09:00:11.001Z", last="2026-03-02T09:09:31.700Z",
                users=["shop_app", "reporting"], applications=["checkout", "nightly-report"], databases=["shop"],
                calls_a_day=13824,
                explanation="Values of column total differ: the type became numeric(10,1), which rounds.",
                example={"session": "0000000000000417", "ordinal": 12, "step": 1, "message": "Execute",
                         "sql": total.replace("$1", "'2026-03-01'").replace("$2", "'paid'") + ";",
                         "baseline": "SELECT 50, 50 rows", "candidate": "SELECT 50, 50 rows; 3 of them differ",
                         "columns": columns, "more_rows": 2,
                         "rows": [
                             {"baseline": ["88120", "19.95", "Ama Owusu", None, "Leeds"],
                              "candidate": ["88120", "20.0", "Ama Owusu", "", "Leeds"]},
                             {"baseline": ["88121", "104.25", "‹text 9b0c›", "leave at door", "York"],
                              "candidate": ["88121", "104.3", "‹text 1f3a›", "leave at door", "York"]},
                             {"baseline": ["88122", "7.15", "Jo Marsh", "", "Hull"], "candidate": None}]}),
        finding(id="77d0e2", severity="risky", kind="column_retyped", place="column id", count=2210, sessions=60, cause="schema",
                statement="SELECT id, sku, quantity FROM order_items WHERE order_id = ANY ($1::int8[])", calls_a_day=318240,
                fingerprint="5d2f00b1c3e4a688", first="2026-03-02T09:00:00.400Z", last="2026-03-02T09:09:59.801Z",
                users=["shop_app"], applications=["checkout", "stock-sync", "backoffice"], databases=["shop"],
                explanation="Column id is bigint now and was integer: clients that read binary values see eight bytes, "
                "not four."),
        finding(id="c0ffee", severity="cosmetic", kind="notice", place="notice", count=3, sessions=3, cause="schema",
                statement="CREATE TEMPORARY TABLE IF NOT EXISTS basket (sku text)", calls_a_day=432,
                fingerprint="00aa12bb34cc56dd",
                first="2026-03-02T09:02:10.000Z", last="2026-03-02T09:08:10.000Z", users=["backoffice"],
                applications=["backoffice"], databases=["shop"],
                explanation="The notice that the relation exists already is not given any more."),
    ]


def distribution(chance, median, spread, edges, count):
    counts = [0] * (len(edges) - 1)
    for _ in range(count):
        value = chance.lognormvariate(0, spread) * median
        at = max(0, min(len(counts) - 1, sum(1 for edge in edges if edge <= value) - 1))
        counts[at] += 1
    return counts


def latency_place(chance, statement, before, after, verdict, calls):
    edges = [round(before / 8 * 1.25 ** i, 5) for i in range(28)]
    side = lambda median: {"median_ms": median, "p95_ms": median * 2.4, "p99_ms": median * 4.1}  # noqa: E731
    ratio = after / before
    return {"statement": statement, "fingerprint": "9c1f03aa5be7d210", "calls": calls, "baseline": side(before),
            "candidate": side(after), "metric": "median", "ratio": ratio, "low": ratio * 0.88, "high": ratio * 1.13,
            "verdict": verdict,
            "why": f"The median went from {before} ms to {after} ms in every one of the pairs.",
            "histogram": {"edges_ms": edges, "baseline": distribution(chance, before, 0.45, edges, 600),
                          "candidate": distribution(chance, after, 0.6, edges, 600)},
            "plan": {"baseline": "Index Scan using orders_status_idx on orders  (cost=0.42..8.44 rows=1 width=38)\n"
                                 "  Index Cond: (status = $1)",
                     "candidate": "Seq Scan on orders  (cost=0.00..1893.00 rows=1 width=38)\n  Filter: (status = $1)",
                     "first_difference": "Index Scan using orders_status_idx became Seq Scan"}}


def latency(chance):
    return {"pairs": 5, "statements": 31, "tested": 12, "pipelined": 40, "not_measured": 2,
            "power": "a statement that takes 35 % longer or more would have been found four times out of five",
            "places": [
                latency_place(chance, "SELECT * FROM orders WHERE status = $1", 0.42, 1.93, "regressed", 8123),
                latency_place(chance, "SELECT name FROM customers WHERE id = $1", 0.21, 0.13, "improved", 20117),
                latency_place(chance, "SELECT sku, quantity FROM order_items WHERE order_id = $1", 3.1, 3.2, "no change", 15022),
                {"statement": "VACUUM orders", "fingerprint": "00", "calls": 3, "verdict": "insufficient",
                 "why": "It ran three times."}]}


def sessions(chance, count, differing):
    made = []
    for i in range(count):
        begin = chance.randrange(0, 420)
        end = min(599, begin + chance.randrange(5, 240))
        made.append({"session": f"{1000 + i:016x}", "user": chance.choice(["shop_app", "reporting"]),
                     "application": chance.choice(["checkout", "stock-sync", "backoffice"]),
                     "first": f"2026-03-02T09:{begin // 60:02}:{begin % 60:02}.000Z",
                     "last": f"2026-03-02T09:{end // 60:02}:{end % 60:02}.000Z", "steps": chance.randrange(10, 900),
                     "differing": chance.randrange(1, 9) if chance.random() < differing else 0})
    return made


def apart(count, **more):
    return finding(kind="value", place="column updated_at", cause="data", count=count, sessions=min(count, 60),
                   statement="SELECT id, updated_at FROM carts WHERE customer_id = $1", **more)


def small():
    chance = random.Random(7)
    report = same()
    report.update({
        "verdict": "divergent", "title": "Release 42: split order totals", "created": "2026-03-02T11:40:12.000Z",
        "tool_version": "0.1.0",
        "reasons": ["4 findings in 2,721 steps: the change breaks one statement, and one answers otherwise"],
        "remarks": ["privileges are approximate: 4 sessions of the candidate were impersonated by a superuser"],
        "severities": {"breaking": 1, "wrong answer": 1, "risky": 1, "cosmetic": 1}, "compared": 92640, "diverged": 2721,
        "not_compared": {"acts outside the database": 610, "the session was lost": 271, "comes after an error": 91},
        "coverage": coverage(92640, 93612, steps_differing=4120, steps_folded=1207, steps_ambiguous=1911, steps_tainted=88,
                             steps_excused=402, steps_only_in_candidate=3, steps_in_confirmation=92640),
        "findings": shop_findings(), "noise": 1188, "unconfirmed": 4, "downstream": 31,
        "noise_places": [apart(1020, **{"class": "time-dependent"}, why="every run shows another value"),
                         apart(151, **{"class": "random"}, why="every run shows another value"),
                         apart(17, **{"class": "concurrency"}, why="the control shows it as often")],
        "unconfirmed_places": [apart(4, **{"class": "unconfirmed"}, why="too rare to be told from chance")],
        "downstream_places": [apart(31, **{"class": "order"}, why="reads what finding f3a91c should have written")],
        "expected_places": [apart(12, why="rule new-carrier: the column is filled by the migration")],
        "rules": [{"id": "line 3", "action": "expected", "reason": "the column is filled by the migration", "owner": "shipping",
                   "expires": "2026-04-01T00:00:00.000Z", "state": "used", "count": 12},
                  {"id": "line 9", "action": "ignore", "reason": "prices are rounded from March on", "owner": "billing",
                   "expires": "2026-02-28",
                   "state": "expired", "count": 0},
                  {"id": "line 14", "action": "ignore", "reason": "the text was corrected", "owner": "shop",
                   "expires": "2026-06-30", "state": "never matched", "count": 0}],
        "latency": latency(chance), "sessions": sessions(chance, 46, 0.3),
        "timeline": {"start": "2026-03-02T09:00:00.000Z", "bucket_s": 10,
                     "steps": [chance.randrange(900, 1900) for _ in range(60)],
                     "differing": [chance.randrange(0, 120) if 12 < i < 47 else 0 for i in range(60)]},
        "inputs": [input_of("baseline"), input_of("candidate", name="candidate.pgcap"), input_of("control"),
                   input_of("confirmation", complete=False, gaps=2, loss={"packets lost": 3},
                            damage={"bad_chunks": 1, "bytes_skipped": 512, "bytes_cut_off": 0, "trailer_missing": True})]})
    return report


def inconclusive():
    report = same()
    report.update({"verdict": "inconclusive", "title": "Release 43", "compared": 30112,
                   "not_compared": {"the session was lost": 63500},
                   "reasons": ["only 32.2 % of the steps could be compared (--min-coverage 98)",
                               "7.1 % of the steps are ambiguous: other sessions changed what they read at the same time"],
                   "coverage": coverage(30112, 93612, steps_ambiguous=2140, steps_tainted=30)})
    return report


def bare():
    """Only what docs/report.md had from the beginning; rows are text."""
    report = same()
    del report["title"]
    kept = ("kind", "statement", "fingerprint", "place", "count", "sessions", "cause", "explanation", "example", "sqlstate")
    found = [{key: value for key, value in one.items() if key in kept} for one in shop_findings()]
    found[1]["example"]["rows"] = [{"baseline": "(88120,19.95)", "candidate": ""}]
    del found[1]["example"]["columns"]
    report.update({"verdict": "divergent", "reasons": ["4 findings"], "findings": found, "diverged": 2721})
    return report


def hostile():
    report = small()
    for i, text in enumerate(HOSTILE):
        report["findings"].append(finding(
            id=text, severity=text if i % 3 == 0 else "risky", kind=text, statement=f"SELECT '{text}'", place=text, cause=text,
            fingerprint=text, explanation=text, users=[text], applications=[text], databases=[text], first=text, last=text,
            calls_a_day=5, example={"session": text, "ordinal": 1, "step": 1, "message": text, "sql": text, "baseline": text,
                                    "candidate": text, "columns": [text, text],
                                    "rows": [{"baseline": [text, None], "candidate": [text + "x", text]}]}))
        report["noise_places"].append(apart(i + 1, **{"class": text}, why=text))
        report["rules"].append({"id": text, "reason": text, "owner": text, "expires": text, "state": text, "count": 1})
        report["sessions"].append({"session": text, "user": text, "application": text, "first": "2026-03-02T09:01:00.000Z",
                                   "last": text, "steps": 1, "differing": 1})
        report["latency"]["places"].append({"statement": text, "verdict": text, "why": text, "baseline": {}, "candidate": {},
                                            "plan": {"baseline": text, "candidate": text, "first_difference": text}})
        report["not_compared"][text] = 1
        report["inputs"].append(input_of(text, name=text, description=text))
    for key in ("title", "created", "tool_version"):
        report[key] = HOSTILE[0]
    report["reasons"], report["remarks"] = list(HOSTILE), list(HOSTILE)
    return report


def many(count=10000):
    chance = random.Random(11)
    report = small()
    report["findings"] = []
    for i in range(count):
        table, kind = chance.choice(TABLES), chance.choice(KINDS)
        minute, second = chance.randrange(60), chance.randrange(60)
        report["findings"].append(finding(
            id=f"n{i:05}", severity=SEVERITIES[min(3, i * 4 // count)], kind=kind, place="rows", cause=chance.choice(CAUSES),
            count=chance.randrange(1, 5000), sessions=chance.randrange(1, 60), calls_a_day=chance.randrange(1, 900000),
            statement=f"SELECT t{i}.id, t{i}.name, t{i}.changed_at FROM {table} t{i} JOIN customers c ON c.id = t{i}.customer_id "
                      f"WHERE t{i}.status = $1 AND t{i}.code_{i} = $2 ORDER BY t{i}.id",
            fingerprint=f"{chance.getrandbits(64):016x}", users=[f"user_{chance.randrange(12)}"],
            applications=[f"app_{chance.randrange(30)}"], databases=["shop"],
            first=f"2026-03-02T09:{minute:02}:{second:02}.000Z", last="2026-03-02T10:00:00.000Z",
            explanation=f"The candidate answers other rows of {table}.",
            example={"session": "00000000000003f1", "ordinal": i, "step": 1, "message": "Execute", "sql": f"SELECT {i};",
                     "baseline": "1 row", "candidate": "2 rows"}))
    report["severities"] = {severity: count // 4 for severity in SEVERITIES}
    report["sessions"] = sessions(chance, 500, 0.4)
    return report


ALL = {"small": small, "same": same, "inconclusive": inconclusive, "bare": bare, "hostile": hostile, "many": many}
