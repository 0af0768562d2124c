"""An encrypted capture: nothing readable without the secret key, everything with it, and no key that reads it among the
files of the host that captured.

    encrypted_test.py UNDERSTUDY
"""
import os
import sys

import lab
import secrets_test

READABLE = ("person", "canary", "select", "application", "postgres", *secrets_test.VALUES, *secrets_test.ANSWERS)
VIEWS = ("summary", "sessions", "exchanges", "statements", "timeline")


def refused(understudy, *arguments):
    done = understudy.call(*arguments)
    lab.check(done.returncode in (2, 4) and "key" in done.stderr, f"{arguments} without the key: {done}")


def views(understudy, capture, key):
    """Every view has something to show, with the key alone."""
    for what in VIEWS:
        lab.check(understudy.must("inspect", capture, "--key", key, "--what", what, "--json"), what)
        refused(understudy, "inspect", capture, "--what", what)
    understudy.must("inspect", capture, "--key", key, "--verify")
    steps = understudy.exchanges(capture, "--key", key)["exchanges"]
    lab.check(any("LiteralEmail" in (step["sql"] or "") for step in steps), "the statements")
    one = f"{steps[-1]['session']}:{steps[-1]['ordinal']}"
    lab.check(understudy.must("inspect", capture, "--key", key, "--exchange", one), "one exchange")


def written(understudy, folder, capture, other, key):
    """What is made of it is encrypted again."""
    derived = {name: os.path.join(folder, f"{name}.pgcap") for name in ("cut", "merged")}
    understudy.must("cut", capture, "--key", key, "--to", "100m", "--output", derived["cut"])
    understudy.must("merge", capture, derived["cut"], "--key", key, "--output", derived["merged"])
    for path in derived.values():
        understudy.must("inspect", path, "--key", key, "--verify")
        refused(understudy, "inspect", path)
    refused(understudy, "cut", capture, "--output", os.path.join(folder, "never.pgcap"))
    refused(understudy, "merge", capture, other, "--output", os.path.join(folder, "never.pgcap"))


def replayed(understudy, folder, server, capture, key):
    """Played on another database; its answers compare with themselves, and are encrypted if they shall be."""
    server.sql("create database staging")
    server.sql(secrets_test.SETUP.replace("create role", "-- create role"), database="staging")
    target = f"host=127.0.0.1 port={server.port} user=postgres password=secret"
    understudy.must("target", "--mark", f"{target} dbname=staging")
    answers = os.path.join(folder, "answers.pgcap")
    common = ("--target", f"{target} dbname=staging", "--database-map", "postgres=staging", "--output", answers,
              "--speed", "max", "--sync", "none", "--production-id", "none", "--ignore-start-state", "--quiet", "--drain", "5s")
    allowed = ("--allow", "dblink", "--allow", "extension dblink", "--allow", "foreign server far")
    refused(understudy, "replay", capture, *common, *allowed)
    done = understudy.call("replay", capture, *common, *allowed, "--key", key, "--encrypt-to", key.replace(".key", ".pub"))
    lab.check(done.returncode in (0, 1, 3) and os.path.exists(answers), f"replay: {done}")
    refused(understudy, "inspect", answers)
    refused(understudy, "compare", capture, answers)
    done = understudy.call("compare", answers, answers, "--key", key, "--min-coverage", "50")
    lab.check(done.returncode == 0, f"compare: {done}")
    asked = ("check", capture, "--baseline", f"{target} dbname=postgres", "--candidate", f"{target} dbname=staging")
    refused(understudy, *asked)
    done = understudy.call(*asked, "--key", key)
    lab.check(done.returncode in (0, 1, 3) and "statements checked" in done.stdout, f"check: {done}")


def main():
    lab.need_programs("psql", "zstd")
    lab.need_packets()
    understudy = lab.Understudy(sys.argv[1])
    settings = {"settings": secrets_test.SETTINGS, "rules": secrets_test.RULES}
    with lab.scratch_folder() as folder, lab.server(folder, **settings) as server:
        mine, host = os.path.join(folder, "mine"), os.path.join(folder, "host")
        understudy.must("keygen", "--output", mine)
        server.sql(secrets_test.SETUP, options="-c log_min_duration_statement=-1 -c log_statement=none")
        path = secrets_test.recorded(understudy, server, host, "--encrypt-to", mine + ".pub")
        os.remove(path["packets"] + ".log")
        failures = secrets_test.nowhere(host, READABLE, "encrypted")
        keys = [name for name in os.listdir(host) if name.endswith(".key")]
        lab.check(failures == 0 and not keys, f"the host of the capture has {failures} readable words, keys {keys}")
        views(understudy, path["packets"], mine + ".key")
        written(understudy, folder, path["packets"], path["proxy"], mine + ".key")
        control = f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres"
        refused(understudy, "catalog", control, "--into", path["packets"])
        understudy.must("catalog", control, "--into", path["packets"], "--key", mine + ".key")
        lab.check(secrets_test.nowhere(host, READABLE, "with a catalogue") == 0, "the catalogue is readable")
        replayed(understudy, folder, server, path["proxy"], mine + ".key")


if __name__ == "__main__":
    lab.run(main)
