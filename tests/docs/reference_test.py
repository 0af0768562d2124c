#!/usr/bin/env python3
"""Every call of understudy that README and the pages of reference show, carried out (docs_test.py does so with docs/start.md
and docs/jobs). The shop of tools/shop stands for the reader's database; a synopsis gets a value for each name in capitals, and
is tried without what stands in brackets. A call ends with 0, or with 1 where it is one that finds something.

usage: reference_test.py UNDERSTUDY SHOP_WORKLOAD [PAGE]
Exit code 0 passed, 1 failed, 77 skipped.
"""
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from docs_test import ROOT, Failure, Skip, Stage, check, pages, run, say, scratch_folder, server, text_of  # noqa: E402
from lab import free_port  # noqa: E402

STAGING = "'host=staging dbname=shop user=postgres'"
QUICK = "add_column.sql --rollback add_column_back.sql --impersonate --no-held --no-traffic"
REHEARSED = f"prod.pgcap --target {STAGING} --migration {QUICK}"
VALUES = {
    "CAPTURE": "prod.pgcap", "CONNINFO": STAGING, "DUMP.sql": "schema.sql", "FILE": "out.file", "DIRECTORY": "kept", "BEFORE":
    "before.json", "AFTER": "after.json",
}
# What stands for a name, or for "…", in the calls that begin so.
OWN_VALUES = {
    "rehearse …": {"…": REHEARSED},
    "rehearse CAPTURE": {"FILE": QUICK},
    "compare …": {"…": "baseline.pgcap candidate.pgcap", "--history …": "--history kept"},
    "check": {"FILE": "add_column.sql"},
    "replay": {"…": STAGING},
    "merge CAPTURE CAPTURE": {"CAPTURE CAPTURE": "baseline.pgcap candidate.pgcap"},
    "history": {"FINGERPRINT": "$FINGERPRINT"},
    "show": {"RUN": "$RUN"},
    "diff": {"RUN RUN": "$RUN $OTHER_RUN"},
    "inspect CAPTURE --exchange": {"SESSION:ORDINAL": "$EXCHANGE"},
}
FINDS = ("check", "compare", "lint", "schema diff", "diff")  # 1 is an answer of theirs
WHOLE = ("docs/start.md", "docs/jobs/")  # docs_test.py
STORY = re.compile(r"--duration|createdb|\$name|understudy compare|understudy inspect")


def without_brackets(text):
    while (shorter := re.sub(r"\[[^\[\]]*\]", "", text)) != text:
        text = shorter
    return text.split("[")[0]


def is_story(block):
    return STORY.search(block) and "db/migrations" not in block and "lint" not in block


