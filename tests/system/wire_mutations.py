"""Conversations taken apart, mutated and put together again: what the peers of hostile_peers.py say.

A conversation is a list of packets, each [type, request id, document, payload]; a document that is no map of CBOR stays bytes.
"""
import hashlib
import struct

import daemon_client as wire
import scene_mutations

MARK = b"OCPK"
HEADER = 20
HELLO, MANIFEST_PART, CHUNK_REQUEST, CHUNK, UPDATE_REPORT, DEVICE_REPORT, LEASE_GRANT = 1, 4, 5, 6, 7, 8, 9
FILM_CONTRIBUTIONS, GOODBYE, FRAME_END = 10, 14, 15
NUMBERS = [0, 1, 2, 3, 4, 5, 7, 23, 24, 255, 256, 65535, 65536, 262144, 262145, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**40, 2**63, 2**64 - 1]
TEXTS = ["", "x", "a" * 300, "\x00", "\x1b[2J", "\u20ac" * 20, "../../x", "%s%n", "\ud7ff"]
STRANGERS = [b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"SSH-2.0-OpenSSH_9.0\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x00" * 64,
             b"\xff" * 64, b"quit\r\n", b"\x03\x00\x00\x13\x0e\xe0\x00\x00", wire.MAGIC, wire.MAGIC + b"\xff" * 56]


def packets_of(stream):
    """The complete packets of a stream behind its preamble."""
    packets, at = [], 0
    while at + HEADER <= len(stream):
        mark, kind, _, document, payload, request = struct.unpack("<4sHHIII", stream[at:at + HEADER])
        end = at + HEADER + document + payload
        if mark != MARK or end > len(stream):
            break
        raw = stream[at + HEADER:at + HEADER + document]
        packets.append([kind, request, read_document(raw), stream[at + HEADER + document:end]])
        at = end
    return packets


def read_document(raw):
    try:
        value, end = wire.from_cbor(raw)
        return value if end == len(raw) and isinstance(value, dict) else raw
    except (IndexError, UnicodeDecodeError, KeyError):
        return raw


def pack(packet):
    kind, request, document, payload = packet
    raw = document if isinstance(document, bytes) else wire.cbor(document)
    return struct.pack("<4sHHIII", MARK, kind & 0xFFFF, 0, len(raw), len(payload), request & 0xFFFFFFFF) + raw + payload


def copy_of(value):
    if isinstance(value, dict):
        return {key: copy_of(inner) for key, inner in value.items()}
    return [copy_of(inner) for inner in value] if isinstance(value, list) else value


def mutate_document(document, random):
    """Another value somewhere, a field more or less, or bytes that are no document."""
    if isinstance(document, bytes) or random.random() < 0.15:
        raw = document if isinstance(document, bytes) else wire.cbor(document)
        return scene_mutations.mutate_bytes(raw, random) if raw else random.randbytes(5)
    document = copy_of(document)
    places = scene_mutations.places_in(document, [])
    if not places:
        return {"x": 1}
    container, key = random.choice(places)
    old = container[key]
    kind = random.randrange(8)
    if kind == 0:
        del container[key]
    elif kind == 1 and isinstance(container, list):
        container.extend([old] * random.choice([1, 70, 5000]))
    elif kind == 2 and isinstance(container, dict):
        container[random.choice(["x", "", "frame", "lease", "text", "devices"])] = random.choice([0, "x", b"y", [], {}])
    elif kind == 3:
        container[key] = random.choice(["x", b"\0\1", 7, [], [{}], {}, [[[[[[[[[[]]]]]]]]]]])
    elif isinstance(old, int):
        container[key] = random.choice(NUMBERS)
    elif isinstance(old, str):
        container[key] = random.choice(TEXTS)
    elif isinstance(old, bytes):
        container[key] = random.choice([b"", old[:-1], old + b"\0", random.randbytes(len(old))])
    else:
        container[key] = random.choice([[], [{}], old * 3 if isinstance(old, list) else old])
    return document


def mutate_packet(packet, random):
    kind, request, document, payload = packet
    what = random.randrange(8)
    if what < 4:
        return [kind, request, mutate_document(document, random), payload]
    if what < 6 and payload:
        return [kind, request, document, scene_mutations.mutate_bytes(payload, random)]
    if what == 6:
        return [random.choice([kind + 1, random.randrange(20), random.randrange(100, 125), 65535]), request, document, payload]
    return [kind, random.choice([0, 1, request + 1, 2**32 - 1]), document, payload]


def mutate_order(packets, random):
    packets = list(packets)
    if not packets:
        return packets
    for _ in range(random.randint(1, 4)):
        at, other = random.randrange(len(packets)), random.randrange(len(packets))
        kind = random.randrange(4)
        if kind == 0:
            packets[at], packets[other] = packets[other], packets[at]
        elif kind == 1:
            packets.insert(other, packets[at])
        elif kind == 2 and len(packets) > 1:
            del packets[at]
        else:
            packets[at:at + 1] = [packets[at]] * random.choice([2, 10, 100])
    return packets


