#!/usr/bin/env python3
"""The documentation against the program.

usage: docs_test.py UNDERSTUDY SHOP_WORKLOAD [names|links|messages|run] [PAGE]
  names   every call of understudy in README and docs/ has commands and options that there are
  links   every file that a page links to is there
  messages  what docs/troubleshooting.md says that the program says is in its source
  run     the blocks marked `sh` of docs/start.md and docs/jobs, for real: two clusters with the shop of tools/shop stand
          for `prod` and `staging`; a command ends with 0, or as its comment says (`# exits 1`)
Exit code 0 passed, 1 failed, 77 skipped.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "differential"))
from lab import Failure, Skip, check, run, say, scratch_folder, server  # noqa: E402

ADD_COLUMN = "alter table customers add column loyalty_tier text;\n"
DROP_COLUMN = "alter table customers drop column loyalty_tier;\n"
SECONDS_OF_LOAD = 6


def pages():
    return [os.path.join(ROOT, "README.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "**", "*.md"), recursive=True))]


def text_of(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def calls_in(text):
    """Command lines that begin with understudy: in blocks of code, fenced or indented, lines that go on joined."""
    blocks = re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    blocks += re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    for block in blocks:
        for line in re.sub(r"\\\n\s*", " ", block).splitlines():
            for part in re.split(r"&&|\||;", line):
                found = re.match(r"\s*(?:\$ )?(?:run: )?understudy (.*)", part)
                if found:
                    yield re.sub(r"\s#.*", "", found[1])


class Commands:
    """What --help says that there is."""

    def __init__(self, program):
        self.program, self.known = program, {}

    def of(self, path):
        if path not in self.known:
            done = subprocess.run([self.program, *path, "--help"], capture_output=True, text=True, check=False)
            help_text = done.stdout if done.returncode == 0 else ""
            part = help_text.split("Subcommands:")[1] if "Subcommands:" in help_text else ""
            below = set(re.findall(r"^  ([a-z][a-z-]*) ", part, re.MULTILINE))
            options = set(re.findall(r"(?<![\w-])(--[a-z][a-z-]*|-[a-zA-Z])(?![\w-])", help_text))
            self.known[path] = (below, options)
        return self.known[path]

    def breach(self, call):
        """What is wrong with a call; empty: nothing."""
        words = re.sub(r"'[^']*'|\"[^\"]*\"", "X", call).split()
        path = ()
        while words and words[0] in self.of(path)[0]:
            path += (words.pop(0),)
        if not path and words and not words[0].startswith(("-", "COMMAND", "…")):
            return f"there is no command {words[0]}"
        for word in words:
            option = word.strip("[](),.`").split("=")[0]
            if re.fullmatch(r"--?[a-zA-Z][a-z-]*", option) and option not in self.of(path)[1] | {"--version"}:
                return f"understudy {' '.join(path)} has no {option}"
        return ""


def names(program):
    commands = Commands(program)
    count = 0
    wrong = []
    for page in pages():
        for call in calls_in(text_of(page)):
            count += 1
            breach = commands.breach(call)
            if breach:
                wrong.append(f"{os.path.relpath(page, ROOT)}: understudy {call[:80]}: {breach}")
    check(count > 50, f"only {count} calls found")
    check(not wrong, "\n".join(wrong))
    say(f"{count} calls have commands and options that there are")


def links():
    wrong = []
    for page in pages():
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text_of(page)):
            if "://" not in target and not os.path.exists(os.path.join(os.path.dirname(page), target)):
                wrong.append(f"{os.path.relpath(page, ROOT)} links to {target}, which is not there")
    check(not wrong, "\n".join(wrong))
    say("every link leads somewhere")


def strings_of_source():
    """Every string of the program's source, those that stand one after the other as one."""
    found = []
    for folder in ("app", "capture", "compare", "core", "replay", "schema"):
        for path in glob.glob(os.path.join(ROOT, folder, "**", "*.[ch]pp"), recursive=True):
            text = re.sub(r'"\s*\n\s*"', "", text_of(path))
            found += re.findall(r'"((?:[^"\\\n]|\\.)*)"', text)
    return "\n".join(found)


