"""Honest programs that hostile peers meet: how they are started, listened in on, and called with TLS."""
import contextlib
import hashlib
import hmac
import itertools
import json
import signal
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

import daemon_client as wire
import wire_mutations
from hostile_scenes import Wrong
from sanitized import Watched

HERE = Path(__file__).resolve().parent
PICTURE = [str(HERE / "room.obj"), "--film-width", "64", "--film-height", "48", "--cam-pos-x=0", "--cam-pos-y", "1", "--cam-pos-z", "4.2",
           "--cam-target-x=0", "--cam-target-y=1", "--cam-target-z", "-1", "--cam-fov", "40", "--progress", "none", "--threads", "1"]
PREAMBLE = 64
PLAIN, TLS = 1, 2
WAIT_S = 900  # programs with sanitizers on a busy computer
READS_ALL, READS_NONE = b"\x65reads\x07", b"\x65reads\x01"


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


def read_packet(peer):
    """(type, document, payload)"""
    _, kind, _, document, payload, _ = struct.unpack("<4sHHIII", exactly(peer, wire_mutations.HEADER))
    raw = exactly(peer, document)
    return kind, wire_mutations.read_document(raw), exactly(peer, payload)


def drain(peer):
    with contextlib.suppress(OSError):
        while peer.recv(65536):
            pass
