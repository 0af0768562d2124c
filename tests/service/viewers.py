"""A WebSocket client by hand (RFC 6455), so that it can be as slow and as wrong as a test wants."""
import base64
import json
import os
import socket
import struct

PATH = "/api/v1/live"


def handshake(port, origin=None, extra="", tls=None):
    """(socket, the answer's first line). The caller closes it. `tls`: a context of ssl."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    if tls is not None:
        connection = tls.wrap_socket(connection, server_hostname="127.0.0.1")
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET {PATH} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade",
             f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    if origin is not None:
        lines.append(f"Origin: {origin}")
    connection.sendall(("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        part = connection.recv(1)
        if not part:
            break
        answer += part
    return connection, answer.split(b"\r\n")[0].decode()


def frame(payload, opcode=1, fin=True, masked=True, length=None):
    """One frame; `length` is what its header says, where that is not the truth."""
    size = len(payload) if length is None else length
    head = bytes([(0x80 if fin else 0) | opcode])
    mask_bit = 0x80 if masked else 0
    if size < 126:
        head += bytes([mask_bit | size])
    elif size < 65536:
        head += bytes([mask_bit | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mask_bit | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def exactly(connection, count):
    data = b""
    while len(data) < count:
        part = connection.recv(count - len(data))
        if not part:
            raise ConnectionError("closed")
        data += part
    return data


def receive(connection):
    """(opcode, payload) of the next frame."""
    first, second = exactly(connection, 2)
    size = second & 0x7F
    if size == 126:
        size = struct.unpack(">H", exactly(connection, 2))[0]
    elif size == 127:
        size = struct.unpack(">Q", exactly(connection, 8))[0]
    return first & 0x0F, exactly(connection, size)


def message(connection):
    """The next message of JSON; pings are answered."""
    while True:
        opcode, payload = receive(connection)
        if opcode == 9:
            connection.sendall(frame(payload, opcode=10))
        elif opcode == 8:
            raise ConnectionError(f"closed: {payload!r}")
        else:
            return json.loads(payload)


def signed_in(port, token, tls=None):
    """A viewer that has been greeted: (socket, hello)."""
    connection, line = handshake(port, tls=tls)
    if " 101 " not in line:
        connection.close()
        raise ConnectionError(line)
    connection.sendall(frame(json.dumps({"token": token}).encode()))
    return connection, message(connection)
