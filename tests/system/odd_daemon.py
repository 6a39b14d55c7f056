#!/usr/bin/env python3
"""A daemon that can be odd: of another version, crashed, paused, without a slave program, of another farm.

It speaks the daemon conversation in plain. Started by an owner it runs a real slave, if it is told one.

    odd_daemon.py --port 48000 --name RENDER1 [--id HEX] [--slave PATH] [--mode unbound] [--slave-version N] ...
"""
import argparse
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time

import daemon_client as wire

VERSION = 1000000
PREAMBLE_BYTES = 64
WORDS = {"plain": 1, "tls": 2}


def read_packet(data):
    """(name, document, request id, bytes used), or None when more is needed."""
    if len(data) < 20:
        return None
    magic, kind, _, document, payload, request_id = struct.unpack("<4sHHIII", data[:20])
    assert magic == b"OCPK", data[:20]
    if len(data) < 20 + document + payload:
        return None
    return wire.NAMES.get(kind, str(kind)), wire.from_cbor(data, 20)[0], request_id, 20 + document + payload


def answer_preamble(word, name, version, farm):
    return wire.MAGIC + struct.pack("<IIIIQ32s", wire.DAEMON, version, WORDS[word], farm, 0, name.encode())


class OddDaemon:
    def __init__(self, options):
        self.options = options
        self.mode = options.mode
        self.reason = options.reason
        self.owner = None
        self.owner_peer = None
        self.child = None
        self.peers = {}
        self.reserved = None
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.udp.bind(("0.0.0.0", options.port))
        self.tcp = socket.socket()
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.tcp.bind(("0.0.0.0", options.port))
        self.tcp.listen(50)

    def say(self, **record):
        print(json.dumps(record), flush=True)

    def run(self):
        self.say(event="ready")
        beat = time.monotonic()
        while True:
            readable, _, _ = select.select([self.udp, self.tcp, *self.peers], [], [], 0.1)
            for source in readable:
                if source is self.udp:
                    self.answer_probe()
                elif source is self.tcp:
                    peer, address = self.tcp.accept()
                    self.peers[peer] = {"address": address[0], "data": b"", "open": False}
                elif source in self.peers:
                    self.read(source)
            if time.monotonic() - beat >= 1:
                beat = time.monotonic()
                for peer in [p for p, state in self.peers.items() if state["open"]]:
                    self.send(peer, "heartbeat", {"progress": 0})
            self.look_after_child()

    def answer_probe(self):
        data, sender = self.udp.recvfrom(2048)
        if len(data) != wire.PROBE_BYTES:
            return
        name, probe, _, _ = read_packet(data)
        assert name == "daemon_probe", name
        status = {"nonce": probe["nonce"], "version": self.options.version, "farm": self.options.farm,
                  "port": self.options.port, "mode": self.mode_number(probe["farm"])}
        if self.options.farm == probe["farm"]:
            status.update(id=self.options.id, name=self.options.name, gpus=self.options.gpus,
                          slave_version=self.options.slave_version, reason=self.reason, owner=self.owners())
        datagram = wire.packet("daemon_status", status)
        assert len(datagram) <= len(data)
        self.udp.sendto(datagram, sender)

    def mode_number(self, farm):
        if self.options.farm != farm:
            return wire.MODES.index("other_farm")
        return wire.MODES.index("bound" if self.owner and self.mode == "unbound" else self.mode)

    def owners(self):
        return [self.owner] if self.owner else []

    def read(self, peer):
        state = self.peers[peer]
        try:
            data = peer.recv(65536)
        except OSError:
            data = b""
        if not data:
            return self.close(peer)
        state["data"] += data
        if not state["open"]:
            if len(state["data"]) < PREAMBLE_BYTES:
                return None
            state["data"] = state["data"][PREAMBLE_BYTES:]
            word = "plain" if self.options.farm == 0 else "tls"
            peer.sendall(answer_preamble(word, self.options.name, self.options.version, self.options.farm))
            if word != "plain":
                return self.close(peer)
            state["open"] = True
        while True:
            found = read_packet(state["data"])
            if not found:
                return None
            name, document, request_id, used = found
            state["data"] = state["data"][used:]
            handler = getattr(self, "on_" + name, None)
            if handler:
                handler(peer, document, request_id)
            elif name not in ("heartbeat", "unsupported"):
                self.send(peer, "unsupported", {"type": wire.TYPES.get(name, 0)}, request_id)
            if peer not in self.peers:
                return None

    def send(self, peer, name, document, request_id=0):
        try:
            peer.sendall(wire.packet(name, document, request_id))
        except OSError:
            self.close(peer)

    def close(self, peer):
        if self.peers.pop(peer, None) is not None:
            peer.close()
        if peer is self.owner_peer:
            self.end_slave()

    def on_describe_daemon(self, peer, document, request_id):
        gpus = [{"kind": 1, "index": i, "name": "GPU", "memory_bytes": 8 << 30, "threads": 0}
                for i in range(self.options.gpus)]
        self.send(peer, "daemon_description", {
            "version": self.options.version, "id": self.options.id, "name": self.options.name, "platform": "linux",
            "mode": self.mode_number(self.options.farm), "reason": self.reason, "slave_version": self.options.slave_version,
            "slave_kernel_hash": "", "devices": gpus, "no_gpu_reason": "", "owner": self.owners(), "slave_stage": 0,
            "slave_starts": 0, "paused_until_unix_s": 0, "log": [{"text": line} for line in self.options.log]}, request_id)

    def on_occupy_daemon(self, peer, document, request_id):
        refusal = None
        if self.mode in ("paused", "no_slave"):
            refusal = self.mode
        elif self.owner and not document["steal"]:
            refusal = "bound_to_other"
        elif self.reserved and self.reserved != (document["nick"], self.peers[peer]["address"]):
            refusal = "reserved"
        if refusal:
            self.say(event="refused", nick=document["nick"], refusal=refusal)
            return self.send(peer, "occupy_refused", {"refusal": wire.REFUSALS.index(refusal), "text": self.reason or refusal,
                                                      "owner": self.owners()}, request_id)
        new = {"nick": document["nick"], "address": self.peers[peer]["address"], "port": document["master_port"],
               "since_unix_s": int(time.time())}
        self.rob(new)
        self.owner, self.owner_peer = new, peer
        self.reserved = None
        self.say(event="occupied", nick=document["nick"], address=new["address"], port=new["port"])
        self.send(peer, "daemon_occupied", {}, request_id)
        if self.mode == "crashed" or self.options.crash:
            return self.report("crashed", "ended 3 times by signal 11", ["CUDA error 700"])
        self.start_slave()

    def rob(self, by):
        if not self.owner:
            return
        former = self.owner_peer
        self.say(event="stolen", by=by["nick"])
        self.send(former, "daemon_taken", {"by": [by], "text": "taken over"})
        self.owner_peer = None
        self.end_slave()
        self.close(former)

    def on_steal_daemon(self, peer, document, request_id):
        self.rob({"nick": document["nick"], "address": self.peers[peer]["address"], "port": 0,
                  "since_unix_s": int(time.time())})
        self.reserved = (document["nick"], self.peers[peer]["address"])
        self.send(peer, "daemon_released", {}, request_id)

    def on_release_daemon(self, peer, document, request_id):
        if peer is not self.owner_peer:
            return
        self.end_slave()
        self.say(event="released")
        self.send(peer, "daemon_released", {}, request_id)

    def on_retry_daemon(self, peer, document, request_id):
        self.mode, self.reason = "unbound", ""
        self.say(event="retried")
        self.on_describe_daemon(peer, document, request_id)

    def on_try_reach(self, peer, document, request_id):
        result = {"reached": 1, "text": ""}
        try:
            socket.create_connection((self.peers[peer]["address"], document["port"]), 2).close()
        except OSError as error:
            result = {"reached": 0, "text": str(error)}
        self.send(peer, "reach_result", result, request_id)

    def report(self, stage, reason="", log=()):
        self.send(self.owner_peer, "slave_report", {"stage": wire.STAGES.index(stage), "starts": 1, "reason": reason,
                                                    "log": [{"text": line} for line in log]})

    def start_slave(self):
        if self.options.slave:
            self.child = subprocess.Popen(
                [self.options.slave, "--net-master-address", self.owner["address"], "--net-master-port",
                 str(self.owner["port"]), "--threads", "1", "--net-insecure", "--once", "--name", self.options.name],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.report("starting")
        self.report("running")

    def look_after_child(self):
        if self.child and self.child.poll() is not None:
            self.child = None
            if self.owner_peer:
                self.report("ended")

    def end_slave(self):
        self.owner = self.owner_peer = None
        if self.child:
            self.child.kill()
            self.child.wait()
            self.child = None
        self.say(event="free")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=48000)
    parser.add_argument("--name", default="odd")
    parser.add_argument("--id", default="")
    parser.add_argument("--mode", default="unbound")
    parser.add_argument("--reason", default="")
    parser.add_argument("--log", action="append", default=[])
    parser.add_argument("--version", type=int, default=VERSION)
    parser.add_argument("--slave-version", type=int, default=VERSION)
    parser.add_argument("--gpus", type=int, default=0)
    parser.add_argument("--farm", type=lambda text: int(text, 16), default=0)
    parser.add_argument("--crash", action="store_true")
    parser.add_argument("--slave", default="")
    options = parser.parse_args()
    if not options.id:
        options.id = os.urandom(16).hex()
    try:
        OddDaemon(options).run()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
