"""understudy fidelity: two servers with the same database show no difference; each difference that is planted, one at a
time, is found and put in the right class; and no value of a user's row is in any file or answer.

    fidelity_test.py UNDERSTUDY VERSION-OF-PRODUCTION VERSION-OF-STAGING
"""
import json
import os
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "differential"))
import lab  # noqa: E402

DATABASE = "shop"
# Attribute, class, what plants it, what takes it back.
PLANTED = (
    ("settings", "gate", "alter system set timezone = 'Asia/Tokyo'", "alter system reset timezone"),
    ("settings", "gate", "alter database shop set datestyle = 'German'", "alter database shop reset datestyle"),
    ("settings", "gate", "alter role clerk set search_path = 'pg_catalog'", "alter role clerk reset search_path"),
    ("settings", "gate", "alter database shop set app.tenant = 'one'", "alter database shop reset app.tenant"),
    ("timeouts", "warning", "alter system set statement_timeout = '7s'", "alter system reset statement_timeout"),
    ("timeouts", "warning", "alter role clerk set lock_timeout = '7s'", "alter role clerk reset lock_timeout"),
    ("memory and planner settings", "latency only", "alter system set work_mem = '17MB'", "alter system reset work_mem"),
    ("settings of logs and places", "note", "alter role clerk set log_statement = 'ddl'",
     "alter role clerk reset log_statement"),
    ("schema", "gate", "alter table purchase add column more int", "alter table purchase drop column more"),
    ("schema", "gate", "alter table customer alter name drop not null", "alter table customer alter name set not null"),
    ("schema", "gate", "drop index purchase_customer", "create index purchase_customer on purchase (customer)"),
    ("owners", "gate", "alter table fine owner to clerk", "alter table fine owner to postgres"),
    ("grants", "gate", "revoke insert on purchase from clerk", "grant insert on purchase to clerk"),
    ("default privileges", "gate", "alter default privileges grant select on tables to clerk",
     "alter default privileges revoke select on tables from clerk"),
    ("row security", "gate", "alter table customer disable row level security",
     "alter table customer enable row level security"),
    ("row security", "gate", "alter policy everyone on customer using (id > 0)",
     "alter policy everyone on customer using (true)"),
    ("invalid indexes", "gate", "update pg_index set indisvalid = false where indexrelid = 'purchase_customer'::regclass",
     "update pg_index set indisvalid = true where indexrelid = 'purchase_customer'::regclass"),
    ("disabled triggers", "gate", "alter table purchase disable trigger stamp", "alter table purchase enable trigger stamp"),
    ("disabled triggers", "gate", "alter table purchase disable trigger all", "alter table purchase enable trigger all"),
    ("roles", "gate", "alter role clerk bypassrls", "alter role clerk nobypassrls"),
    ("roles", "gate", "revoke desk from clerk", "grant desk to clerk"),
    ("roles", "note", "create role extra", "drop role extra"),
    ("comments", "note", "comment on table fine is 'other'", "comment on table fine is null"),
    ("storage options", "latency only", "alter table fine set (fillfactor = 70)", "alter table fine reset (fillfactor)"),
    ("partitions", "warning", "create table visit_2027 partition of visit for values from ('2027-01-01') to ('2028-01-01')",
     "drop table visit_2027"),
    ("replication", "warning", "create publication news for table fine", "drop publication news"),
    ("sequence headroom", "warning", "select setval('short', 30000)", "select setval('short', 1, false)"),
    ("sequence headroom", "warning", "select setval('customer_id_seq', 7)", "select setval('customer_id_seq', 1500)"),
    ("row counts", "warning", "insert into fine select i, i from generate_series(1, 300) i; analyze fine",
     "truncate fine; vacuum fine; analyze fine"),
    ("statistics", "warning", "update customer set country = 'CANARY AT' where country = 'CANARY DE'; vacuum full customer;"
     " analyze customer", "update customer set country = 'CANARY DE' where country = 'CANARY AT'; vacuum full customer;"
     " analyze customer"),
    ("age of the data", "warning",
     "update customer set seen = seen - interval '90 days'; vacuum full customer; analyze customer",
     "update customer set seen = seen + interval '90 days'; vacuum full customer; analyze customer"),
)
CANARIES = ("CANARY", "77713", "77714", "97713.19", "1950-03-07")


class Pair:
    """Production, staging, and what is said of them."""

    def __init__(self, understudy, folder, production, staging):
        self.understudy, self.folder, self.production, self.staging = understudy, folder, production, staging
        self.seen = []
        for server in (production, staging):
            server.sql(f"create database {DATABASE}")
            server.sql(lab.contents(os.path.join(HERE, "schema.sql")), database=DATABASE)

    def conninfo(self, server):
        return f"host=127.0.0.1 port={server.port} user={lab.SUPERUSER} dbname={DATABASE}"

    def file(self, name):
        return os.path.join(self.folder, name)

    def certificate(self, *more, production=None):
        """The exit code and the certificate."""
        paths = self.file("certificate.json"), self.file("certificate.html")
        done = self.understudy.call("fidelity", "--production", production or self.conninfo(self.production), "--staging",
                                    self.conninfo(self.staging), "--json", paths[0], "--html", paths[1], *more)
        lab.check(done.returncode in (0, 3), f"{done.returncode}: {done.stderr}")
        self.seen += [done.stdout, done.stderr, *(lab.contents(path) for path in paths)]
        lab.check(all(os.stat(path).st_mode & 0o777 == 0o600 for path in paths), "the files are for their owner only")
        return done.returncode, json.loads(lab.contents(paths[0]))

    def on_staging(self, text):
        self.staging.sql(text, database=DATABASE)
        if "system" in text:
            self.staging.sql("select pg_reload_conf()")
            lab.wait_for(lambda: self.settled(text), text)

    def settled(self, text):
        name = text.split()[3]
        value = self.staging.sql(f"show {name}").strip()
        return (value == self.production.sql(f"show {name}").strip()) == ("reset" in text)


