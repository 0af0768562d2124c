"""Rehearsals that the service starts, stops, schedules and finds again: on real servers, and killed in their phases.

    runs_test.py UNDERSTUDY [PART…]
"""
import contextlib
import json
import os
import signal
import sys
import time

import viewers
from host import lab
from shop import QUICK, shop_service


def live_of(service):
    """What a viewer is greeted with."""
    connection, hello = viewers.signed_in(service.port, service.tokens["view"])
    connection.close()
    return hello["runs"]


def start(service, rehearsal, role="run"):
    answer = service.call("POST", f"/api/v1/rehearsals/{rehearsal}/start", role, {})
    lab.check(answer.status == 202, f"{answer.status} {answer.body}")
    return answer.json()["id"]


def processes_of(service, run):
    """Numbers of all processes that have the run's progress file as an argument."""
    word = os.path.join(service.state, "runs", run, "progress.jsonl").encode()
    found = []
    for name in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if name.isdigit() and word in file.read().split(b"\0"):
                    found.append(int(name))
    return found


def step_of(service):
    runs = live_of(service)
    return runs[0]["progress"]["step"]["name"] if runs and runs[0]["progress"]["step"] else None


def in_history(shop, service, run):
    """What the service started is in its history, where its trends find it."""
    understudy = shop.scene.understudy
    listed = json.loads(understudy.must("history", "list", "--history", os.path.join(service.folder, "kept"), "--json"))["runs"]
    lab.check([(one["job"], one["verdict"]) for one in listed] == [("quick", "divergent")], f"{listed}")
    report = service.call("GET", f"/api/v1/runs/{run}/report", "view").json()
    lab.check(any(section["id"] == "history" for section in report["sections"]), "the report says nothing of earlier runs")
    asked = json.loads(understudy.must("inspect", shop.recording.path, "--what", "statements", "--json"))["statements"]
    trends = [service.call("GET", f"/api/v1/trends/{one['fingerprint']}", "view") for one in asked]
    lab.check(all(one.status == 200 for one in trends), f"{[one.status for one in trends]}")
    points = [point for one in trends for point in one.json()["points"]]
    lab.check(points and {point["run"] for point in points} == {listed[0]["id"]}, f"{points}")


def whole(shop, service):
    """To its verdict: a viewer sees each step, rates and errors; the report is there; another at this target waits."""
    connection, _ = viewers.signed_in(service.port, service.tokens["view"])
    run = start(service, "quick")
    refused = service.call("POST", "/api/v1/rehearsals/full/start", "run", {})
    lab.check(refused.status == 409 and "same target" in refused.json()["detail"], f"{refused.status} {refused.body}")
    steps, rates, states = [], [], []
    with connection:
        connection.settimeout(120)
        while not states or states[-1] in ("running", "starting"):
            said = viewers.message(connection)
            if said["type"] == "run":
                states.append(said["run"]["state"])
            elif said["type"] == "progress":
                progress = said["progress"]
                if progress["step"] and progress["step"]["name"] not in steps:
                    steps.append(progress["step"]["name"])
                if progress["replay"]:
                    rates.append(progress["replay"]["rate"])
    lab.check(states[-1] == "finished" and steps == ["baseline", "control", "candidate", "confirmation"], f"{states} {steps}")
    lab.check(max(rates) > 0, f"no rates: {rates}")
    over = service.run_of(run)
    lab.check(over["report"]["verdict"] == "divergent" and over["exit_code"] == 1, f"{over}")
    findings = service.call("GET", f"/api/v1/runs/{run}/findings", "view").json()
    lab.check(any(one.get("sqlstate") == "42703" for one in findings["findings"]), f"{findings}")
    page = service.call("GET", f"/api/v1/runs/{run}/report.html", "view")
    lab.check(page.status == 200 and b"DIVERGENT" in page.body, "no page")
    in_history(shop, service, run)
    points = service.call("GET", "/api/v1/rehearsals/quick/trend", "view").json()["points"]
    lab.check([point["id"] for point in points] == [run], f"{points}")
    lab.check(shop.databases() == shop.databases_before, "left behind")


def stopped(shop, service):
    """Stopped by somebody: copies are dropped, and who it was is kept."""
    run = start(service, "quick")
    lab.wait_for(lambda: step_of(service) == "baseline", "the first step", seconds=60)
    lab.check(service.call("POST", "/api/v1/rehearsals/quick/stop", "run", {}).status == 202, "not stopped")
    over = service.wait_over(run)
    lab.check(over["state"] == "stopped" and over["stopped_by"] == "run", f"{over}")
    lab.check(shop.databases() == shop.databases_before and not processes_of(service, run), "left behind")


