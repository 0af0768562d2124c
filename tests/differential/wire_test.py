"""Real traffic, as a worse network would have shown it: the same statements, or fewer, never others.

    wire_test.py UNDERSTUDY
"""
import os
import random
import sys

import lab
import packets
import workload

CLIENTS = (workload.PSQL, workload.RAW, workload.LIBPQ, "pgbench extended", "pgbench prepared")


class Decoder:
    def __init__(self, understudy, folder, port):
        self.understudy, self.folder, self.port = understudy, folder, port

    def decode(self, segments, link=packets.ETHERNET, build=packets.Segment.ethernet, snap=1 << 20):
        pcap, capture = os.path.join(self.folder, "changed.pcap"), os.path.join(self.folder, "changed.pgcap")
        packets.write(pcap, segments, link, build, snap)
        summary = self.understudy.decode(pcap, self.port, capture)
        return summary, self.understudy.exchanges(capture), self.understudy.sessions(capture)


def client_port(session):
    return int(session["client"].rsplit(":", 1)[1])


def answered_by_port(exchanges, sessions):
    """For each client port, in order: [sql, rows, sqlstate] of every step that was answered whole."""
    ports = {session["session"]: client_port(session) for session in sessions["sessions"]}
    result = {}
    for step in exchanges["exchanges"]:
        if step["kind"] in ("Execute", "Statement") and step["outcome"] in ("complete", "error", "empty", "suspended"):
            result.setdefault(ports[step["session"]], []).append([step["sql"], step["rows"], step.get("sqlstate")])
    return result


def only_true(part, whole, where):
    """Each session's list is a subsequence of what it really did; a statement's text may be unknown. Returns its length."""
    for port, statements in part.items():
        rest = iter(whole.get(port, []))
        for statement in statements:
            found = any(real[1:] == statement[1:] and statement[0] in (None, real[0]) for real in rest)
            lab.check(found, f"{where}: client port {port} never did {statement} there")
    return sum(map(len, part.values()))


def unchanged(decoder, segments, whole, seeds):
    """What TCP repairs, and how packets are wrapped, changes nothing."""
    variants = {name: (segments, link, build) for name, (link, build) in packets.LINKS.items()}
    variants["each packet twice"] = (packets.doubled(segments),)
    variants["sequence numbers pass 2^32"] = (packets.wrapped(segments),)
    for seed in range(seeds):
        variants[f"out of order, seed {seed}"] = (packets.swapped(segments, random.Random(seed)),)
        variants[f"cut into other segments, seed {seed}"] = (packets.recut(segments, random.Random(seed)),)
        shaken = packets.swapped(packets.recut(packets.wrapped(segments), random.Random(seed), 300), random.Random(seed), 8)
        variants[f"all of it, seed {seed}"] = (packets.doubled(shaken),)
    failures = 0
    for name, arguments in variants.items():
        summary, exchanges, _ = decoder.decode(*arguments)
        lines = workload.same_statements(whole[1], exchanges)
        if summary["messages"] != whole[0]["messages"]:
            lines.append(f"messages {summary['messages']} instead of {whole[0]['messages']}")
        if summary["gaps"] or summary["quality"]["percent"] != 100:
            lines.append(f"{summary['gaps']} gaps, quality {summary['quality']['percent']}")
        failures += bool(lines)
        for line in lines[:20]:
            lab.say(f"{name}: {line}")
    lab.say(f"{len(variants)} ways to see the same packets, {failures} with another result")
    return failures


def degraded(decoder, segments, truth, seeds):
    """What is lost is missing and counted; what is told is true."""
    total, failures = sum(map(len, truth.values())), 0
    variants = {}
    for seed in range(seeds):
        chance = random.Random(seed)
        variants[f"1 % lost, seed {seed}"] = (packets.lost(segments, chance, 0.01),)
        variants[f"10 % lost, seed {seed}"] = (packets.lost(segments, chance, 0.1),)
        variants[f"begins later, seed {seed}"] = (segments[chance.randrange(len(segments)):],)
    for snap in (96, 200, 1500):
        variants[f"snap length {snap}"] = (segments, packets.ETHERNET, packets.Segment.ethernet, snap)
    for name, arguments in variants.items():
        try:
            summary, exchanges, sessions = decoder.decode(*arguments)
            told = only_true(answered_by_port(exchanges, sessions), truth, name)
        except lab.Failure as failure:
            lab.say(f"{failure}")
            failures += 1
            continue
        lab.say(f"{name}: {told} of {total} statements; {summary['gaps']} gaps, quality {summary['quality']['percent']} %, "
                f"{summary['joined_sessions']} joined")
        if told < total and not (summary["gaps"] or summary["joined_sessions"] or summary["loss"]):
            lab.say(f"{name}: the loss is silent")
            failures += 1
    return failures


def twice(decoder, segments, whole):
    """The same ports used again are other sessions."""
    summary, _, _ = decoder.decode(packets.again(segments))
    wanted = {side: {name: 2 * count for name, count in counts.items()} for side, counts in whole[0]["messages"].items()}
    good = summary["messages"] == wanted and summary["sessions"] == 2 * whole[0]["sessions"]
    if not good:
        lab.say(f"ports used again: {summary['sessions']} sessions, {summary['messages']}")
    return 0 if good else 1


def main():
    lab.need_programs("psql")
    lab.need_packets()
    for client in CLIENTS:
        workload.need(client)
    understudy = lab.Understudy(sys.argv[1])
    seeds = 100 if lab.long_run() else 4
    with lab.scratch_folder() as folder:
        pcap = os.path.join(folder, "real.pcap")
        with lab.server(folder) as server:
            workload.prepare(server)
            with lab.packets_into(pcap, server.port):
                for client in CLIENTS:
                    workload.perform(server, client)
                server.client([lab.SYSTEM_PYTHON, workload.script("pipelining_client.py"), "0.05", "1"])
        segments = packets.read(pcap)
        decoder = Decoder(understudy, folder, server.port)
        whole = decoder.decode(segments)
        truth = answered_by_port(whole[1], whole[2])
        lab.check(whole[0]["quality"]["percent"] == 100 and sum(map(len, truth.values())) > 500, "the packets as they came")
        failures = unchanged(decoder, segments, whole, seeds) + degraded(decoder, segments, truth, seeds)
        failures += twice(decoder, segments, whole)
    lab.check(failures == 0, f"{failures} variants")


if __name__ == "__main__":
    lab.run(main)
