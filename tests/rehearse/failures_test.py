"""What goes wrong around a rehearsal: a team's own tool stopped on its way, roles that cannot log in, secrets in command
lines, Ctrl-C in the midst of a statement, a kill.

    failures_test.py UNDERSTUDY [PART …]
"""
import contextlib
import glob
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path.insert(0, HERE)
from rehearse_test import FAST, TARGET, Evening, lab, shop_traffic, stage  # noqa: E402

SECRET = "hush4711"
QUICK = ("--no-held", "--no-traffic", "--no-control")
SLOW_UP = "alter table customers add column email text; select pg_sleep(300);"


def report_of(evening, name, *arguments):
    """(exit code, sections by id, what was said) of a rehearsal that leaves nothing behind."""
    path = os.path.join(evening.scene.folder, name + ".json")
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)
    databases = evening.databases()
    done = evening.scene.understudy.call("rehearse", evening.recording.path, "--target", evening.target(), "--json", path,
                                         *FAST, *arguments)
    lab.check(evening.databases() == databases, f"left behind: {evening.databases() - databases}")
    parts = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            parts = {section["id"]: section for section in json.load(file)["sections"]}
    return done.returncode, parts, done.stdout + done.stderr


def own_tool(evening, up, down):
    """A tool with a table of its own versions, that runs each statement by itself. (exit code, section, its trials, said)."""
    keep = os.path.join(evening.scene.folder, "kept")
    book = "create table if not exists schema_migrations (version bigint primary key);\n"
    steps = evening.file("tool_up.sql", book + up + "insert into schema_migrations values (1) on conflict do nothing;\n")
    back = evening.file("tool_down.sql", down + "delete from schema_migrations;\n")
    psql = 'psql -X -q -v ON_ERROR_STOP=1 "$DATABASE_URL" -f '
    code, parts, said = report_of(evening, "tool", *QUICK, "--keep", keep, "--migrate-command", psql + steps,
                                  "--rollback-command", psql + back)
    with open(os.path.join(keep, "rollback.json"), encoding="utf-8") as file:
        return code, parts["rollback"], json.load(file)["migrations"][0]["failures"], said


def recoverable_tool(evening):
    """Every step asks first: wherever it is stopped, there is a way out. An UPDATE that takes a while is met in its midst."""
    code, way_back, failures, said = own_tool(
        evening,
        "create table if not exists channels (id int primary key);\n"
        "alter table orders add column if not exists channel text;\n"
        "update orders set channel = 'web' where channel is null and pg_sleep(0.0003) is not null;\n"
        "create index if not exists orders_channel on orders (channel);\n",
        "drop index if exists orders_channel;\nalter table orders drop column if exists channel;\n"
        "drop table if exists channels;\n")
    lab.check(code == 0 and way_back["state"] == "passed" and "1 reversible" in way_back["summary"], f"{code}: {said}")
    for place in ("before its DDL statement 2", "before its DDL statement 4", "while it runs: update orders"):
        for how in ("the command killed", "its backend terminated"):
            found = [f for f in failures if f["where"].startswith(place) and f["where"].endswith(how)]
            lab.check(found and all(f["recoverable"] for f in found), f"{place}, {how}: {failures}")
    left = {f["where"]: f["left"] for f in failures}
    lab.check("a part" in left.values() and "nothing" in left.values(), f"{left}")


def stuck_tool(evening):
    """Steps that do not ask: after the first of them neither up nor down runs. The place is exact."""
    code, way_back, failures, said = own_tool(
        evening, "create table channels (id int primary key);\nalter table orders add column channel text;\n",
        "alter table orders drop column channel;\ndrop table channels;\n")
    lines = "\n".join(way_back["lines"])
    lab.check(code == 1 and way_back["state"] == "failed", f"{code}: {said}")
    lab.check("unrecoverable partial state" in way_back["summary"], f"{way_back['summary']}: {lines}")
    # The first is the tool's own table.
    lab.check("before its DDL statement 3 (alter table orders add column channel text)" in lines, lines)
    lab.check(any(not f["recoverable"] for f in failures), f"{failures}")
    lab.check("already exists" in lines and "does not exist" in lines, f"the tool's own words are missing: {lines}")


def children():
    """Processes that this test has started itself, as they are now."""
    for path in glob.glob("/proc/[0-9]*/stat"):
        with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
            name, rest = file.read().rsplit(")", 1)
            if name.endswith("(understudy") and int(rest.split()[1]) == os.getpid():
                yield int(path.split("/")[2])


