#!/usr/bin/env python3
"""What people see while they wait: the bar on a terminal, and that nothing takes over a second in silence.

    tests/system/watching_test.py --master PATH --slave PATH [unittest arguments]
"""
import argparse
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
import unittest
from pathlib import Path

from system_test import CAMERA, PROGRAMS, SystemTest, free_port, picture

LONG = picture(320, 240, 60000)


def write_grid(path, side):
    """A scene of 2 * side * side triangles, which takes its time to load, and compresses well."""
    with open(path, "w", encoding="utf-8") as file:
        for y in range(side + 1):
            file.write("".join(f"v {x / side} {(x * y % 7) / 50} {-y / side}\n" for x in range(side + 1)))
        for y in range(side):
            first = y * (side + 1) + 1
            file.write("".join(f"f {first + x} {first + x + 1} {first + x + side + 2} {first + x + side + 1}\n"
                               for x in range(side)))


class Slowed:
    """A process that gets a fortieth of its time: what takes 50 ms on a fast computer takes two seconds."""

    def __init__(self, pid):
        self.pid, self.ended = pid, threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.ended.is_set():
            try:
                os.kill(self.pid, signal.SIGSTOP)
                self.ended.wait(0.195)
                before = self._processor_time()
                os.kill(self.pid, signal.SIGCONT)
            except ProcessLookupError:
                return
            # Others may have the processors meanwhile: it gets its time all the same, unless it has nothing to do.
            deadline = time.monotonic() + 0.1
            time.sleep(0.005)
            while self._processor_time() < before + 0.004 and time.monotonic() < deadline:
                time.sleep(0.001)

    def _processor_time(self):
        """Seconds, of all of its threads; 0 where the kernel does not tell."""
        nanoseconds = 0
        for path in Path(f"/proc/{self.pid}/task").glob("*/schedstat"):
            try:
                nanoseconds += int(path.read_text().split()[0])
            except (OSError, IndexError):  # a thread that has ended
                pass
        return nanoseconds / 1e9

    def end(self):
        self.ended.set()
        self.thread.join()


