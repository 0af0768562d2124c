"""libpq itself, by ctypes: pipeline mode, single-row mode and, with a libpq of PostgreSQL 18, protocol 3.2.

    libpq_client.py LIBRARY PROTOCOL
"""
import ctypes
import sys
import threading
import time

from transcript import Transcript

COMMAND_OK, TUPLES_OK, BAD_RESPONSE, FATAL_ERROR, PIPELINE_SYNC, PIPELINE_ABORTED = 1, 2, 5, 7, 10, 11
TEXT, POINTER, NUMBER = ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int
SQLSTATE = ord("C")


def load(path):
    library = ctypes.CDLL(path)
    pointers = ("PQconnectdb", "PQexec", "PQexecParams", "PQgetResult", "PQgetCancel", "PQprepare", "PQexecPrepared")
    for name in pointers:
        getattr(library, name).restype = POINTER
    for name in ("PQerrorMessage", "PQresultErrorField"):
        getattr(library, name).restype = TEXT
    library.PQresultErrorField.argtypes = [POINTER, NUMBER]
    for name in ("PQresultStatus", "PQntuples", "PQclear", "PQfinish", "PQstatus", "PQgetResult", "PQenterPipelineMode",
                 "PQexitPipelineMode", "PQpipelineSync", "PQgetCancel", "PQerrorMessage", "PQfreeCancel"):
        getattr(library, name).argtypes = [POINTER]
    library.PQexec.argtypes = [POINTER, TEXT]
    values = ctypes.POINTER(TEXT)
    library.PQexecParams.argtypes = library.PQsendQueryParams.argtypes = [
        POINTER, TEXT, NUMBER, POINTER, values, POINTER, POINTER, NUMBER]
    library.PQprepare.argtypes = library.PQsendPrepare.argtypes = [POINTER, TEXT, TEXT, NUMBER, POINTER]
    library.PQexecPrepared.argtypes = library.PQsendQueryPrepared.argtypes = [
        POINTER, TEXT, NUMBER, values, POINTER, POINTER, NUMBER]
    library.PQcancel.argtypes = [POINTER, ctypes.c_char_p, NUMBER]
    return library


class Session:
    def __init__(self, library, conninfo, name):
        self.pq = library
        self.seen = Transcript(name)
        self.connection = library.PQconnectdb(conninfo.encode())
        if library.PQstatus(self.connection) != 0:
            sys.exit(library.PQerrorMessage(self.connection).decode())

    def note(self, sql, result):
        status = self.pq.PQresultStatus(result)
        state = self.pq.PQresultErrorField(result, SQLSTATE)
        if status in (BAD_RESPONSE, FATAL_ERROR) and state is None:
            sys.exit(f"{sql}: {self.pq.PQerrorMessage(self.connection).decode()}")
        self.seen.add(sql, self.pq.PQntuples(result), state.decode() if state else None)
        self.pq.PQclear(result)

    @staticmethod
    def values(*values):
        return (TEXT * len(values))(*[str(value).encode() for value in values])

    def simple(self, sql):
        self.note(sql, self.pq.PQexec(self.connection, sql.encode()))

    def extended(self, sql, *values):
        array = self.values(*values)
        self.note(sql, self.pq.PQexecParams(self.connection, sql.encode(), len(values), None, array, None, None, 0))

    def prepared(self, sql, *rounds):
        self.pq.PQclear(self.pq.PQprepare(self.connection, b"again", sql.encode(), 0, None))
        for values in rounds:
            array = self.values(*values)
            self.note(sql, self.pq.PQexecPrepared(self.connection, b"again", len(values), array, None, None, 0))

    def pipelined(self, *requests):
        """All requests before the first answer is read; None is a Sync. After an error the server skips to the Sync."""
        pq, connection = self.pq, self.connection
        assert pq.PQenterPipelineMode(connection) == 1
        for request in requests:
            if request is None:
                assert pq.PQpipelineSync(connection) == 1
            else:
                array = self.values(request[1])
                assert pq.PQsendQueryParams(connection, request[0].encode(), 1, None, array, None, None, 1) == 1
        for request in requests:
            result = pq.PQgetResult(connection)
            status = pq.PQresultStatus(result)
            if request is None:
                assert status == PIPELINE_SYNC, status
                pq.PQclear(result)
                continue
            if status == PIPELINE_ABORTED:
                self.seen.add(request[0], 0, "skipped")
                pq.PQclear(result)
            else:
                self.note(request[0], result)
            assert pq.PQgetResult(connection) is None
        assert pq.PQexitPipelineMode(connection) == 1

    def cancelled(self):
        handle = self.pq.PQgetCancel(self.connection)

        def cancel():
            time.sleep(0.3)
            problem = ctypes.create_string_buffer(256)
            assert self.pq.PQcancel(handle, problem, 256) == 1, problem.value
        thread = threading.Thread(target=cancel)
        thread.start()
        self.simple("select pg_sleep(20)")
        thread.join()
        self.pq.PQfreeCancel(handle)


def main():
    path, protocol = sys.argv[1:3]
    conninfo = "application_name='differential libpq' sslmode=disable gssencmode=disable"
    if protocol != "3.0":
        conninfo += f" max_protocol_version={protocol}"
    session = Session(load(path), conninfo, f"libpq {protocol}")
    session.simple("create temp table item (id int primary key, name text)")
    session.extended("insert into item select n, 'item' from generate_series(1, $1::int) n", 60)
    session.simple("select * from item")
    session.prepared("select * from item where id <= $1::int", (7,), (0,), (31,))
    session.extended("insert into item values ($1, 'twice')", 5)
    session.extended("select * from nowhere where id = $1", 1)
    count = "select * from generate_series(1, $1::int)"
    session.pipelined((count, 3), (count, 0), None, (count, 5), ("select 1 / $1::int", 0), (count, 7), None, (count, 9), None)
    session.pipelined(*[(count, number) for number in range(60)], None)
    session.extended("select repeat('v', $1::int)", 150_000)
    session.cancelled()
    session.simple("select 1")
    session.pq.PQfinish(session.connection)
    session.seen.print()


main()