@contextlib.contextmanager
def starved():
    """Whatever of ours runs is stopped for some milliseconds again and again, as on a machine with too much to do."""
    over = threading.Event()

    def starve():
        draw = random.Random(1)
        while not over.is_set():
            pids = list(children())
            for _ in range(20):
                for sign, seconds in ((signal.SIGSTOP, draw.choice((0.002, 0.005, 0.02))),
                                      (signal.SIGCONT, draw.uniform(0, 0.004))):
                    for pid in pids:
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, sign)
                    time.sleep(seconds)

    thread = threading.Thread(target=starve)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def starved_tool(evening):
    """The tool is held before every statement of DDL, however late we are to let it go on."""
    with starved():
        stuck_tool(evening)


def lossy_tool(evening):
    code, way_back, _, said = own_tool(evening, "alter table customers drop column if exists note;\n",
                                       "alter table customers add column if not exists note text;\n")
    lab.check(code == 1 and "lossy" in way_back["summary"], f"{code}: {way_back} {said}")


def half_a_tool(evening):
    """Without a way back nothing is rehearsed, and it is said what is missing."""
    _, parts, said = report_of(evening, "half", *QUICK, "--migrate-command", "true")
    lab.check(parts["rollback"]["state"] == "skipped" and "--rollback-command" in parts["rollback"]["summary"],
              f"{parts['rollback']} {said}")


@contextlib.contextmanager
def running(*arguments, **options):
    """The program as long as this lasts: a test that fails does not wait for it."""
    with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, text=True, **options) as process:
        try:
            yield process
        finally:
            process.kill()


