"""A master's side of the daemon conversation, for tests: preamble, packets, CBOR, probes."""
import os
import socket
import struct
import threading
import time

MAGIC = bytes.fromhex("894f43544e45540a")
RENDER, DAEMON, CONTROL = 1, 2, 3
PLAIN = 1
TYPES = {"heartbeat": 13, "daemon_probe": 101, "daemon_status": 102, "describe_daemon": 103, "daemon_description": 104,
         "occupy_daemon": 105, "daemon_occupied": 106, "occupy_refused": 107, "release_daemon": 108,
         "daemon_released": 109, "steal_daemon": 110, "daemon_taken": 111, "retry_daemon": 112, "try_reach": 113,
         "reach_result": 114, "slave_report": 115, "unsupported": 116, "control_request": 117, "control_answer": 118,
         "test_path": 119, "path_tested": 120}
NAMES = {number: name for name, number in TYPES.items()}
MODES = ["unknown", "unbound", "bound", "paused", "crashed", "no_slave", "not_activated", "other_farm"]
REFUSALS = ["unknown", "bound_to_other", "reserved", "paused", "no_slave", "ending"]
STAGES = ["unknown", "starting", "running", "hung", "waiting", "crashed", "ended", "warm"]
PROBE_BYTES = 1024


def cbor_head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if number < 1 << 8 * size:
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


def cbor(value):
    if isinstance(value, int):
        return cbor_head(0, value)
    if isinstance(value, bytes):
        return cbor_head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return cbor_head(3, len(text)) + text
    if isinstance(value, list):
        return cbor_head(4, len(value)) + b"".join(map(cbor, value))
    return cbor_head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())


def from_cbor(data, at=0):
    """(value, end)"""
    major, low = data[at] >> 5, data[at] & 31
    at += 1
    if low < 24:
        number = low
    else:
        size = 1 << low - 24
        number = int.from_bytes(data[at:at + size], "big")
        at += size
    if major == 0:
        return number, at
    if major in (2, 3):
        piece = data[at:at + number]
        return (piece if major == 2 else piece.decode()), at + number
    if major == 4:
        items = []
        for _ in range(number):
            item, at = from_cbor(data, at)
            items.append(item)
        return items, at
    fields = {}
    for _ in range(number):
        key, at = from_cbor(data, at)
        fields[key], at = from_cbor(data, at)
    return fields, at


def packet(kind, fields, request=0, payload=b""):
    document = cbor(fields)
    number = TYPES.get(kind, kind)
    return struct.pack("<4sHHIII", b"OCPK", number, 0, len(document), len(payload), request) + document + payload


def preamble(conversation, name="test"):
    return MAGIC + struct.pack("<IIIIQ32s", conversation, 1000000, PLAIN, 0, 0, name.encode())


def probe(port, address="127.0.0.1", nonce=4711, spread_ms=0, seconds=5.0, padded=True):
    """The daemon's answer, or None."""
    fields = {"nonce": nonce, "version": 1000000, "farm": 0, "spread_ms": spread_ms}
    datagram = packet("daemon_probe", fields)
    if padded:
        datagram = packet("daemon_probe", fields, payload=bytes(PROBE_BYTES - len(datagram)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.settimeout(seconds)
        udp.sendto(datagram, (address, port))
        try:
            answer = udp.recv(65536)
        except (socket.timeout, ConnectionRefusedError):
            return None
    assert len(answer) <= PROBE_BYTES, len(answer)
    _, number, _, size, _, _ = struct.unpack("<4sHHIII", answer[:20])
    assert NAMES[number] == "daemon_status", number
    status = from_cbor(answer[20:20 + size])[0]
    status["mode"] = MODES[status["mode"]]
    return status


class MasterLink:
    """A connection to a daemon that keeps itself alive and records what comes."""

    def __init__(self, port, address="127.0.0.1", conversation=DAEMON):
        self.socket = socket.create_connection((address, port), timeout=10)
        self.socket.settimeout(None)
        self.socket.sendall(preamble(conversation))
        answer = self._exactly(64)
        self.word = struct.unpack("<I", answer[16:20])[0] if answer else None
        self.messages, self.closed, self.requests = [], False, 0
        self.changed = threading.Condition()
        self.lock = threading.Lock()
        self.beating = True
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()

    def _exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                piece = self.socket.recv(count - len(data))
            except OSError:
                return None
            if not piece:
                return None
            data += piece
        return data

    def _read(self):
        while True:
            header = self._exactly(20)
            if header is None:
                break
            _, number, _, document, payload, request = struct.unpack("<4sHHIII", header)
            fields = from_cbor(self._exactly(document))[0]
            self._exactly(payload)
            if number != TYPES["heartbeat"]:
                with self.changed:
                    self.messages.append((NAMES.get(number, number), fields, request))
                    self.changed.notify_all()
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def _beat(self):
        while self.beating and not self.closed:
            try:
                self.say("heartbeat", {"progress": 0})
            except OSError:
                return
            time.sleep(0.2)

    def say(self, kind, fields=None, request=0, payload=b""):
        with self.lock:
            self.socket.sendall(packet(kind, fields or {}, request, payload))

    def wait_for(self, test, what, seconds=30):
        """The first message (name, fields) that passes, which is then forgotten with all before it."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for i, (name, fields, request) in enumerate(self.messages):
                    if test(name, fields, request):
                        del self.messages[:i + 1]
                        return name, fields
                left = deadline - time.monotonic()
                if left <= 0 or self.closed or not self.changed.wait(left):
                    raise AssertionError(f"no {what} came; closed: {self.closed}; {self.messages}")

    def ask(self, kind, fields=None, seconds=30):
        """The answer to a request: (name, fields)."""
        self.requests += 1
        request = self.requests
        self.say(kind, fields, request)
        return self.wait_for(lambda _, __, number: number == request, f"answer to {kind}", seconds)

    def occupy(self, nick="studio@DESK", port=21000, steal=0, heartbeat_ms=200, dead_ms=15000, seconds=30):
        return self.ask("occupy_daemon", {"nick": nick, "master_port": port, "steal": steal,
                                          "heartbeat_ms": heartbeat_ms, "dead_ms": dead_ms}, seconds)

    def wait_stage(self, stage, seconds=40):
        return self.wait_for(lambda name, fields, _: name == "slave_report" and STAGES[fields["stage"]] == stage,
                             f"report of {stage}", seconds)[1]

    def wait_closed(self, seconds=20):
        deadline = time.monotonic() + seconds
        with self.changed:
            while not self.closed:
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise AssertionError("the connection stays open")

    def close(self):
        self.beating = False
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(child) for child in file.read().split()]
    except FileNotFoundError:
        return []


def state_of(pid):
    """One letter, as ps shows it; X where the process has gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"


def is_running(pid):
    """Whether the process is there, and no zombie."""
    return state_of(pid) not in "ZX"


def is_stopped(pid):
    return state_of(pid) == "T"


def wait_until(condition, what, seconds=100):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"in vain waited until {what}")
        time.sleep(0.02)


def sockets_of(pid):
    found = set()
    folder = f"/proc/{pid}/fd"
    for name in os.listdir(folder):
        try:
            target = os.readlink(f"{folder}/{name}")
        except OSError:
            continue
        if target.startswith("socket:"):
            found.add(target)
    return found


def switches_within(pid, seconds):
    """How often a thread of the process went to sleep in that time: what never wakes up does not."""
    def count():
        total = 0
        for task in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{task}/status") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("voluntary"))
        return total

    before = count()
    time.sleep(seconds)
    return count() - before
