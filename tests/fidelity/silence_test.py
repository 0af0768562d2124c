"""Nothing changed, and everything in the traffic that no two runs share: now(), random(), UUIDs, sequences, LIMIT without
ORDER BY. Baseline, control, candidate and confirmation are replays into identical copies, so compare must find nothing; what it
sets apart it must name.

    silence_test.py UNDERSTUDY
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from stage import lab, stage  # noqa: E402

SEEDS = range(1, 21) if lab.long_run() else (1,)
CLIENTS, TRANSACTIONS = 4, 120
SCHEMA = """
create table account (id int primary key, balance int not null);
insert into account select n, 0 from generate_series(1, 500) as n;
create table entry (id serial primary key, at timestamptz not null default now(), token uuid not null default gen_random_uuid(),
    luck float8 not null default random(), account int not null references account);
create sequence ticket;
"""
SCRIPT = """
\\set account random(1, 500)
begin;
update account set balance = balance + 1 where id = :account;
insert into entry (account) values (:account) returning id, at, token, luck;
end;
select now(), random() as luck, gen_random_uuid() as token;
select nextval('ticket');
select balance from account where id = :account;
select id from account where balance = 0 limit 3;
select count(*) from entry where account = :account;
"""
SET_APART = {"time-dependent", "random"}  # that have to be there


def workload(scene, seed):
    """For Stage.record()."""
    script = os.path.join(scene.folder, "script.sql")
    with open(script, "w", encoding="ascii") as file:
        file.write(SCRIPT)
    os.chmod(script, 0o644)
    return lambda conninfo: ["pgbench", "--no-vacuum", "--client", str(CLIENTS), "--jobs", "1", "--transactions",
                             str(TRANSACTIONS), "--random-seed", str(seed), "--protocol", "prepared", "--file", script, conninfo]


def played(scene, recording, name):
    """Answers of one more replay into a fresh copy."""
    path = os.path.join(scene.folder, name + ".pgcap")
    scene.understudy.must("replay", recording.path, "--target", scene.conninfo(scene.copy()), "--output", path, "--quiet",
                          "--speed", "max")
    return path


def silent(scene, seed):
    recording = scene.record(f"silence-{seed}", workload(scene, seed))
    baseline, control, candidate, confirmation = (played(scene, recording, name) for name in "acbd")
    report = os.path.join(scene.folder, "report.json")
    done = scene.understudy.call("compare", baseline, candidate, "--control", control, "--confirm", confirmation, "--json",
                                 report)
    lab.check(done.returncode == 0, f"seed {seed}: compare ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    with open(report, encoding="utf-8") as file:
        found = json.load(file)
    lab.check(not found["findings"], f"seed {seed}: {found['findings']}")
    missing = SET_APART - set(found["classes"])
    lab.check(not missing, f"seed {seed}: {missing} were not set apart: {found['classes']}")
    coverage = found["coverage"]
    lab.say(f"  seed {seed}: {found['compared']} steps, nothing found; set apart {found['classes']}, "
            f"{coverage['steps_ambiguous']} ambiguous, {coverage['steps_tainted']} tainted, {coverage['percent']:.2f} % compared")


def main():
    lab.need_packets()
    lab.need_programs("pgbench")
    with stage(sys.argv[1], lab.say) as scene:
        schema = os.path.join(scene.folder, "schema.sql")
        with open(schema, "w", encoding="ascii") as file:
            file.write(SCHEMA)
        os.chmod(schema, 0o644)
        scene.load(schema)
        for seed in SEEDS:
            silent(scene, seed)


lab.run(main)