def found(certificate, classes=("gate", "warning", "latency only", "note")):
    return {(one["attribute"], one["class"]) for one in certificate["differences"] if one["class"] in classes}


def steady(differences):
    """Where rows lie on the disk moves when what was planted is taken back by UPDATE."""
    return {one for one in differences if one != ("physical order", "latency only")}


def plant(pair, nothing):
    """Production's side is read once."""
    key, path = pair.file("plant.key"), pair.file("plant.fidelity")
    pair.understudy.must("fidelity", "snapshot", pair.conninfo(pair.production), "-o", path, "--key", key)
    for attribute, what, change, back in PLANTED:
        pair.on_staging(change)
        code, certificate = pair.certificate("--key", key, production=path)
        new = found(certificate) - nothing
        lab.check((attribute, what) in new, f"{change}: not found as {what}, {attribute}: {sorted(new)}")
        gates = {name for name, of in new if of == "gate"}
        lab.check(gates == ({attribute} if what == "gate" else set()), f"{change}: gates {sorted(gates)}")
        lab.check(code == (3 if what == "gate" else 0), f"{change}: exit code {code}")
        pair.on_staging(back)


def drift(pair, nothing):
    before = pair.file("before.json")
    os.rename(pair.file("certificate.json"), before)
    pair.on_staging("alter table fine add column late int")
    certificate = pair.certificate("--certificate", before)[1]
    come = [one["object"] for one in certificate["drift"]["come"]]
    lab.check(come == ["column late of fine"], f"drift: {come}")
    lab.check(steady(found(certificate) - nothing) == {("schema", "gate")}, f"{found(certificate)}")
    pair.on_staging("alter table fine drop column late")


def carried(pair, nothing):
    """Production's file says what a connection says, and holds no value."""
    key = pair.file("digest.key")
    for options in ((), ("--key", key)):  # the key is made
        path = pair.file("production.fidelity")
        done = pair.understudy.call("fidelity", "snapshot", pair.conninfo(pair.production), "-o", path, *options)
        lab.check(done.returncode == 0, done.stderr)
        lab.check(os.stat(path).st_mode & 0o777 == 0o600, "the snapshot is for its owner only")
        pair.seen += [done.stdout, done.stderr, lab.contents(path)]
        certificate = pair.certificate(*options, production=path)[1]
        other = steady(found(certificate) ^ nothing)
        lab.check(not other, f"by the file: {sorted(other)}")
        unknown = {one["what"] for one in certificate["not_known"]}
        lab.check(("whether the same values are common" in unknown) == (not options), f"not known: {unknown}")
    with open(path, "r+", encoding="utf-8") as file:
        file.truncate(os.path.getsize(path) // 2)
    done = pair.understudy.call("fidelity", "--production", path, "--staging", pair.conninfo(pair.staging))
    lab.check(done.returncode == 4, f"half a file: {done.returncode}")


def silent(pair):
    text = "\n".join(pair.seen)
    for canary in CANARIES:
        at = text.find(canary)
        lab.check(at < 0, f"a value of a row is in what was written: …{text[max(0, at - 80):at + 40]}…")


def main():
    understudy = lab.Understudy(sys.argv[1])
    versions = sys.argv[2:4]
    with lab.scratch_folder() as folder, lab.server(folder, versions[0]) as production, \
            lab.server(folder, versions[1]) as staging:
        pair = Pair(understudy, folder, production, staging)
        code, certificate = pair.certificate()
        nothing = found(certificate)
        if versions[0] == versions[1]:
            lab.check(not nothing and code == 0, f"identical servers differ: {certificate['differences']}")
            for done in (understudy.call("fidelity"), understudy.call("fidelity", "--production", "nowhere", "--staging", "x=y")):
                lab.check(done.returncode == 2, f"wrong usage: {done.returncode}")
            gone = understudy.call("fidelity", "--production", "host=127.0.0.1 port=1", "--staging", "host=127.0.0.1 port=1")
            lab.check(gone.returncode == 4, f"no server: {gone.returncode}")
        else:
            lab.check(code == 3 and ("major version", "gate") in nothing, f"other majors: {sorted(nothing)}")
            gates = {attribute for attribute, what in nothing if what == "gate"}
            # Since 15 the schema public has another owner and other grants.
            lab.check(gates <= {"major version", "owners", "grants"}, f"beside the version: {certificate['differences']}")
        if versions[0] == versions[1]:
            plant(pair, nothing)
            drift(pair, nothing)
        carried(pair, nothing)
        silent(pair)


lab.run(main)
