"""Canaries: values planted wherever a client can put one, then looked for in everything the program leaves.

    secrets_test.py UNDERSTUDY digest|redact|rows

Of a `digest` capture they appear in the requests alone, and passwords nowhere; under --redact nowhere at all; of an
encrypted capture nothing is readable without the secret key. For packets, proxy and logs.
"""
import glob
import os
import signal
import struct
import subprocess
import sys
import time

import lab

LOGS = {"csvlog": "server.csv", "jsonlog": "server.json", "stderr": "server.log"}
SETTINGS = ("logging_collector = on", "log_destination = 'stderr,csvlog,jsonlog'", "log_directory = 'log'",
            "log_filename = 'server.log'", "log_connections = on", "log_disconnections = on", "log_error_verbosity = verbose",
            "log_line_prefix = '%m [%p] %q%u@%d %c %e %r '", "log_min_duration_statement = 0",
            "log_parameter_max_length_on_error = -1")
RULES = "host all scram all scram-sha-256\nhost all clear all password\nhost all all all trust\nlocal all all trust\n"
CHUNK = b"\x89UCHNK\r\n"
SETUP = """
create role scram login password 'ScramPassword'; create role clear login password 'ClearPassword';
create extension dblink; create extension postgres_fdw;
create server far foreign data wrapper postgres_fdw options (dbname 'postgres');
create table person (id int primary key, email text unique, phone text, note text);
create table plain (id int, word text);
create function shout(text) returns void language plpgsql as $$ begin raise notice 'heard %', $1; end $$;
insert into person select n, 'ResultEmail' || n || '@canary.test', 'ResultPhone' || n, 'row' from generate_series(1, 20) n;
"""
# What clients send. The words of the first list are values of columns, of the second passwords.
VALUES = ["LiteralEmail@canary.test", "SecondEmail@canary.test", "LiteralPhone", "BoundText@canary.test",
          "BoundBinary@canary.test", "CopyInEmail@canary.test", "CopyInPhone", "PreparedEmail@canary.test",
          "CursorEmail@canary.test"]
PASSWORDS = ["RolePassword", "UserPassword", "AlteredPassword", "MappingPassword", "DblinkPassword", "UrlPassword",
             "DoPassword", "OptionPassword", "BoundPassword", "ScramPassword", "ClearPassword"]
ANSWERS = ["ResultEmail", "ResultPhone"]
STATEMENTS = """
insert into person values (100, 'LiteralEmail@canary.test', 'LiteralPhone', 'x');
insert into person (phone, email, id) values ('LiteralPhone', 'SecondEmail@canary.test', 101);
select * from person where email = 'LiteralEmail@canary.test';
select email as other, phone from person order by id;
update person set phone = 'LiteralPhone' where email in ('LiteralEmail@canary.test', 'SecondEmail@canary.test');
insert into person values (100, 'LiteralEmail@canary.test', 'LiteralPhone', 'x');
insert into person values (102, 'LiteralEmail@canary.test', 'LiteralPhone', 'x');
copy person (id, email, phone) from stdin;
201\tCopyInEmail@canary.test\tCopyInPhone
\\.
copy person (id, email, phone) to stdout;
begin;
declare walk cursor for select id, email from person where email <> 'CursorEmail@canary.test';
fetch 3 from walk;
commit;
insert into person (id, email) select 500, email from person where id = 1;
select shout(email) from person where id = 2;
prepare by_email (text) as select id from person where email = $1;
execute by_email ('PreparedEmail@canary.test');
select upper(email), email || '!' from person where id = 1;
delete from person where email = 'PreparedEmail@canary.test' returning email;
"""
WHOLE_ROWS = """
select person from person;
select p as whole from person p;
select row_to_json(p) from person p;
select row_to_json(person) as one from person;
select to_jsonb(p) from person p;
select jsonb_agg(person) from person;
with x as (select * from person) select x from x;
select one.value from person p, json_each_text(row_to_json(p)) one;
select * from person as k(a, b, c, d);
select * from (table person) as k(a, b, c, d);
select mode() within group (order by email) from person;
select id from person where person = row(1, 'LiteralEmail@canary.test', 'LiteralPhone', 'x')::person;
select id from person join (select 'LiteralEmail@canary.test' as email) as v using (email);
"""
SECRETS = """
create role r1 login password 'RolePassword';
create user r2 with encrypted password 'UserPassword';
alter role r1 password 'AlteredPassword';
create user mapping for r1 server far options (user 'x', password 'MappingPassword');
select dblink_connect('c', 'host=127.0.0.1 port=1 user=r1 password=DblinkPassword');
select dblink_connect('c', 'postgresql://r1:UrlPassword@127.0.0.1:1/postgres');
do $$ begin execute 'alter role r2 password ''DoPassword'''; end $$;
"""