def command_line(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().decode(errors="replace")
    return ""


def command_lines():
    yield from (command_line(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*/cmdline"))


def secrets(evening):
    """Nobody who lists the processes finds the password of --target; the tool finds it where tools look."""
    seen = []
    over = threading.Event()

    def look():
        while not over.is_set():
            seen.extend(line for line in command_lines() if SECRET in line)
            time.sleep(0.01)

    # The one user that the server asks for a password.
    evening.scene.staging.sql(f"create role scram superuser login password '{SECRET}'")
    up = evening.file("up.sql", "alter table customers add column email text;")
    target = evening.target().replace(f"user={lab.SUPERUSER}", "user=scram")
    arguments = [evening.scene.understudy.path, "rehearse", evening.recording.path, "--target",
                 f"{target} password={SECRET}", "--migration", up, *FAST, "--no-control", "--no-rollback"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        # It hides its own first of all.
        lab.wait_for(lambda: "rehearse" in (line := command_line(process.pid)) and SECRET not in line,
                     "its command line without the password")
        watcher = threading.Thread(target=look)
        watcher.start()
        said, _ = process.communicate(timeout=120)
        over.set()
        watcher.join()
    lab.check(process.returncode == 0, f"{process.returncode}: {said}")
    lab.check(not seen, f"the password was seen: {seen[:2]}")
    environment = evening.file("environment", "")
    url = f"postgresql://scram:{SECRET}@127.0.0.1:{evening.scene.staging.port}/{TARGET}"
    evening.scene.understudy.call("migrate", "--migrate-command", f"env > {environment}", "--target", url,
                                  "--production-id", "none")
    evening.scene.staging.sql("drop role scram")
    with open(environment, encoding="utf-8") as file:
        told = dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)
    lab.check(told["PGPASSWORD"] == SECRET and told["DATABASE_URL"] == url and SECRET not in told["UNDERSTUDY_TARGET"],
              f"{ {name: told.get(name) for name in ('PGPASSWORD', 'DATABASE_URL', 'UNDERSTUDY_TARGET')} }")


def no_login(evening):
    """The server's own words, and what to do."""
    up = evening.file("up.sql", "alter table customers add column email text;")
    code, parts, said = report_of(evening, "login", *QUICK, "--no-rollback", "--migration", up, "--user-map",
                                  f"{lab.SUPERUSER}=nobody_there")
    lab.check(code == 4 and not parts, f"{code}: {said}")
    for words in ('role "nobody_there" does not exist', "CREATE ROLE", "--impersonate"):
        lab.check(words in said, f"{words!r} is missing: {said}")
    evening.scene.staging.sql("create role shut_out login; revoke connect on database staging_shop from public")
    _, _, said = report_of(evening, "login", *QUICK, "--no-rollback", "--migration", up, "--user-map",
                           f"{lab.SUPERUSER}=shut_out")
    lab.check("permission denied" in said and "GRANT CONNECT ON DATABASE" in said, said)
    evening.scene.staging.sql("grant connect on database staging_shop to public; drop role shut_out")


def sleeping(evening):
    return evening.scene.staging.sql("select pid from pg_stat_activity where state = 'active' and query ~ '^ ?select pg_sleep'")


def interrupted(evening):
    """Ctrl-C while a statement of the migration runs: the statement is cancelled, the copies are dropped."""
    up = evening.file("up.sql", SLOW_UP)
    databases = evening.databases()
    commands = {
        "rehearse": ["rehearse", evening.recording.path, "--target", evening.target(), "--migration", up, "--run-mode",
                     "statements", *FAST, "--no-control"],
        "migrate": ["migrate", up, "--target", evening.scene.conninfo("migrated"), "--run-mode", "statements",
                    "--production-id", "none"],
    }
    evening.scene.staging.sql(f"create database migrated template {TARGET}")
    evening.scene.understudy.must("target", "--mark", evening.scene.conninfo("migrated"))
    for name, arguments in commands.items():
        with running(evening.scene.understudy.path, *arguments, stderr=subprocess.PIPE) as process:
            lab.wait_for(lambda: sleeping(evening).strip(), f"the statement of {name}", 60)
            process.send_signal(signal.SIGINT)
            begin = time.monotonic()
            _, said = process.communicate(timeout=60)
        lab.check(process.returncode == 3 and "stopped" in said, f"{name}: {process.returncode}: {said}")
        lab.check(time.monotonic() - begin < 20, f"{name} took {time.monotonic() - begin:.0f} s to stop")
        lab.check(not sleeping(evening).strip(), f"{name}: the statement still runs")
    evening.scene.staging.sql("drop database migrated")
    lab.check(evening.databases() == databases, f"left behind: {evening.databases() - databases}")


def killed_folder(evening):
    """What a killed run leaves in the temporary directory: removed by clean, and not while its maker lives."""
    folder = os.path.join(evening.scene.folder, "temporary")
    os.mkdir(folder)
    environment = os.environ | {"TMPDIR": folder}
    foreign = os.path.join(folder, "understudy-rehearsal-abcdef")
    os.mkdir(foreign)
    up = evening.file("up.sql", SLOW_UP)

    def clean(*options):
        return subprocess.run([evening.scene.understudy.path, "clean", "--target", evening.target(), *options],
                              env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout

    arguments = ["rehearse", evening.recording.path, "--target", evening.target(), "--migration", up, *FAST, "--no-control"]
    with running(evening.scene.understudy.path, *arguments, stderr=subprocess.DEVNULL, env=environment) as process:
        lab.wait_for(lambda: sleeping(evening).strip(), "the statement", 60)
        said = clean()
        lab.check("kept" in said and "in use by a running understudy: answers" in said, said)
        process.send_signal(signal.SIGKILL)
    evening.scene.staging.sql("select pg_terminate_backend(pid) from pg_stat_activity where query ~ 'pg_sleep' and "
                              "pid <> pg_backend_pid()")
    lab.wait_for(lambda: not evening.scene.staging.sql(
        "select 1 from pg_stat_activity where application_name like 'understudy%'").strip(), "the end of its connections")
    left = set(os.listdir(folder)) - {"understudy-rehearsal-abcdef"}
    lab.check(len(left) == 1, f"{left}")
    lab.check("to remove" in clean("--dry-run") and left <= set(os.listdir(folder)), "a dry run removed something")
    lab.check("younger than" in clean("--older-than", "1h") and left <= set(os.listdir(folder)), "too young")
    lab.check("removed" in clean() and os.listdir(folder) == ["understudy-rehearsal-abcdef"], f"{os.listdir(folder)}")


def moments(evening):
    """The migration meets traffic at two moments; both are told."""
    up = evening.file("up.sql", "alter table customers add column email text;")
    code, parts, said = report_of(evening, "moments", "--migration", up, "--no-held", "--no-rollback", "--no-control",
                                  "--moments", "2", "--max-stall", "10s")
    traffic = parts["traffic"]
    begun = [line for line in traffic["lines"] if line.startswith("begun after")]
    lab.check(code == 0 and traffic["summary"].startswith("the worst of 2 moments") and len(begun) == 2, f"{traffic} {said}")
    lab.check("begun after 1.3 s" in begun[0] and "begun after 2.7 s" in begun[1], f"{begun}")


def main():
    lab.need_programs("pgbench", "psql", "pg_dump")
    with stage(sys.argv[1]) as scene:
        scene.load(script=os.path.join(HERE, "schema.sql"))
        evening = Evening(scene, scene.record("shop", shop_traffic, source="proxy"))
        parts = (recoverable_tool, stuck_tool, starved_tool, lossy_tool, half_a_tool, secrets, no_login, interrupted,
                 killed_folder, moments)
        wanted = sys.argv[2:] or [part.__name__ for part in parts]
        for part in parts:
            if part.__name__ in wanted:
                begin = time.monotonic()
                part(evening)
                lab.say(f"{part.__name__}: {time.monotonic() - begin:.1f} s")
        lab.check(evening.state() == evening.before, "the target was changed")


if __name__ == "__main__":
    lab.run(main)
