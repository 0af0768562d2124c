"""A client of PostgreSQL by ctypes on libpq: simple queries, named prepared statements, COPY, answers taken later.

Drivers for Python either do not prepare on the server or do it behind one's back; here each message is chosen by the caller.
"""
import ctypes

LIBRARY = ctypes.CDLL("libpq.so.5")
POINTER, TEXT, INT = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
TEXTS, INTS, OIDS = ctypes.POINTER(TEXT), ctypes.POINTER(INT), ctypes.POINTER(ctypes.c_uint)
PROTOTYPES = {
    "PQconnectdb": (POINTER, TEXT), "PQstatus": (INT, POINTER), "PQerrorMessage": (TEXT, POINTER), "PQfinish": (None, POINTER),
    "PQexec": (POINTER, POINTER, TEXT), "PQsendQuery": (INT, POINTER, TEXT), "PQgetResult": (POINTER, POINTER),
    "PQprepare": (POINTER, POINTER, TEXT, TEXT, INT, OIDS),
    "PQdescribePrepared": (POINTER, POINTER, TEXT),
    "PQexecPrepared": (POINTER, POINTER, TEXT, INT, TEXTS, INTS, INTS, INT),
    "PQexecParams": (POINTER, POINTER, TEXT, INT, OIDS, TEXTS, INTS, INTS, INT),
    "PQresultStatus": (INT, POINTER), "PQresultErrorField": (TEXT, POINTER, INT), "PQresultErrorMessage": (TEXT, POINTER),
    "PQgetvalue": (TEXT, POINTER, INT, INT), "PQclear": (None, POINTER),
    "PQputCopyData": (INT, POINTER, TEXT, INT), "PQputCopyEnd": (INT, POINTER, TEXT),
    "PQgetCopyData": (INT, POINTER, ctypes.POINTER(POINTER), INT), "PQfreemem": (None, POINTER),
    "PQsetNoticeProcessor": (POINTER, POINTER, POINTER, POINTER),
}
for name, (result, *arguments) in PROTOTYPES.items():
    function = getattr(LIBRARY, name)
    function.restype, function.argtypes = result, arguments

SQLSTATE = ord("C")
COPY_OUT, COPY_IN, BAD_RESPONSE, FATAL_ERROR = 3, 4, 5, 7
SILENT = ctypes.CFUNCTYPE(None, POINTER, TEXT)(lambda _, __: None)
TYPES = {"bool": 16, "int8": 20, "int2": 21, "int4": 23, "text": 25, "json": 114, "float4": 700, "float8": 701, "varchar": 1043,
         "date": 1082, "timestamp": 1114, "timestamptz": 1184, "numeric": 1700, "uuid": 2950, "jsonb": 3802}


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, sqlstate, message):
        super().__init__(message)
        self.sqlstate = sqlstate


def texts(values):
    return (TEXT * max(len(values), 1))(*(None if value is None else value.encode() for value in values))


def oids(numbers):
    return (ctypes.c_uint * max(len(numbers), 1))(*numbers)


class Connection:
    def __init__(self, conninfo):
        self.handle = LIBRARY.PQconnectdb(conninfo.encode())
        if LIBRARY.PQstatus(self.handle) != 0:
            raise Refused("08001", self.message())
        LIBRARY.PQsetNoticeProcessor(self.handle, ctypes.cast(SILENT, POINTER), None)

    def message(self):
        return LIBRARY.PQerrorMessage(self.handle).decode(errors="replace").strip()

    def close(self):
        LIBRARY.PQfinish(self.handle)

    def query(self, sql):
        self.finish(LIBRARY.PQexec(self.handle, sql.encode()))

    def prepare(self, name, sql, types=()):
        declared = oids([TYPES.get(each) or self.type_number(each) for each in types])
        self.finish(LIBRARY.PQprepare(self.handle, name.encode(), sql.encode(), len(types), declared))

    def type_number(self, name):
        """Asks for the OID of a type that is not PostgreSQL's own, as drivers do."""
        result = LIBRARY.PQexec(self.handle, f"select '{name}'::regtype::oid".encode())
        number = int(LIBRARY.PQgetvalue(result, 0, 0))
        LIBRARY.PQclear(result)
        return number

    def describe(self, name):
        self.finish(LIBRARY.PQdescribePrepared(self.handle, name.encode()))

    def execute(self, name, values):
        self.finish(LIBRARY.PQexecPrepared(self.handle, name.encode(), len(values), texts(values), None, None, 0))

    def ask(self, sql, values, binary=False):
        self.finish(LIBRARY.PQexecParams(self.handle, sql.encode(), len(values), None, texts(values), None, None, int(binary)))

    def send(self, sql):
        """Sends a simple query; receive() takes its answer."""
        if not LIBRARY.PQsendQuery(self.handle, sql.encode()):
            raise Refused("08006", self.message())

    def receive(self):
        refusal = None
        while result := LIBRARY.PQgetResult(self.handle):
            try:
                self.finish(result)
            except Refused as error:
                refusal = refusal or error
        if refusal:
            raise refusal

    def copy(self, sql, rows):
        """COPY … FROM STDIN of these lines, or COPY … TO STDOUT."""
        result = LIBRARY.PQexec(self.handle, sql.encode())
        if LIBRARY.PQresultStatus(result) != COPY_IN:
            return self.finish(result)
        LIBRARY.PQclear(result)
        for row in rows:
            line = row.encode() + b"\n"
            LIBRARY.PQputCopyData(self.handle, line, len(line))
        LIBRARY.PQputCopyEnd(self.handle, None)
        return self.receive()

    def finish(self, result):
        """Frees a result, after what it brings is read; an error becomes an exception."""
        status = LIBRARY.PQresultStatus(result)
        sqlstate = LIBRARY.PQresultErrorField(result, SQLSTATE)
        message = LIBRARY.PQresultErrorMessage(result).decode(errors="replace").strip()
        LIBRARY.PQclear(result)
        if status in (BAD_RESPONSE, FATAL_ERROR):
            raise Refused((sqlstate or b"08006").decode(), message)
        if status == COPY_OUT:
            self.drain()

    def drain(self):
        buffer = POINTER()
        while LIBRARY.PQgetCopyData(self.handle, ctypes.byref(buffer), 0) > 0:
            LIBRARY.PQfreemem(buffer)
        self.receive()