def calls_of(page):
    """The page's calls of understudy as they are to be carried out, placeholders and all; not the README's story."""
    text = text_of(page)
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    blocks = [block for block in blocks if not (page.endswith("README.md") and is_story(block))]
    blocks += re.findall(r"(?:^    .*\n)+", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    for block in blocks:
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            if found := re.match(r"\s*understudy (.*)", line):
                call = re.sub(r"\s#.*", "", found[1]).split(" | ")[0]
                call = re.sub(r"(?<=[A-Za-z])\|[^\s]+", "", without_brackets(call)).replace("...", "")
                yield re.sub(r"\s+", " ", call).strip()


def filled_in(call):
    values = {}
    for beginning in sorted(OWN_VALUES, key=len):
        if call.startswith(beginning):
            values |= OWN_VALUES[beginning]
    for name, value in sorted((VALUES | values).items(), key=lambda item: -len(item[0])):
        call = re.sub(rf"(?<![\w$]){re.escape(name)}(?![\w.])", lambda _, value=value: value, call)
    return call


class Reference(Stage):
    """The stage of the pages that are carried out whole, and the files that the other pages name."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.staging.sql("create database origin template shop")
        for name in ("V42__orders.sql", "042_split_name.sql"):
            self.write(name, text_of(os.path.join(self.folder, "migration.sql")))
        self.write("db/migrations/001_loyalty.up.sql", "alter table customers add column loyalty_tier text;\n")
        self.write("db/migrations/001_loyalty.down.sql", "alter table customers drop column loyalty_tier;\n")
        os.chmod(self.folder, 0o711)
        os.mkdir(os.path.join(self.folder, "rotated"))
        shutil.chown(os.path.join(self.folder, "rotated"), "nobody")
        self.write("staging.pass", "*:*:*:shop_app:x\n")
        os.chmod(os.path.join(self.folder, "staging.pass"), 0o600)
        self.write("schema.sql", self.staging.client(["pg_dump", "--schema-only", "-d", "shop"]))
        self.write("serve.yaml", f"serve:\n  listen: 127.0.0.1:{free_port()}\n  state: service\n  rehearsals:\n    shop:\n"
                   "      config: understudy.yaml\n")

    def configure(self):
        """What init writes, filled in: the pages of reference have it, the README's calls say all themselves."""
        self.write("understudy.yaml", f"""rehearse:
  capture: prod.pgcap
  target: host=127.0.0.1 port={self.staging.port} dbname=shop user=postgres
  migration: add_column.sql
  rollback: add_column_back.sql
  impersonate: true
  no-held: true
  no-traffic: true
  history: kept
""")

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def concrete(self, command):
        command = super().concrete(command).replace("host=db1 ", f"host=127.0.0.1 port={self.production.port} user=postgres ")
        command = command.replace("--host staging", f"--host 127.0.0.1 --port {self.staging.port}")
        command = command.replace("/var/lib/understudy", "rotated").replace("--interface eth0", "--interface lo")
        if "capture" in command.split()[:2] and "--port" not in command:
            command += f" --port {self.production.port}"
        if "127.0.0.1" in command and "user=" not in command:
            command = command.replace("dbname=shop'", "dbname=shop user=postgres'")
        return command.replace("+60s", "+2s")

    def restore(self):
        """Staging as the capture found it."""
        self.staging.sql("drop database if exists shop with (force); create database shop template origin")
        self.must(f"understudy target --mark {STAGING}")

    def must(self, command):
        done = subprocess.run(["bash", "-ec", self.concrete(command)], cwd=self.folder, env=self.environment, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        check(done.returncode == 0, f"{command}\nended with {done.returncode}:\n{done.stdout[-3000:]}")
        return done.stdout

    def tell_runs(self):
        runs = json.loads(self.must("understudy history list --history kept --json 2>/dev/null"))["runs"]
        self.environment |= {"RUN": runs[0]["id"], "OTHER_RUN": runs[-1]["id"]}
        with open(os.path.join(self.folder, "compared.json"), encoding="utf-8") as file:
            self.environment["FINGERPRINT"] = json.load(file)["findings"][0]["fingerprint"]

    def until_told(self, command, ready):
        """A command that goes on until it is told to stop: by Ctrl-C."""
        process = subprocess.Popen(["bash", "-c", "exec " + self.concrete(command)], cwd=self.folder, env=self.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        try:
            ready()
            process.send_signal(signal.SIGINT)
            output = process.communicate(timeout=60)[0]
        finally:
            process.kill()
        check(process.returncode == 0, f"{command}\nended with {process.returncode}:\n{output[-3000:]}")
        say(f"until Ctrl-C: {command[:110]}")

    def answers(self):
        port = text_of(os.path.join(self.folder, "serve.yaml")).split("127.0.0.1:")[1].split()[0]
        for _ in range(100):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
                    return check(answer.status == 200, f"{answer.status}")
            except OSError:
                time.sleep(0.1)
        raise Failure("the service does not answer")

    def carry_out_call(self, call):
        command = "understudy " + filled_in(call)
        if call.startswith("replay"):
            self.restore()
        if call.startswith("capture") and "--duration" not in call:
            return self.until_told(command, lambda: self.load().wait())
        if call == "serve --config serve.yaml":
            return self.until_told(command, self.answers)
        if "--follow" in call:
            return self.until_told(command, lambda: time.sleep(2))
        if call.startswith(("history", "show", "diff")):
            self.tell_runs()
        if "SESSION:ORDINAL" in call:
            first = json.loads(self.must("understudy inspect prod.pgcap --what exchanges --json"))["exchanges"][0]
            self.environment["EXCHANGE"] = f"{first['session']}:{first['ordinal']}"
        if call.startswith("merge"):
            self.must("rm -f out.file")
        if call.startswith(FINDS):
            command += "; code=$?; [ $code = 1 ] || exit $code"
        return self.carry_out(command)


def tell_story(stage):
    """The README's comparison by hand, block by block; the dump is made as the capture begins."""
    blocks = re.findall(r"^```\n(.*?)^```", text_of(os.path.join(ROOT, "README.md")), re.MULTILINE | re.DOTALL)
    story = [block for block in blocks if is_story(block)]
    check(len(story) == 4, f"{len(story)} blocks found: {story}")
    dump = re.search(r"^pg_dump .*$", story[0], re.MULTILINE)[0]
    stage.must(dump)
    for block in story:
        for command in re.split(r"\n(?=\S)(?!done|do\b)", re.sub(r"\\\n\s*", " ", block.replace(dump, ""))):
            ends = "# exits 1" if command.startswith("understudy compare") else ""
            if command.strip():
                stage.carry_out(f"set -e; {command.strip()} {ends}")


def main():
    if os.geteuid() != 0:
        raise Skip("needs root, to capture packets")
    program, workload = (os.path.abspath(path) for path in sys.argv[1:3])
    part = sys.argv[3] if len(sys.argv) > 3 else ""
    with scratch_folder() as folder, server(folder) as production, server(folder) as staging:
        stage = Reference(program, workload, folder, production, staging)
        say("README.md, by hand")
        tell_story(stage)
        stage.restore()
        for name, database in (("before", "shop_baseline"), ("after", "shop_candidate")):
            stage.must(f"understudy schema snapshot 'host=staging dbname={database} user=postgres' -o {name}.json")
        stage.must("understudy compare baseline.pgcap candidate.pgcap --control control.pgcap --json compared.json --history kept"
                   " --job nightly || [ $? = 1 ]")
        for page in pages():
            relative = os.path.relpath(page, ROOT)
            if relative != "README.md":
                stage.configure()
            if part in relative and not relative.startswith(WHOLE):
                for call in calls_of(page):
                    stage.carry_out_call(call)


if __name__ == "__main__":
    run(main)
