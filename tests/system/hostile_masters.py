"""Hostile masters and daemons: what slaves and masters may meet when they call."""
import contextlib
import random as randoms
import socket
import struct
import threading
import time

import daemon_client as wire
import scene_mutations
import wire_mutations
from hostile_farm import PREAMBLE, Relay, drain, exactly, preamble, read_packet

READY = 1  # of a device report's state


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
                wanted = [payload[i:i + 20] for i in range(0, len(payload), 20)]
                for name in wanted:
                    if name in chunks:  # else the manifest named what there is not
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
                        status = scene_mutations.mutate_bytes(status, self.random)
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
