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
import random as randoms
import sys
import time
from pathlib import Path

import daemon_client as wire
from hostile_callers import (DAEMON_QUESTIONS, HARMLESS, HostileCallers, as_a_slave, daemon_packets, hostile_datagrams,
                             results_of)
from hostile_farm import WAIT_S, Farm, Relay, connect_patiently, tail
from hostile_masters import FakeDaemon, HostileMaster
from hostile_scenes import Wrong, free_port


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
        hostile = HostileCallers(port, wire.RENDER, as_a_slave(to_master, random), seed, farm.key, relay.to_target,
                                 results_of(to_master))
        while master.poll() is None:
            hostile.attack()
        hostile.close()
        farm.expect_end(master, 0)
        farm.expect_end(slave, 0)
        if farm.film() != film:
            raise Wrong(f"another film than {film}")
        relay.close()
        return hostile.attacks


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
            hostile = HostileCallers(port, conversation, daemon_packets(names), random.random(), key)
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
        hostile = HostileCallers(port, wire.DAEMON, daemon_packets(HARMLESS), random.random(), farm.key)
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
