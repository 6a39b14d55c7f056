#!/usr/bin/env python3
"""Hostile peers against the real programs, which are to be built with sanitizers (but need not be).

    tests/system/hostile_peers.py --master PATH --slave PATH --daemon PATH [--rounds 1] [--seed 1] [PART...]

PARTs are master, slave, daemon and fake_daemon. In each round a program meets peers that send noise, half a greeting,
recorded conversations replayed, cut, reordered and mutated, packets larger than there are, one byte at a time, or nothing; in
plain and with TLS, before the handshake and behind it. Right is: the program lives, no sanitizer reports anything, and an
honest render beside it or after it makes the same film as one computer alone.
"""
import argparse
import collections
import concurrent.futures
import contextlib
import hashlib
import hmac
import itertools
import json
import random as randoms
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import daemon_client as wire
import wire_mutations
from hostile_scenes import Wrong, free_port
from sanitized import Watched

HERE = Path(__file__).resolve().parent
PICTURE = [str(HERE / "room.obj"), "--film-width", "64", "--film-height", "48", "--cam-pos-x=0", "--cam-pos-y", "1", "--cam-pos-z", "4.2",
           "--cam-target-x=0", "--cam-target-y=1", "--cam-target-z", "-1", "--cam-fov", "40", "--progress", "none", "--threads", "1"]
PREAMBLE = 64
PLAIN, TLS = 1, 2
WAIT_S = 900  # programs with sanitizers on a busy computer
NEVER_GRANTED = 1 << 40
READY = 1  # of a device report's state
READS_ALL, READS_NONE = b"\x65reads\x07", b"\x65reads\x01"


# What runs


class Farm:
    """A folder with configuration and reports of its own, and the programs started in it."""

    def __init__(self, options, encrypted=False):
        self.options = options
        self.watched = Watched()
        self.processes = []
        self.numbers = itertools.count()
        self.key = activate(self, options) if encrypted else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.watched.close()

    def start(self, *command):
        name = f"{next(self.numbers)}_{Path(command[0]).name}.txt"
        with open(self.watched.folder / name, "wb") as log:
            process = self.watched.popen(command, stdout=log, stderr=log)
        process.log = self.watched.folder / name
        self.processes.append(process)
        return process

    def master(self, *arguments, samples=None, report="report.json"):
        return self.start(self.options.master, *PICTURE, "-s", samples or self.options.samples, "-o", "out.png", "--report", report,
                          *arguments)

    def slave(self, port, *arguments):
        return self.start(self.options.slave, "--net-master-address", "127.0.0.1", "--net-master-port", port, "--threads", "1",
                          *arguments)

    def film(self, report="report.json"):
        result = json.loads((self.watched.work / report).read_text(encoding="utf-8"))
        if result["samples_merged"] != result["samples_wanted"] or result["non_finite_samples"] != 0:
            raise Wrong(f"samples: {result['samples_merged']} of {result['samples_wanted']}, {result['non_finite_samples']} not finite")
        return result["film_hash"]

    def expect_end(self, process, *codes):
        try:
            code = process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            raise Wrong(f"it does not end\n{tail(process)}") from None
        self.expect_no_report()
        if code not in codes:
            raise Wrong(f"code {code}, not {codes}\n{tail(process)}")
        return code

    def expect_alive(self, process):
        self.expect_no_report()
        if process.poll() is not None:
            raise Wrong(f"it has ended with {process.returncode}\n{tail(process)}")

    def expect_no_report(self):
        reports = self.watched.reports()
        if reports:
            raise Wrong(f"a sanitizer's report:\n{reports[:8000]}")

    def stop(self, process, *codes):
        self.expect_alive(process)
        process.send_signal(signal.SIGTERM)
        self.expect_end(process, *codes)


def tail(process):
    return process.log.read_bytes()[-3000:].decode(errors="replace")


def activate(farm, options):
    """The 16 bytes of a new farm key."""
    code, out, err = farm.watched.run([options.master, "activate"])
    if code != 0:
        raise Wrong(f"activate: code {code} {err}")
    symbols = out.decode().split("OCT1-")[1].split()[0].replace("-", "")[:26]
    number = 0
    for symbol in symbols:
        number = number << 5 | "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(symbol)
    return (number >> 2).to_bytes(16, "big")


def derived(key, info, size=32):
    """HKDF-SHA256, one block."""
    return hmac.new(hmac.new(b"octane farm key 1", key, hashlib.sha256).digest(), info.encode() + b"\1", hashlib.sha256).digest()[:size]