class Terminal:
    """A program's standard error on a terminal of this many columns; `drawn` has all that it drew there, line by line."""

    def __init__(self, command, columns, folder, env):
        self.ours, theirs = pty.openpty()
        self.resize(columns)
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=theirs, cwd=folder, env={**env, "TERM": "xterm"})
        os.close(theirs)
        self.text = ""

    def resize(self, columns):
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))

    def read(self, seconds):
        if not select.select([self.ours], [], [], seconds)[0]:
            return
        try:
            self.text += os.read(self.ours, 65536).decode("utf-8", "replace")
        except OSError:
            time.sleep(0.05)  # the program has ended

    def wait_for(self, pattern, seconds=60):
        """The first line that matches, of those that are drawn from now on."""
        self.text = ""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read(0.2)
            whole = re.split(r"\r|\n|\x1b\[[0-9;]*[A-Za-z]", self.text)[:-1]  # the last one may be half of one
            for line in whole:
                if re.search(pattern, line):
                    return line
        raise AssertionError(f"nothing that is drawn matches {pattern!r}: {self.text[-2000:]!r}")

    def kill(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


class WatchingTest(SystemTest):
    def terminal(self, columns, *arguments):
        terminal = Terminal([PROGRAMS.master, *arguments], columns, self.folder, self.environment())
        self.addCleanup(terminal.kill)
        return terminal


class Bar(WatchingTest):
    def test_follows_the_width_of_its_terminal(self):
        port = free_port()
        self.slave(port, "--once", "--net-timeout", "60")
        terminal = self.terminal(80, *LONG, "--threads", "1", "--net-enable", "--net-insecure", "--net-use", "none",
                                 "--net-master-port", port)
        line = terminal.wait_for(r"\d+% .*Ms/s  left .*net: 1 slave, updating 0$")
        self.assertLess(len(line), 80)
        terminal.resize(40)
        line = terminal.wait_for(r"net: 1 slave")
        deadline = time.monotonic() + 20
        while len(line) >= 40:  # drawn before it was narrow
            self.assertLess(time.monotonic(), deadline)
            line = terminal.wait_for(r"net: 1 slave")
        self.assertRegex(line, r"^\d+%  .*net: 1 slave, updating 0$")
        terminal.resize(200)
        self.assertRegex(terminal.wait_for(r"updated 1"), r"^\[[.#]{20}\] .* spp .*, devices 1/1, updating 0, updated 1, 0/0.* MB")

    def test_removes_what_a_narrower_terminal_has_broken(self):
        terminal = self.terminal(80, *LONG, "--threads", "1", "--progress-interval", "0.1")
        terminal.wait_for(r"\d+%  .*Ms/s  left")
        terminal.resize(30)
        deadline = time.monotonic() + 20
        while not re.search(r"\r\x1b\[[123]A\x1b\[J", terminal.text):
            self.assertLess(time.monotonic(), deadline, repr(terminal.text[-500:]))
            terminal.read(0.2)

    def test_says_for_whom_it_waits(self):
        terminal = self.terminal(80, *LONG, "--no-local", "--net-enable", "--net-insecure", "--net-master-port", free_port(),
                                 "--net-use", "render2,RENDER1")
        line = terminal.wait_for(r"Waiting for render2 \(not seen\) and RENDER1 \(not seen\) \.\.\. 2 s")
        self.assertLess(len(line), 80)


class Silence(WatchingTest):
    def grid(self, side=450):
        write_grid(self.folder / "grid.obj", side)
        return ["grid.obj", "--film-width", "32", "--film-height", "32", "-s", "1", "--threads", "1"] + CAMERA

    def slowed_until(self, program, pattern):
        slowed = Slowed(program.process.pid)
        try:
            return program.wait_for(pattern, 300)
        finally:
            slowed.end()

    def test_loading_and_building_are_lines_in_a_pipe(self):
        program = self.master(*self.grid(), "--progress-interval", "1000")
        self.assertRegex(self.slowed_until(program, r"Loading|^Scene"), r"^Loading grid\.obj \.\.\. [1-9]\d* s$")
        self.slowed_until(program, r"^Building the tree \.\.\. [1-9]\d* s$")
        self.assertEqual(program.end(), 0, program.err)
        self.assertEqual(program.out.count("Loading"), 1)  # it follows --progress-interval

    def test_loading_and_building_are_records(self):
        program = self.master(*self.grid(), "--progress", "json")
        self.slowed_until(program, r'"doing":"building"')
        self.assertEqual(program.end(), 0, program.err)
        records = [json.loads(line) for line in program.lines["out"]]
        activities = [record for record in records if record["event"] == "activity"]
        self.assertEqual({a["message"] for a in activities if a["doing"] == "loading"}, {"Loading grid.obj"})
        self.assertEqual({a["message"] for a in activities if a["doing"] == "building"}, {"Building the tree"})
        self.assertTrue(all(a["seconds"] >= 1 for a in activities))
        events = [record["event"] for record in records]
        self.assertLess(events.index("activity"), events.index("scene"))

    def test_loading_is_shown_on_a_terminal(self):
        terminal = self.terminal(80, *self.grid())
        slowed = Slowed(terminal.process.pid)
        self.addCleanup(slowed.end)
        terminal.wait_for(r"^Loading grid\.obj \.\.\. [1-9]\d* s$", 300)
        terminal.wait_for(r"^Building the tree \.\.\. [1-9]\d* s$", 300)

    def test_trees_of_slaves_are_told_of(self):
        port = free_port()
        slave = self.slave(port, "--once", "--name", "RENDER1")
        master = self.master(*self.grid(), "--no-local", "--net-enable", "--net-insecure", "--net-use", "none",
                             "--net-master-port", port, "--progress", "json", "--net-dead-time", "60")
        master.wait_for('"event":"frame_started"')
        slowed = Slowed(slave.process.pid)
        try:
            master.wait_for(r'"doing":"building","message":"Building the tree on RENDER1"', 300)
        finally:
            slowed.end()
        self.assertEqual(master.end(), 0, master.err)

    def test_who_waits_for_slaves_says_for_whom(self):
        port = free_port()
        wait = ["--net-enable", "--net-insecure", "--net-master-port", port]
        plain = self.master(*LONG, "--no-local", *wait, "--net-use", "render2,RENDER1")
        plain.wait_for(r"^Waiting for render2 \(not seen\) and RENDER1 \(not seen\)$")
        plain.kill()
        records = self.master(*LONG, "--threads", "1", *wait, "--net-use", "none", "--net-wait", "2", "--progress", "json")
        records.wait_for(rf'"doing":"waiting","message":"Waiting for slaves on port {port}; 0 of 2 slaves are here"')
        self.slave(port, "--net-timeout", "60")
        records.wait_for(rf'"doing":"waiting","message":"Waiting for slaves on port {port}; 1 of 2 slaves are here"')
        self.slave(port, "--net-timeout", "60")
        records.wait_percent(0.01)
        told = records.out.count('"doing":"waiting"')
        time.sleep(1.5)
        self.assertEqual(records.out.count('"doing":"waiting"'), told)


class Sizes(WatchingTest):
    def test_are_those_on_the_wire(self):
        write_grid(self.folder / "grid.obj", 300)
        port = free_port()
        slave = self.slave(port, "--once")
        master = self.master("grid.obj", "--film-width", "32", "--film-height", "32", "-s", "1", *CAMERA, "--no-local",
                             "--net-enable", "--net-insecure", "--net-use", "none", "--net-master-port", port, "--progress", "json",
                             "--report", "report.json")
        self.assertEqual(master.end(), 0, master.err)
        self.assertEqual(slave.end(30), 0, slave.err)
        records = [json.loads(line) for line in master.lines["out"]]
        scene = next(record for record in records if record["event"] == "scene")
        updates = [r for r in records if r["event"] == "slave" and r["doing"] == "updating"]
        self.assertTrue(updates)
        sent = self.report()["slaves"][0]["bytes_out"]
        self.assertLess(sent, 0.8 * scene["bytes"])  # else this test says nothing
        for update in updates:
            self.assertLess(abs(update["bytes_total"] - sent), 0.1 * sent, updates)
            self.assertLessEqual(update["bytes_done"], update["bytes_total"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--master", required=True)
    parser.add_argument("--slave", required=True)
    options, rest = parser.parse_known_args()
    PROGRAMS.master, PROGRAMS.slave = (os.path.abspath(path) for path in (options.master, options.slave))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
