"""The interface of understudy serve: every answer against openapi.json, each role refused what it may not do, schedules,
accepted findings, the audit log.

    api_test.py UNDERSTUDY
"""
import concurrent.futures
import json
import os
import re
import stat
import sys
import time

from host import ROLES, ROOT, fixtures, host, lab
from openapi import Description

NIGHTLY = "rehearse:\n  capture: nothing.pgcap\n  target: host=127.0.0.1 port=1 dbname=shop\n  migration: up.sql\n# kept\n"
OTHER = "rehearse:\n  capture: nothing.pgcap\n  target: host=127.0.0.1 port=1 dbname=other\n  migration: up.sql\n"
RUN = "20261101T020000-aaaaaa"
BROKEN = "20261102T020000-bbbbbb"
FINGERPRINT = "0123456789abcdef"
# What stands for the braces of a path, and a body that is taken.
ARGUMENTS = {"{rehearsal}": "nightly", "{run}": RUN, "{fingerprint}": FINGERPRINT}
SOCKET = "/api/v1/live"


def prepare(service):
    service.keep_run(RUN, fixtures.small(), "nightly")
    service.keep_run(BROKEN, None, "nightly", state="failed", exit_code=4, failure="no such capture")


def bodies(service):
    finding = service.call("GET", f"/api/v1/runs/{RUN}/findings", "view").json()["findings"][0]["id"]
    return {"/api/v1/schedules/{rehearsal}": {"cron": "30 2 * * 1-5"},
            "/api/v1/rules": {"run": RUN, "finding": finding, "reason": "it is meant", "owner": "shop", "expires": "2099-01-31"}}


def concrete(path):
    for brace, argument in ARGUMENTS.items():
        path = path.replace(brace, argument)
    return path


def described(service, description):
    """The file's own form, and that the server gives out this file."""
    with open(os.path.join(ROOT, "app", "service", "openapi.json"), encoding="utf-8") as file:
        lab.check(json.load(file) == description.document, "the server describes itself otherwise than the file")
    lab.check(description.document["openapi"].startswith("3.1."), "no OpenAPI 3.1")
    names = [operation["operationId"] for _, _, operation in description.operations()]
    lab.check(len(names) == len(set(names)), "operation ids are not unique")
    for path, method, operation in description.operations():
        lab.check(operation["responses"] and operation["x-role"] in ("none", *ROLES), f"{method} {path}")
        braces = set(re.findall(r"\{(\w+)\}", path))
        named = {description.resolve(one)["name"] for one in operation.get("parameters", [])
                 if description.resolve(one)["in"] == "path"}
        lab.check(braces == named, f"{method} {path}: parameters {named}")
    with open(os.path.join(ROOT, "app", "service", "routes.cpp"), encoding="utf-8") as file:
        routes = set(re.findall(r'RouteRule\{"(\w+)", "([^"]+)", Action::(?!page|style|script)\w+, Role::(\w+)\}', file.read()))
    known = {(method, path, operation["x-role"]) for path, method, operation in description.operations()}
    lab.check(routes == known, f"described and routed differ: {routes ^ known}")
    del service


def faults_of(service, description, path, method, role, body):
    answer = service.call(method, concrete(path), role, body)
    faults = list(description.answer_faults(path, method, answer))
    lab.check(not faults, f"as {role}: {faults[:3]}")
    return answer


def roles(service, description):
    """Each operation as nobody, as each role, and with a token that is none."""
    body = bodies(service)
    for path, method, operation in sorted(description.operations(), key=lambda one: (one[1] == "DELETE", one[0])):
        needs = operation["x-role"]
        for role in (None, "ust_" + 64 * "0", *ROLES):
            answer = faults_of(service, description, path, method, role, body.get(path) if method != "GET" else None)
            rank = ("none", *ROLES).index(role) if role in ROLES else 0
            if needs != "none" and rank == 0:
                lab.check(answer.status == 401 and "bearer" in answer.headers["www-authenticate"].lower(),
                          f"{method} {path}: {answer.status}")
            elif rank < ("none", *ROLES).index(needs):
                lab.check(answer.status == 403, f"{role} may {method} {path}: {answer.status}")
            else:
                lab.check(answer.status not in (401, 403), f"{role} may not {method} {path}: {answer.status}")
    lab.check(service.call("GET", "/api/v1/runs", "view", headers={"Authorization": "Basic dmlldzp2aWV3"}).status in (200,
        401), "")
    lab.check(service.call("GET", "/api/v1/runs?token=" + service.tokens["view"]).status == 401,
              "a token in an address was taken")


