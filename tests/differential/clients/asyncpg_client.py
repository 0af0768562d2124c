"""asyncpg (own implementation of the extended protocol, binary): prepared statements, cursors, COPY, batches, cancel."""
import asyncio
import io

import asyncpg
from transcript import Transcript

seen = Transcript("asyncpg")


async def fetch(connection, sql, *arguments):
    with seen.statement(sql) as entry:
        try:
            entry.rows = len(await connection.fetch(sql, *arguments))
        except asyncpg.PostgresError as error:
            entry.sqlstate = error.sqlstate


async def ordinary(connection):
    await fetch(connection, "create temp table item (id int primary key, name text, data bytea)")
    for number in range(30):
        await fetch(connection, "insert into item values ($1, $2, $3)", number, f"item {number}", bytes(number))
    await fetch(connection, "select * from item where id < $1", 10)
    await fetch(connection, "select * from item where id < $1", 20)
    await fetch(connection, "insert into item values ($1, $2, $3)", 1, "twice", None)
    await fetch(connection, "select * from nowhere")
    await fetch(connection, "select $1::text", "z" * 200_000)
    await fetch(connection, "select 10 / $1::int", 0)


async def batches(connection):
    sql = "insert into item values ($1, $2, null)"
    await connection.executemany(sql, [(number, "batch") for number in range(100, 200)])
    for _ in range(100):
        seen.add(sql, 0)


async def cursors(connection):
    sql = "select * from generate_series(1, $1::int)"
    async with connection.transaction():
        seen.add("BEGIN", 0)
        count = 0
        async for _ in connection.cursor(sql, 130, prefetch=40):
            count += 1
        seen.add(sql, count)
    seen.add("COMMIT", 0)


async def copies(connection):
    out = io.BytesIO()
    await connection.copy_from_query("select * from generate_series(1, 500)", output=out)
    seen.add("COPY (select * from generate_series(1, 500)) TO STDOUT", 0)
    await connection.copy_records_to_table("item", records=[(number, "copied", None) for number in range(1000, 1400)])
    seen.add('COPY "item" FROM STDIN (FORMAT binary)', 0)


async def cancelled(connection):
    sql = "select pg_sleep(20)"
    try:
        await connection.fetch(sql, timeout=0.4)
    except asyncio.TimeoutError:
        seen.add(sql, 0, "57014")


async def main():
    connection = await asyncpg.connect(server_settings={"application_name": "differential asyncpg"})
    await ordinary(connection)
    await batches(connection)
    await cursors(connection)
    await copies(connection)
    await cancelled(connection)
    await connection.close()
    seen.print()


asyncio.run(main())
