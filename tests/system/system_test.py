#!/usr/bin/env python3
"""Runs the real programs as people and scripts do: what they print, write and return.

    tests/system/system_test.py --master PATH --slave PATH --daemon PATH --odd-slave PATH [unittest arguments]
"""
import argparse
import base64
import json
import os
import pty
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ROOM = HERE / "room.obj"
CAMERA = ["--cam-pos-x=0", "--cam-pos-y", "1", "--cam-pos-z", "4.2", "--cam-target-x=0", "--cam-target-y=1",
          "--cam-target-z", "-1", "--cam-fov", "40"]
PROGRAMS = argparse.Namespace(master="", slave="", daemon="", odd_slave="")


def picture(width, height, samples):
    return [str(ROOM), "--film-width", str(width), "--film-height", str(height), "-s", str(samples)] + CAMERA


def pixel_data(path):
    """The packed pixels of a PNG, without its texts."""
    file, place, packed = path.read_bytes(), 8, b""
    while place < len(file):
        length, kind = struct.unpack(">I4s", file[place:place + 8])
        packed += file[place + 8:place + 8 + length] if kind == b"IDAT" else b""
        place += 12 + length
    return packed


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Program:
    """A running program whose lines can be waited for."""

    def __init__(self, *command, cwd=None, env=None):
        self.process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        encoding="utf-8", cwd=cwd, env=env)
        self.lines = {"out": [], "err": []}
        self.changed = threading.Condition()
        self.readers = [threading.Thread(target=self._read, args=(self.process.stdout, "out"), daemon=True),
                        threading.Thread(target=self._read, args=(self.process.stderr, "err"), daemon=True)]
        for reader in self.readers:
            reader.start()

    def _read(self, stream, name):
        for line in stream:
            with self.changed:
                self.lines[name].append(line.rstrip("\n"))
                self.changed.notify_all()

    @property
    def out(self):
        return "\n".join(self.lines["out"])

    @property
    def err(self):
        return "\n".join(self.lines["err"])

    def wait_for(self, pattern, seconds=60):
        """The first line of either stream that matches."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while True:
                for line in self.lines["out"] + self.lines["err"]:
                    if re.search(pattern, line):
                        return line
                left = deadline - time.monotonic()
                if left <= 0 or not self.changed.wait(left):
                    raise AssertionError(f"no line matches {pattern!r} in\n{self.out}\n{self.err}")

    def wait_percent(self, percent, seconds=100):
        """Until --progress json tells of so much."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self.changed:
                records = [json.loads(line) for line in self.lines["out"] if '"event":"progress"' in line]
            if records and records[-1]["percent"] >= percent:
                return
            if self.process.poll() is not None:
                raise AssertionError(f"ended before {percent} %\n{self.out}\n{self.err}")
            time.sleep(0.02)
        raise AssertionError(f"never came to {percent} %\n{self.out}\n{self.err}")

    def send(self, which):
        self.process.send_signal(which)

    def end(self, seconds=120):
        code = self.process.wait(seconds)
        for reader in self.readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        if not self.process.stdout.closed:
            self.end(20)


class SystemTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="octane_system_")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.config = self.folder / "config"  # whatever key and preferences this user has, they do not count here

    def environment(self, config=None):
        return {**os.environ, "OCTANE_CONFIG_DIR": str(config or self.config)}

    def start(self, *command, config=None):
        program = Program(*command, cwd=self.folder, env=self.environment(config))
        self.addCleanup(program.kill)
        return program

    def master(self, *arguments, config=None):
        return self.start(PROGRAMS.master, *arguments, config=config)

    def slave(self, port, *arguments):
        return self.start(PROGRAMS.slave, "--net-master-address", "127.0.0.1", "--net-master-port", port, "--threads",
                          "1", *arguments)

    def run_master(self, *arguments, code=0, seconds=200, config=None):
        program = self.start(PROGRAMS.master, *arguments, config=config)
        self.assertEqual(program.end(seconds), code, program.out + "\n" + program.err)
        return program

    def report(self, name="report.json"):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def check_accounting(self, report):
        self.assertEqual(report["samples_wanted"], report["samples_merged"])
        by_whom = sum(d["samples"] for d in report["devices"]) + sum(s["samples"] for s in report["slaves"])
        self.assertEqual(by_whom, report["samples_merged"])
        self.assertEqual(report["non_finite_samples"], 0)

    def local_truth(self, arguments):
        """Report and EXR bytes of the same picture, rendered by one thread of this computer."""
        self.run_master(*arguments, "--threads", "1", "--output-exr", "truth.exr", "--exr-type", "float", "--report",
                        "truth.json")
        return self.report("truth.json"), (self.folder / "truth.exr").read_bytes()


