"""The same workload on PostgreSQL 13, 15 and 18, spoken in protocol 3.0 and 3.2: recordings tell what the clients saw,
and the same of each server.

    versions_test.py UNDERSTUDY
"""
import os
import sys

import lab
import workload

# What a server of this version answers to a start-up packet of protocol 3.2: it negotiates 3.0 where it knows no better.
NEGOTIATES = {"13": 1, "15": 1, "18": 0}
CANCEL_KEY_LENGTH = {"13": 4, "15": 4, "18": 32}  # bytes; PostgreSQL 18 documentation, "Message Formats", BackendKeyData
REFERENCE, OTHERS = "15", ("13", "18")
VERSIONS = (REFERENCE, *OTHERS)


class Recording:
    def __init__(self, understudy, server, client, folder):
        name = f"{client.replace(' ', '-')}-{server.version}"
        self.pcap, self.capture = os.path.join(folder, name + ".pcap"), os.path.join(folder, name + ".pgcap")
        with lab.packets_into(self.pcap, server.port):
            self.transcripts = workload.perform(server, client)
        self.summary = understudy.decode(self.pcap, server.port, self.capture)
        self.exchanges = understudy.exchanges(self.capture)


def agrees(recording, client, version):
    """Recorded is what the client saw, whole."""
    lines = workload.seen_by_clients(recording.exchanges, recording.transcripts)
    steps = recording.summary["steps"]
    lab.check(steps["incomplete"] + steps["unanswered"] == 0, f"{client} on {version}: not whole: {steps}")
    lab.check(not lines, f"{client} on {version}: recorded (left) is not what it saw (right):\n" + "\n".join(lines))
    states = {}
    for _, _, state in recording.transcripts[0]["statements"]:
        if state not in (None, "skipped"):
            states[state] = states.get(state, 0) + 1
    lab.check(recording.summary["sqlstates"] == states, f"{client} on {version}: errors {recording.summary['sqlstates']} "
              f"instead of {states}")


def cancel_is_paired(recording, client, version):
    """The cancel request came on a connection of its own, with a key as long as the protocol allows."""
    ends = recording.summary["session_ends"]
    lab.check(recording.summary["cancels"] == 1 and ends.get("cancel_request") == 1,
              f"{client} on {version}: {recording.summary['cancels']} cancels, ends {ends}")


def key_bytes(recording, length):
    """The packets hold a CancelRequest of that key length: so the test does test what it says."""
    with open(recording.pcap, "rb") as file:
        return (length + 12).to_bytes(4, "big") + (80877102).to_bytes(4, "big") in file.read()


def protocol_3_2(recording, version):
    negotiated = recording.summary["messages"]["backend"].get("NegotiateProtocolVersion", 0)
    lab.check(negotiated == NEGOTIATES[version], f"NegotiateProtocolVersion on {version}: {negotiated}")
    length = CANCEL_KEY_LENGTH[version]
    lab.check(key_bytes(recording, length), f"libpq 3.2 on {version}: no cancel key of {length} bytes was sent")


def record_all(understudy, folder, version, clients):
    with lab.server(folder, version) as server:
        workload.prepare(server)
        recordings = {client: Recording(understudy, server, client, folder) for client in clients}
    for client, recording in recordings.items():
        agrees(recording, client, version)
        if client not in (workload.NODE, workload.RAW):
            cancel_is_paired(recording, client, version)
    if workload.LIBPQ_32 in recordings:
        protocol_3_2(recordings[workload.LIBPQ_32], version)
    lab.say(f"PostgreSQL {version}: {len(recordings)} clients saw what is recorded")
    return recordings


def main():
    lab.need_programs("psql")
    lab.need_packets()
    understudy = lab.Understudy(sys.argv[1])
    clients = workload.WITH_TRANSCRIPT
    for client in clients:
        workload.need(client)
    with lab.scratch_folder() as folder:
        for version in VERSIONS:
            lab.server_programs(version, folder)
        recordings = {version: record_all(understudy, folder, version, clients) for version in VERSIONS}
        for version in OTHERS:
            for client, recording in recordings[version].items():
                lines = workload.same_statements(recordings[REFERENCE][client].exchanges, recording.exchanges)
                lab.check(not lines, f"{client}: PostgreSQL {REFERENCE} (left), {version} (right):\n" + "\n".join(lines))


if __name__ == "__main__":
    lab.run(main)
