"""The web application of understudy serve in Chromium: a QA engineer's evening from signing in to the accepted finding, with
a real rehearsal; accessibility by axe; a run of 10,000 findings.

    browser_test.py UNDERSTUDY
UNDERSTUDY_WEB_SHOTS=FOLDER keeps screenshots at 360, 768 and 1280 pixels in both themes.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile

from host import HERE, fixtures, lab
from shop import QUICK, shop_service

sys.path.insert(0, os.path.join(HERE, "..", "web"))
import report_page_test as web  # noqa: E402

MANY, SMALL, EARLIER = "20261101T020000-aaaaaa", "20261102T020000-bbbbbb", "20261103T020000-cccccc"

# As a rehearsal with --fidelity has it, of a server that means harm.
CERTIFICATE = {"id": "fidelity", "title": "Fidelity of staging", "state": "inconclusive",
               "summary": "staging differs in a gate: no verdict can rest on it",
               "lines": ["certificate of 2026-11-01: database shop against production's shop",
                         "recorded calls that staging reproduces: 98.2 % (97.9 to 98.4)",
                         "gate, settings: TimeZone is <img src=x onerror=\"document.title='owned'\"> here",
                         "warning, row counts: table orders has half of them", "and 3 more differences, in the certificate"]}


def prepare(service):
    service.keep_run(MANY, fixtures.many(), "quick")
    service.keep_run(SMALL, {**fixtures.small(), "sections": [CERTIFICATE]}, "quick", commit=40 * "c", pull_request=7)
    service.keep_run(EARLIER, None, "quick", state="interrupted", exit_code=None, cleaned="3 scratch databases dropped, 0 kept")


def main():
    reason = web.missing()
    if reason:
        raise lab.Skip(reason)
    with tempfile.TemporaryDirectory() as scratch, shop_service(sys.argv[1], {"quick": QUICK}, prepare) as (_, service):
        shots = os.environ.get("UNDERSTUDY_WEB_SHOTS", "")
        if shots:
            os.makedirs(shots, exist_ok=True)
        settings = {"address": f"http://127.0.0.1:{service.port}", "tokens": service.tokens, "many": MANY, "small": SMALL,
                    "clients": web.clients(), "shots": shots,
                    "chromium": os.environ.get("UNDERSTUDY_CHROMIUM") or shutil.which("chromium")}
        path = os.path.join(scratch, "settings.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump(settings, file)
        done = subprocess.run(["node", os.path.join(HERE, "story.mjs"), path, *sys.argv[2:]], check=False, timeout=500)
        lab.check(done.returncode == 0, "see above")
        with open(os.path.join(service.folder, "quick.yaml"), encoding="utf-8") as file:
            lab.check("the note is gone on purpose" in file.read(), "the accepted finding is not in the file of rules")


if __name__ == "__main__":
    lab.run(main)
