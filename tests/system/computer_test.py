#!/usr/bin/env python3
"""The real programs on a computer that allows them less than all of it, may fall asleep, and has a person.

    tests/system/computer_test.py --master PATH --slave PATH --daemon PATH [unittest arguments]
"""
import argparse
import json
import os
import signal
import sys
import time
import unittest
from pathlib import Path

from daemon_client import REFUSALS, probe, wait_until
from daemon_test import FAKE_SLAVE, DaemonTest
from system_test import PROGRAMS, SystemTest, free_port, picture

# Notes what it is asked for, and holds until its command, the last argument, ends.
INHIBITOR = """#!/bin/sh
echo "$*" >> '{folder}/asked'
touch '{folder}/held'
exec cat
"""


class Threads(SystemTest):
    def setUp(self):
        super().setUp()
        self.allowed = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {min(self.allowed)})
        self.addCleanup(os.sched_setaffinity, 0, self.allowed)

    def test_programs_that_may_use_one_processor_start_one_thread_and_say_why(self):
        total = os.sysconf("SC_NPROCESSORS_ONLN")
        words = "1 thread" if total == 1 else f"1 thread (of {total}: CPU affinity)"
        self.assertIn(f", {words}, ", self.run_master("devices").out)
        program = self.run_master(*picture(32, 32, 1))
        self.assertIn(f"Devices    CPU, {words}", program.out)
        slave = self.start(PROGRAMS.slave, "--info")
        self.assertEqual(slave.end(), 0)
        cpu = next(d for d in json.loads(slave.out)["devices"] if d["kind"] == "cpu")
        self.assertEqual(cpu["threads"], 1)
        self.assertIn(f", {words}, ", cpu["name"])
        chosen = self.run_master(*picture(32, 32, 1), "--threads", "3")
        self.assertIn("Devices    CPU, 3 threads (no", chosen.out)


class Awake(SystemTest):
    """systemd-inhibit stands in the way of the real one, which wants a logind."""

    def setUp(self):
        super().setUp()
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        inhibitor = self.tools / "systemd-inhibit"
        inhibitor.write_text(INHIBITOR.format(folder=self.tools))
        inhibitor.chmod(0o755)

    def environment(self, config=None):
        return {**super().environment(config), "DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent",
                "PATH": f"{self.tools}:{os.environ['PATH']}"}

    def holders(self):
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and (entry / "exe").resolve().name in ("cat", "coreutils", "busybox") and \
                        f"{self.tools}:".encode() in (entry / "environ").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def asked(self):
        path = self.tools / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def test_a_master_keeps_the_computer_awake_while_it_renders(self):
        self.run_master("devices")
        self.assertEqual(self.asked(), [])
        master = self.master(*picture(400, 300, 100000), "-o", "a.png", "--threads", "1")
        wait_until(lambda: self.holders(), "somebody holds the lock")
        self.assertEqual(self.asked(), ["--what=sleep:idle --who=octane --why=octane_master renders --mode=block cat"])
        master.send(signal.SIGKILL)  # no chance to let go
        master.end()
        wait_until(lambda: not self.holders(), "the lock goes with its master")

    def test_a_slave_keeps_it_awake_for_a_master_alone(self):
        port = free_port()
        slave = self.slave(port, "--log-file", "slave.log")
        slave.wait_for("^Connecting")
        self.assertEqual(self.asked(), [])
        master = self.master(*picture(200, 150, 64), "--no-local", "--net-enable", "--net-master-port", port, "-o", "a.png")
        self.assertEqual(master.end(), 0, master.err)
        slave.wait_for("^Master finished")
        wait_until(lambda: not self.holders(), "nobody holds a lock any more")
        self.assertEqual(sorted(self.asked()), [f"--what=sleep:idle --who=octane --why={who} renders --mode=block cat"
                                                for who in ("octane_master", "octane_slave")])
        slave.send(signal.SIGTERM)
        self.assertEqual(slave.end(), 0)

    def test_without_logind_nothing_is_said(self):
        (self.tools / "systemd-inhibit").write_text("#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n")
        program = self.run_master(*picture(64, 48, 4))
        self.assertNotIn("bus", program.out + program.err)


class Lending(DaemonTest):
    def test_a_computer_in_use_is_not_lent(self):
        daemon = self.daemon("--idle-only", "60", slave=FAKE_SLAVE)
        self.assertIn("Lends      after 60 minutes without keyboard and mouse", daemon.out)
        daemon.wait_for(r"^\d\d:\d\d:\d\d   not lent: in use by the person who sits there$")
        status = probe(self.port)
        self.assertEqual((status["mode"], status["reason"]), ("paused", "in use by the person who sits there"))
        name, refused = self.link().occupy()
        self.assertEqual((name, REFUSALS[refused["refusal"]]), ("occupy_refused", "paused"))
        self.assertEqual(refused["text"], "in use by the person who sits there")
        self.assertIn("State      paused: in use by the person who sits there", self.control("--status").out)

    def test_a_computer_is_lent_in_its_hours(self):
        hour = time.localtime().tm_hour
        later = f"{(hour + 2) % 24:02}-{(hour + 4) % 24:02}"
        daemon = self.daemon("--hours", later, slave=FAKE_SLAVE)
        daemon.wait_for(rf"not lent: outside its hours \({later}\)$")
        status = self.status()
        self.assertEqual((status["state"], status["reason"]), ("paused", f"outside its hours ({later})"))
        self.assertTrue(3600 < status["paused_until"] - time.time() <= 7200 + 60, status)
        self.control("--stop")
        self.assertEqual(daemon.end(), 0)
        self.daemon(f"--hours={(hour + 22) % 24}-{(hour + 2) % 24}", slave=FAKE_SLAVE)
        self.assertEqual(self.status()["state"], "unbound")
        self.assertEqual(self.link().occupy()[0], "daemon_occupied")

    def test_wrong_values_say_what_would_be_right(self):
        for arguments, words in ((["--idle-only", "0"], "from 1 to"), (["--hours", "7pm"], "--hours 7pm: must be FROM-TO"),
                                 (["--hours", "7-25"], "two times between 0 and 24"), (["--hours", "7-7"], "begins when it ends")):
            program = self.start(PROGRAMS.daemon, *arguments)
            self.assertEqual(program.end(), 2)
            self.assertIn(words, program.err)
            self.assertIn("error: ", program.err)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("master", "slave", "daemon"):
        parser.add_argument(f"--{name}", required=True)
    options, rest = parser.parse_known_args()
    for name, path in vars(options).items():
        setattr(PROGRAMS, name, str(Path(path).resolve()))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
