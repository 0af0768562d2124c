"""Every client of the workload: counts of every frontend and backend message, beside those of tshark.

    tshark_test.py UNDERSTUDY debian|npm

Where the two disagree by design, a rule below says why and derives, from the packets, the exact difference to expect.
"""
import collections
import os
import subprocess
import sys

import lab
import workload

# tshark's names -> ours. Those that are not here are tshark's own: an unknown one is a disagreement.
FRONTEND = {
    "Startup message": "StartupMessage", "SSL request": "SSLRequest", "GSS encrypt request": "GSSENCRequest",
    "Cancel request": "CancelRequest", "Bind": "Bind", "Close": "Close", "Copy data": "CopyData",
    "Copy completion": "CopyDone", "Copy failure": "CopyFail", "Describe": "Describe", "Execute": "Execute",
    "Flush": "Flush", "Function call": "FunctionCall", "Parse": "Parse", "Simple query": "Query", "Sync": "Sync",
    "Termination": "Terminate",
    # One message to the protocol; tshark tells by the authentication under way which kind of answer it is.
    "Password message": "PasswordMessage", "SASLInitialResponse message": "PasswordMessage",
    "SASLResponse message": "PasswordMessage",
}
BACKEND = {
    "Authentication request": "Authentication", "Backend key data": "BackendKeyData", "Bind completion": "BindComplete",
    "Close completion": "CloseComplete", "Command completion": "CommandComplete", "CopyIn response": "CopyInResponse",
    "CopyOut response": "CopyOutResponse", "Copy data": "CopyData", "Copy completion": "CopyDone", "Data row": "DataRow",
    "Empty query": "EmptyQueryResponse", "Error": "ErrorResponse", "Function call response": "FunctionCallResponse",
    "Negotiate protocol version": "NegotiateProtocolVersion", "No data": "NoData", "Notice": "NoticeResponse",
    "Notification": "NotificationResponse", "Parameter description": "ParameterDescription",
    "Parameter status": "ParameterStatus", "Parse completion": "ParseComplete", "Portal suspended": "PortalSuspended",
    "Ready for query": "ReadyForQuery", "Row description": "RowDescription",
}


class Tshark:
    """What tshark reads from a pcap."""

    def __init__(self, pcap, port):
        self.port = str(port)
        fields = ["tcp.srcport", "tcp.stream", "pgsql.type", "tcp.payload"]
        command = ["tshark", "-r", pcap, "-d", f"tcp.port=={port},pgsql", "-T", "fields", "-E", "occurrence=a", "-E",
                   "aggregator=|"]
        for field in fields:
            command += ["-e", field]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        lab.check(done.returncode == 0, f"tshark: {done.stderr}")
        self.counts = {"frontend": collections.Counter(), "backend": collections.Counter()}
        self.first_answers = {}   # stream -> the server's first segment
        self.client_bytes = {}    # stream -> the client's first bytes
        for line in done.stdout.splitlines():
            self.read(*line.split("\t"))

    def read(self, source, stream, types, payload):
        backend = source == self.port
        self.counts["backend" if backend else "frontend"].update(filter(None, types.split("|")))
        if payload and backend:
            self.first_answers.setdefault(stream, bytes.fromhex(payload))
        elif payload and len(self.client_bytes.get(stream, b"")) < 64:
            self.client_bytes[stream] = self.client_bytes.get(stream, b"") + bytes.fromhex(payload[:128])


# Each rule takes tshark's counts of both sides and corrects them, as far as the packets prove it right.

def startup_of_3_2(tshark, frontend, _backend):
    """tshark 4.0 knows protocol 3.0 only: the start-up packet of another minor version is `Unknown` to it."""
    newer = sum(1 for first in tshark.client_bytes.values() if first[4:6] == b"\0\3" and first[6:8] != b"\0\0")
    lab.check(frontend.get("Unknown", 0) == newer, f"rule startup_of_3_2: {newer} such packets, tshark says "
              f"{frontend.get('Unknown', 0)} times Unknown")
    frontend.pop("Unknown", None)
    frontend["StartupMessage"] += newer


def encryption_answers(tshark, _frontend, backend):
    """The answer to SSLRequest and GSSENCRequest is one byte, which is no message to tshark: it gets no type."""
    requests = (bytes.fromhex("0000000804d2162f"), bytes.fromhex("0000000804d21630"))
    for stream, first in tshark.client_bytes.items():
        answers = tshark.first_answers.get(stream, b"")
        if first[:8] in requests and len(answers) == 1:
            backend["EncryptionRefused" if answers == b"N" else "EncryptionAccepted"] += 1


RULES = (startup_of_3_2, encryption_answers)


def expected(tshark):
    sides = {}
    for side, names in (("frontend", FRONTEND), ("backend", BACKEND)):
        sides[side] = collections.Counter()
        for name, count in tshark.counts[side].items():
            sides[side][names.get(name, name)] += count
    for rule in RULES:
        rule(tshark, sides["frontend"], sides["backend"])
    return sides


def disagreements(want, got):
    for side in ("frontend", "backend"):
        for name in sorted(set(want[side]) | set(got[side])):
            if want[side].get(name, 0) != got[side].get(name, 0):
                yield f"{side} {name}: tshark {want[side].get(name, 0)}, understudy {got[side].get(name, 0)}"


def whole(summary):
    """Nothing was lost, so that agreement is not by chance."""
    steps = summary["steps"]
    for what in ("incomplete", "unanswered", "not_sent"):
        lab.check(steps[what] == 0, f"{steps[what]} steps are {what}")
    lab.check(summary["complete"] and summary["gaps"] == 0 and summary["left_out"] == 0, "not whole")
    lab.check(not any(summary["loss"].values()), f"loss: {summary['loss']}")


def compare(understudy, server, client, folder):
    name = client.replace(" ", "-")
    pcap, capture = os.path.join(folder, name + ".pcap"), os.path.join(folder, name + ".pgcap")
    with lab.packets_into(pcap, server.port):
        transcripts = workload.perform(server, client)
    summary = understudy.decode(pcap, server.port, capture)
    whole(summary)
    found = list(disagreements(expected(Tshark(pcap, server.port)), summary["messages"]))
    if transcripts:
        found += workload.seen_by_clients(understudy.exchanges(capture), transcripts)
    total = sum(sum(side.values()) for side in summary["messages"].values())
    lab.say(f"{client}: {total} messages, {len(found)} disagreements")
    for line in found:
        lab.say(f"    {line}")
    lab.check(total > 100, f"{client} sent next to nothing")
    return len(found)


def main():
    lab.need_programs("tshark", "psql")
    lab.need_packets()
    understudy = lab.Understudy(sys.argv[1])
    clients = workload.GROUPS[sys.argv[2]]
    for client in clients:
        workload.need(client)
    with lab.scratch_folder() as folder, lab.server(folder) as server:
        workload.prepare(server)
        failed = sum(compare(understudy, server, client, folder) for client in clients)
    lab.check(failed == 0, f"{failed} disagreements")


if __name__ == "__main__":
    lab.run(main)