def messages():
    strings, count, wrong = strings_of_source(), 0, []
    for line in text_of(os.path.join(ROOT, "docs", "troubleshooting.md")).splitlines():
        cell = line.split(" | ")[0] if line.startswith("| ") else ""
        for quoted in re.findall(r"`([^`]+)`", cell):
            pieces = [piece.strip() for piece in quoted.split("…") if len(piece.strip()) > 4]
            count += len(pieces)
            wrong += [f"nothing says {piece!r}" for piece in pieces if piece not in strings]
    check(count > 20, f"only {count} pieces of messages found")
    check(not wrong, "\n".join(wrong))
    say(f"{count} pieces of messages are the program's")


class Stage:
    """Two clusters with the shop, a folder with the files that the pages name, and a workload while something is captured."""

    def __init__(self, program, workload, folder, production, staging):
        self.workload, self.folder = workload, folder
        self.production, self.staging = production, staging
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        self.environment["PATH"] = os.path.dirname(program) + ":" + production.programs + ":" + os.environ["PATH"]
        shop = os.path.join(ROOT, "tools", "shop")
        for cluster in (production, staging):
            cluster.sql("create role shop_app login; create database shop;")
        production.client(["psql", "-X", "-q", "-d", "shop", "-f", os.path.join(shop, "schema.sql"), "-f",
                           os.path.join(shop, "data.sql")])
        dump = production.client(["pg_dump", "-d", "shop"])
        staging.client(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", "shop", "-f", "-"], dump)
        shutil.copy(os.path.join(shop, "harmful.sql"), os.path.join(folder, "migration.sql"))
        for name, text in (("add_column.sql", ADD_COLUMN), ("add_column_back.sql", DROP_COLUMN)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)

    def concrete(self, command):
        """With the places of this run for those that the pages name."""
        for name, cluster in (("prod", self.production), ("staging", self.staging)):
            command = command.replace(f"host={name} ", f"host=127.0.0.1 port={cluster.port} ")
        command = command.replace("--interface eth0", "--interface lo").replace("--port 5432", f"--port {self.production.port}")
        return command.replace("--duration 10m", f"--duration {SECONDS_OF_LOAD + 3}s")

    def load(self):
        time.sleep(1)
        return subprocess.Popen([self.workload, "--conninfo", f"host=127.0.0.1 port={self.production.port} user=shop_app "
                                 "dbname=shop", "--clients", "4", "--seconds", str(SECONDS_OF_LOAD), "--seed", "1"],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def carry_out(self, command):
        expected = int((re.search(r"# exits (\d)", command) or [0, 0])[1])
        began = time.monotonic()
        process = subprocess.Popen(["bash", "-c", self.concrete(command)], cwd=self.folder, env=self.environment,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        load = self.load() if "--duration" in command else None
        try:
            output = process.communicate(timeout=400)[0]
        except subprocess.TimeoutExpired as error:
            process.kill()
            raise Failure(f"{command}: not within 400 s") from error
        finally:
            if load:
                load.wait()
        check(process.returncode == expected, f"{command}\nended with {process.returncode}:\n{output[-3000:]}")
        say(f"[{time.monotonic() - began:4.0f} s] {command[:110]}")


def blocks_of(page):
    for block in re.findall(r"^```sh\n(.*?)^```", text_of(page), re.MULTILINE | re.DOTALL):
        yield from (line for line in re.sub(r"\\\n\s*", " ", block).splitlines() if line.strip())


def run_pages(program, workload, part):
    if os.geteuid() != 0:
        raise Skip("needs root, to capture packets")
    chosen = [os.path.join(ROOT, "docs", "start.md"), *sorted(glob.glob(os.path.join(ROOT, "docs", "jobs", "*.md")))]
    with scratch_folder() as folder, server(folder) as production, server(folder) as staging:
        stage = Stage(program, workload, folder, production, staging)
        for page in chosen:
            if part and part not in page and not page.endswith("start.md"):
                continue
            say(os.path.relpath(page, ROOT))
            for command in blocks_of(page):
                stage.carry_out(command)


def main():
    if len(sys.argv) < 3:
        print(__doc__)
        sys.exit(2)
    program, workload = (os.path.abspath(path) for path in sys.argv[1:3])
    part = sys.argv[3] if len(sys.argv) > 3 else ""
    if part in ("", "names"):
        names(program)
    if part in ("", "links"):
        links()
    if part in ("", "messages"):
        messages()
    if part in ("", "run"):
        run_pages(program, workload, sys.argv[4] if len(sys.argv) > 4 else "")


if __name__ == "__main__":
    run(main)
