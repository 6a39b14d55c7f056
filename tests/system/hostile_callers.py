"""Hostile callers of a master or a daemon."""
import contextlib
import hashlib
import hmac
import random as randoms
import socket
import struct
import subprocess
import threading
import time

import daemon_client as wire
import scene_mutations
import wire_mutations
from hostile_farm import PREAMBLE, TlsPeer, derived, exactly, preamble, read_packet


class HostileCallers:
    """Callers of one program at one port: what they have heard, and what they make of it."""

    def __init__(self, port, conversation, packets, seed, key=None, raw=b"", results=None):
        self.port, self.conversation, self.packets, self.key, self.raw = port, conversation, packets, key, raw
        self.random = randoms.Random(seed)
        self.held = []
        self.attacks = 0
        self.kinds = [self.noise, self.stranger, self.nothing, self.reset, self.half_preamble, self.odd_preamble, self.noise_inside,
                      self.replayed, self.large, self.slow, self.deaf, self.many]
        self.kinds += [self.mutated] * 12
        self.results = results
        if results and not key:
            self.kinds += [self.wrong_results] * 4
        if key:
            self.kinds += [self.recorded_tls] * 6 + [self.mutated_behind_tls] * 4

    def call(self):
        peer = socket.create_connection(("127.0.0.1", self.port), timeout=5)
        return peer

    def greeting(self):
        return preamble(self.conversation, self.key)

    def attack(self):
        """One caller; whether the program took the connection does not matter."""
        self.attacks += 1
        with contextlib.suppress(OSError, ConnectionError):
            self.random.choice(self.kinds)()
        while len(self.held) > 40:
            self.held.pop(0).close()

    def send_and_leave(self, data):
        with self.call() as peer:
            peer.sendall(data)
            kind = self.random.randrange(4)
            if kind == 0:
                return
            if kind == 1:
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if kind == 2:
                peer.shutdown(socket.SHUT_WR)
            self.listen(peer)

    def listen(self, peer, seconds=0.3):
        peer.settimeout(seconds)
        with contextlib.suppress(OSError):
            while peer.recv(65536):
                pass

    def noise(self):
        self.send_and_leave(self.random.randbytes(self.random.choice([1, 7, 63, 64, 65, 1000, 100000])))

    def stranger(self):
        self.send_and_leave(self.random.choice(wire_mutations.STRANGERS))

    def nothing(self):
        self.held.append(self.call())

    def reset(self):
        with self.call() as peer:
            peer.sendall(self.greeting()[:self.random.randrange(PREAMBLE + 1)])
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def half_preamble(self):
        peer = self.call()
        peer.sendall(self.greeting()[:self.random.randrange(1, PREAMBLE)])
        self.held.append(peer)

    def odd_preamble(self):
        self.send_and_leave(wire_mutations.mutate_preamble(self.greeting(), self.random))

    def noise_inside(self):
        self.send_and_leave(self.greeting() + self.random.randbytes(self.random.choice([1, 20, 5000])))

    def replayed(self):
        self.send_and_leave(self.greeting() + self.honest_bytes())

    def honest_bytes(self):
        return b"".join(map(wire_mutations.pack, self.packets))

    def mutated(self):
        self.send_and_leave(self.greeting() + wire_mutations.mutate_stream(self.packets, self.random))

    def large(self):
        begin = wire_mutations.pack(self.packets[0]) if self.random.random() < 0.5 else b""
        header = struct.pack("<4sHHIII", b"OCPK", self.random.choice([1, 5, 10, 13]), 0, self.random.choice([0, 10, 65536, 65537, 2**32 - 1]),
                             self.random.choice([262144, 262145, 2**31, 2**32 - 1]), 0)
        self.send_and_leave(self.greeting() + begin + header + bytes(self.random.choice([0, 1000, 600000])))

    def slow(self):
        """A byte now and then, in the background."""
        peer = self.call()
        data = self.greeting() + self.honest_bytes()

        def drip():
            with contextlib.suppress(OSError):
                for byte in data[:400]:
                    peer.sendall(bytes([byte]))
                    time.sleep(0.02)
        threading.Thread(target=drip, daemon=True).start()
        self.held.append(peer)

    def deaf(self):
        """Greets, is accepted, and never reads."""
        peer = self.call()
        peer.sendall(self.greeting() + wire_mutations.pack(self.packets[0]))
        self.held.append(peer)

    def many(self):
        crowd = [self.call() for _ in range(30)]
        for peer in crowd:
            peer.close()

    def wrong_results(self):
        """A slave that is given leases and answers them with what cannot be."""
        wanted = (wire_mutations.HELLO, wire_mutations.UPDATE_REPORT, wire_mutations.DEVICE_REPORT)
        deadline = time.monotonic() + 3
        with self.call() as peer:
            peer.sendall(self.greeting() + b"".join(wire_mutations.pack(p) for p in self.packets if p[0] in wanted))
            exactly(peer, PREAMBLE)
            while time.monotonic() < deadline:
                kind, document, payload = read_packet(peer)
                if kind == wire_mutations.LEASE_GRANT:
                    peer.sendall(wire_mutations.pack(wire_mutations.wrong_result(self.results, document, payload, self.random)))

    def recorded_tls(self):
        """A recording of TLS replayed or changed; its keys fit no other connection."""
        data = self.raw if self.random.random() < 0.3 else changed_recording(self.raw, self.random)
        self.send_and_leave(data)

    def mutated_behind_tls(self):
        peer = TlsPeer(self.port, self.conversation, self.key)
        try:
            peer.sendall(wire_mutations.mutate_stream(self.packets, self.random))
            if self.random.random() < 0.5:
                peer.process.stdin.close()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    peer.process.wait(0.5)
            else:
                time.sleep(0.2)
        finally:
            peer.close()

    def close(self):
        for peer in self.held:
            peer.close()


