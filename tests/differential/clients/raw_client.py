"""The protocol by hand, for what libraries avoid: messages sent a byte at a time, CopyFail, Flush without Sync, refused
encryption of both kinds, an end with data in the FIN.

It begins with a GSSENCRequest. A server that accepts it gets no further bytes: the client connects anew without.
"""
import os
import socket
import struct

from transcript import Transcript

SSL_REQUEST, GSS_REQUEST, PROTOCOL_3_0 = 80877103, 80877104, 3 << 16


def message(tag, body=b""):
    return tag.encode() + struct.pack("!i", len(body) + 4) + body


def text(*words):
    return b"".join(word.encode() + b"\0" for word in words)


def query(sql):
    return message("Q", text(sql))


def parse(name, sql):
    return message("P", text(name, sql) + struct.pack("!h", 0))


def bind(portal, name, *values):
    body = text(portal, name) + struct.pack("!hh", 0, len(values))
    for value in values:
        body += struct.pack("!i", len(value)) + value.encode()
    return message("B", body + struct.pack("!h", 0))


def execute(portal, most=0):
    return message("E", text(portal) + struct.pack("!i", most))


SYNC, FLUSH = message("S"), message("H")


class Raw:
    def __init__(self):
        self.socket = socket.create_connection((os.environ["PGHOST"], int(os.environ["PGPORT"])))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.tags = ""

    def send(self, *messages):
        self.socket.sendall(b"".join(messages))

    def slowly(self, *messages):
        for byte in b"".join(messages):
            self.socket.sendall(bytes([byte]))

    def take(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def until(self, tag):
        """Reads up to a message with this tag; keeps the tags of all."""
        while True:
            head = self.take(5)
            self.take(struct.unpack("!i", head[1:])[0] - 4)
            self.tags += chr(head[0])
            if head[0] == ord(tag):
                return

    def encryption_refused(self, code):
        self.send(struct.pack("!ii", 8, code))
        return self.take(1) == b"N"

    def start(self, *parameters):
        body = struct.pack("!i", PROTOCOL_3_0) + text("user", os.environ["PGUSER"], "database", os.environ["PGDATABASE"],
                                                     "application_name", "differential raw", *parameters) + b"\0"
        self.send(struct.pack("!i", len(body) + 4) + body)
        self.until("Z")


def main():
    raw, seen = Raw(), Transcript("raw")
    if not raw.encryption_refused(GSS_REQUEST):
        raw.socket.close()
        raw = Raw()
    assert raw.encryption_refused(SSL_REQUEST)
    raw.start()

    raw.slowly(query("select 'a byte at a time'"))
    raw.until("Z")
    seen.add("select 'a byte at a time'", 1)
    raw.slowly(parse("s", "select * from generate_series(1, $1::int)"), bind("p", "s", "9"), execute("p", 4), FLUSH)
    raw.until("s")
    raw.slowly(execute("p", 4), FLUSH)
    raw.until("s")
    raw.send(message("D", b"P" + text("p")), execute("p"), message("C", b"P" + text("p")), SYNC)
    raw.until("Z")
    seen.add("select * from generate_series(1, $1::int)", 9)

    raw.send(query("create temp table item (id int)"))
    raw.until("Z")
    seen.add("create temp table item (id int)", 0)
    raw.send(query("copy item from stdin"))
    raw.until("G")
    raw.send(message("d", b"1\n2\n"), FLUSH, SYNC, message("d", b"3\n"), message("f", text("changed my mind")))
    raw.until("Z")
    seen.add("copy item from stdin", 0, "57014")
    # COPY by the extended protocol, as libpq does it: a Sync that ends no exchange, then one that does.
    raw.send(parse("", "copy item from stdin"), bind("", ""), execute(""), SYNC)
    raw.until("G")
    raw.send(message("d", b"4\n"), message("c"), SYNC)
    raw.until("Z")
    seen.add("copy item from stdin", 0)

    # An error: all up to the Sync is discarded, a Query too. Names of the past, used again.
    raw.send(parse("s", "select 1"), query("select 'discarded'"), bind("", "s"), execute(""), SYNC)
    raw.until("Z")
    seen.add("select 1", 0, "42P05")
    seen.add("select 'discarded'", 0, "skipped")
    seen.add("select * from generate_series(1, $1::int)", 0, "skipped")
    raw.send(bind("", "never prepared"), execute(""), SYNC)
    raw.until("Z")
    seen.add(None, 0, "26000")
    raw.send(message("C", b"S" + text("s")), parse("s", "select 7, 8"), bind("", "s"), execute(""), execute(""), SYNC)
    raw.until("Z")
    seen.add("select 7, 8", 1)
    seen.add("select 7, 8", 0)
    raw.send(query("discard all"), query("select 1 as first; select 2 as second;"), message("X"))
    raw.socket.shutdown(socket.SHUT_WR)
    raw.until("Z")
    raw.until("Z")
    seen.add("discard all", 0)
    seen.add("select 1 as first", 1)
    seen.add("select 2 as second", 1)
    seen.print()


if __name__ == "__main__":
    main()
