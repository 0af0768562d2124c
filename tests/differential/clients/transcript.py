"""What a client saw: the statements of one session in order, with the rows it read and the SQLSTATE it got."""
import contextlib
import json


class Entry:
    rows = 0
    sqlstate = None


class Transcript:
    def __init__(self, client):
        self.client = client
        self.statements = []

    def add(self, sql, rows, sqlstate=None):
        self.statements.append([sql, rows, sqlstate])

    @contextlib.contextmanager
    def statement(self, sql):
        entry = Entry()
        try:
            yield entry
        finally:
            self.add(sql, entry.rows, entry.sqlstate)

    def print(self):
        print(json.dumps([{"client": self.client, "statements": self.statements}]))
