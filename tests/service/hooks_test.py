"""Hooks of understudy serve against local receivers: signatures, tokens, bodies, order, attempts, certificates, canaries; killed,
the next service tells what is owed.

    hooks_test.py UNDERSTUDY [PART…]
"""
import contextlib
import hashlib
import hmac
import json
import os
import signal
import sys
import time

from certificates import self_made
from host import Host, fixtures, lab
from receiver import Receiver

CANARY = "canary4711"
COMMIT = 20 * "ab"
KEY, TOKEN, SLACK = "the key that signs", "token-of-the-forge", "T000/B000/slack-secret"
OWED = "20261101T020000-aaaaaa"
# Its last words quote the canary.
REHEARSAL = f"rehearse:\n  capture: {CANARY}.pgcap\n  target: host=127.0.0.1 port=1 dbname=shop\n  migration: up.sql\n"
GITHUB, GITLAB = "/hub/repos/acme/shop", "/lab/api/v4/projects/acme%2Fdeep%2Fshop"


def configuration(receiver, secure, foreign, folder):
    authority = os.path.join(folder, "secure.pem")
    hooks = [
        ("bus", f"kind: json, url: '{receiver.url}/bus?to=qa', secret_file: key"),
        ("room", "kind: slack, url_file: slack"),
        ("hub", f"kind: github, url: '{receiver.url}/hub', secret_file: token, repository: acme/shop"),
        ("lab", f"kind: gitlab, url: '{receiver.url}/lab/', secret_file: token, repository: acme/deep/shop"),
        ("gone", f"kind: json, url: '{receiver.url}/gone', secret_file: key"),
        ("moved", f"kind: json, url: '{receiver.url}/moved', secret_file: key"),
        ("broken", f"kind: json, url: '{receiver.url}/broken', secret_file: key, patience: 2s"),
        ("slow", f"kind: json, url: '{receiver.url}/slow', secret_file: key, patience: 1s"),
        ("others", f"kind: json, url: '{receiver.url}/others', secret_file: key, rehearsals: [other]"),
        ("trusted", f"kind: json, url: '{secure.url}/trusted', secret_file: key, ca_file: '{authority}'"),
        ("unknown", f"kind: json, url: '{secure.url}/unknown', secret_file: key, patience: 1s"),
        ("misnamed", f"kind: json, url: '{foreign.url}/misnamed', secret_file: key, patience: 1s, "
                     f"ca_file: '{os.path.join(folder, 'foreign.pem')}'")]
    listed = "".join(f"    - {{name: {name}, {rest}}}\n" for name, rest in hooks)
    return f"  address: https://understudy.example\n  hooks:\n{listed}"


def start(service, **cause):
    answer = service.call("POST", "/api/v1/rehearsals/nightly/start", "run", cause)
    lab.check(answer.status == 202, f"{answer.status} {answer.body}")
    return answer.json()["id"]


def events(said, run):
    return [one.json()["event"] for one in said if one.json()["run"]["id"] == run]


def wait_told(receiver, path, run, what="run.ended", seconds=20):
    lab.wait_for(lambda: what in events(receiver.to(path), run), f"{path} to be told", seconds=seconds)


def book(service, run):
    with contextlib.suppress(OSError):
        with open(os.path.join(service.state, "runs", run, "hooks.json"), encoding="utf-8") as file:
            return json.load(file)
    return {}


def owed(service, receiver, _):
    """A run that was over, and of which nobody had been told, when the service was killed; one that was told is not again."""
    wait_told(receiver, "/bus", OWED)
    body = next(one.json() for one in receiver.to("/bus") if one.json()["run"]["id"] == OWED)
    report = body["run"]["report"]
    lab.check(report["verdict"] == "divergent" and report["findings"] > 0, f"{body}")
    lab.check(set(report["severities"]) == {"breaking", "wrong answer", "risky", "cosmetic"}, f"{body}")
    lab.check(body["page"] == f"https://understudy.example/runs/{OWED}", f"{body}")
    lab.wait_for(lambda: book(service, OWED).get("room") == "taken", "the book")
    lab.check([one for one in receiver.to("/" + SLACK) if "divergent" in one.json()["text"]], "Slack heard nothing")


def signed_and_in_order(service, receiver, _):
    run = start(service, commit=COMMIT, pull_request=7)
    wait_told(receiver, "/bus", run)
    said = [one for one in receiver.to("/bus") if one.json()["run"]["id"] == run]
    lab.check(events(said, run) == ["run.began", "run.ended"], f"{events(said, run)}")
    for one in said:
        signature = "sha256=" + hmac.new(KEY.encode(), one.body, hashlib.sha256).hexdigest()
        lab.check(one.headers["x-understudy-signature"] == signature, f"{one.headers}")
        lab.check(one.headers["x-understudy-delivery"] == f"{run}.{one.json()['event']}", f"{one.headers}")
        lab.check(one.path == "/bus?to=qa" and one.method == "POST" and one.headers["host"] == f"127.0.0.1:{receiver.port}",
                  f"{one.path} {one.headers}")
        lab.check(one.json()["run"]["commit"] == COMMIT and one.json()["run"]["pull_request"] == 7, f"{one.body}")
    shown = service.run_of(run)
    lab.check(shown["commit"] == COMMIT and shown["pull_request"] == 7 and CANARY in shown["failure"], f"{shown}")
    lab.check(not receiver.to("/others"), "a hook of another rehearsal was told")


