"""Packets of a pcap file, and what networks do to them. Made for what tcpdump writes of lo: Ethernet, IPv4, TCP."""
import struct

ETHERNET, RAW_IP, COOKED, COOKED_2, NULL = 1, 101, 113, 276, 0
MAGIC = 0xA1B2C3D4
ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN, ETHERTYPE_QINQ = 0x0800, 0x86DD, 0x8100, 0x88A8


class Segment:
    """One TCP segment, taken apart; `frame` puts it together again."""

    def __init__(self, time_us, frame):
        self.time_us = time_us
        ip = frame[14:]
        length = struct.unpack("!H", ip[2:4])[0]
        head = (ip[0] & 15) * 4
        tcp = ip[head:length or len(ip)]
        self.addresses = ip[12:16], ip[16:20]
        self.source, self.target, self.sequence, self.acknowledged = struct.unpack("!HHII", tcp[:12])
        offset = (tcp[12] >> 4) * 4
        self.flags, self.options, self.payload = tcp[13], tcp[20:offset], tcp[offset:]
        self.caught = len(frame) - 14 - head - offset == len(self.payload)

    def copy(self, **changes):
        twin = object.__new__(Segment)
        twin.__dict__.update(self.__dict__)
        twin.__dict__.update(changes)
        return twin

    def tcp(self):
        size = 20 + len(self.options)
        return struct.pack("!HHIIBBHHH", self.source, self.target, self.sequence % 2**32, self.acknowledged % 2**32,
                           size // 4 << 4, self.flags, 65535, 0, 0) + self.options + self.payload

    def ipv4(self):
        tcp = self.tcp()
        return struct.pack("!BBHHHBBH", 0x45, 0, len(tcp) + 20, 0, 0x4000, 64, 6, 0) + b"".join(self.addresses) + tcp

    def ipv6(self):
        tcp = self.tcp()
        ends = b"".join(b"\x20\x01\x0d\xb8" + bytes(8) + address for address in self.addresses)
        return struct.pack("!IHBB", 6 << 28, len(tcp), 6, 64) + ends + tcp

    def ethernet(self, ethertype=ETHERTYPE_IPV4):
        return bytes(12) + struct.pack("!H", ethertype) + (self.ipv6() if ethertype == ETHERTYPE_IPV6 else self.ipv4())


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    magic, _, _, _, _, _, link = struct.unpack("<IHHiIII", data[:24])
    assert magic == MAGIC and link == ETHERNET, (hex(magic), link)
    segments, at = [], 24
    while at < len(data):
        seconds, micros, caught, _ = struct.unpack("<IIII", data[at:at + 16])
        segments.append(Segment(seconds * 1_000_000 + micros, data[at + 16:at + 16 + caught]))
        at += 16 + caught
    return segments


def write(path, segments, link=ETHERNET, build=Segment.ethernet, snap=1 << 20):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, snap, link))
        for segment in segments:
            frame = build(segment)
            kept = frame[:snap]
            file.write(struct.pack("<IIII", *divmod(segment.time_us, 1_000_000), len(kept), len(frame)) + kept)


# ---- other links: (link type, function that builds the frame)

def vlan(segment):
    return bytes(12) + struct.pack("!HHH", ETHERTYPE_VLAN, 7, ETHERTYPE_IPV4) + segment.ipv4()


def qinq(segment):
    return bytes(12) + struct.pack("!HHHHH", ETHERTYPE_QINQ, 7, ETHERTYPE_VLAN, 9, ETHERTYPE_IPV4) + segment.ipv4()


def cooked(segment):
    return struct.pack("!HHHQH", 0, 772, 6, 0, ETHERTYPE_IPV4) + segment.ipv4()


def cooked_2(segment):
    return struct.pack("!HHIHBBQ", ETHERTYPE_IPV4, 0, 1, 772, 0, 6, 0) + segment.ipv4()


LINKS = {
    "VLAN": (ETHERNET, vlan), "QinQ": (ETHERNET, qinq), "IPv6": (ETHERNET, lambda it: it.ethernet(ETHERTYPE_IPV6)),
    "raw IP": (RAW_IP, Segment.ipv4), "raw IPv6": (RAW_IP, Segment.ipv6), "cooked": (COOKED, cooked),
    "cooked v2": (COOKED_2, cooked_2), "BSD loopback": (NULL, lambda it: struct.pack("<I", 2) + it.ipv4()),
}


# ---- what happens to segments on the way; times stay in order

def in_time(segments, order):
    """The segments in another order, at the times at which packets came."""
    return [segments[index].copy(time_us=segments[place].time_us) for place, index in enumerate(order)]


def doubled(segments):
    return [segment for segment in segments for _ in range(2)]


def wrapped(segments):
    """Sequence numbers of both directions pass 2^32 in the middle of each connection's data."""
    shift = {}
    sizes = {}
    for segment in segments:
        key = segment.source, segment.target
        if segment.flags & 2:
            sizes[key] = [segment.sequence, 0]
        elif key in sizes:
            sizes[key][1] = max(sizes[key][1], (segment.sequence - sizes[key][0]) % 2**32 + len(segment.payload))
    for key, (first, size) in sizes.items():
        shift[key] = (2**32 - first - size // 2) % 2**32
    return [segment.copy(sequence=segment.sequence + shift.get((segment.source, segment.target), 0),
                         acknowledged=segment.acknowledged + shift.get((segment.target, segment.source), 0)
                         if segment.flags & 16 else 0) for segment in segments]


def swapped(segments, chance, distance=3):
    """Segments that carry data overtake each other by a few places, within their direction."""
    order = list(range(len(segments)))
    for place in range(len(order) - distance):
        other = place + chance.randint(1, distance)
        one, two = segments[order[place]], segments[order[other]]
        same = (one.source, one.target) == (two.source, two.target)
        between = all((segments[order[it]].source, segments[order[it]].target) != (one.target, one.source)
                      for it in range(place + 1, other))
        if same and between and one.payload and two.payload and not (one.flags | two.flags) & 7 and chance.random() < 0.5:
            order[place], order[other] = order[other], order[place]
    return in_time(segments, order)


def recut(segments, chance, most=1400):
    """Payloads cut again at random places; parts of a segment overlap the part before by some bytes."""
    result = []
    for segment in segments:
        at = 0
        while len(segment.payload) - at > 1 and not segment.flags & 2:
            size = min(chance.randint(1, most), len(segment.payload) - at - 1)
            back = min(at, chance.randint(0, 5))
            result.append(segment.copy(sequence=segment.sequence + at - back, flags=segment.flags & ~1,
                                       payload=segment.payload[at - back:at + size]))
            at += size
        result.append(segment.copy(sequence=segment.sequence + at, payload=segment.payload[at:]))
    return result


def lost(segments, chance, share):
    """A share of the segments with data is never seen."""
    return [segment for segment in segments if not segment.payload or chance.random() >= share]


def first_answers_lost(segments, server_port):
    """Of each connection, the first segment with data from the server is never seen."""
    known, result = set(), []
    for segment in segments:
        if segment.payload and segment.source == server_port and segment.target not in known:
            known.add(segment.target)
        else:
            result.append(segment)
    return result


def connections(segments):
    """The segments of each connection by themselves."""
    parts = {}
    for segment in segments:
        parts.setdefault(frozenset((segment.source, segment.target)), []).append(segment)
    return list(parts.values())


def again(segments, later_us=60_000_000):
    """The same connections once more, from the same ports."""
    return segments + [segment.copy(time_us=segment.time_us + later_us) for segment in segments]