class CommandLine(SystemTest):
    def test_version_and_help(self):
        version = self.run_master("--version")
        self.assertRegex(version.out, r"^octane_master \d+ \(\d+\.\d+\.\d+\)$")
        self.assertIn("--net-master-port", self.run_master("--help").out)
        self.assertIn("--rays FILE", self.run_master("bench", "--help").out)

    def test_the_page_of_docs_lists_every_option(self):
        page = (ROOT / "docs/command_line.md").read_text(encoding="utf-8")
        for program, helps in (("octane_master", [["--help"], ["devices", "--help"], ["bench", "--help"],
                                                  ["activate", "--help"], ["daemons", "--help"], ["resolve", "--help"],
                                                  ["inspect", "--help"], ["compile", "--help"],
                                                  ["doctor", "--help"]]),
                               ("octane_slave", [["--help"]]), ("octane_daemon", [["--help"]])):
            path = getattr(PROGRAMS, program.removeprefix("octane_"))
            for arguments in helps:
                text = subprocess.run([path, *arguments], capture_output=True, encoding="utf-8", check=True).stdout
                words = re.findall(r"^  (-\S+(?: [^ ]+)*?)  +\S", text, re.MULTILINE)
                self.assertGreater(len(words), 2)
                for option in words:
                    self.assertIn(f"`{option}`", page, f"{program}: docs/command_line.md lacks {option}")
        shown = subprocess.run([PROGRAMS.daemon, "--help"], capture_output=True, encoding="utf-8").stdout
        shown += subprocess.run([PROGRAMS.master, "--help"], capture_output=True, encoding="utf-8").stdout
        shown += subprocess.run([PROGRAMS.master, "bench", "--help"], capture_output=True, encoding="utf-8").stdout
        for word in ("activate", "devices", "daemons", "doctor", "compile"):
            shown += subprocess.run([PROGRAMS.master, word, "--help"], capture_output=True, encoding="utf-8").stdout
        shown += subprocess.run([PROGRAMS.slave, "--help"], capture_output=True, encoding="utf-8").stdout
        for option in re.findall(r"^\| `(-[^`]+)`", page, re.MULTILINE):
            self.assertIn(option, shown, f"docs/command_line.md has {option}, which no program has")

    def test_wrong_options_say_what_would_be_right(self):
        for arguments, words in (
                (["--smaples", "4", "x.obj"], "did you mean --samples?"),
                (["-t", "camera", "x.obj"], "--camera NAME"),
                (["--script", "a.lua"], "--progress json"),
                (["-s", "many", "x.obj"], "must be a whole number"),
                (["-s", "0", "x.obj"], "from 1 to"),
                (["--cpu=1", "x.obj"], "--cpu takes no value"),
                (["x.obj", "-o"], "-o needs a value"),
                ([], "no scene is given"),
                (["a.obj", "b.obj"], "one scene is expected"),
                (["--net-master-port", "80", "x.obj"], "from 1025 to 65535"),
                (["--no-local", str(ROOM)], "--net-enable"),
                (["--net-wait", "2", str(ROOM)], "--net-enable"),
                (["--net-dead-time", "0", str(ROOM)], "from 1 to 3600"),
                (["--camera", "nobody", str(ROOM)], "--camera nobody"),
                (["-s", "200000", "nothing.obj"], "at depth 16 the film counts at most 127100"),
                (["-s", "200000", "--max-depth", "1", "nothing.obj", "-o", "x.jpg"], "writes .png and .exr, not .jpg"),
                (["nothing.obj", "--output-png16", "x.exr"], "writes .png, not .exr"),
                (["nothing.obj", "--output-exr", "x.tif"], "writes .exr, not .tif"),
                (["nothing.obj", "-o", "-"], "standard output"),
                (["resolve", "a.octcheck"], "no output is given"),
                (["resolve", "a.octcheck", "-o", "x.webp"], "not .webp"),
        ):
            program = self.run_master(*arguments, code=2)
            self.assertIn(words, program.err)
            self.assertIn("error: ", program.err)
            self.assertIn("help: ", program.err)
        slave = self.start(PROGRAMS.slave)
        self.assertEqual(slave.end(), 2)
        self.assertIn("--net-master-address", slave.err)
        self.assertIn("help: ", slave.err)

    def test_a_mistyped_subcommand_names_its_neighbour(self):
        for arguments, words in ((["daemon", "list"], "did you mean octane_master daemons?"),
                                 (["docter"], "did you mean octane_master doctor?"),
                                 (["help", "benhc"], "did you mean octane_master bench?"),
                                 (["daemons", "lsit"], "did you mean octane_master daemons list?"),
                                 (["daemons", "--net-insecure", "polish"], "daemons list, watch"),
                                 (["preferences", "rest"], "did you mean octane_master preferences reset?")):
            program = self.run_master(*arguments, code=2)
            self.assertIn("help: ", program.err)
            self.assertIn(words, program.err)
        # what may be a scene is read as one
        self.assertIn("daemon.obj", self.run_master("daemon.obj", code=3).err)

    def test_help_is_a_word_too(self):
        self.assertEqual(self.run_master("help").out, self.run_master("--help").out)
        self.assertEqual(self.run_master("help", "doctor").out, self.run_master("doctor", "--help").out)

    def test_a_value_may_follow_its_letter_at_once(self):
        self.run_master("-s2", "--film-width=16", "--film-height=16", "-oa.png", ROOM)
        self.assertTrue((self.folder / "a.png").exists())

    def test_a_value_may_be_as_long_as_the_system_lets_it(self):
        self.assertIn("must be a whole number", self.run_master("nothing.obj", "--samples=" + "1" * 120000, code=2).err)

    def test_bench_traces_rays_of_a_file(self):
        # The room is 2 m wide and high; its lamp hangs a little below the ceiling.
        rays = [(0, 1, 4, 0, 0, 0, -1, 100), (0, 1, 4, 0, 0, 0, -2, 100), (0, 1, 4, 0, 0, 0, -1, 1), (0, 1, 4, 0, 0, 0, 1, 100),
                (0, 1, 0, 0, 0, float("nan"), -1, 100), (0, 1, 0, 0, 0, 0, 0, 100), (0, 1, 4, 3, 0, 0, -1, 2)]
        (self.folder / "rays").write_bytes(b"".join(struct.pack("<8f", *ray) for ray in rays))
        program = self.run_master("bench", ROOM, "--rays", "rays", "--hits", "hits")
        hits = struct.unpack(f"<{len(rays)}f", (self.folder / "hits").read_bytes())
        infinite = float("inf")
        self.assertTrue(0 < hits[0] < infinite)
        self.assertEqual(hits[1], hits[0] / 2)
        self.assertEqual(hits[2:], (infinite,) * 5)
        self.assertRegex(program.out, r"^7 rays on .*: built in [\d.]+ s, traced in [\d.]+ s, [\d.]+ million rays a second$")
        self.assertIn("rays: 3 of 7 rays hit nothing whatever the scene, the first is ray 4", program.err)

    def test_bench_refuses_bad_files(self):
        (self.folder / "odd").write_bytes(bytes(33))
        (self.folder / "rays").write_bytes(bytes(32))
        for arguments, code, words in (
                ([ROOM, "--rays", "odd", "--hits", "hits"], 3, "33 bytes are not a whole number of rays of 32 bytes"),
                ([ROOM, "--rays", "none", "--hits", "hits"], 3, "none"),
                (["none.obj", "--rays", "rays", "--hits", "hits"], 3, "none.obj"),
                ([ROOM, "--rays", "rays", "--hits", "rays/hits"], 4, "rays/hits"),
                ([ROOM, "--rays", "rays"], 2, "bench needs --rays FILE and --hits FILE"),
                ([ROOM, "--rays", "rays", "--hits", "hits", "--debug-pixel", "1,1"], 2, "--debug-pixel")):
            self.assertIn(words, self.run_master("bench", *arguments, code=code).err)
        self.assertFalse((self.folder / "hits").exists())

    def test_info_and_devices_are_json(self):
        info = self.start(PROGRAMS.slave, "--info")
        self.assertEqual(info.end(), 0)
        document = json.loads(info.out)
        self.assertEqual(document["bitness"], 64)
        self.assertEqual(len(document["kernel_hash"]), 64)
        self.assertTrue(any(device["kind"] == "cpu" for device in document["devices"]))
        devices = json.loads(self.run_master("devices", "--json").out)
        self.assertTrue(any(device["kind"] == "cpu" and device["threads"] > 0 for device in devices))

    def test_bench_traces_rays_from_a_file(self):
        rays = struct.pack("<8f", 0, 1, 4, 0, 0, 0, -1, 100) + struct.pack("<8f", 0, 1, 4, 0, 0, 0, 1, 100)
        (self.folder / "rays").write_bytes(rays)
        self.run_master("bench", ROOM, "--rays", "rays", "--hits", "hits")
        near, miss = struct.unpack("<2f", (self.folder / "hits").read_bytes())
        self.assertAlmostEqual(near, 5, places=5)
        self.assertEqual(miss, float("inf"))
        (self.folder / "rays").write_bytes(rays[:40])
        self.assertIn("whole number of rays", self.run_master("bench", ROOM, "--rays", "rays", "--hits", "hits", code=3).err)

    def test_debug_pixel_tells_of_one_sample(self):
        self.assertGreater(len(self.run_master(*picture(32, 32, 1), "--debug-pixel", "16,8").out), 100)
        self.run_master(*picture(32, 32, 1), "--debug-pixel", "99,8", code=2)