def forges(service, receiver, _):
    """Pending, then what came of it, on the commit; one comment that is changed, among others that look like ours."""
    theirs = [{"id": i, "body": "<!-- understudy 0123456789abcdef0123456789abcdef -->"} for i in range(150)]
    lists = {f"{GITHUB}/issues/9/comments": list(theirs), f"{GITLAB}/merge_requests/9/notes": list(theirs)}
    receiver.comments.update(lists)
    bodies = {path: [] for path in lists}
    for i in range(3):
        run = start(service, commit=COMMIT, pull_request=9)
        service.wait_over(run)
        lab.wait_for(lambda: {"hub", "lab"} <= set(book(service, run)), "the forges to be told", seconds=30)
        for path, comments in lists.items():
            lab.check(len(comments) == 151, f"{path}: {len(comments) - 150} comments after {i + 1} runs")
            lab.check(run in comments[-1]["body"] and f"Of {COMMIT}" in comments[-1]["body"], f"{comments[-1]}")
            bodies[path].append(comments[-1]["body"])
        lab.check(all(comments[:150] == theirs for comments in lists.values()), "a comment of somebody else was changed")
    hub, their_lab = receiver.to(GITHUB), receiver.to(GITLAB)
    tokens = [{(one.headers.get("authorization"), one.headers.get("private-token")) for one in said} for said in (hub, their_lab)]
    lab.check(tokens == [{(f"Bearer {TOKEN}", None)}, {(None, TOKEN)}], "tokens")
    states = [one.json() for one in hub if one.path == f"{GITHUB}/statuses/{COMMIT}"][-6:]
    lab.check([one["state"] for one in states] == 3 * ["pending", "error"], f"{states}")
    lab.check(all(one["context"] == "understudy/nightly" and one["target_url"].startswith("https://understudy.example/runs/")
                  for one in states), f"{states}")
    states = [one.json() for one in their_lab if one.path == f"{GITLAB}/statuses/{COMMIT}"][-6:]
    lab.check([one["state"] for one in states] == 3 * ["running", "failed"], f"{states}")
    methods = [one.method for one in hub if "/comments" in one.path and one.method != "GET"][-3:]
    lab.check(methods == ["POST", "PATCH", "PATCH"], f"{methods}")
    methods = [one.method for one in their_lab if "/notes" in one.path and one.method != "GET"][-3:]
    lab.check(methods == ["POST", "PUT", "PUT"], f"{methods}")


def attempts(service, receiver, _):
    """500 is tried again, later each time, and 429 when it says so; what is refused, or leads elsewhere, is not; patience
    ends."""
    before = {name: service.metric(name) for name in ("hooks_failed_total", "hook_retries_total")}
    receiver.statuses["/bus"] = [200, 500, 429]  # the beginning, and the end three times
    run = start(service)
    lab.wait_for(lambda: {"bus", "gone", "moved", "broken"} <= set(book(service, run)), "all to be told", seconds=60)
    ends = [one for one in receiver.to("/bus") if (one.json()["event"], one.json()["run"]["id"]) == ("run.ended", run)]
    times = [one.at for one in ends]
    pauses = [later - earlier for earlier, later in zip(times, times[1:])]
    lab.check(len(pauses) == 2 and pauses[0] >= 1 and pauses[1] >= 6, f"{pauses}")
    made = {path: events(receiver.to(path), run).count("run.ended") for path in ("/bus", "/gone", "/moved", "/broken")}
    lab.check(made == {"/bus": 3, "/gone": 1, "/moved": 1, "/broken": 2}, f"requests: {made}")
    lab.check(events(receiver.to("/gone"), run) == ["run.began", "run.ended"], "a refusal was not the end of it")
    lab.check(service.metric("hooks_superseded_total") > 0, "a beginning was told after the end")
    lab.check(not receiver.to("/elsewhere"), "a redirect was followed")
    lab.check(book(service, run)["gone"] == "given up" and book(service, run)["bus"] == "taken", f"{book(service, run)}")
    lab.check(service.metric("hooks_failed_total") >= before["hooks_failed_total"] + 5, "not counted as failed")
    lab.check(service.metric("hook_retries_total") >= before["hook_retries_total"] + 3, "not counted as tried again")
    lines = {(one["what"], one["status"]) for one in service.audit() if one["what"].startswith("hook ")}
    for name, status in (("gone", 410), ("moved", 302), ("broken", 500)):
        lab.check((f"hook {name} run.ended {run}", status) in lines, f"{name}: {lines}")


def certificates(service, receiver, secure):
    """Who is not known, or has another name, is told nothing."""
    run = start(service)
    wait_told(secure, "/trusted", run)
    lab.wait_for(lambda: {"unknown", "misnamed"} <= set(book(service, run)), "the others to be given up", seconds=30)
    lab.check(not secure.to("/unknown"), "an unknown certificate was trusted")
    lab.check(not service.foreign.said, "a certificate of another name was taken")
    del receiver


