"""psycopg2 (libpq, simple protocol): statements, errors, cursors, COPY both ways, NOTIFY, cancel, large values."""
import io
import threading
import time

import psycopg2
from transcript import Transcript

seen = Transcript("psycopg2")


def execute(cursor, sql, shown=None):
    with seen.statement(shown or sql) as entry:
        try:
            cursor.execute(sql)
            entry.rows = cursor.rowcount if cursor.description else 0
        except psycopg2.Error as error:
            entry.sqlstate = error.pgcode
            raise


def attempt(cursor, sql):
    try:
        execute(cursor, sql)
    except psycopg2.Error:
        pass


def ordinary(connection):
    cursor = connection.cursor()
    execute(cursor, "create temp table item (id int primary key, name text, data bytea)")
    execute(cursor, "insert into item select n, 'item ' || n, '\\x00ff'::bytea from generate_series(1, 50) n")
    execute(cursor, "select * from item order by id")
    attempt(cursor, "insert into item values (1, 'twice', null)")
    attempt(cursor, "select * from nowhere")
    attempt(cursor, "selec 1")
    execute(cursor, "select repeat('x', 300000), repeat('y', 70000)")
    execute(cursor, "do $$ begin raise notice 'noted'; end $$")
    execute(cursor, "listen news")
    execute(cursor, "notify news, 'first'")
    for number in range(40):
        execute(cursor, f"select {number} as number from generate_series(1, {number})")


def copies(connection):
    cursor = connection.cursor()
    incoming = "".join(f"{n}\tcopied {n}\t\\N\n" for n in range(1000, 6000))
    cursor.copy_expert("copy item from stdin", io.StringIO(incoming))
    seen.add("copy item from stdin", 0)
    outgoing = io.StringIO()
    cursor.copy_expert("copy item to stdout", outgoing)
    seen.add("copy item to stdout", 0)
    assert outgoing.getvalue().count("\n") == 5050
    try:
        cursor.copy_expert("copy item from stdin", io.StringIO("not a number\n"))
    except psycopg2.Error as error:
        seen.add("copy item from stdin", 0, error.pgcode)


def declared_cursor(connection):
    cursor = connection.cursor()
    execute(cursor, "begin")
    execute(cursor, "declare walk cursor for select * from generate_series(1, 100)")
    for _ in range(4):
        execute(cursor, "fetch 30 from walk")
    attempt(cursor, "select 1/0")
    attempt(cursor, "fetch 30 from walk")
    execute(cursor, "rollback")


def cancelled(connection):
    def cancel():
        time.sleep(0.3)
        connection.cancel()
    thread = threading.Thread(target=cancel)
    thread.start()
    attempt(connection.cursor(), "select pg_sleep(20)")
    thread.join()


def main():
    connection = psycopg2.connect(application_name="differential psycopg2", user="scram", sslmode="prefer")
    connection.autocommit = True
    # psycopg2 sets the date style by itself where the server's is another; the server of the tests has the same one.
    for part in (ordinary, copies, declared_cursor, cancelled):
        part(connection)
    connection.close()
    seen.print()


main()
