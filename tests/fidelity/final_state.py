"""What the tables hold in the end, by business columns: generated keys stand for the rows that they name, so two databases
with other keys and the same content are equal.
"""
import collections

HOSTILE = {
    "accounts": "select name, balance, version from accounts",
    "counters": "select name, v from counters",
    "ledger": "select name, delta, memo from ledger l join accounts a on a.id = l.account_id",
    "customers": "select email, region, visits from customers",
    "inventory": "select sku, on_hand from inventory join products on id = product_id",
    "orders": "select reference, status, email from orders o join customers c on c.id = o.customer_id",
    "order_items": "select reference, sku, quantity from order_items i join orders o on o.id = i.order_id "
                   "join products p on p.id = i.product_id",
    "order_notes": "select reference, line, body from order_notes n join orders o on o.id = n.order_id",
    "payments": "select receipt, amount, reference, name from payments p join orders o on o.id = p.order_id "
                "join accounts a on a.id = p.account_id",
    "documents": "select slug, revision, body from documents",
    "jobs": "select payload, state, worker from jobs",
    "imported": "select batch, line, value from imported",
    "product_sales": "select sku, lines, sold from product_sales join products on id = product_id",
}
TPCB = {
    "pgbench_branches": "select bid, bbalance from pgbench_branches",
    "pgbench_tellers": "select tid, bid, tbalance from pgbench_tellers",
    "pgbench_accounts": "select aid, bid, abalance from pgbench_accounts",
    "pgbench_history": "select tid, bid, aid, delta from pgbench_history",  # mtime is the server's clock
}


def rows(server, database, query):
    """The rows as a multiset."""
    text = server.client(["psql", "-X", "-q", "-c", f"\\copy ({query}) to stdout"], environment={"PGDATABASE": database})
    return collections.Counter(text.splitlines())


def differing(queries, one, other):
    """For each table (rows of the first side, rows that differ). A side is (server, database)."""
    result = {}
    for table, query in queries.items():
        left, right = rows(*one, query), rows(*other, query)
        only_left, only_right = left - right, right - left
        result[table] = (left.total(), max(only_left.total(), only_right.total()))
    return result
