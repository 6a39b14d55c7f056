"""Computers of their own for master, slaves and daemons: network namespaces on a bridge, as root."""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from system_test import CAMERA, ROOM, Program

DAEMON = Path(__file__).resolve().parent / "odd_daemon.py"
PROGRAMS = argparse.Namespace(master="", slave="", daemon="")
LONG = 30000  # samples per pixel that take longer than any test
TAG = f"oct{os.getpid() % 100000}"


def command(*words, check=True):
    done = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8")
    if check and done.returncode != 0:
        raise RuntimeError(f"{words}: {done.stdout}")
    return done.stdout


def why_not():
    """Why namespaces cannot be made here; empty when they can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "network namespaces need root"
    if not shutil.which("ip"):
        return "there is no ip command"
    try:
        command("ip", "netns", "add", TAG + "try")
        command("ip", "netns", "exec", TAG + "try", "ip", "link", "add", "br0", "type", "bridge")
    except RuntimeError as error:
        return str(error)
    finally:
        command("ip", "netns", "delete", TAG + "try", check=False)
    return ""


class Network:
    """Two subnets, 10.77.0.0/24 and 10.77.1.0/24, each a bridge, with a router between them."""

    def __init__(self):
        self.spaces = []
        self.switch = self.add_space("sw")
        for subnet in (0, 1):
            self.inside(self.switch, "ip", "link", "add", f"br{subnet}", "type", "bridge")
            self.inside(self.switch, "ip", "address", "add", f"10.77.{subnet}.1/24", "dev", f"br{subnet}")
            self.inside(self.switch, "ip", "link", "set", f"br{subnet}", "up")
        self.inside(self.switch, "sysctl", "-qw", "net.ipv4.ip_forward=1")

    def add_space(self, name):
        space = TAG + name
        command("ip", "netns", "add", space)
        self.spaces.append(space)
        self.inside(space, "ip", "link", "set", "lo", "up")
        return space

    @staticmethod
    def inside(space, *words, check=True):
        return command("ip", "netns", "exec", space, *words, check=check)

    @staticmethod
    def pids(space):
        """Of all processes there, zombies too."""
        return [int(pid) for pid in command("ip", "netns", "pids", space).split()]

    def add_host(self, subnet, number):
        space = self.add_space(f"h{subnet}-{number}")
        outer = f"v{subnet}-{number}"
        self.inside(self.switch, "ip", "link", "add", outer, "type", "veth", "peer", "name", "eth0", "netns", space)
        self.inside(self.switch, "ip", "link", "set", outer, "master", f"br{subnet}", "up")
        self.inside(space, "ip", "address", "add", f"10.77.{subnet}.{number}/24", "broadcast", f"10.77.{subnet}.255",
                    "dev", "eth0")
        self.inside(space, "ip", "link", "set", "eth0", "up")
        self.inside(space, "ip", "route", "add", "default", "via", f"10.77.{subnet}.1")
        return space

    def remove(self):
        for space in self.spaces:
            command("ip", "netns", "delete", space, check=False)


class FarmTest(unittest.TestCase):
    """Masters at .101 and .102, daemons from .11 on, one at 10.77.1.11."""

    @classmethod
    def setUpClass(cls):
        reason = why_not()
        if reason:
            raise unittest.SkipTest(f"left out: {reason}")
        cls.network = Network()
        cls.addClassCleanup(cls.network.remove)
        cls.desk = cls.network.add_host(0, 101)
        cls.other_desk = cls.network.add_host(0, 102)
        cls.hosts = {n: cls.network.add_host(0, n) for n in (11, 12, 13, 14)}
        cls.far = cls.network.add_host(1, 11)

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="octane_farm_")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def start(self, space, *words):
        environment = f"OCTANE_CONFIG_DIR={self.folder}/{space}"
        program = Program("ip", "netns", "exec", space, "env", environment, *words, cwd=self.folder)
        self.addCleanup(self.end_all, program)
        return program

    @staticmethod
    def end_all(program):
        program.kill()

    def daemon(self, number, *options, space=None):
        """A daemon on host `number`, once it listens."""
        space = space or self.hosts[number]
        program = self.start(space, sys.executable, DAEMON, "--name", f"RENDER{number}", *options)
        program.wait_for('"ready"')
        return program

    def master(self, *words, space=None):
        return self.start(space or self.desk, PROGRAMS.master, *words)

    def run_master(self, *words, code=0, space=None, seconds=120):
        program = self.master(*words, space=space)
        self.assertEqual(program.end(seconds), code, program.out + "\n" + program.err)
        return program

    def render(self, *words, samples=20, space=None, size=128):
        return self.master(ROOM, "--film-width", size, "--film-height", size, "-s", samples, *CAMERA, "--threads", 1,
                           "--net-enable", "--net-insecure", *words, space=space)

    def list(self, *words, space=None):
        program = self.run_master("daemons", "list", "--json", "--net-insecure", *words, space=space)
        return {daemon["name"]: daemon for daemon in json.loads(program.out)}

    def rules(self, space, *rules):
        """A firewall of nft rules in chain `in` or `out` of a host, removed after the test."""
        inside = self.network.inside
        inside(space, "nft", "add table inet t")
        self.addCleanup(inside, space, "nft", "delete table inet t")
        inside(space, "nft", "add chain inet t in { type filter hook input priority 0; }")
        inside(space, "nft", "add chain inet t out { type filter hook output priority 0; }")
        for rule in rules:
            inside(space, "nft", "add rule inet t " + rule)

    def doctor(self, address, verdict, *words, space=None):
        """What the doctor says of an address; its verdict must be this one."""
        code = 0 if verdict == "nothing_wrong" else 11
        program = self.run_master("doctor", address, "--json", "--net-insecure", "--net-enable", *words, code=code,
                                  space=space)
        record = json.loads(program.out)
        self.assertEqual(record["verdict"], verdict, record)
        return record


class RealFarm(FarmTest):
    """With the real octane_daemon, encrypted with a farm key once a test has called activate()."""

    def activate(self, *spaces):
        """One farm of these computers; returns its short name."""
        made = self.run_master("activate", space=spaces[0])
        key = self.folder / spaces[0] / "farm.key"
        for space in spaces[1:]:
            (self.folder / space).mkdir(exist_ok=True)
            shutil.copy(key, self.folder / space / "farm.key")
        return re.search(r"Farm +([0-9A-F]{6})", made.out)[1]

    def real_daemon(self, number, *options, space=None):
        space = space or self.hosts[number]
        daemon = self.start(space, PROGRAMS.daemon, "--name", f"RENDER{number}", "--slave", PROGRAMS.slave, "--threads", 1,
                            *options)
        daemon.wait_for("Waiting for masters")
        return daemon

    def states(self, *words, space=None):
        program = self.run_master("daemons", "list", "--json", *words, space=space)
        return {d["name"]: d["state"] for d in json.loads(program.out)}

    def wait_for_state(self, name, state, space=None):
        deadline = time.monotonic() + 60
        while self.states(space=space).get(name) != state:
            self.assertLess(time.monotonic(), deadline, f"{name} never became {state}")

    def secure_render(self, *words, samples=20, size=128, space=None):
        return self.master(ROOM, "--film-width", size, "--film-height", size, "-s", samples, *CAMERA, "--threads", 1,
                           "--net-enable", *words, space=space)


class Rounds(unittest.TestLoader):
    """Each test so many times, in turn; it finds its round in `round`."""

    def __init__(self, count):
        super().__init__()
        self.count = count

    def loadTestsFromNames(self, names, module=None):
        suite = unittest.TestSuite()
        for number in range(1, self.count + 1):
            tests = super().loadTestsFromNames(names, module)
            self._tell(tests, number)
            suite.addTest(tests)
        return suite

    def _tell(self, tests, number):
        if isinstance(tests, unittest.TestSuite):
            for test in tests:
                self._tell(test, number)
        else:
            tests.round = number


def run():
    """The tests of the calling program, with its command line."""
    parser = argparse.ArgumentParser()
    for name in vars(PROGRAMS):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, default=1)
    known, rest = parser.parse_known_args()
    for name in vars(PROGRAMS):
        setattr(PROGRAMS, name, str(Path(getattr(known, name)).resolve()))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2, testLoader=Rounds(known.rounds))