class LocalRender(SystemTest):
    def test_threads_and_instruction_sets_give_the_same_film(self):
        arguments = picture(97, 65, 20)
        truth, exr = self.local_truth(arguments)
        variants = [["--threads", "2"], ["--cpu-code", "x64"]]
        if "AVX2" in self.run_master("devices").out:
            variants.append(["--cpu-code", "v3"])
        for variant in variants:
            self.run_master(*arguments, *variant, "--output-exr", "a.exr", "--exr-type", "float", "--report", "report.json")
            self.check_accounting(self.report())
            self.assertEqual(self.report()["film_hash"], truth["film_hash"])
            self.assertEqual((self.folder / "a.exr").read_bytes(), exr)
        self.run_master(*arguments, "--seed", "1", "--report", "report.json")
        self.assertNotEqual(self.report()["film_hash"], truth["film_hash"])

    def test_what_people_see(self):
        program = self.run_master(*picture(64, 48, 4))
        lines = program.lines["out"]
        for label in ("Scene      room.obj: ", "Devices    CPU, ", "Film       64x48, 4 samples per pixel, camera ",
                      "Picture    room.png", "Summary    4 spp in ", "Film hash  sha256:"):
            self.assertTrue(any(line.startswith(label) for line in lines), f"{label}\n{program.out}")
        self.assertIn("samples wanted 12288 = merged 12288", program.out)
        self.assertIn("Progress: 100% frame 1 (1 of 1)", lines)
        self.assertTrue((self.folder / "room.png").is_file())
        metadata = self.run_master("inspect", "room.png").out
        film_hash = re.search(r"Film hash  (\S+)", program.out)[1]
        self.assertRegex(metadata, r"octane/filmHash\s+" + film_hash)
        self.assertRegex(metadata, r"octane/samples\s+4")

    def test_pictures_of_a_film_file(self):
        film = ROOT / "tests/fuzz/corpus/film_file/six_tiles.octcheck"
        program = self.run_master("resolve", film, "-o", "new/a.exr", "--output-png16", "b.png", "--imager-exposure", "900",
                                  "--tone-curve", "agx")
        self.assertRegex(program.lines["out"][0], r"^Film       \d\d % of 20 spp$")
        self.assertEqual(program.lines["out"][1:3], ["Picture    new/a.exr", "Picture    b.png"])
        film_hash = re.search(r"Film hash  (sha256:\S+)", program.out)[1]
        for name in (film, "new/a.exr", "b.png"):
            shown = self.run_master("inspect", name).out
            self.assertRegex(shown, r"octane/filmHash\s+" + film_hash)
            self.assertRegex(shown, r"size\s+40x20")
        self.assertRegex(self.run_master("inspect", "new/a.exr").out, r"chromaticities\s+0.64 0.33 ")
        head = json.loads(self.run_master("inspect", film, "--json").out)
        self.assertEqual(head["schema"], "octane.film/1")
        self.assertEqual((head["film_hash"], head["width"], head["samples_per_pixel"]), (film_hash, 40, 20))
        self.assertLess(head["samples_merged"], head["samples_wanted"])
        torn = film.read_bytes()[:-40]
        (self.folder / "torn.octcheck").write_bytes(torn)
        self.assertIn("error: torn.octcheck: is cut off", self.run_master("resolve", "torn.octcheck", "-o", "c.png", code=3).err)
        self.assertIn("error: no.octcheck: ", self.run_master("resolve", "no.octcheck", "-o", "c.png", code=3).err)
        self.assertFalse((self.folder / "c.png").exists())
        (self.folder / "file").write_text("in the way")
        self.assertIn("file/c.png", self.run_master("resolve", film, "-o", "file/c.png", code=4).err)

    def test_quiet_says_nothing_and_json_is_only_json(self):
        quiet = self.run_master(*picture(32, 32, 1), "-q", "-e")
        self.assertEqual(quiet.out, "")
        self.assertEqual(quiet.err, "")
        program = self.run_master(*picture(32, 32, 1), "--progress", "json")
        events = [json.loads(line)["event"] for line in program.lines["out"]]
        self.assertEqual(events[0], "started")
        self.assertEqual(events[-1], "finished")
        for event in ("scene", "frame_started", "progress", "frame_finished"):
            self.assertIn(event, events)

    def test_outputs_go_where_they_are_asked_to_and_folders_are_made(self):
        self.run_master(*picture(32, 32, 1), "-o", "new/a.exr", "--output-png16", "new/b.png", "--output-exr-tm", "new/c.exr",
                        "--tone-curve", "agx", "--imager-exposure", "2")
        self.assertEqual((self.folder / "new/a.exr").read_bytes()[:4], b"\x76\x2f\x31\x01")
        self.assertEqual((self.folder / "new/b.png").read_bytes()[1:4], b"PNG")
        self.assertEqual(sorted(p.name for p in (self.folder / "new").iterdir()), ["a.exr", "b.png", "c.exr"])