def scheduled(shop, service):
    """What came due while no service was there is made up for, once."""
    service.end()
    path = os.path.join(service.state, "schedules.json")
    hours_ago = int((time.time() - 4 * 3600) * 1e9)
    with open(path, "w", encoding="utf-8") as file:
        json.dump([{"rehearsal": "quick", "cron": "0 * * * *", "handled_ns": hours_ago, "set_by": "test"}], file)
    known = set(os.listdir(os.path.join(service.state, "runs")))
    service.start()
    lab.wait_for(lambda: live_of(service), "the run that was missed", seconds=10)
    run = live_of(service)[0]
    lab.check(run["started_by"] == "schedule" and run["missed"] == 3 and run["id"] not in known, f"{run}")
    service.wait_over(run["id"])
    time.sleep(2)
    runs = service.call("GET", "/api/v1/runs", "view").json()["runs"]
    lab.check(len(runs) == len(known) + 1, "it was made up for more than once")
    lab.check(service.call("DELETE", "/api/v1/schedules/quick", "admin").status == 200, "")


def killed(shop, service):
    """kill -9 of the service in phases of a run, alone and with the rehearsal's own process: the next service ends what is
    left of the run, drops its copies and marks it; then another can be run."""
    phases = [("baseline", False), ("candidate", True), ("under traffic", False), ("rollback", True)]
    if lab.long_run():
        phases += [("control", True), ("held candidate", False), ("under traffic", True), ("rollback", False)]
    for phase, with_rehearsal in phases:
        run = start(service, "full")
        lab.wait_for(lambda: step_of(service) == phase, f"the step {phase}", seconds=120)
        time.sleep(0.7)
        lab.check(processes_of(service, run), "nothing runs")
        service.end(signal.SIGKILL)
        if with_rehearsal:
            with open(os.path.join(service.state, "runs", run, "run.json"), encoding="utf-8") as file:
                os.kill(json.load(file)["process"]["pid"], signal.SIGKILL)
        service.start()
        over = service.wait_over(run)
        lab.check(over["state"] == "interrupted" and "scratch databases dropped" in over["cleaned"], f"{phase}: {over}")
        lab.check(not processes_of(service, run), f"{phase}: processes are left")
        lab.check(shop.databases() == shop.databases_before, f"{phase}: left {shop.databases() - shop.databases_before}")
        lab.check(not os.path.exists(os.path.join(service.state, "runs", run, "tmp")), f"{phase}: scratch files are left")
        lab.say(f"  {phase}{', the rehearsal killed too' if with_rehearsal else ''}: {over['cleaned']}")


def before_it_is_there(shop, service):
    """Killed between writing a run down and starting it; and while a record was being written."""
    service.end(signal.SIGKILL)
    service.keep_run("20991231T000000-cccccc", None, "quick", state="starting", exit_code=None, ended_ns=0,
                     target=shop.scene.conninfo("staging_shop"))
    torn = os.path.join(service.state, "runs", "20991231T000001-dddddd")
    os.makedirs(torn)
    with open(os.path.join(torn, "run.json"), "w", encoding="utf-8") as file:
        file.write('{"id": "2099')
    service.start()
    lab.check(service.run_of("20991231T000000-cccccc")["state"] == "interrupted", "not marked")
    lab.check(service.metric("runs_unreadable") == 1, "a torn record is not counted")


def ended(shop, service):
    """SIGTERM while something runs: it is stopped first."""
    run = start(service, "quick")
    lab.wait_for(lambda: step_of(service) == "baseline", "the first step", seconds=60)
    service.end()
    with open(os.path.join(service.state, "runs", run, "run.json"), encoding="utf-8") as file:
        record = json.load(file)
    lab.check(record["state"] == "stopped" and record["stopped_by"] == "the end of the service", f"{record}")
    lab.check(shop.databases() == shop.databases_before, "left behind")
    service.start()


def main():
    with shop_service(sys.argv[1], {"quick": QUICK, "full": ()}, extra="  grace: 20s\n  history: kept\n") as (shop, service):
        parts = (whole, stopped, scheduled, killed, before_it_is_there, ended)
        wanted = sys.argv[2:] or [part.__name__ for part in parts]
        for part in parts:
            if part.__name__ in wanted:
                begin = time.monotonic()
                part(shop, service)
                lab.say(f"{part.__name__}: {time.monotonic() - begin:.1f} s")


if __name__ == "__main__":
    lab.run(main)