def refusals(service, description):
    """Wrong parameters and bodies, in every place that takes one."""
    wrong = [("GET", "/api/v1/runs/{run}", "/api/v1/runs/nobody", None, 404),
             ("GET", "/api/v1/runs", "/api/v1/runs?limit=1001", None, 422),
             ("GET", "/api/v1/runs", "/api/v1/runs?limit=x", None, 422), ("GET", "/api/v1/audit", "/api/v1/audit?limit=-1",
                 None, 422),
             ("GET", "/api/v1/runs/{run}/findings", f"/api/v1/runs/{RUN}/findings?limit=9999", None, 422),
             ("GET", "/api/v1/runs/{run}/report", f"/api/v1/runs/{BROKEN}/report", None, 404),
             ("GET", "/api/v1/runs/{run}/findings", f"/api/v1/runs/{BROKEN}/findings", None, 404),
             ("GET", "/api/v1/trends/{fingerprint}", "/api/v1/trends/nothing", None, 422),
             ("GET", "/api/v1/rehearsals/{rehearsal}/trend", "/api/v1/rehearsals/nobody/trend", None, 404),
             ("POST", "/api/v1/rehearsals/{rehearsal}/start", "/api/v1/rehearsals/nobody/start", {}, 404),
             *(("POST", "/api/v1/rehearsals/{rehearsal}/start", "/api/v1/rehearsals/other/start", cause, 422) for cause in (
                 {"commit": "main"}, {"commit": 40 * "C"}, {"pull_request": 0}, {"pull_request": "7"}, {"comit": 40 * "c"}, [],
                 b"{")),
             ("POST", "/api/v1/rehearsals/{rehearsal}/stop", "/api/v1/rehearsals/other/stop", {}, 404),
             ("PUT", "/api/v1/schedules/{rehearsal}", "/api/v1/schedules/nobody", {"cron": "@daily"}, 404),
             ("PUT", "/api/v1/schedules/{rehearsal}", "/api/v1/schedules/other", {"cron": "@never"}, 422),
             ("PUT", "/api/v1/schedules/{rehearsal}", "/api/v1/schedules/other", b"{", 422),
             ("DELETE", "/api/v1/schedules/{rehearsal}", "/api/v1/schedules/other", None, 404)]
    rule = bodies(service)["/api/v1/rules"]
    for change, status in (({"finding": "f00"}, 404), ({"run": "../x"}, 404), ({"reason": ""}, 422),
                           ({"reason": "two\nlines"}, 422),
                           ({"reason": 1001 * "x"}, 422), ({"owner": 7}, 422), ({"expires": "2020-01-01"},
                               422), ({"expires": "soon"}, 422)):
        wrong.append(("POST", "/api/v1/rules", "/api/v1/rules", {**rule, **change}, status))
    for method, path, address, body, status in wrong:
        headers = {"Content-Type": "application/json"} if body is not None else {}
        answer = service.call(method, address, "admin", body, headers)
        lab.check(answer.status == status, f"{method} {address} {body}: {answer.status} {answer.body[:200]}")
        faults = list(description.answer_faults(path, method, answer))
        lab.check(not faults, f"{faults}")
    lab.check(service.call("DELETE", "/api/v1/runs", "admin").headers["allow"] == "GET, HEAD", "405 names no methods")