def not_held_up(service, receiver, _):
    """A receiver that does not answer holds up nobody else, and not the service."""
    receiver.slow.add("/slow")
    run = start(service)
    begin = time.monotonic()
    wait_told(receiver, "/slow", run, "run.began")
    wait_told(receiver, "/bus", run)
    lab.check(service.call("GET", "/api/v1/runs", "view").status == 200 and time.monotonic() - begin < 5, "it was held up")
    lab.check("slow" not in book(service, run), "it was told without an answer")
    receiver.slow.clear()


def killed(service, receiver, _):
    """kill -9 while the end of a run is still to be told: the next service tells it, once; SIGTERM keeps nothing waiting."""
    receiver.for_ever["/bus"] = 500
    run = start(service)
    service.wait_over(run)
    lab.wait_for(lambda: {"hub", "room"} <= set(book(service, run)), "the hooks that work", seconds=30)
    service.end(signal.SIGKILL)
    lab.check("bus" not in book(service, run), "told, it says")
    del receiver.for_ever["/bus"]
    known, room = len(receiver.to("/bus")), len(receiver.to(f"/{SLACK}"))
    service.start()
    wait_told(receiver, "/bus", run)
    time.sleep(2)
    again = [one.json()["run"]["id"] for one in receiver.to("/bus")[known:]]
    lab.check(again == [run], f"told at the next start: {again}")
    lab.check(len(receiver.to(f"/{SLACK}")) == room, "who knew was told again")
    receiver.for_ever["/bus"] = 500
    start(service)
    begin = time.monotonic()
    service.end()
    lab.check(time.monotonic() - begin < 10, "attempts kept the service from ending")
    del receiver.for_ever["/bus"]
    service.start()


def kept_to_itself(service, receiver, secure):
    """No word of a report, of a server or of a file in any body; no secret in a log, a record or an answer."""
    for said in [*receiver.said, *secure.said]:
        lab.check(CANARY not in f"{said.path} {said.headers}" and CANARY.encode() not in said.body, f"{said.body}")
        lab.check(TOKEN.encode() not in said.body and KEY.encode() not in said.body, f"{said.body}")
    lab.check(len(receiver.said) > 50, f"only {len(receiver.said)} requests")
    files = [service.log(), json.dumps(service.audit()), json.dumps(service.call("GET", "/api/v1/runs", "view").json())]
    for folder, _, names in os.walk(service.state):
        files += [lab.contents(os.path.join(folder, name)) for name in names]
    for secret in (TOKEN, KEY, SLACK):
        lab.check(not any(secret in text for text in files), f"{secret} is written down")
    lab.check(any(CANARY in text for text in files), "there was nothing to leak")


def refused_at_the_start(service, *_):
    """A secret that is not there, or is none, is said before anything is served."""
    service.end()
    for text in (None, "", "two\nlines"):
        path = os.path.join(service.folder, "key")
        os.remove(path) if text is None else service.write("key", text)
        done = lab.Understudy(service.understudy).call("serve", "--config", service.config)
        lab.check(done.returncode != 0 and "hook bus" in done.stderr, f"{done}")
    service.write("key", KEY + "\n")
    service.start()


def canaries(report):
    """A report with one in each text that no program of ours reads as a word."""
    report["title"] = report["reasons"] = CANARY
    report["reasons"] = [CANARY]
    report["severities"][CANARY] = 3
    for finding in report["findings"]:
        finding.update(statement=f"select '{CANARY}'", explanation=CANARY)
    return report


def main():
    parts = (owed, signed_and_in_order, forges, certificates, not_held_up, attempts, killed, kept_to_itself, refused_at_the_start)
    wanted = sys.argv[2:] or [part.__name__ for part in parts]
    with lab.scratch_folder() as folder:
        receiver, secure = Receiver(), Receiver(self_made(folder, "secure"))
        foreign = Receiver(self_made(folder, "foreign", "DNS:other.example"))
        receiver.for_ever.update({"/gone": 410, "/moved": 302, "/broken": 500})
        for name, text in (("key", KEY + "\n"), ("token", TOKEN + "\n"), ("slack", f"{receiver.url}/{SLACK}\n")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        service = Host(os.path.abspath(sys.argv[1]), folder, {"nightly": REHEARSAL, "other": REHEARSAL},
                       configuration(receiver, secure, foreign, folder))
        service.foreign = foreign
        service.keep_run(OWED, canaries(fixtures.small()), "nightly", hooks=["bus", "room", "hub", "lab"], commit=COMMIT,
                         pull_request=3, failure=CANARY, cleaned=CANARY, target=CANARY)
        service.start()
        try:
            for part in parts:
                if part.__name__ in wanted:
                    begin = time.monotonic()
                    part(service, receiver, secure)
                    lab.say(f"{part.__name__}: {time.monotonic() - begin:.1f} s")
            service.end()
        finally:
            if service.process.poll() is None:
                service.process.kill()
                service.process.wait()
            for one in (receiver, secure, foreign):
                one.end()


if __name__ == "__main__":
    lab.run(main)
