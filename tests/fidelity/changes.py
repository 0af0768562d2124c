"""Changes that `planted` makes on the target before a replay, and where each must show.

Every change that can harm is touched by hostile_workload's traffic often enough that a comparison must find it: `kinds` in a
finding whose normalised statement mentions `where`. A harmless one must show nowhere.
"""
import dataclasses
import random


@dataclasses.dataclass(frozen=True)
class Change:
    name: str
    sql: str
    where: str = ""  # a regular expression on the finding's statement
    kinds: tuple = ()

    @property
    def harmless(self):
        return not self.kinds


VALUE = ("value",)
GONE = ("row_count", "affected_rows", "error_appeared")
APPEARED, DISAPPEARED, CHANGED = ("error_appeared",), ("error_disappeared",), ("error_changed",)
TRIGGER_WITH_NOTICE = """create or replace function keep_product_sales() returns trigger language plpgsql as $$
begin
    raise notice 'sales change';
    if tg_op = 'INSERT' then
        update product_sales set lines = lines + 1, sold = sold + new.quantity where product_id = new.product_id;
        return new;
    end if;
    update product_sales set lines = lines - 1, sold = sold - old.quantity where product_id = old.product_id;
    return old;
end $$"""
RESTOCK = """create or replace function restock(wanted text, amount int) returns int language plpgsql as $$
declare
    left_over int;
begin
    update inventory set on_hand = on_hand + amount
        where product_id = (select id from products where sku = wanted) returning on_hand into left_over;
    {notice}
    return left_over{more};
end $$"""
NOTICE = "raise notice 'restocked % by %', wanted, amount;"


def data_changes(dice):
    """Values and rows; which ones is chance."""
    account, counter, product = dice.randint(1, 8), dice.randint(1, 6), dice.randint(1, 8)
    customer = dice.randint(1, 24)
    by = dice.choice([-7, -1, 1, 3, 100])
    gone = dice.randint(1, 8)
    return [
        Change("a balance", f"update accounts set balance = balance + {by} where name = 'account-{account}'", "accounts", VALUE),
        Change("a version", f"update accounts set version = version + {abs(by)} where name = 'account-{account}'", "accounts",
               VALUE),
        Change("a counter", f"update counters set v = v + {by} where name = 'counter-{counter}'", "counters", VALUE),
        Change("a stock", f"update inventory set on_hand = on_hand + {by} where product_id = {product}", "inventory", VALUE),
        Change("a label", f"update products set label = 'damson' where id = {product}", "products", VALUE),
        Change("a region", f"update customers set region = 'Centre' where id = {customer}", "customers", (*VALUE, "row_count")),
        Change("a sales figure", f"update product_sales set sold = sold + {abs(by)} where product_id = {product}",
               "product_sales", VALUE),
        Change("a missing counter", f"delete from counters where name = 'counter-{counter}'", "counters", GONE),
        Change("a missing customer", f"delete from customers where id = {customer}", "customers|orders", GONE),
        Change("a missing stock", f"delete from inventory where product_id = {gone}", "inventory", GONE),
        Change("a missing summary row", f"delete from product_sales where product_id = {gone}", "product_sales", GONE),
    ]


def schema_changes(dice):
    limit = dice.randint(25, 45)
    return [
        Change("a dropped unique key", "alter table customers drop constraint customers_email_key", "customers",
               ("error_appeared", "error_disappeared")),
        Change("a dropped check", "alter table inventory drop constraint inventory_not_negative", "inventory", DISAPPEARED),
        Change("a dropped foreign key", "alter table orders drop constraint orders_customer_id_fkey", "orders", DISAPPEARED),
        Change("a dropped foreign key of items", "alter table order_items drop constraint order_items_order_id_fkey",
               "order_items", DISAPPEARED),
        Change("a dropped not null", "alter table documents alter body drop not null", "documents", DISAPPEARED),
        Change("an added check", f"alter table ledger add constraint small check (delta < {limit})", "ledger", APPEARED),
        Change("an added check on text", f"alter table orders add check (reference not like '%{dice.randint(0, 9)}')", "orders",
               APPEARED),
        Change("an added column without default",
               "alter table customers add tier int not null default 0, alter tier drop default", "customers", APPEARED),
        Change("a renamed check", "alter table inventory rename constraint inventory_not_negative to stock_not_negative",
               "inventory", CHANGED),
        Change("a missing trigger", "drop trigger keep_product_sales on order_items", "product_sales", VALUE),
        Change("a trigger that speaks", TRIGGER_WITH_NOTICE, "order_items", ("notice",)),
        Change("a changed function", RESTOCK.format(notice=NOTICE, more=" + 1"), "restock", VALUE),
        Change("a missing notice", RESTOCK.format(notice="", more=""), "restock", ("notice",)),
        Change("a changed default", "alter table orders alter status set default 'fresh'", "orders", VALUE),
        Change("another changed default", "alter table customers alter region set default 'centre'", "customers",
               ("value", "row_count")),
        Change("another collation", 'alter table products alter label type text collate "en-x-icu"', "products",
               ("order", "value")),
        Change("a retyped column", "alter table accounts alter balance type numeric", "accounts", ("column_retyped",)),
        Change("a narrower column", "alter table documents alter slug type varchar(8) using left(slug, 8)", "documents",
               ("error_appeared",)),
        Change("a renamed column", "alter table orders rename status to state", "orders", APPEARED),
        Change("a missing cascade", "alter table order_items drop constraint order_items_order_id_fkey, add constraint "
               "order_items_order_id_fkey foreign key (order_id) references orders", "orders|customers", APPEARED),
    ]


HARMLESS = [
    Change("a missing index", "drop index order_items_of_product"),
    Change("another index", "create index on orders (status)"),
    Change("a column that nobody asks for", "alter table documents add weight int"),
    Change("a check that always holds", "alter table accounts add check (version >= 0)"),
]


def chosen(seed, count):
    """`count` changes that harm, and all that do not."""
    dice = random.Random(seed)
    return dice.sample(data_changes(dice) + schema_changes(dice), count) + HARMLESS