def foreign_pages(service, _):
    """What a page of another origin, or a form, could send is not taken; and every answer says what a page may do."""
    start = "/api/v1/rehearsals/other/start"
    lab.check(service.call("POST", start, "run", {}, {"Origin": "https://evil.example"}).status == 403,
              "a foreign origin was let in")
    lab.check(service.call("POST", start, "run", {}, {"Origin": "null"}).status == 403, "origin null was let in")
    lab.check(service.call("POST", start, "run", b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}).status == 415,
              "a form")
    preflight = service.call("OPTIONS", start, None, None,
                             {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"})
    lab.check(preflight.status == 405 and not [h for h in preflight.headers if h.startswith("access-control")],
              "a preflight was allowed")
    for path in ("/", "/runs/x", "/app.js", "/healthz", "/api/v1/runs", "/nowhere"):
        headers = service.call("GET", path).headers
        policy = headers["content-security-policy"]
        lab.check("default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy,
                  f"{path}: {policy}")
        lab.check(headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store", f"{path}: {headers}")
        lab.check("set-cookie" not in headers, f"{path} sets a cookie")
    page = service.call("GET", f"/api/v1/runs/{RUN}/report", "view")
    lab.check("attachment" in page.headers["content-disposition"], "a report is shown as a page of the service")


def schedules(service, _):
    """Set, shown, replaced, removed; on disk at once."""
    put = service.call("PUT", "/api/v1/schedules/other", "admin", {"cron": "0 4 1 1 *"}).json()
    found = [one for one in put["schedules"] if one["rehearsal"] == "other"]
    lab.check(len(found) == 1 and found[0]["next_due"].endswith("-01-01T04:00:00.000Z") and found[0]["set_by"] == "admin",
              f"{put}")
    with open(os.path.join(service.state, "schedules.json"), encoding="utf-8") as file:
        lab.check("0 4 1 1 *" in file.read(), "it is not on disk")
    lab.check(service.call("DELETE", "/api/v1/schedules/other", "admin").status == 200, "not removed")
    names = [one["rehearsal"] for one in service.call("GET", "/api/v1/schedules", "view").json()["schedules"]]
    lab.check("other" not in names, f"{names}")


def rules(service, _):
    """An accepted finding stands in the rehearsal's own file, whose other lines stay."""
    with open(os.path.join(service.folder, "nightly.yaml"), encoding="utf-8") as file:
        text = file.read()
    lab.check(text.startswith(NIGHTLY) and "it is meant" in text and "2099-01-31" in text, text)


def starting(service, _):
    """A rehearsal whose capture is not there ends without a verdict and says why; another of the same target waits."""
    started = service.call("POST", "/api/v1/rehearsals/other/start", "run", {})
    lab.check(started.status == 202, f"{started.status} {started.body}")
    run = service.wait_over(started.json()["id"])
    lab.check(run["state"] == "failed" and run["exit_code"] in (2, 4) and run["failure"] and run["started_by"] == "run", f"{run}")
    lab.check(not os.path.exists(os.path.join(service.state, "runs", run["id"], "tmp")), "its scratch files are still there")


def written_down(service, _):
    """Who did what; nothing of a token; for nobody else to read."""
    entries = service.audit()
    whats = {(one["who"], one["what"], one["status"]) for one in entries}
    lab.check(("admin", "POST /api/v1/rules", 201) in whats and ("admin", "POST /api/v1/rules", 0) in whats, f"{whats}")
    lab.check(("view", "POST /api/v1/rehearsals/nightly/start", 403) in whats, "a refusal is not written down")
    lab.check(any(one["what"].startswith("token add admin") for one in entries), "a token came from nowhere")
    for name in ("audit.log", "tokens", "schedules.json"):
        path = os.path.join(service.state, name)
        lab.check(stat.S_IMODE(os.stat(path).st_mode) == 0o600, f"{name} can be read by others")
        text = lab.contents(path)
        lab.check(not any(token in text for token in service.tokens.values()), f"{name} holds a token")
    lab.check(stat.S_IMODE(os.stat(service.state).st_mode) == 0o700, "the state can be read by others")


def removed_token(service, _):
    """A token that is taken away is refused within a second."""
    service.add_token("view", "guest")
    lab.wait_for(lambda: service.call("GET", "/api/v1/whoami", "guest").status == 200, "the new token")
    done = lab.Understudy(service.understudy).call("serve", "token", "remove", "guest", "--config", service.config)
    lab.check(done.returncode == 0, done.stderr)
    time.sleep(1)
    lab.check(service.call("GET", "/api/v1/whoami", "guest").status == 401, "a token that is gone was taken")


def too_many(service, _):
    """One visitor's flood is answered with 429; others are not touched."""
    service.add_token("view", "flood")
    lab.wait_for(lambda: service.call("GET", "/api/v1/whoami", "flood").status == 200, "the new token to be known")
    said = []
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        # On a slow machine the permits come back nearly as fast as they are taken.
        while said.count(429) <= 50 and len(said) < 20_000:
            said += pool.map(lambda _: service.call("GET", "/api/v1/whoami", "flood").status, range(700))
    lab.check(said.count(429) > 50 and said.count(200) >= 400, f"answers: { {one: said.count(one) for one in set(said)} }")
    lab.check(service.call("GET", "/api/v1/whoami", "view").status == 200, "another visitor was refused")
    lab.check(service.metric("rate_limited_total") >= said.count(429), "not counted")


def without_audit(service, _):
    """What cannot be written down is not done."""
    os.rename(os.path.join(service.state, "audit.log"), os.path.join(service.state, "kept.log"))
    os.mkdir(os.path.join(service.state, "audit.log"))
    lab.check(service.call("PUT", "/api/v1/schedules/other", "admin", {"cron": "@daily"}).status == 503, "done without a trace")
    os.rmdir(os.path.join(service.state, "audit.log"))
    lab.check(service.call("PUT", "/api/v1/schedules/other", "admin", {"cron": "@daily"}).status == 200, "not done afterwards")


def main():
    with host(sys.argv[1], {"nightly": NIGHTLY, "other": OTHER}, prepare=prepare) as service:
        description = Description(service.call("GET", "/api/v1/openapi.json").json())
        parts = (described, roles, refusals, foreign_pages, schedules, rules, starting, written_down, removed_token, too_many,
                 without_audit)
        wanted = sys.argv[2:] or [part.__name__ for part in parts]
        for part in parts:
            if part.__name__ in wanted:
                part(service, description)
                lab.say(part.__name__)
        service.end()


if __name__ == "__main__":
    lab.run(main)