def mutate_stream(packets, random):
    """Bytes: packets in another order, changed, cut, with wrong sizes, or followed by what is no packet."""
    packets = [list(packet) for packet in packets]
    if random.random() < 0.4:
        packets = mutate_order(packets, random)
    for _ in range(random.choice([0, 1, 1, 2, 5])):
        at = random.randrange(len(packets))
        packets[at] = mutate_packet(packets[at], random)
    pieces = [pack(packet) for packet in packets]
    if random.random() < 0.3:
        at = random.randrange(len(pieces))
        pieces[at] = mutate_header(pieces[at], random)
    stream = b"".join(pieces)
    kind = random.randrange(8)
    if kind == 0:
        return stream[:random.randrange(len(stream) + 1)]
    if kind == 1:
        return scene_mutations.mutate_bytes(stream, random)
    if kind == 2:
        return stream + random.randbytes(random.choice([1, 20, 5000]))
    return stream


def mutate_header(raw, random):
    field = random.choice([(0, 4), (4, 2), (6, 2), (8, 4), (12, 4), (16, 4)])
    number = random.choice(NUMBERS) & (1 << 8 * field[1]) - 1
    return raw[:field[0]] + number.to_bytes(field[1], "little") + raw[field[0] + field[1]:]


def mutate_preamble(raw, random):
    if random.random() < 0.5:
        at, size = random.choice([(0, 8), (8, 4), (12, 4), (16, 4), (20, 4), (24, 8), (32, 32)])
        return raw[:at] + (random.choice(NUMBERS) & (1 << 8 * size) - 1).to_bytes(size, "little") + raw[at + size:]
    return scene_mutations.mutate_bytes(raw, random)


def wrong_result(film, lease, units, random):
    """What answers a lease and cannot be: another number of bytes, sums that are too large, units that do not exist."""
    kind, request, document, payload = film
    tile, first, last = struct.unpack("<III", units[:12])
    unit = {"tile": tile, "first_pass": first, "last_pass": last, "bytes_per_sum": 4, "non_finite_samples": 0}
    document = {**document, "lease": lease["lease"], "frame": lease["frame"], "compression": 0, "units": [unit]}
    what = random.randrange(8)
    if what == 0:
        unit["tile"] = random.choice([10**6, 2**32 - 1])
    elif what == 1:
        unit["last_pass"] = random.choice([first, 2**32 - 1])
    elif what == 2:
        unit["bytes_per_sum"] = random.choice([0, 9, 255, 2**32 - 1])
    elif what == 3:
        payload = b"\xff" * len(payload)
        document["raw_bytes"] = len(payload) + random.choice([-1, 1])
    elif what == 4:
        document["compression"], payload = random.choice([1, 2]), random.randbytes(random.choice([0, 1, 30, 3000]))
    elif what == 5:
        payload = payload[:random.randrange(len(payload))]
    elif what == 6:
        document["units"] = [unit] * random.choice([2, 300, 5000])
    else:
        unit["bytes_per_sum"], payload = 8, b"\xff" * (256 * 4 * 8)
        document["raw_bytes"] = len(payload)
    return [kind, request, document, payload]


def other_words(content, random):
    """A number or two changed: by a pattern, a number from elsewhere in it, or a little."""
    for _ in range(random.choice([1, 1, 2])):
        at, source = random.randrange(len(content)) & ~3, random.randrange(len(content)) & ~3
        number = struct.unpack("<f", content[at:at + 4].ljust(4, b"\0"))[0]
        word = random.choice([random.choice(scene_mutations.BIT_PATTERNS), content[source:source + 4],
                              struct.pack("<f", max(-3e38, min(3e38, number * 1.01 + 0.001))), struct.pack("<I", random.randrange(10))])
        content = (content[:at] + word + content[at + len(word):])[:len(content)]
    return content


def other_scene(packets, random):
    """The manifest and chunks of a scene with a few other numbers in its arrays, and with names that are right."""
    names, packets = {}, [list(packet) for packet in packets]
    chunks = [p for p in packets if p[0] == CHUNK and p[2].get("compression") == 0 and p[3]]
    for packet in random.sample(chunks, min(len(chunks), random.choice([1, 1, 2]))):
        content = other_words(packet[3], random)
        name = hashlib.sha256(content).digest()[:20]
        names[packet[2]["id"]] = name
        packet[2], packet[3] = {**packet[2], "id": name}, content
    for packet in packets:
        if packet[0] == MANIFEST_PART:
            packet[3] = b"".join(names.get(name, name) for name in (packet[3][i:i + 20] for i in range(0, len(packet[3]), 20)))
    return packets