class Network(SystemTest):
    def test_a_master_and_one_slave(self):
        arguments = picture(160, 120, 48)
        truth, exr = self.local_truth(arguments)
        port = free_port()
        slave = self.slave(port, "--once", "--name", "helper")
        self.run_master(*arguments, "--threads", "1", "--net-enable", "--net-master-port", port, "--net-wait", "1", "--output-exr",
                        "a.exr", "--exr-type", "float", "--report", "report.json")
        report = self.report()
        self.assertEqual(report["film_hash"], truth["film_hash"])
        self.assertEqual((self.folder / "a.exr").read_bytes(), exr)
        self.check_accounting(report)
        self.assertEqual(report["slaves"][0]["name"], "helper")
        self.assertGreater(report["slaves"][0]["samples"], 0)
        self.assertGreater(report["slaves"][0]["bytes_in"], 0)
        self.assertGreater(report["slaves"][0]["bytes_out"], 0)
        self.assertEqual(slave.end(30), 0)
        launching = slave.wait_for("^Launching net render slave")
        self.assertRegex(launching, rf"^Launching net render slave \(\d+\) with master 127\.0\.0\.1:{port}$")

    def test_three_slaves_one_late_one_killed(self):
        arguments = picture(320, 240, 100)
        truth, exr = self.local_truth(arguments)
        port = free_port()
        master = self.master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, "--net-wait", "2", "--output-exr",
                             "a.exr", "--exr-type", "float", "--report", "report.json", "--progress", "json",
                             "--progress-interval", "0.1")
        slaves = [self.slave(port, "--name", "first", "--once"), self.slave(port, "--name", "victim")]
        master.wait_percent(10)
        slaves.append(self.slave(port, "--name", "late", "--once"))
        slaves[2].wait_for("^Launching")
        master.wait_percent(40)
        slaves[1].send(signal.SIGKILL)
        self.assertEqual(master.end(), 0, master.err)
        report = self.report()
        self.assertEqual(report["film_hash"], truth["film_hash"])
        self.assertEqual((self.folder / "a.exr").read_bytes(), exr)
        self.check_accounting(report)
        by_name = {slave["name"]: slave for slave in report["slaves"]}
        self.assertEqual(by_name["victim"]["end"], "lost")
        self.assertEqual(by_name["first"]["end"], "finished")
        for name in ("first", "victim", "late"):
            self.assertGreater(by_name[name]["samples"], 0, name)
        self.assertIn("victim: lost: ", master.err)
        for slave in (slaves[0], slaves[2]):
            self.assertEqual(slave.end(30), 0)

    def test_a_hung_slave_loses_its_leases_to_others(self):
        arguments = picture(240, 180, 64)
        truth, _ = self.local_truth(arguments)
        port = free_port()
        master = self.master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, "--net-wait", "2", "--report",
                             "report.json", "--progress", "json", "--progress-interval", "0.1")
        good = self.slave(port, "--name", "good", "--once")
        hung = self.slave(port, "--name", "hung")
        master.wait_percent(30)
        hung.send(signal.SIGSTOP)
        self.assertEqual(master.end(), 0, master.err)
        hung.send(signal.SIGCONT)
        self.assertEqual(self.report()["film_hash"], truth["film_hash"])
        self.check_accounting(self.report())
        self.assertEqual(good.end(30), 0)

    def test_a_slave_serves_one_render_after_the_other(self):
        arguments = picture(64, 64, 8)
        truth, _ = self.local_truth(arguments)
        port = free_port()
        slave = self.slave(port)
        for _ in range(2):
            self.run_master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, "--report", "report.json")
            self.assertEqual(self.report()["film_hash"], truth["film_hash"])
        second = self.report()["slaves"][0]
        self.assertLess(second["bytes_out"], 4000)  # it still has the scene
        slave.wait_for(rf"^Master finished\. Waiting for the next render at 127\.0\.0\.1:{port}\. CTRL-C ends\.$")
        slave.send(signal.SIGINT)
        self.assertEqual(slave.end(20), 0)

    def test_a_slave_that_is_asked_to_stop_hands_back_and_says_goodbye(self):
        arguments = picture(240, 180, 64)
        truth, _ = self.local_truth(arguments)
        port = free_port()
        master = self.master(*arguments, "--threads", "1", "--net-enable", "--net-master-port", port, "--net-wait", "1", "--report",
                             "report.json", "--progress", "json", "--progress-interval", "0.1")
        slave = self.slave(port, "--name", "guest")
        master.wait_percent(20)
        slave.send(signal.SIGTERM)
        self.assertEqual(slave.end(20), 0)
        self.assertEqual(master.end(), 0)
        report = self.report()
        self.assertEqual(report["film_hash"], truth["film_hash"])
        self.assertEqual(report["slaves"][0]["end"], "left")
        self.check_accounting(report)

    def test_a_preference_switches_the_network_on_for_options_that_need_it(self):
        port = free_port()
        arguments = [*picture(16, 16, 1), "--no-local", "--net-wait", "1", "--net-wait-time", "60", "--net-master-port", port]
        refused = self.run_master(*arguments, code=2)
        self.assertIn("add --net-enable", refused.err)
        self.run_master("preferences", "set", "network.enable", "true")
        master = self.master(*arguments)
        self.slave(port, "--once")
        self.assertEqual(master.end(), 0, master.err)

    def test_programs_are_told_where_slaves_find_it(self):
        port = free_port()
        ours = self.folder / "ours"
        farm = farm_of(self.run_master("activate", config=ours).out)
        for config, farm in ((None, None), (ours, farm)):
            program = self.run_master(*picture(16, 16, 1), "--net-enable", "--net-master-port", port, "--progress", "json",
                                      config=config)
            told = [event for event in map(json.loads, program.out.splitlines()) if event["event"] == "network"]
            self.assertEqual([(event["port"], event["farm"]) for event in told], [(port, farm)])
            socket.inet_aton(told[0]["address"])

    def test_automatic_ports(self):
        with socket.socket() as taken:
            try:
                taken.bind(("0.0.0.0", 21000))
                taken.listen()
            except OSError:
                pass  # somebody else has it: as good
            program = self.run_master(*picture(32, 32, 1), "--net-enable", "--net-master-port", "0")
            self.assertRegex(program.out, r"Network    port 210(0[1-9]|1[0-5]), ")


class Refusals(SystemTest):
    """Whoever comes to the master's port: it is explained, and nobody is disturbed."""

    def setUp(self):
        super().setUp()
        self.arguments = picture(160, 120, 40)
        self.truth, _ = self.local_truth(self.arguments)
        self.port = free_port()
        self.program = self.master(*self.arguments, "--no-local", "--net-enable", "--net-master-port", self.port, "--report",
                                   "report.json", "--log-level", "debug")
        self.program.wait_for("^Network")

    def finish(self):
        slave = self.slave(self.port, "--once")
        self.assertEqual(self.program.end(), 0, self.program.err)
        self.assertEqual(slave.end(30), 0)
        self.assertEqual(self.report()["film_hash"], self.truth["film_hash"])
        self.check_accounting(self.report())

    def odd_slave(self, what):
        odd = self.start(PROGRAMS.odd_slave, self.port, what)
        self.assertEqual(odd.end(30), 0, odd.out)
        return odd.out

    def test_other_versions_and_kernels(self):
        self.assertIn("version 1000000", self.odd_slave("version"))
        self.program.wait_for(r"warning: ODD-1 .*999002")
        self.assertIn("999002", self.odd_slave("hello_version"))
        self.assertIn("kernels", self.odd_slave("kernels"))
        self.program.wait_for(r"warning: ODD-1 \(127\.0\.0\.1\): refused, its kernels are ")
        self.finish()
        ends = [slave["end"] for slave in self.report()["slaves"]]
        self.assertEqual(ends.count("refused"), 1)  # one computer, however often it came

    def test_units_that_nobody_asked_for(self):
        self.assertIn("goodbye", self.odd_slave("lease"))
        self.finish()

    def test_garbage_nothing_and_browsers(self):
        silent = socket.create_connection(("127.0.0.1", self.port))
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertIn(b"HTTP/1", browser.recv(4096))
        self.program.wait_for("was sent away: .*HTTP")
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as garbage:
            garbage.sendall(bytes(range(7, 207)) * 3)
        self.program.wait_for(r"was sent away: (?!.*HTTP)")
        self.finish()
        silent.close()


def farm_of(text):
    return re.search(r"(?m)^Farm +([0-9A-F]{6})\b", text)[1]