def changed_recording(raw, random):
    return scene_mutations.mutate_bytes(raw, random) if raw else b"\x16\x03\x01"


def as_a_slave(recorded, random):
    """What a slave said, of a device with another name: one that is found wrong is shut out by address and name, the honest
    slave's with it. Half of the devices have a wrong canary, and are granted nothing. The others send no results: a mutated
    lease number might be one that they hold, and their results would be lies, which are not what is tried here."""
    packets, canary_is_wrong = [], random.random() < 0.5
    for kind, request, document, payload in wire_mutations.packets_of(recorded[PREAMBLE:]):
        if kind == wire_mutations.HELLO:
            document = {**document, "devices": [{**device, "name": "hostile"} for device in document["devices"]]}
            if canary_is_wrong:
                document["canaries"] = [{"digest": random.randbytes(32)} for _ in document["canaries"]]
        if kind != wire_mutations.FILM_CONTRIBUTIONS or canary_is_wrong:
            packets.append([kind, request, document, payload])
    return packets[:200]


def results_of(recorded):
    """One packet of a slave's results."""
    return next(p for p in wire_mutations.packets_of(recorded[PREAMBLE:]) if p[0] == wire_mutations.FILM_CONTRIBUTIONS)


DAEMON_QUESTIONS = [
    ["describe_daemon", {}], ["occupy_daemon", {"nick": "evil@X", "master_port": 1, "steal": 0, "heartbeat_ms": 200, "dead_ms": 5000}],
    ["release_daemon", {}], ["steal_daemon", {"nick": "evil@X"}], ["retry_daemon", {}], ["try_reach", {"port": 9}],
    ["test_path", {"answer_bytes": 100}], ["heartbeat", {"progress": 0}], ["unsupported", {"type": 7}], ["slave_report", {"stage": 2}],
    ["daemon_taken", {"by": [], "text": "x"}], ["control_request", {"wish": 1, "minutes": 0}]]
HARMLESS = {"describe_daemon", "try_reach", "test_path", "heartbeat", "unsupported", "slave_report", "daemon_taken"}


def daemon_packets(names):
    return [[wire.TYPES[name], i + 1, dict(fields), b""] for i, (name, fields) in enumerate(DAEMON_QUESTIONS) if name in names]


def hostile_datagrams(port, random, count, key=None):
    """Probes that are noise, mutated, of wrong sizes, or signed by nobody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for _ in range(count):
            fields = {"nonce": random.randrange(2**64), "version": 1000000, "farm": 0, "spread_ms": random.choice([0, 1, 2**32 - 1])}
            document = wire_mutations.mutate_document(fields, random) if random.random() < 0.7 else fields
            packet = wire_mutations.pack([wire.TYPES["daemon_probe"], 0, document, b""])
            packet = wire_mutations.pack([wire.TYPES["daemon_probe"], 0, document, bytes(max(0, wire.PROBE_BYTES - len(packet)))])
            if random.random() < 0.4:
                packet = scene_mutations.mutate_bytes(packet, random)
            if random.random() < 0.2:
                packet = random.randbytes(random.choice([0, 1, 19, 20, 1008, 1024, 1040, 1500, 9000]))
            if key and random.random() < 0.3:
                packet = packet[:1008] + hmac.new(derived(key, "discovery"), packet[:1008], hashlib.sha256).digest()[:16]
            with contextlib.suppress(OSError):
                udp.sendto(packet, ("127.0.0.1", port))