def preamble(conversation, key=None, name="HOSTILE"):
    farm = int.from_bytes(derived(key, "farm short name", 3), "big") if key else 0
    return wire.MAGIC + struct.pack("<IIIIQ32s", conversation, 1000000, TLS if key else PLAIN, farm, 0, name.encode())


def exactly(peer, count):
    data = b""
    while len(data) < count:
        piece = peer.recv(count - len(data))
        if not piece:
            raise ConnectionError("closed")
        data += piece
    return data


class Relay:
    """Passes connections on to a port, and keeps what was said. In plain it can make the slave read nothing compressed."""

    def __init__(self, port, uncompressed=False):
        self.target = port
        self.uncompressed = uncompressed
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.to_target, self.from_target = b"", b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                self.join(self.listener.accept()[0])

    def join(self, caller):
        target = connect_patiently(self.target)
        threading.Thread(target=self._pump, args=(caller, target, True), daemon=True).start()
        threading.Thread(target=self._pump, args=(target, caller, False), daemon=True).start()

    def _pump(self, source, sink, outward):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if outward:
                    if self.uncompressed:
                        data = data.replace(READS_ALL, READS_NONE)  # of its hello
                    self.to_target += data
                else:
                    self.from_target += data
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.listener.close()


def connect_patiently(port, seconds=WAIT_S):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=WAIT_S)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class TlsPeer:
    """An honest end of TLS with the farm's key, by another program; what is sent through it may be anything."""

    def __init__(self, port, conversation, key):
        self.farm_side = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.farm_side.sendall(preamble(conversation, key))
        exactly(self.farm_side, PREAMBLE)
        listener = socket.create_server(("127.0.0.1", 0))
        role = {wire.RENDER: "render", wire.DAEMON: "daemon"}[conversation]
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{listener.getsockname()[1]}", "-tls1_3", "-psk_identity", f"octane {role}",
             "-psk", derived(key, role).hex(), "-ciphersuites", "TLS_AES_128_GCM_SHA256", "-groups", "X25519", "-quiet",
             "-nocommands"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        tls_side, _ = listener.accept()
        listener.close()
        for source, sink in ((tls_side, self.farm_side), (self.farm_side, tls_side)):
            threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pump(source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def sendall(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def recv(self, count):
        return self.process.stdout.read1(count)

    def settimeout(self, seconds):
        pass

    def close(self):
        self.process.kill()
        self.process.wait()
        self.farm_side.close()


# What hostile callers do


class Hostile:
    """Callers of one program at one port: what they have heard, and what they make of it."""

    def __init__(self, port, conversation, packets, seed, key=None, raw=b""):
        self.port, self.conversation, self.packets, self.key, self.raw = port, conversation, packets, key, raw
        self.random = randoms.Random(seed)
        self.held = []
        self.attacks = 0
        self.kinds = [self.noise, self.stranger, self.nothing, self.reset, self.half_preamble, self.odd_preamble, self.noise_inside,
                      self.replayed, self.large, self.slow, self.deaf, self.many]
        self.kinds += [self.mutated] * 12
        if conversation == wire.RENDER and not key:
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
        film = next(p for p in self.packets if p[0] == wire_mutations.FILM_CONTRIBUTIONS)
        deadline = time.monotonic() + 3
        with self.call() as peer:
            peer.sendall(self.greeting() + b"".join(wire_mutations.pack(p) for p in self.packets if p[0] in wanted))
            exactly(peer, PREAMBLE)
            while time.monotonic() < deadline:
                kind, document, payload = read_packet(peer)
                if kind == wire_mutations.LEASE_GRANT:
                    peer.sendall(wire_mutations.pack(wire_mutations.wrong_result(film, document, payload, self.random)))

    def recorded_tls(self):
        """A recording of TLS replayed or changed; its keys fit no other connection."""
        data = self.raw if self.random.random() < 0.3 else scene_bytes(self.raw, self.random)
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


def scene_bytes(raw, random):
    return wire_mutations.scene_mutations.mutate_bytes(raw, random) if raw else b"\x16\x03\x01"


# The parts


def truth(options):
    """The film of one computer alone, and what an honest slave and its master say, in plain and uncompressed."""
    with Farm(options) as farm:
        farm.expect_end(farm.master("--no-net"), 0)
        film = farm.film()
        port = free_port()
        relay = Relay(port, uncompressed=True)
        master = farm.master("--net-enable", "--no-local", "--net-use", "none", "--net-wait", "1", "--net-wait-time", WAIT_S,
                             "--net-dead-time", "300", "--net-master-port", port)
        slave = farm.slave(relay.port, "--once")
        farm.expect_end(slave, 0)
        farm.expect_end(master, 0)
        if farm.film() != film:
            raise Wrong("the honest slave made another film")
        relay.close()
        return film, relay.to_target, relay.from_target


def as_a_slave(recorded, random):
    """What a slave said, but no results of leases that it may hold; in half of the cases of a device whose canary is wrong."""
    packets = []
    for kind, request, document, payload in wire_mutations.packets_of(recorded[PREAMBLE:]):
        if kind == wire_mutations.FILM_CONTRIBUTIONS:
            document = {**document, "lease": NEVER_GRANTED + random.randrange(1000)}
        if kind == wire_mutations.HELLO and random.random() < 0.5:
            document = {**document, "canaries": [{"digest": random.randbytes(32)} for _ in document["canaries"]]}
        packets.append([kind, request, document, payload])
    return packets[:200]


def against_master(options, heard, seed):
    """Hostile slaves beside an honest one."""
    film, to_master, _ = heard
    random = randoms.Random(seed)
    with Farm(options, encrypted=random.random() < 0.5) as farm:
        port = free_port()
        relay = Relay(port)
        master = farm.master("--net-enable", "--net-use", "none", "--net-master-port", port, "--net-dead-time", "60")
        slave = farm.slave(relay.port, "--once")
        connect_patiently(port).close()
        if farm.key:
            while len(relay.to_target) < 300 and master.poll() is None:
                time.sleep(0.05)
        hostile = Hostile(port, wire.RENDER, as_a_slave(to_master, random), seed, farm.key, relay.to_target)
        while master.poll() is None:
            hostile.attack()
        hostile.close()
        farm.expect_end(master, 0)
        farm.expect_end(slave, 0)
        if farm.film() != film:
            raise Wrong(f"another film than {film}")
        relay.close()
        return hostile.attacks


class HostileMaster:
    """Answers the first callers as no master does, and passes the next one on to an honest master. `endings` counts what they
    answered in the end."""

    def __init__(self, honest_port, from_master, seed, count, endings, key=None):
        self.random = randoms.Random(seed)
        self.packets = wire_mutations.packets_of(from_master[PREAMBLE:])[:300]
        self.key = key
        self.left = count
        self.attacks = 0
        self.passed_on = False
        self.endings = endings
        self.relay = Relay(honest_port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.held = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.listener.accept()
                if self.left <= 0:
                    self.passed_on = True
                    self.relay.join(peer)
                    continue
                self.left -= 1
                self.attacks += 1
                with contextlib.suppress(OSError, ConnectionError):
                    self.answer(peer)
                self.held.append(peer)

    def answer(self, peer):
        random = self.random
        peer.settimeout(20)
        kind = random.randrange(20)
        if kind == 0:
            peer.sendall(random.choice(wire_mutations.STRANGERS))
            return peer.close()
        exactly(peer, PREAMBLE)
        greeting = preamble(wire.RENDER, self.key)
        if kind == 1:
            peer.sendall(greeting[:random.randrange(PREAMBLE)])
            return peer.close()
        if kind == 2:
            peer.sendall(greeting[:32] + random.randbytes(32))  # no other version or refusal, which would end the slave
            return peer.close()
        peer.sendall(greeting)
        if self.key:
            peer.sendall(random.randbytes(random.choice([5, 100, 3000])))
            return peer.close()
        packets = [p for p in self.packets if p[0] not in (wire_mutations.GOODBYE, wire_mutations.FRAME_END)]
        if kind < 6:
            threading.Thread(target=drain, args=(peer,), daemon=True).start()
            peer.sendall(wire_mutations.mutate_stream(packets, random))
            time.sleep(random.choice([0, 0.2]))
        elif kind < 15:
            self.serve_scene(peer, wire_mutations.other_scene(packets, random), 0)
        else:
            self.serve_scene(peer, packets, random.choice([0.05, 0.2]))
        if random.random() < 0.5:
            return peer.close()
        return peer.shutdown(socket.SHUT_WR)

    def serve_scene(self, peer, packets, oddness):
        """The course of a render: chunks when they are asked for, leases when a device is ready. `oddness`: how many packets
        are other ones than they should be."""
        def say(packet):
            odd = self.random.random() < oddness
            peer.sendall(wire_mutations.pack(wire_mutations.mutate_packet(packet, self.random) if odd else packet))
        chunks = {p[2]["id"]: p for p in packets if p[0] == wire_mutations.CHUNK}
        leases = [p for p in packets if p[0] == wire_mutations.LEASE_GRANT][:self.random.choice([1, 2, 8])]
        for packet in packets[:next(i for i, p in enumerate(packets) if p[0] == wire_mutations.CHUNK)]:
            say(packet)
        while True:
            kind, document, payload = read_packet(peer)
            if kind == wire_mutations.CHUNK_REQUEST:
                for name in (payload[i:i + 20] for i in range(0, len(payload), 20)):
                    say(chunks[name])
            elif kind == wire_mutations.DEVICE_REPORT and document["state"] == READY:
                for packet in leases:
                    say(packet)
            elif kind == wire_mutations.FILM_CONTRIBUTIONS and self.random.random() < 0.5:
                self.endings["it rendered"] += 1
                return
            elif kind == wire_mutations.GOODBYE:
                self.endings[document["text"]] += 1
                return

    def close(self):
        self.listener.close()
        self.relay.close()
        for peer in self.held:
            peer.close()


def read_packet(peer):
    """(type, document, payload)"""
    _, kind, _, document, payload, _ = struct.unpack("<4sHHIII", exactly(peer, wire_mutations.HEADER))
    raw = exactly(peer, document)
    return kind, wire_mutations.read_document(raw), exactly(peer, payload)


def drain(peer):
    with contextlib.suppress(OSError):
        while peer.recv(65536):
            pass


def meet_hostile_masters(farm, port, from_master, seed, count, endings):
    """A slave that calls so many hostile masters before the honest one: how many it met."""
    attacks = 0
    for attempt in range(20):
        hostile = HostileMaster(port, from_master, f"{seed} {attempt}", count - attacks, endings, farm.key)
        slave = farm.slave(hostile.port, "--once", "--net-timeout", WAIT_S)
        # refused, or told that the render is done, it ends, as it should; another one then comes
        code = farm.expect_end(slave, 0, 5, 6, 7, 8)
        attacks += hostile.attacks
        hostile.close()
        if code == 0 and hostile.passed_on:
            return attacks
    raise Wrong(f"no slave came through\n{tail(slave)}")


def against_slave(options, heard, seed):
    """Slaves that meet hostile masters before the honest one."""
    film, _, from_master = heard
    endings = collections.Counter()
    with Farm(options, encrypted=randoms.Random(seed).random() < 0.15) as farm:
        port = free_port()
        master = farm.master("--net-enable", "--no-local", "--net-use", "none", "--net-wait", options.slaves, "--net-wait-time", WAIT_S,
                             "--net-master-port", port, "--net-dead-time", "60")
        with concurrent.futures.ThreadPoolExecutor(options.slaves) as pool:
            met = [pool.submit(meet_hostile_masters, farm, port, from_master, f"{seed} {i}", 4, endings) for i in range(options.slaves)]
            attacks = sum(result.result() for result in met)
        farm.expect_end(master, 0)
        if farm.film() != film:
            raise Wrong(f"another film than {film}")
        if options.verbose:
            print("what slaves said to hostile masters:", dict(endings))
        return attacks


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
                packet = wire_mutations.scene_mutations.mutate_bytes(packet, random)
            if random.random() < 0.2:
                packet = random.randbytes(random.choice([0, 1, 19, 20, 1008, 1024, 1040, 1500, 9000]))
            if key and random.random() < 0.3:
                packet = packet[:1008] + hmac.new(derived(key, "discovery"), packet[:1008], hashlib.sha256).digest()[:16]
            with contextlib.suppress(OSError):
                udp.sendto(packet, ("127.0.0.1", port))


def against_daemon(options, heard, seed):
    """Hostile masters, first alone with the daemon, then beside an honest one whose render it serves."""
    film = heard[0]
    random = randoms.Random(seed)
    with Farm(options, encrypted=random.random() < 0.4) as farm:
        port = free_port()

        def start():
            return farm.start(options.daemon, "--port", port, "--bind", "127.0.0.1", "--slave", options.slave, "--threads", "1",
                              "--keep-warm", "1")
        daemon = start()
        connect_patiently(port).close()
        everything = {name for name, _ in DAEMON_QUESTIONS}
        attacks = 0
        for conversation, names in ((wire.DAEMON, everything), (wire.CONTROL, {"control_request", "describe_daemon"})):
            key = farm.key if conversation == wire.DAEMON else None
            hostile = Hostile(port, conversation, daemon_packets(names), random.random(), key)
            for _ in range(options.daemon_attacks):
                hostile.attack()
                hostile_datagrams(port, random, 3, farm.key)
                if daemon.poll() == 0 and conversation == wire.CONTROL:
                    daemon = start()  # it was asked to stop, by somebody of this computer
                    connect_patiently(port).close()
                farm.expect_alive(daemon)
            hostile.close()
            attacks += hostile.attacks
        farm.expect_end(farm.start(options.daemon, "--unpause", "--port", port), 0)
        hostile = Hostile(port, wire.DAEMON, daemon_packets(HARMLESS), random.random(), farm.key)
        hostile.kinds.remove(hostile.many)
        master = farm.master("--net-enable", "--no-local", "--net-daemon", f"127.0.0.1:{port}", "--net-use", f"127.0.0.1:{port}",
                             "--net-steal", f"127.0.0.1:{port}", "--net-wait", "1", "--net-wait-time", WAIT_S,
                             "--net-master-port", free_port(), "--net-dead-time", "60")
        while master.poll() is None:
            if hostile.attacks < 3 * options.daemon_attacks:
                hostile.attack()
                hostile_datagrams(port, random, 3, farm.key)
            time.sleep(0.05)
        hostile.close()
        farm.expect_end(master, 0)
        if farm.film() != film:
            raise Wrong(f"another film than {film}")
        farm.stop(daemon, 0)
        return attacks + hostile.attacks


class FakeDaemon:
    """Answers probes and questions with mutated answers."""

    ANSWERS = {
        "daemon_status": {"nonce": 1, "version": 1000000, "farm": 0, "port": 48000, "mode": 1, "id": "5b" * 16, "name": "EVIL", "gpus": 1,
                          "slave_version": 1000000, "reason": "", "owner": [{"nick": "a@b", "address": "10.0.0.1", "port": 21000,
                                                                           "since_unix_s": 5, "age_s": 3}], "run": 77},
        "daemon_description": {"version": 1000000, "id": "5b" * 16, "name": "EVIL", "platform": "linux", "mode": 1, "reason": "",
                               "slave_version": 1000000, "slave_kernel_hash": "",
                               "devices": [{"kind": 1, "index": 0, "name": "GPU", "memory_bytes": 8 << 30, "threads": 0}],
                               "no_gpu_reason": "", "owner": [], "slave_stage": 0, "slave_starts": 0, "paused_until_unix_s": 0,
                               "log": [{"text": "a line"}]},
        "daemon_occupied": {}, "occupy_refused": {"refusal": 1, "text": "no", "owner": []}, "daemon_released": {},
        "daemon_taken": {"by": [{"nick": "x@y", "address": "10.0.0.9", "port": 1, "since_unix_s": 1}], "text": "taken"},
        "reach_result": {"reached": 1, "text": ""}, "slave_report": {"stage": 5, "starts": 4, "reason": "crashed", "log": [{"text": "l"}]},
        "unsupported": {"type": 3}, "heartbeat": {"progress": 1}, "path_tested": {}, "control_answer": {"port": 1, "description": []}}

    def __init__(self, seed):
        self.random = randoms.Random(seed)
        self.answers = 0
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.port = self.tcp.getsockname()[1]
        self.udp.bind(("127.0.0.1", self.port))
        threading.Thread(target=self._probes, daemon=True).start()
        threading.Thread(target=self._calls, daemon=True).start()

    def answer(self, name, request, changes=None):
        self.answers += 1
        fields = {**self.ANSWERS[name], **(changes or {})}
        packet = [wire.TYPES[name], request, fields, b""]
        return wire_mutations.pack(wire_mutations.mutate_packet(packet, self.random) if self.random.random() < 0.6 else packet)

    def _probes(self):
        with contextlib.suppress(OSError):
            while True:
                data, sender = self.udp.recvfrom(2048)
                probes = wire_mutations.packets_of(data)
                nonce = probes[0][2].get("nonce", 0) if probes else 0
                for _ in range(self.random.choice([1, 1, 1, 5])):
                    changes = {"nonce": nonce, "port": self.port, "id": self.random.choice(["5b" * 16, self.random.randbytes(16).hex()])}
                    status = self.answer("daemon_status", 0, changes)
                    if self.random.random() < 0.2:
                        status = wire_mutations.scene_mutations.mutate_bytes(status, self.random)
                    with contextlib.suppress(OSError):
                        self.udp.sendto(status, sender)

    def _calls(self):
        with contextlib.suppress(OSError):
            while True:
                peer, _ = self.tcp.accept()
                threading.Thread(target=self._talk, args=(peer,), daemon=True).start()

    def _talk(self, peer):
        usual = {"describe_daemon": "daemon_description", "occupy_daemon": "daemon_occupied", "release_daemon": "daemon_released",
                 "steal_daemon": "daemon_released", "try_reach": "reach_result", "test_path": "path_tested"}
        with contextlib.suppress(OSError, ConnectionError):
            exactly(peer, PREAMBLE)
            greeting = preamble(wire.DAEMON)
            peer.sendall(wire_mutations.mutate_preamble(greeting, self.random) if self.random.random() < 0.2 else greeting)
            while True:
                header = exactly(peer, wire_mutations.HEADER)
                _, number, _, document, payload, request = struct.unpack("<4sHHIII", header)
                exactly(peer, document + payload)
                name = usual.get(wire.NAMES.get(number))
                if name:
                    peer.sendall(self.answer(name if self.random.random() < 0.8 else self.random.choice(sorted(self.ANSWERS)), request))
                if self.random.random() < 0.3:
                    peer.sendall(self.answer(self.random.choice(["slave_report", "daemon_taken", "heartbeat", "unsupported"]), 0))
                if self.random.random() < 0.05:
                    peer.sendall(self.random.randbytes(30))
        peer.close()

    def close(self):
        self.udp.close()
        self.tcp.close()


def against_farm(options, heard, seed):
    """Masters that look for daemons, use them, list and diagnose them, and find such ones."""
    film = heard[0]
    with Farm(options) as farm:
        daemon = FakeDaemon(seed)
        where = f"127.0.0.1:{daemon.port}"
        looking = ["--net-daemon", where, "--net-daemon-port", daemon.port]
        farm.expect_end(farm.start(options.master, "daemons", "list", "--wait", "1", *looking), 0)
        farm.expect_end(farm.start(options.master, "daemons", "list", "--json", "--verbose", "--wait", "1", *looking), 0)
        farm.expect_end(farm.start(options.master, "doctor", where, "--net-enable"), 0, 11)
        master = farm.master("--net-enable", *looking, "--net-use", "all", "--net-steal", where, "--net-master-port", free_port(),
                             "--net-dead-time", "5")
        farm.expect_end(master, 0)
        if farm.film() != film:
            raise Wrong(f"another film than {film}")
        daemon.close()
        return daemon.answers


PARTS = {"master": against_master, "slave": against_slave, "daemon": against_daemon, "fake_daemon": against_farm}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--master", required=True)
    parser.add_argument("--slave", required=True)
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--samples", type=int, default=200, help="per pixel of the honest renders")
    parser.add_argument("--slaves", type=int, default=3, help="that meet hostile masters, at a time")
    parser.add_argument("--daemon-attacks", type=int, default=40, help="on a daemon, for each kind of conversation")
    parser.add_argument("--minutes", type=float, default=1e6, help="begin no round after this time")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("parts", nargs="*", metavar="PART", help="master, slave, daemon, fake_daemon (all)")
    options = parser.parse_args()
    for name in ("master", "slave", "daemon"):
        setattr(options, name, str(Path(getattr(options, name)).resolve()))
    unknown = set(options.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    begun, wrong = time.monotonic(), 0
    tally = {name: [0, 0] for name in options.parts or PARTS}
    heard = truth(options)
    for number in range(options.rounds):
        for name, entry in tally.items():
            if time.monotonic() - begun > options.minutes * 60:
                break
            try:
                attacks = PARTS[name](options, heard, f"{options.seed} {number} {name}")
                entry[0], entry[1] = entry[0] + 1, entry[1] + attacks
                print(f"round {number}: {name} right, {attacks} hostile conversations or answers", flush=True)
            except Wrong as fault:
                wrong += 1
                print(f"WRONG: {name}, round {number} of seed {options.seed}\n{fault}\n", flush=True)
    for name, (rounds, attacks) in tally.items():
        print(f"{name:<12} {rounds:>4} rounds right, {attacks:>7} hostile conversations or answers together")
    print(f"{time.monotonic() - begun:.0f} s, {wrong} rounds wrong", flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