class Activation(SystemTest):
    def activate(self, *arguments, config=None, code=0):
        return self.run_master("activate", *arguments, config=config, code=code)

    def key(self, config=None):
        return ((config or self.config) / "farm.key").read_text(encoding="utf-8").strip()

    def test_a_key_is_made_once_shown_when_asked_for_and_replaced_when_told(self):
        made = self.activate()
        key = self.key()
        self.assertRegex(key, r"^OCT1(-[0-9A-HJKMNP-TV-Z]{5}){6}$")
        self.assertEqual(made.lines["out"][0], f"Farm key   {key}    (new; kept in {self.config / 'farm.key'})")
        self.assertRegex(made.lines["out"][1], r"^Farm       [0-9A-F]{6}    \(short name, not secret, the same on all its computers\)$")
        self.assertIn("help: octane_master activate --into ", made.err)
        self.assertEqual((self.config / "farm.key").stat().st_mode & 0o777, 0o600)
        again = self.activate()
        self.assertEqual(self.key(), key)
        self.assertNotIn(key, again.out + again.err)
        self.assertEqual(farm_of(again.out), farm_of(made.out))
        self.assertIn(key, self.activate("--show").out)
        rotated = self.activate("--rotate")
        self.assertNotEqual(self.key(), key)
        self.assertIn(self.key(), rotated.out)
        self.assertNotEqual(farm_of(rotated.out), farm_of(made.out))
        self.assertIn(f"farm {farm_of(made.out)} no longer exists", rotated.err)

    def test_a_copied_folder_is_activated(self):
        programs = self.folder / "octane folder"
        self.activate("--into", programs)
        for program in (PROGRAMS.master, PROGRAMS.slave):
            shutil.copy(program, programs)
        nobody = self.folder / "nobody"
        shown = self.start(programs / "octane_master", "activate", "--show", config=nobody)
        self.assertEqual(shown.end(), 0, shown.err)
        self.assertIn(self.key(), shown.out)
        self.assertIn(str(programs / "farm.key"), shown.out)

    def test_what_is_no_key_is_refused_and_never_repeated(self):
        self.activate()
        key = self.key()
        wrong = key[:-1] + ("7" if key[-1] != "7" else "8")
        (self.folder / "wrong.key").write_text(wrong)
        other = self.folder / "other"
        for program in (PROGRAMS.slave, PROGRAMS.daemon):
            for source, words in (("wrong.key", "its check digits do not match"), ("none.key", "none.key"),
                                  (key, "does not belong on a command line")):
                refused = self.start(program, "--activate", source, config=other)
                self.assertEqual(refused.end(), 8)
                self.assertIn(words, refused.err)
                self.assertNotIn(wrong[5:20], refused.out + refused.err)
        self.assertFalse(other.exists())
        self.assertEqual(self.activate("--show", config=other, code=8).err.splitlines()[0],
                         "error: this computer is not activated: there is no key to show")
        (self.config / "farm.key").write_text(wrong)
        for arguments in (["activate"], [*picture(16, 16, 1), "--net-enable"]):
            self.assertIn("farm.key: not a farm key", self.run_master(*arguments, code=8).err)

    def test_a_key_comes_from_a_file_a_pipe_or_a_terminal_that_does_not_show_it(self):
        farm = farm_of(self.activate().out)
        key, other = self.key(), self.folder / "other"
        stored = self.start(PROGRAMS.daemon, "--activate", self.config / "farm.key", config=other)
        self.assertEqual(stored.end(), 0, stored.err)
        self.assertEqual(stored.out, f"Farm       {farm}    (key stored in {other / 'farm.key'})")
        self.assertEqual(self.key(other), key)
        for typed in (key + "\n", key.lower().replace("-", " ") + "\r\n"):
            (other / "farm.key").unlink()
            piped = subprocess.run([PROGRAMS.slave, "--activate", "-"], input=typed, env=self.environment(other),
                                   capture_output=True, encoding="utf-8", timeout=20)
            self.assertEqual(piped.returncode, 0, piped.stderr)
            self.assertNotIn("Farm key:", piped.stderr)
            self.assertEqual(self.key(other), key)
        (other / "farm.key").unlink()
        self.assertEqual(self.on_a_terminal(other, key + "\n"), 0)
        self.assertEqual(self.key(other), key)
        (other / "farm.key").unlink()
        self.assertEqual(self.on_a_terminal(other, key[:12] + "\x03"), 130)
        self.assertFalse((other / "farm.key").exists())

    def on_a_terminal(self, config, typed):
        """Exit code of --activate - with this typed; what the terminal shows must not hold it."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(PROGRAMS.slave, [PROGRAMS.slave, "--activate", "-"], self.environment(config))
        shown = b""
        while b"Farm key: " not in shown:
            shown += os.read(terminal, 4096)
        os.write(terminal, typed.encode())
        try:
            while piece := os.read(terminal, 4096):
                shown += piece
        except OSError:
            pass  # the terminal's last user has gone
        os.close(terminal)
        self.assertNotIn(typed[:10].encode(), shown)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    def test_master_and_slave_of_one_farm_render_the_same_film_encrypted(self):
        arguments = picture(160, 120, 48)
        truth, _ = self.local_truth(arguments)
        farm = farm_of(self.activate().out)
        port = free_port()
        slave = self.slave(port, "--once", "--name", "helper", "--log-file", "slave.log", "--net-insecure")
        master = self.master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, "--report", "report.json",
                             "--log-file", "master.log", "--log-level", "debug", "--net-insecure")
        master.wait_for(rf"^Network    port {port}, farm {farm}$")
        slave.wait_for(rf"^Farm       {farm}$")
        self.assertEqual(master.end(), 0, master.err)
        self.assertEqual(slave.end(30), 0, slave.err)
        self.assertEqual(self.report()["film_hash"], truth["film_hash"])
        self.check_accounting(self.report())
        for program in (master, slave):
            self.assertIn("--net-insecure means nothing here", program.err)
        everything = master.out + master.err + slave.out + slave.err
        for name in ("report.json", "master.log", "slave.log"):
            everything += (self.folder / name).read_text(encoding="utf-8")
        self.assertNotIn(self.key()[5:22], everything)

    def test_another_farm_or_no_key_is_refused_on_both_sides(self):
        arguments = picture(160, 120, 40)
        ours, other, nobody = farm_of(self.activate().out), self.folder / "other", self.folder / "nobody"
        theirs = farm_of(self.activate(config=other).out)
        port = free_port()
        master = self.master(*arguments, "--no-local", "--net-enable", "--net-master-port", port)
        master.wait_for("^Network")
        address = ["--net-master-address", "127.0.0.1", "--net-master-port", port, "--threads", "1", "--name", "WS-07"]
        slave = self.start(PROGRAMS.slave, *address, config=other)
        self.assertEqual(slave.end(30), 8, slave.err)
        self.assertIn(f"error: refused: farm {theirs}, master 127.0.0.1:{port} is farm {ours}", slave.err)
        self.assertIn("help: copy farm.key", slave.err)
        master.wait_for(rf"^warning: WS-07 \(127\.0\.0\.1\): refused: farm {theirs}, this master is farm {ours}$")
        for insecure in ([], ["--net-insecure"]):
            slave = self.start(PROGRAMS.slave, *address, *insecure, config=nobody)
            self.assertEqual(slave.end(30), 8, slave.err)
            self.assertIn(f"error: this computer has no farm.key, master 127.0.0.1:{port} is farm {ours}", slave.err)
        master.wait_for(rf"^warning: WS-07 \(127\.0\.0\.1\): refused: it has no farm.key, this master is farm {ours}$")
        helper = self.slave(port, "--once")
        self.assertEqual(master.end(), 0, master.err)
        self.assertEqual(helper.end(30), 0)

    def test_without_a_key_only_this_computer_is_served(self):
        slave = self.start(PROGRAMS.slave, "--net-master-address", "192.0.2.1", "--net-master-port", "21000")
        self.assertEqual(slave.end(30), 8)
        self.assertIn("error: this computer has no farm.key: network rendering serves only this computer\n"
                      "help: octane_master activate, then copy farm.key; or --net-insecure on a network where you trust everyone",
                      slave.err)


class TwoComputers(SystemTest):
    """A second network stack stands for another computer; it needs the rights to make one."""

    def setUp(self):
        super().setUp()
        self.space = f"octane-test-{os.getpid()}"
        made = subprocess.run(["ip", "netns", "add", self.space], capture_output=True) if shutil.which("ip") else None
        if made is None or made.returncode != 0:
            self.skipTest("network namespaces cannot be made here (they want root)")
        self.addCleanup(subprocess.run, ["ip", "netns", "del", self.space], check=True)
        here, there = f"oct{os.getpid() % 100000}a", f"oct{os.getpid() % 100000}b"
        inside = ["ip", "-n", self.space]
        for command in (["ip", "link", "add", here, "type", "veth", "peer", "name", there, "netns", self.space],
                        ["ip", "addr", "add", "198.51.100.1/30", "dev", here], ["ip", "link", "set", here, "up"],
                        [*inside, "addr", "add", "198.51.100.2/30", "dev", there], [*inside, "link", "set", there, "up"]):
            subprocess.run(command, check=True, capture_output=True)
        self.addCleanup(subprocess.run, ["ip", "link", "del", here], capture_output=True)

    def there(self, port, *arguments, config=None):
        return self.start("ip", "netns", "exec", self.space, PROGRAMS.slave, "--net-master-address", "198.51.100.1",
                          "--net-master-port", port, "--threads", "1", "--name", "render2", *arguments, config=config)

    def test_a_slave_of_another_computer_needs_the_key(self):
        arguments = picture(96, 64, 20)
        truth, _ = self.local_truth(arguments)
        port = free_port()
        master = self.master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, config=self.folder / "nobody")
        master.wait_for(rf"^Network    port {port}, not activated: slaves on this computer only$")
        slave = self.there(port)
        self.assertEqual(slave.end(30), 8)
        self.assertIn("error: this computer has no farm.key: network rendering serves only this computer", slave.err)
        trusting = self.there(port, "--net-insecure")
        self.assertEqual(trusting.end(30), 8)
        self.assertIn("has no farm.key: it serves only its own computer", trusting.err)
        master.wait_for(r"^warning: render2 \(198\.51\.100\.2\): refused, this computer has no farm.key: ")
        master.kill()
        self.run_master("activate")
        slave = self.there(port, "--once")
        self.run_master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, "--report", "report.json")
        self.assertEqual(slave.end(30), 0, slave.err)
        self.assertEqual(self.report()["film_hash"], truth["film_hash"])


class Failures(SystemTest):
    def test_inputs(self):
        self.assertIn("error: nothing.gltf: ", self.run_master("nothing.gltf", code=3).err)
        (self.folder / "broken.glb").write_bytes(b"glTF\x02\x00\x00\x00\x40\x00\x00\x00")
        self.assertIn("error: broken.glb: ", self.run_master("broken.glb", "--report", "r.json", code=3).err)
        self.assertEqual(self.report("r.json")["exit_code"], 3)
        self.assertEqual(self.report("r.json")["stop_reason"], "failed")
        self.run_master(*picture(32, 32, 1), "--environment", "no.hdr", code=3)

    def test_a_scene_reads_what_lies_around_it_unless_it_is_trusted(self):
        scene = self.folder / "scene/a.obj"
        scene.parent.mkdir()
        text = ROOM.read_text(encoding="utf-8")
        library = next(line for line in text.splitlines() if line.startswith("mtllib"))
        scene.write_text(text.replace(library, f"mtllib {ROOM.with_suffix('.mtl')}"), encoding="utf-8")
        arguments = [scene, *picture(32, 32, 1)[1:]]
        refused = self.run_master(*arguments, code=3).err
        self.assertIn("is named by its absolute path, which is not followed", refused)
        self.assertIn("\nhelp: add --allow-external-files if you trust this scene", refused)
        self.assertIn("which is not followed", self.run_master("inspect", scene, code=3).err)
        self.run_master(*arguments, "--allow-external-files")
        inspected = self.run_master("inspect", scene, "--allow-external-files").out
        self.run_master("preferences", "set", "scene.allow_external_files", "true")
        self.run_master(*arguments)
        self.assertEqual(self.run_master("inspect", scene).out, inspected)

    def write_box(self, name, extra="", z=0.0):
        """A box of OBJ, 2 m wide, and its library of that content."""
        corners = [(x, y, z + w) for w in (-1, 1) for y in (-1, 1) for x in (-1, 1)]
        faces = ["5 6 8 7", "2 1 3 4", "6 2 4 8", "1 5 7 3", "7 8 4 3", "1 2 6 5"]
        lines = ["mtllib box.mtl"] + [f"v {x} {y} {w}" for x, y, w in corners] + ["usemtl m"] + [f"f {face}" for face in faces]
        (self.folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
        (self.folder / "box.mtl").write_text("newmtl m\nKd 0.8 0.8 0.8\n" + extra, encoding="utf-8")
        return [name, "--film-width", "48", "--film-height", "48", "-s", "16"]

    def test_a_scene_without_light_gets_some_unless_told_otherwise(self):
        arguments = self.write_box("box.obj")
        warning = "warning: the scene has no light of its own, or too little to be seen by: a neutral studio light was added"
        program = self.run_master(*arguments)
        self.assertIn(warning, program.err)
        self.assertNotIn("almost", program.err)
        dark = self.run_master(*arguments, "--neutral-light", "off")
        self.assertNotIn(warning, dark.err)
        self.assertIn("warning: the picture is almost black", dark.err)
        self.write_box("box.obj", "Ke 500 500 500\n")
        self.assertNotIn(warning, self.run_master(*arguments).err)
        self.assertIn(warning, self.run_master(*arguments, "--neutral-light", "on").err)

    def test_a_single_sided_box_is_not_there_from_within_unless_it_is_given_two_sides(self):
        corners = struct.pack("<24f", *[part for z in (-1, 1) for y in (-1, 1) for x in (-1, 1) for part in (x, y, z)])
        faces = struct.pack("<36B", *[corner for a, b, c, d in ((4, 5, 7, 6), (1, 0, 2, 3), (5, 1, 3, 7), (0, 4, 6, 2), (6, 7, 3, 2),
                                                                (0, 1, 5, 4)) for corner in (a, b, c, a, c, d)])
        data = "data:application/octet-stream;base64," + base64.b64encode(corners + faces).decode()
        (self.folder / "box.gltf").write_text(json.dumps({
            "asset": {"version": "2.0"}, "scenes": [{"nodes": [0, 1]}],
            "nodes": [{"mesh": 0, "name": "dome"}, {"camera": 0}],
            "cameras": [{"type": "perspective", "perspective": {"yfov": 1, "znear": 0.1}}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}], "materials": [{"name": "paint"}],
            "buffers": [{"byteLength": 132, "uri": data}],
            "bufferViews": [{"buffer": 0, "byteLength": 96}, {"buffer": 0, "byteOffset": 96, "byteLength": 36}],
            "accessors": [{"bufferView": 0, "componentType": 5126, "count": 8, "type": "VEC3", "min": [-1] * 3, "max": [1] * 3},
                          {"bufferView": 1, "componentType": 5121, "count": 36, "type": "SCALAR"}]}), encoding="utf-8")
        arguments = ["box.gltf", "--film-width", "32", "--film-height", "32", "-s", "4"]
        warning = 'warning: instance "dome" (material "paint") encloses the camera and shuts out all light'
        seen = self.run_master(*arguments)
        self.assertNotIn(warning, seen.err)
        self.assertNotIn("almost black", seen.err)
        hidden = self.run_master(*arguments, "--double-sided")
        self.assertIn(warning, hidden.err)
        self.assertIn("almost black", hidden.err)

    def test_the_exposure_that_is_chosen_can_be_typed(self):
        arguments = self.write_box("box.obj", "Ke 500 500 500\n")
        white = self.run_master(*arguments, "--cam-fov", "10")
        self.assertIn("warning: the picture is almost white", white.err)
        better = re.search(r"help: --imager-exposure (\S+) darkens it", white.err)[1]
        chosen = self.run_master(*arguments, "--cam-fov", "10", "--imager-exposure", "auto", "-o", "auto.png")
        self.assertEqual(re.search(r"Exposure   (\S+) \(--imager-exposure (\S+)\)", chosen.out).groups(), (better, better))
        self.assertNotIn("almost white", chosen.err)
        self.run_master(*arguments, "--cam-fov", "10", "--imager-exposure", better, "-o", "typed.png")
        self.assertEqual(pixel_data(self.folder / "auto.png"), pixel_data(self.folder / "typed.png"))
        self.assertIn("--imager-exposure bright: ", self.run_master(*arguments, "--imager-exposure", "bright", code=2).err)

    def test_a_missing_picture_costs_a_warning_and_when_strict_the_render(self):
        arguments = self.write_box("box.obj", "map_Kd no.png\n")
        said = 'box.obj: image "no.png": file not found (looked in ., textures)'
        self.assertIn(f"warning: {said}; it is left out", self.run_master(*arguments).err)
        self.assertIn(f"error: {said}", self.run_master(*arguments, "--strict", code=3).err)

    def test_glass_without_thickness_is_solid_if_told_so(self):
        corners = base64.b64encode(struct.pack("<9f", -1, -1, 0, 1, -1, 0, 0, 1, 0)).decode()
        document = {
            "asset": {"version": "2.0"}, "nodes": [{"mesh": 0}],
            "buffers": [{"byteLength": 36, "uri": "data:application/octet-stream;base64," + corners}],
            "bufferViews": [{"buffer": 0, "byteLength": 36}],
            "accessors": [{"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": 3}],
            "materials": [{"name": "pane", "pbrMetallicRoughness": {"metallicFactor": 0, "roughnessFactor": 0},
                           "extensions": {"KHR_materials_transmission": {"transmissionFactor": 1}}}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "material": 0}]}]}
        (self.folder / "a.gltf").write_text(json.dumps(document), encoding="utf-8")
        arguments = ["a.gltf", "--film-width", "32", "--film-height", "32", "-s", "4", "--report", "report.json"]
        warning = 'a.gltf: material "pane": transmission without a thickness (KHR_materials_volume)'
        self.assertIn(warning, self.run_master(*arguments).err)
        thin = self.report()["film_hash"]
        self.assertNotIn(warning, self.run_master(*arguments, "--solid-glass").err)
        self.assertNotEqual(self.report()["film_hash"], thin)

    def test_a_compiled_scene_is_rendered_without_its_files(self):
        self.write_box("box.obj", "map_Kd no.png\n")
        options = ["-s", "4", "--film-width", "32", "--film-height", "20", "--seed", "5"]
        direct = self.run_master("box.obj", *options, "-o", "direct.png")
        compiled = self.run_master("compile", "box.obj", *options, "-o", "there/box.octscene")
        self.assertRegex(compiled.out, r"(?m)^Compiled   there/box.octscene \(\d+\.\d+ MB\)$")
        self.assertIn('image "no.png": file not found', compiled.err)
        (self.folder / "box.obj").unlink()
        rendered = self.run_master("there/box.octscene", "-o", "compiled.png")
        film_hash = re.compile(r"Film hash  \S+")
        self.assertEqual(film_hash.search(rendered.out)[0], film_hash.search(direct.out)[0])
        self.assertEqual((self.folder / "compiled.png").read_bytes(), (self.folder / "direct.png").read_bytes())
        told = json.loads(self.run_master("inspect", "there/box.octscene", "--json").out)
        self.assertEqual((told["schema"], told["scene"], told["triangles"]), ("octane.compiled_scene/1", "box.obj", 12))
        self.assertIn("--cam-... cannot change it",
                      self.run_master("there/box.octscene", "--cam-fov", "30", code=2).err)
        self.assertIn("writes .octscene", self.run_master("compile", "there/box.octscene", "-o", "x.png", code=2).err)
        content = (self.folder / "there/box.octscene").read_bytes()
        (self.folder / "cut.octscene").write_bytes(content[:-1])
        self.assertIn("cut.octscene: is cut off", self.run_master("cut.octscene", code=3).err)

    def test_what_a_scene_holds_can_be_inspected(self):
        self.write_box("box.obj", "map_Kd no.png\nd 0.5\n")
        text = self.run_master("inspect", "box.obj").out
        self.assertRegex(text, r"Scene      box.obj: 12 triangles, 1 object, \d+\.\d MB render data")
        self.assertIn('Materials  "m": blended', text)
        self.assertIn("Added      a camera that frames the scene\n           a neutral studio light", text)
        self.assertIn('Left out   box.obj: image "no.png": file not found', text)
        document = {
            "asset": {"version": "2.0", "generator": "Khronos glTF Blender I/O v4.0.44"},
            "extensionsUsed": ["KHR_lights_punctual", "KHR_xmp"],
            "extensions": {"KHR_lights_punctual": {"lights": [
                {"name": "Key", "type": "point", "intensity": 54351.41306588226}, {"name": "Sun", "type": "directional", "intensity": 2049}]}},
            "animations": [{"name": "Walk", "channels": [{}, {}], "samplers": [{"input": 0, "output": 0}]}],
            "accessors": [{"componentType": 5126, "type": "SCALAR", "count": 2, "min": [0], "max": [2.5]}],
            "cameras": [{"name": "Main", "type": "perspective", "perspective": {"yfov": 0.7, "znear": 0.1}}],
            "nodes": [{"extensions": {"KHR_lights_punctual": {"light": 0}}}, {"extensions": {"KHR_lights_punctual": {"light": 1}}},
                      {"camera": 0}]}
        (self.folder / "lamps.gltf").write_text(json.dumps(document), encoding="utf-8")
        told = json.loads(self.run_master("inspect", "lamps.gltf", "--json").out)
        self.assertEqual(told["schema"], "octane.scene/1")
        self.assertEqual([light["unit"] for light in told["lights"]], ["W/sr", "W/m2"])
        self.assertAlmostEqual(told["lights"][0]["intensity"][0], 79.577, places=2)
        self.assertAlmostEqual(told["lights"][1]["intensity"][0], 3, places=5)
        self.assertEqual(told["animations"], [{"name": "Walk", "channels": 2, "seconds": 2.5}])
        self.assertEqual([camera["name"] for camera in told["cameras"]], ["Main"])
        self.assertEqual(told["warnings"], ["lamps.gltf: KHR_xmp is ignored"])
        self.assertEqual(told["added"], [])
        self.assertIn("error: no.obj: file not found", self.run_master("inspect", "no.obj", code=3).err)

    def test_a_buffer_larger_than_memory_is_an_error_in_words(self):
        document = {"asset": {"version": "2.0"}, "buffers": [{"byteLength": 1 << 43, "uri": "a.bin"}]}
        (self.folder / "a.gltf").write_text(json.dumps(document), encoding="utf-8")
        with open(self.folder / "a.bin", "wb") as file:
            file.truncate(1 << 43)
        self.assertIn('error: a.gltf: buffer 0 "a.bin": needs 8796.09 GB of memory, ', self.run_master("a.gltf", code=5).err)

    def test_outputs_are_checked_before_rendering(self):
        (self.folder / "file").write_text("in the way")
        program = self.run_master(*picture(32, 32, 1), "-o", "file/a.png", code=4)
        self.assertIn("error: file/a.png: ", program.err)
        self.assertNotIn("Scene", program.out)
        self.assertEqual(self.run_master(*picture(32, 32, 1), "--report", "file/r.json", code=4).err.count("error: "), 1)
        self.assertEqual(self.run_master(*picture(32, 32, 1), "--report", "/dev/full", code=4).err.count("error: "), 1)
        self.run_master(*picture(32, 32, 1), "--log-file", "file/log", code=4)

    def test_devices(self):
        self.assertIn("GPU 99 is not there", self.run_master(*picture(32, 32, 1), "-g", "99", code=5).err)

    def test_ports_and_slaves_that_never_come(self):
        with socket.socket() as taken:
            taken.bind(("0.0.0.0", 0))
            taken.listen()
            port = taken.getsockname()[1]
            if port > 1024:
                program = self.run_master(*picture(32, 32, 1), "--net-enable", "--net-master-port", port, code=6)
                self.assertIn(f"error: port {port} is in use by another program (maybe another master)", program.err)
                self.assertIn("help: --net-master-port 0 takes the first free port of 21000-21015", program.err)
        program = self.run_master(*picture(32, 32, 1), "--net-enable", "--net-master-port", free_port(), "--net-wait", "3",
                                  "--net-wait-time", "1", code=6)
        self.assertIn("error: --net-wait 3: only 0 slaves came within 1 s", program.err)

    def test_daemons_that_were_wanted_and_never_came_are_named_once(self):
        program = self.run_master(*picture(32, 32, 1), "--net-enable", "--net-master-port", free_port(), "--net-daemon-port", free_port(),
                                  "--net-subnet", "127.0.0.0/30", "--net-use", "NOBODY1,NOBODY2,NOBODY1", "--report", "report.json")
        told = "NOBODY1 and NOBODY2 were wanted by name, and were not seen during this render"
        self.assertEqual(program.err.count(told), 1, program.err)
        self.assertIn("help: octane_master doctor NOBODY1 NOBODY2   says why", program.err)
        self.assertEqual([warning for warning in self.report()["warnings"] if "NOBODY" in warning], [told])

    def test_slaves_without_a_master(self):
        lonely = self.slave(free_port(), "--net-timeout", "1.5")
        self.assertEqual(lonely.end(30), 6)
        self.assertRegex(lonely.err, "error: master .* was not reached within 2 s: master .*refused: .*\nhelp: is octane_master running there")
        self.assertNotIn("Launching", lonely.out)
        nobody = self.start(PROGRAMS.slave, "--net-master-address", "no-such-host.invalid", "--net-timeout", "3", "-q")
        self.assertEqual(nobody.end(30), 6)
        self.assertRegex(nobody.err, r"warning: Not reached: .*no-such-host\.invalid.* Trying again in 1 s\.\nhelp: .*address works without a name")
        self.assertEqual(nobody.err.count("warning: "), 1)
        self.assertRegex(nobody.err, r"error: master no-such-host\.invalid:21000 was not reached within 3 s: .* name no-such-host\.invalid.*\n"
                         "help: .*address works without a name")
        far = self.start(PROGRAMS.slave, "--net-master-address", "192.0.2.1")
        self.assertEqual(far.end(30), 8)
        self.assertIn("--net-insecure", far.err)

    def test_a_slave_of_another_version_ends_at_once(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            slave = self.slave(listener.getsockname()[1])
            connection, _ = listener.accept()
            with connection:
                question = connection.recv(64, socket.MSG_WAITALL)
                self.assertEqual(len(question), 64)
                other_version = 5
                answer = question[:12] + struct.pack("<II", 2000002, other_version) + question[20:]
                connection.sendall(answer)
                self.assertEqual(slave.end(20), 7)
        self.assertRegex(slave.err, r"error: master \S+ has version 2000002, this slave is \d+")
        self.assertNotIn("Launching", slave.out)


class Stopping(SystemTest):
    def start_long_render(self, *more):
        program = self.master(*picture(320, 240, 100000), "--report", "report.json", "-o", "a.png", "--progress-interval", "0.1",
                              *more)
        program.wait_for("^Film ")
        time.sleep(1.5)
        return program

    def check_stopped(self, program, which, code):
        self.assertEqual(program.end(30), -which, program.out + program.err)
        self.assertRegex(program.out, r"Stopping: \d+ leases? under way \(CTRL-C again ends at once\)")
        report = self.report()
        self.assertEqual(report["exit_code"], code)
        self.assertEqual(report["stop_reason"], "cancelled")
        self.assertEqual(report["frames"][0]["state"], "cancelled")
        self.assertGreater(report["samples_merged"], 0)
        self.assertLess(report["samples_merged"], report["samples_wanted"])
        self.assertTrue((self.folder / "a.png").is_file())

    def test_ctrl_c_writes_the_picture_and_dies_of_the_signal(self):
        program = self.start_long_render()
        program.send(signal.SIGINT)
        self.check_stopped(program, signal.SIGINT, 130)

    def test_sigterm_with_a_slave(self):
        port = free_port()
        slave = self.slave(port, "--once")
        program = self.start_long_render("--threads", "1", "--net-enable", "--net-master-port", port, "--net-wait", "1")
        slave.wait_for("^Launching")
        time.sleep(1.5)
        program.send(signal.SIGTERM)
        self.check_stopped(program, signal.SIGTERM, 143)
        self.assertEqual(slave.end(30), 0)

    def test_a_second_ctrl_c_ends_at_once(self):
        program = self.start_long_render()
        program.send(signal.SIGINT)
        program.wait_for("^Stopping: ")
        program.send(signal.SIGINT)
        self.assertEqual(program.end(10), -signal.SIGINT)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--master", required=True)
    parser.add_argument("--slave", required=True)
    parser.add_argument("--daemon", required=True)
    parser.add_argument("--odd-slave", required=True)
    options, rest = parser.parse_known_args()
    PROGRAMS.master, PROGRAMS.slave, PROGRAMS.daemon, PROGRAMS.odd_slave = (str(Path(p).resolve()) for p in (
        options.master, options.slave, options.daemon, options.odd_slave))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
