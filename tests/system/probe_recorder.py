#!/usr/bin/env python3
"""Records the probes that reach this computer, and sends them again from another.

    probe_recorder.py record SECONDS          prints each as hexadecimal digits
    probe_recorder.py replay ADDRESS PROBE... prints what each is answered
"""
import json
import socket
import sys
import time

import daemon_client as wire

PORT = 48000
ETHERNET, IP, UDP = 14, 20, 8
ALL_PROTOCOLS = 3


def probe_in(frame):
    """The probe in a frame of the network, or nothing."""
    is_udp = len(frame) == ETHERNET + IP + UDP + wire.PROBE_BYTES and frame[12:14] == b"\x08\x00" and frame[23] == 17
    if is_udp and frame[ETHERNET + IP + 2:ETHERNET + IP + 4] == PORT.to_bytes(2, "big"):
        return frame[ETHERNET + IP + UDP:]
    return None


def record(seconds):
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL_PROTOCOLS))
    print("ready", flush=True)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        tap.settimeout(max(0.01, end - time.monotonic()))
        try:
            probe = probe_in(tap.recv(4096))
        except TimeoutError:
            return
        if probe:
            print(probe.hex(), flush=True)


def replay(address, probes):
    asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asker.settimeout(5)
    for probe in probes:
        asker.sendto(bytes.fromhex(probe), (address, PORT))
        document = wire.from_cbor(asker.recv(2048), 20)[0]
        print(json.dumps(document), flush=True)


if sys.argv[1] == "record":
    record(float(sys.argv[2]))
else:
    replay(sys.argv[2], sys.argv[3:])
