"""Recorded through the proxy, then the schema changes: the difference names who feels it, and its exit code says whether.

    blame_test.py UNDERSTUDY
"""
import json
import os
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "differential"))
import lab  # noqa: E402

SCHEMA = """create table orders (id int primary key, note text, unused text);
create view notes as select note from orders;
insert into orders values (1, 'first', 'x');
create role clerk; grant select on orders to clerk"""
TRAFFIC = """select note from orders where id = 1;
select n.note from notes n;
update orders set note = 'secret word' where id = 1;"""
# What changes, whether a recorded statement breaks, what is named.
CASES = (("drop view notes; alter table orders drop column note", True, "select note from orders where id = $1"),
         ("alter table orders drop column unused", False, "column unused of orders is gone"),
         ("alter table orders add constraint short check (length(note) < 5) not valid", True, "update orders set note = $1"),
         ("create or replace view notes as select upper(note) as note from orders", False, "select n.note from notes n"),
         ("create index on orders (note)", False, "compatible"),
         ("revoke select on orders from clerk", False, "not concerned"),  # it was not the clerk who was recorded
         ("create trigger gone before delete on orders for each row execute function suppress_redundant_updates_trigger()",
          False, "not concerned"))


def main():
    understudy = lab.Understudy(sys.argv[1])
    with lab.scratch_folder() as folder, lab.server(folder) as server:
        server.sql(SCHEMA)
        capture, listen = os.path.join(folder, "shop.pgcap"), lab.free_port()
        with understudy.proxy(listen, server, capture) as proxy:
            lab.Through(server, listen).sql(TRAFFIC)
            understudy.end(proxy)
        conninfo = f"host=127.0.0.1 port={server.port} user={lab.SUPERUSER} dbname="
        before = os.path.join(folder, "before.json")
        understudy.must("schema", "snapshot", conninfo + lab.DATABASE, "-o", before)
        for number, (change, breaks, named) in enumerate(CASES):
            name = f"case{number}"
            server.sql(f"create database {name} template {lab.DATABASE}")
            server.sql(change, database=name)
            report = os.path.join(folder, "report.json")
            done = understudy.call("schema", "diff", before, conninfo + name, "--capture", capture, "--json", report)
            shown = f"{change}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
            lab.check(done.returncode == int(breaks), shown)
            lab.check(named in done.stdout, shown)
            lab.check("secret word" not in done.stdout + lab.contents(report), shown)
            changes = json.loads(lab.contents(report))["changes"]
            lab.check(any(one["breaks_recorded"] for one in changes) == breaks, shown)
            lab.check(understudy.call("schema", "diff", before, conninfo + name, "--exit-code", "any").returncode == 1, shown)
            lab.check(understudy.call("schema", "diff", before, conninfo + name, "--exit-code", "none").returncode == 0, shown)
        lab.check(understudy.call("schema", "diff", before, "nowhere").returncode == 2, "neither a file nor a connection string")
        lab.check(understudy.call("schema", "fingerprint", "host=127.0.0.1 port=1").returncode == 4, "nobody answers there")


lab.run(main)