# ---- a tiny reader of the capture file (docs/capture-file.md)

REQUEST, STATE = 4, 2  # numbers of fields of Record; a SessionState repeats what was prepared


def varint(data, at):
    value, shift = 0, 0
    while True:
        value |= (data[at] & 127) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 128:
            return value, at


def payloads(path):
    """The file's header, and the plain payloads of its chunks, with their kind."""
    with open(path, "rb") as file:
        data = file.read()
    at = data.find(CHUNK)
    yield 0, data[:at if at >= 0 else len(data)]
    while at >= 0:
        kind, stored = struct.unpack_from("<II", data, at + 8)
        payload = data[at + 48:at + 48 + stored]
        if kind == 1:
            payload = subprocess.run(["zstd", "-d", "-c"], input=payload, stdout=subprocess.PIPE, check=True).stdout
        yield kind, payload
        at = data.find(CHUNK, at + 48 + stored)


def records(path):
    """(number of the field of Record, its bytes)."""
    for kind, payload in payloads(path):
        at = 0
        while kind in (1, 2) and at < len(payload):
            size, at = varint(payload, at)
            yield payload[at] >> 3, payload[at:at + size]
            at += size


def everything(folder):
    """All bytes of the files in a folder; of captures also what is compressed in them."""
    found = {}
    for path in glob.glob(os.path.join(folder, "**"), recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as file:
                found[path] = file.read()
            if path.endswith(".pgcap"):
                found[path] += b"".join(payload for _, payload in payloads(path))
    return found


def holds(data, word):
    """In any case, as UTF-8 or as hexadecimal digits."""
    return word.lower().encode() in data.lower() or word.encode().hex().encode() in data.lower()


def nowhere(folder, words, what):
    found = everything(folder)
    lines = [f"{what}: {word} is in {os.path.basename(path)}" for word in words for path, data in found.items()
             if holds(data, word)]
    for line in lines:
        lab.say(line)
    return len(lines)


def in_requests_alone(capture, words):
    """Each is in some request, and in no other record."""
    failures = 0
    told = list(records(capture))
    for word in words:
        kinds = {kind for kind, data in told if holds(data, word)}
        if REQUEST not in kinds or kinds - {REQUEST, STATE}:
            lab.say(f"{os.path.basename(capture)}: {word} is in records of kinds {sorted(kinds)}")
            failures += 1
    return failures


# ---- the workload

BOUND = """
import raw_client as r, struct
raw = r.Raw()
raw.start()
def bound(sql, formats, *values):
    body = r.text('', '') + struct.pack('!h', len(formats)) + b''.join(struct.pack('!h', one) for one in formats)
    body += struct.pack('!h', len(values)) + b''.join(struct.pack('!i', len(one)) + one for one in values)
    raw.send(r.parse('', sql), r.message('B', body + struct.pack('!h', 0)), r.message('D', b'P' + r.text('')))
    raw.send(r.execute(''), r.SYNC)
    raw.until('Z')
bound('select * from person where email = $1', [0], b'BoundText@canary.test')
bound('insert into person (id, email) values ($1, $2)', [1, 1], struct.pack('!i', 300), b'BoundBinary@canary.test')
bound('insert into person (id, email) values ($1, $2)', [1, 1], struct.pack('!i', 301), b'BoundBinary@canary.test')
bound('select dblink_connect($1)', [0], b'host=127.0.0.1 port=1 user=r1 password=BoundPassword')
raw.send(r.message('X'))
"""


def perform(server):
    def run(text, **more):
        subprocess.run(["psql", "-X", "-q"], input=text, env=server.environment() | more, text=True, timeout=60, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run(STATEMENTS)
    run(SECRETS)
    run("select 1", PGAPPNAME="host=x password=OptionPassword")
    run("select 1", PGUSER="scram", PGPASSWORD="ScramPassword")
    run("select 1", PGUSER="clear", PGPASSWORD="ClearPassword")
    run("select 1", PGUSER="clear", PGPASSWORD="ClearPassword, but wrong")
    subprocess.run([lab.SYSTEM_PYTHON, "-c", BOUND], env=server.environment(), timeout=60, check=True,
                   cwd=os.path.join(lab.HERE, "clients"))


def recorded(understudy, server, folder, *options):
    """Captures of one workload from packets, packets with a catalogue, packets in rotated files, proxy and logs."""
    os.mkdir(folder)
    path = {name: os.path.join(folder, f"{name}.pgcap") for name in ("packets", "identified", "proxy", *LOGS)}
    parts = os.path.join(folder, "parts")
    listen = lab.free_port()
    identify = f"host=127.0.0.1 port={server.port} user=postgres dbname=postgres"
    with understudy.live(server.port, path["packets"], *options) as one, \
            understudy.live(server.port, path["identified"], "--identify", identify, *options) as two, \
            understudy.live(server.port, parts, "--rotate-every", "1s", *options) as three, \
            understudy.proxy(listen, server, path["proxy"], *options) as four:
        perform(lab.Through(server, listen))
        time.sleep(1.2)
        for process in (one, two, three, four):
            lab.Understudy.end(process)
    for name, file in LOGS.items():
        with open(path[name] + ".log", "w", encoding="utf-8") as errors:
            done = subprocess.run([understudy.path, "capture", "--log", os.path.join(server.data, "log", file), "--output",
                                   path[name], *options], stderr=errors, check=False)
        lab.check(done.returncode == 0, f"{name}: {lab.contents(path[name] + '.log')}")
    lab.check(len(glob.glob(os.path.join(parts, "*.pgcap"))) > 1, "the capture did not rotate")
    return path


def aborted(understudy, server, folder):
    """No core file, whatever the limits of who started it: RLIMIT_CORE is 0, and the wait status knows of none."""
    output = os.path.join(folder, "aborted.pgcap")
    with understudy.started(output, "capturing on", "--interface", "lo", "--port", str(server.port),
                            prefix=("prlimit", "--core=unlimited")) as process:
        limits = lab.contents(f"/proc/{process.pid}/limits")
        core = next(line.split() for line in limits.splitlines() if line.startswith("Max core file size"))
        lab.check(core[4:6] == ["0", "0"], f"RLIMIT_CORE: {core}")
        process.send_signal(signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        process.returncode = -signal.SIGABRT
        lab.check(os.WIFSIGNALED(status) and not os.WCOREDUMP(status), f"a core was written: {status}")


def digest(understudy, server, folder):
    path = recorded(understudy, server, os.path.join(folder, "digest"))
    failures = nowhere(os.path.join(folder, "digest"), PASSWORDS + ANSWERS, "digest")
    for name in ("packets", "identified", "proxy"):
        failures += in_requests_alone(path[name], VALUES)
    for name in LOGS:
        failures += in_requests_alone(path[name], [word for word in VALUES if not word.startswith("CopyIn")])
    aborted(understudy, server, folder)
    return failures


def redact(understudy, server, folder):
    rules = os.path.join(folder, "rules")
    with open(rules, "w", encoding="ascii") as file:
        file.write("# telephone numbers\nperson.phone\n")
    recorded(understudy, server, os.path.join(folder, "redact"), "--redact", "person.email", "--redact", "@" + rules)
    return nowhere(os.path.join(folder, "redact"), PASSWORDS + ANSWERS + VALUES, "redact")


def rows(understudy, server, folder):
    """Rows as wholes and under other names, where the rows themselves are kept."""
    place, listen = os.path.join(folder, "rows"), lab.free_port()
    os.mkdir(place)
    rules = ("--redact", "person.email", "--redact", "person.phone", "--results", "full")
    with understudy.proxy(listen, server, os.path.join(place, "rows.pgcap"), *rules) as proxy:
        lab.Through(server, listen).sql(WHOLE_ROWS)
        lab.Understudy.end(proxy)
    return nowhere(place, ANSWERS + VALUES, "rows")


def main():
    lab.need_programs("psql", "zstd", "prlimit")
    lab.need_packets()
    understudy = lab.Understudy(sys.argv[1])
    with lab.scratch_folder() as folder, lab.server(folder, settings=SETTINGS, rules=RULES) as server:
        server.sql(SETUP, options="-c log_min_duration_statement=-1 -c log_statement=none")
        failures = {"digest": digest, "redact": redact, "rows": rows}[sys.argv[2]](understudy, server, folder)
    lab.check(failures == 0, f"{failures} canaries")


if __name__ == "__main__":
    lab.run(main)
