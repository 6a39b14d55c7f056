#!/usr/bin/env python3
"""Whatever ends a render, its film is not lost: signals, a closed terminal, a killed program, full disks, folders that
went. What is left is found, and going on gives the bits of an uninterrupted render.

    tests/system/nothing_lost_test.py --master PATH --slave PATH [--kills N] [--seed N] [unittest arguments]
"""
import argparse
import json
import os
import pty
import random
import shutil
import signal
import stat
import struct
import subprocess
import sys
import time
import unittest
from pathlib import Path

from system_test import PROGRAMS, ROOM, SystemTest, free_port, picture

OPTIONS = argparse.Namespace(kills=3, seed=0)
SHORT = picture(48, 48, 300)  # about a second of one thread
MEDIUM = picture(64, 64, 1500)  # some seconds
LONG = picture(64, 64, 50000)  # minutes


class NothingLost(SystemTest):
    truths = {}  # film hashes of uninterrupted renders

    def setUp(self):
        super().setUp()
        self.temporary = self.folder / "temporary"
        self.temporary.mkdir()

    def environment(self, config=None):
        # A GPU would be done before anything can happen.
        return {**super().environment(config), "TMPDIR": str(self.temporary), "CUDA_VISIBLE_DEVICES": ""}

    def render(self, *arguments):
        """One that tells of its progress."""
        return self.master(*arguments, "--threads", "1", "--progress", "json", "--progress-interval", "0.05", "--report",
                           "report.json")

    def truth(self, arguments):
        key = tuple(arguments)
        if key not in self.truths:
            self.run_master(*arguments, "-o", "truth.png", "--report", "truth.json")
            self.truths[key] = self.report("truth.json")["film_hash"]
        return self.truths[key]

    def head(self, film):
        return json.loads(self.run_master("inspect", film, "--json").out)

    def stop(self, program, which=signal.SIGINT, percent=0.05):
        """The report of a render that was stopped by this signal."""
        program.wait_percent(percent)
        program.send(which)
        self.assertEqual(program.end(30), -which, program.out + program.err)
        return self.report()

    def check_film(self, film, report):
        """The file holds what the report counts."""
        head = self.head(film)
        self.assertEqual((head["samples_merged"], head["film_hash"]), (report["samples_merged"], report["film_hash"]))
        self.assertTrue(0 < head["samples_merged"] < head["samples_wanted"])

    def interrupted(self, percent=5):
        """The film file of a render that was stopped."""
        self.stop(self.render(*SHORT, "-o", "a.png"), percent=percent)
        return self.folder / "a.octcheck"

    def kill_with_checkpoint(self, program, film):
        """As soon as it has written one."""
        while not film.exists() and program.process.poll() is None:
            time.sleep(0.01)
        program.kill()
        self.assertGreater(self.head(film)["samples_merged"], 0)

    def check_resumed(self, film_hash, *arguments):
        program = self.run_master(*arguments, "--resume", "--report", "resumed.json")
        self.assertRegex(program.err, r"Resuming \S+: \d+ % of the samples are there")
        report = self.report("resumed.json")
        self.check_complete(report, film_hash)
        return report

    def check_complete(self, report, film_hash, states=("done",)):
        self.assertEqual((report["exit_code"], report["stop_reason"]), (0, "samples"))
        self.assertIn(report["frames"][0]["state"], states)
        self.assertEqual(report["samples_merged"], report["samples_wanted"])
        self.assertEqual(report["film_hash"], film_hash)


class Resume(NothingLost):
    def test_after_kill_with_nothing_but_the_checkpoint(self):
        film_hash = self.truth(MEDIUM)
        arguments = [*MEDIUM, "-o", "out/a.png", "--checkpoint-interval", "1"]
        program = self.render(*arguments)
        self.kill_with_checkpoint(program, self.folder / "out/a.octcheck")
        self.assertFalse((self.folder / "out/a.png").exists())
        self.check_resumed(film_hash, *arguments)
        self.assertEqual(sorted(os.listdir(self.folder / "out")), ["a.png"])  # no checkpoint, nothing temporary

    def test_with_nothing_to_resume_it_starts(self):
        program = self.run_master(*picture(16, 16, 4), "-o", "a.png", "--resume")
        self.assertNotIn("Resuming", program.err)
        self.assertTrue((self.folder / "a.png").is_file())

    def test_more_samples_other_devices_other_outputs(self):
        film = self.interrupted()
        more = picture(48, 48, 360)
        report = self.check_resumed(self.truth(more), *more, "--checkpoint", film.name, "--output-exr", "b.exr", "--exr-type",
                                    "float", "--imager-exposure", "3", "--tone-curve", "agx", "--cpu-code", "x64")
        self.assertEqual(report["frames"][0]["outputs"], ["b.exr"])
        self.assertFalse(film.exists())

    def test_another_render_is_refused_and_its_film_untouched(self):
        film = self.interrupted()
        content = film.read_bytes()
        for change, words in ((["--seed", "3"], "seed 0, now 3"), (["--cam-pos-y", "1.1"], "camera"),
                              (["--max-depth", "2"], "maximum depth 16, now 2"), (["--film-height", "47"], "film height 48, now 47"),
                              (["-s", "299"], "samples per pixel 300, now 299"),
                              (["--clamp-indirect", "2"], "largest indirect contribution")):
            program = self.run_master(*SHORT, *change, "-o", "a.png", "--resume", "--report", "report.json", code=10)
            self.assertIn("error: a.octcheck is of another render: ", program.err)
            self.assertIn(words, program.err)
            self.assertIn("help: ", program.err)
            report = self.report()
            self.assertEqual((report["exit_code"], report["stop_reason"]), (10, "failed"))
            self.assertIn(words, report["frames"][0]["error"])
            self.assertEqual(film.read_bytes(), content)
        # Without --resume it is the user's word that counts; the older film is there until this one has a checkpoint.
        program = self.run_master(*picture(48, 48, 4), "--seed", "3", "-o", "a.png")
        self.assertIn("warning: a.octcheck is of another render; the first checkpoint of this one replaces it", program.err)
        self.assertEqual(film.read_bytes(), content)

    def test_damaged_films_are_refused_and_kept(self):
        film = self.interrupted()
        whole = film.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 1
        for content in (bytes(flipped), whole[:-1], whole[:100], whole + b"x", b"not a film"):
            film.write_bytes(content)
            program = self.run_master(*SHORT, "-o", "a.png", "--resume", code=3)
            self.assertRegex(program.err, r"error: a\.octcheck: .*\nhelp: remove it, or --checkpoint FILE ")
            self.assertEqual(film.read_bytes(), content)
        program = self.run_master(*SHORT, "-o", "a.png", code=4)
        self.assertIn("; it is not replaced", program.err)

    def test_more_of_the_same_render_is_kept(self):
        film = self.interrupted(percent=50)
        content, merged = film.read_bytes(), self.head(film)["samples_merged"]
        program = self.render(*SHORT, "-o", "a.png")
        report = self.stop(program)
        self.assertLess(report["samples_merged"], merged)
        self.assertEqual(film.read_bytes(), content)
        self.assertEqual(report["warnings"], ["a.octcheck holds a part of this render; it is kept until this run is further"])

    def test_names_that_cannot_keep_a_film(self):
        tiny = picture(16, 16, 4)
        (self.folder / "folder").mkdir()
        (self.folder / "picture.png").write_bytes(b"a picture")
        os.symlink("a.png", self.folder / "link")
        for name, words in (("folder", "folder: "), ("picture.png", "not a film file"), ("/dev/null", "is not a file"),
                            ("picture.png/a.octcheck", "picture.png/a.octcheck: ")):
            program = self.run_master(*tiny, "-o", "a.png", "--checkpoint", name, code=4)
            self.assertRegex(program.err, "error: .*" + words)
            self.assertNotIn("Progress", program.out)
        self.assertEqual((self.folder / "picture.png").read_bytes(), b"a picture")

    def test_two_names_of_one_file(self):
        tiny = picture(8, 8, 1)
        (self.folder / "folder").mkdir()
        os.symlink("a.png", self.folder / "link")
        os.symlink("folder", self.folder / "linked")
        (self.folder / "old.exr").write_bytes(b"older")
        os.link(self.folder / "old.exr", self.folder / "hard.json")

        def refused(*arguments):
            program = self.run_master(*tiny, *arguments, code=2)
            self.assertNotIn("Progress", program.out)
            return program.err

        for name in ("./folder/../a.png", "link"):
            self.assertIn(f"error: {name} and a.png are one file: the checkpoint and an output would replace each other",
                          refused("-o", "a.png", "--checkpoint", name))
        self.assertIn("a.png: the checkpoint and an output have this name", refused("-o", "a.png", "--checkpoint", "a.png"))
        self.assertIn("hard.json and old.exr are one file: the report and an output",
                      refused("--output-exr", "old.exr", "--report", "hard.json"))
        self.assertIn("folder/b.png and linked/b.png are one file: two outputs",
                      refused("-o", "folder/b.png", "--output-png16", "linked/b.png"))
        self.run_master(*tiny, "-o", "/dev/null", "--report", "/dev/null")
        self.assertIn("./a.png and a.png are one file: the report and an output", refused("-o", "a.png", "--report", "./a.png"))
        self.assertIn("./a.png and a.png are one file: the log and an output", refused("-o", "a.png", "--log-file", "./a.png"))
        self.assertIn("the preview and an output", refused("-o", "a.png", "--preview", "folder/../a.png"))
        self.assertFalse((self.folder / "a.png").exists())

    def test_pictures_of_an_unfinished_film(self):
        film = self.interrupted()
        self.run_master("resolve", film.name, "-o", "b.png", "--output-png16", "c.png", "--output-exr-tm", "d.exr", "--tone-curve",
                        "aces")
        self.run_master("resolve", film.name, "-o", "e.png")
        self.assertEqual((self.folder / "e.png").read_bytes(), (self.folder / "a.png").read_bytes())
        self.assertNotEqual((self.folder / "b.png").read_bytes(), (self.folder / "a.png").read_bytes())
        self.assertTrue(film.exists())


class Endings(NothingLost):
    def check_stopped(self, report, code, outputs):
        self.assertEqual((report["exit_code"], report["stop_reason"]), (code, "cancelled"))
        frame = report["frames"][0]
        self.assertEqual((frame["state"], frame["error"], frame["outputs"]), ("cancelled", None, outputs))
        self.check_film("a.octcheck", report)

    def test_signals(self):
        for which, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
            program = self.render(*LONG, "-o", "a.png")
            report = self.stop(program, which)
            self.check_stopped(report, code, ["a.png"])
            last = [json.loads(line) for line in program.lines["out"] if '"event":"progress"' in line][-1]
            self.assertEqual(last["samples_per_pixel_wanted"], 50000)
            self.assertEqual(last["samples_merged"], report["samples_merged"])
            (self.folder / "a.octcheck").unlink()

    def test_signals_that_come_together(self):
        program = self.render(*LONG, "-o", "a.png")
        program.wait_percent(0.05)
        for which in (signal.SIGTERM, signal.SIGHUP, signal.SIGTERM):
            program.send(which)
        self.assertIn(program.end(30), (-signal.SIGTERM, -signal.SIGHUP))
        self.check_stopped(self.report(), self.report()["exit_code"], ["a.png"])

    def test_the_terminal_is_closed(self):
        ours, theirs = pty.openpty()
        # A session of its own, whose terminal this is.
        program = subprocess.Popen([PROGRAMS.master, *LONG, "-o", "a.png", "--report", "report.json", "--progress", "bar"],
                                   stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.folder, env=self.environment(),
                                   start_new_session=True, preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)))
        self.addCleanup(program.kill)
        os.close(theirs)
        shown = b""
        while b"[" not in shown:  # the bar is drawn
            shown += os.read(ours, 4096)
        time.sleep(0.3)
        os.close(ours)
        self.assertEqual(program.wait(30), -signal.SIGHUP)
        self.check_stopped(self.report(), 129, ["a.png"])

    def test_nohup(self):
        program = self.start("nohup", PROGRAMS.master, *SHORT, "-o", "a.png", "--progress", "json", "--progress-interval", "0.05")
        program.wait_percent(1)
        program.send(signal.SIGHUP)
        self.assertEqual(program.end(), 0, program.err)
        self.assertIn(self.truth(SHORT), program.out)

    def test_the_film_is_safe_before_a_picture_waits(self):
        os.mkfifo(self.folder / "a.png")  # nobody reads it
        program = self.render(*LONG, "-o", "a.png", "--checkpoint", "a.octcheck")
        program.wait_percent(0.05)
        program.send(signal.SIGINT)
        deadline = time.monotonic() + 30
        while not (self.folder / "a.octcheck").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        program.send(signal.SIGINT)
        self.assertEqual(program.end(10), -signal.SIGINT)
        self.assertGreater(self.head("a.octcheck")["samples_merged"], 0)
        self.assertTrue(stat.S_ISFIFO(os.stat(self.folder / "a.png").st_mode))

    def test_before_the_first_sample(self):
        program = self.render(*LONG, "-o", "a.png", "--no-local", "--net-enable", "--net-use", "none", "--net-master-port",
                              free_port())
        program.wait_for("frame_started")
        program.send(signal.SIGINT)
        self.assertEqual(program.end(30), -signal.SIGINT)
        report = self.report()
        self.assertEqual((report["exit_code"], report["film_hash"], report["frames"][0]["outputs"]), (130, None, []))
        self.assertFalse((self.folder / "a.png").exists())


class Outputs(NothingLost):
    def kept_in(self, program):
        """Where the error says that the film is."""
        line = program.wait_for("^error: .*; the film is kept in ", 1)
        return line.split("; the film is kept in ")[1]

    def test_a_disk_without_space(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full here")
        film_hash = self.truth(SHORT)
        program = self.run_master(*SHORT, "-o", "/dev/full", "--output-exr", "b.exr", "--report", "report.json", code=4)
        self.assertIn("error: /dev/full: No space left on device; the film is kept in b.octcheck", program.err)
        self.assertRegex(program.err, "help: .* --resume")
        report = self.report()
        self.assertEqual((report["exit_code"], report["stop_reason"], report["film_hash"]), (4, "failed", film_hash))
        frame = report["frames"][0]
        self.assertEqual((frame["state"], frame["outputs"]), ("failed", ["b.exr"]))
        self.assertIn("the film is kept in b.octcheck", frame["error"])
        # The picture comes without a sample.
        resumed = self.check_resumed(film_hash, *SHORT, "-o", "b.png")
        self.assertEqual(sum(device["samples"] for device in resumed["devices"]), 0)
        self.assertFalse((self.folder / "b.octcheck").exists())

    def test_the_folder_goes_and_another_film_is_in_the_way(self):
        film_hash = self.truth(SHORT)
        (self.temporary / "a.octcheck").write_text("somebody else's")
        os.symlink(self.folder / "elsewhere", self.temporary / "a-2.octcheck")
        program = self.render(*SHORT, "-o", "out/a.png", "--checkpoint-interval", "1")
        program.wait_percent(5)
        shutil.rmtree(self.folder / "out")
        (self.folder / "out").write_text("in the way")
        self.assertEqual(program.end(), 4, program.err)
        film = self.temporary / "a-3.octcheck"
        self.assertEqual(self.report()["film_hash"], film_hash)
        self.assertIn(f"the film is kept in {film}", self.report()["frames"][0]["error"])
        self.assertEqual((self.temporary / "a.octcheck").read_text(), "somebody else's")
        self.assertFalse((self.folder / "elsewhere").exists())
        (self.folder / "out").unlink()
        self.check_resumed(film_hash, *SHORT, "-o", "out/a.png", "--checkpoint", film)
        self.assertFalse(film.exists())

    def test_a_render_that_was_rescued_leaves_no_older_checkpoint(self):
        film_hash = self.truth(MEDIUM)
        program = self.render(*MEDIUM, "-o", "out/a.png", "--checkpoint-interval", "1")
        self.kill_with_checkpoint(program, self.folder / "out/a.octcheck")
        # The same render once more, which cannot write beside its picture any more.
        checkpoint = self.folder / "out/a.octcheck"
        older = checkpoint.read_bytes()
        program = self.render(*MEDIUM, "-o", "out/a.png", "--checkpoint-interval", "1000", "--resume")
        program.wait_for("frame_started")
        shutil.rmtree(self.folder / "out")
        (self.folder / "out").write_text("in the way")
        self.assertEqual(program.end(), 4, program.err)
        film = Path(self.kept_in(program))
        self.assertEqual(film.parent, self.temporary)
        (self.folder / "out").unlink()
        (self.folder / "out").mkdir()
        checkpoint.write_bytes(older)
        self.check_resumed(film_hash, *MEDIUM, "-o", "out/a.png", "--checkpoint", film)
        self.assertEqual(os.listdir(self.folder / "out"), ["a.png"])
        self.assertEqual(os.listdir(self.temporary), [])

    def test_nobody_reads_the_picture_and_it_is_stopped(self):
        film_hash = self.truth(SHORT)
        os.mkfifo(self.folder / "a.png")
        program = self.master(*SHORT, "-o", "a.png", "--checkpoint", "a.octcheck")
        film, deadline = self.folder / "a.octcheck", time.monotonic() + 60
        while not film.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        head = self.head(film)
        self.assertEqual((head["samples_merged"], head["film_hash"]), (head["samples_wanted"], film_hash))
        program.send(signal.SIGINT)
        program.wait_for("Writing the pictures; nothing is missing", 20)
        self.assertIsNone(program.process.poll())  # it still waits
        program.send(signal.SIGINT)
        self.assertEqual(program.end(30), -signal.SIGINT, program.err)
        report = self.check_resumed(film_hash, *SHORT, "-o", "b.png", "--checkpoint", "a.octcheck")
        self.assertEqual(sum(device["samples"] for device in report["devices"]), 0)
        self.assertFalse(film.exists())

    def test_nothing_can_be_written_anywhere(self):
        if not shutil.which("prlimit"):
            self.skipTest("needs prlimit")
        program = self.start("prlimit", "--fsize=200", PROGRAMS.master, *picture(16, 16, 4), "-o", "a.png")
        self.assertEqual(program.end(), 4)
        self.assertIn("error: a.png: File too large; the film could not be kept either: a.octcheck: File too large; ", program.err)
        self.assertEqual(sorted(os.listdir(self.folder)), ["temporary"])
        self.assertEqual(os.listdir(self.temporary), [])

    def mount(self, *options):
        """A small disk, or this test is left out."""
        disk = self.folder / "disk"
        disk.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", str(disk)]
        if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode != 0:
            self.skipTest("disks cannot be mounted here (they want root)")
        self.addCleanup(subprocess.run, ["umount", "--lazy", str(disk)], check=True)
        return disk

    def test_a_disk_that_becomes_read_only(self):
        disk = self.mount("size=10m", "nr_inodes=100")
        program = self.render(*SHORT, "-o", "disk/a.png", "--preview", "disk/p.png", "--preview-interval", "0.1",
                              "--checkpoint-interval", "1")
        program.wait_percent(5)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        self.assertEqual(program.end(), 4, program.err)
        self.assertEqual(self.report()["film_hash"], self.truth(SHORT))
        warnings = [json.loads(line)["message"] for line in program.lines["out"] if '"event":"warning"' in line]
        words = "the preview cannot be written: disk/p.png: Read-only file system"
        self.assertTrue(any(words in warning for warning in warnings), warnings)
        self.assertEqual(self.kept_in(program), str(self.temporary / "a.octcheck"))
        self.assertIn("help: make its disk writable, or choose another folder, then the same command with --resume", program.err)
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        self.check_resumed(self.truth(SHORT), *SHORT, "-o", "disk/a.png", "--checkpoint", self.temporary / "a.octcheck")

    def test_a_disk_that_fills_up(self):
        disk = self.mount("size=1m", "nr_inodes=100")
        program = self.render(*SHORT, "-o", "disk/a.png")
        program.wait_percent(5)
        with open(disk / "fill", "wb", buffering=0) as fill, self.assertRaises(OSError):
            while True:
                fill.write(bytes(65536))
        self.assertEqual(program.end(), 4, program.err)
        self.assertIn("No space left on device", program.err)
        self.assertIn("help: make room there, then the same command with --resume", program.err)
        self.assertEqual(self.kept_in(program), str(self.temporary / "a.octcheck"))
        self.assertEqual(self.head(self.temporary / "a.octcheck")["film_hash"], self.truth(SHORT))

    def test_memory(self):
        if not shutil.which("prlimit"):
            self.skipTest("needs prlimit")
        program = self.start("prlimit", "--as=6000000000", PROGRAMS.master, ROOM, "--film-width", 16384, "--film-height", 16384)
        self.assertEqual(program.end(30), 5)
        self.assertRegex(program.err, r"error: the render needs [\d.]+ GB \(.*film [\d.]+.*\), 6\.0 GB may be used")
        self.assertNotIn("Film ", program.out)
        # Enough for the film, not for a second copy of it as pictures.
        program = self.start("prlimit", f"--as={433 << 20}", PROGRAMS.master, ROOM, "--film-width", 2048, "--film-height", 2048, "-s",
                             1, "--max-depth", 0, "--threads", 1, "-o", "a.png", "--output-exr", "a.exr")
        self.assertEqual(program.end(), 0, program.err)

    def test_previews(self):
        program = self.render(*LONG, "-o", "a.png", "--preview", "p.png", "--preview-interval", "0.1", "--display-server",
                              f"127.0.0.1:{free_port()}")
        seen, deadline = set(), time.monotonic() + 30
        while len(seen) < 4 and time.monotonic() < deadline:
            if (self.folder / "p.png").exists():
                seen.add((self.folder / "p.png").read_bytes())
        self.assertEqual(len(seen), 4)
        for content in seen:
            self.assertTrue(content.startswith(b"\x89PNG") and content.endswith(b"IEND\xaeB`\x82"))
        report = self.stop(program)
        self.assertEqual(len(report["warnings"]), 1)
        self.assertRegex(report["warnings"][0], "no display server: .*: connection refused")
        self.assertIn("64x64", self.run_master("inspect", "p.png").out)


class Slaves(NothingLost):
    def network(self, port, *more):
        return ["--net-enable", "--net-use", "none", "--net-master-port", port, *more]

    def test_master_and_slave_are_killed(self):
        film_hash = self.truth(MEDIUM)
        port = free_port()
        arguments = [*MEDIUM, "-o", "a.png", "--checkpoint-interval", "1", "--no-local", *self.network(port)]
        lost, left = self.slave(port, "--name", "lost"), self.slave(port, "--name", "left")
        program = self.render(*arguments, "--net-wait", "2")
        program.wait_percent(5)
        lost.kill()
        self.kill_with_checkpoint(program, self.folder / "a.octcheck")
        report = self.check_resumed(film_hash, *arguments)
        self.assertEqual([slave["name"] for slave in report["slaves"]], ["left"])
        left.kill()

    def test_everything_is_rendered_twice(self):
        arguments = picture(48, 48, 40)
        port = free_port()
        slaves = [self.slave(port, "--name", name, "--once") for name in ("one", "two")]
        self.run_master(*arguments, "--no-local", *self.network(port, "--net-wait", "2", "--audit", "100"), "--report", "report.json")
        report = self.report()
        self.check_complete(report, self.truth(arguments))
        self.check_accounting(report)
        self.assertEqual(report["warnings"], [])
        for slave in slaves:
            self.assertEqual(slave.end(30), 0, slave.err)


    def spoil(self, process, old, new):
        """Replaces these bytes in its memory; how often."""
        places = 0
        for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
            addresses, rights = line.split()[:2]
            begin, end = (int(address, 16) for address in addresses.split("-"))
            if not rights.startswith("rw") or end - begin > 256 << 20:
                continue
            with open(f"/proc/{process.pid}/mem", "r+b", buffering=0) as memory:
                memory.seek(begin)
                content = memory.read(end - begin)
                place = content.find(old)
                while place >= 0:
                    memory.seek(begin + place)
                    memory.write(new)
                    places += 1
                    place = content.find(old, place + 1)
        return places

    def test_a_slave_whose_memory_fails_while_it_renders(self):
        if not os.path.exists("/proc/self/mem"):
            self.skipTest("there is no /proc/PID/mem here")
        port = free_port()
        slave = self.slave(port, "--name", "failing")
        program = self.render(*MEDIUM, "-o", "a.png", *self.network(port, "--net-wait", "1", "--audit", "100"))
        program.wait_percent(2)
        # The white walls of its scene turn red.
        self.assertGreater(self.spoil(slave.process, struct.pack("<3f", 0.7, 0.7, 0.68), struct.pack("<3f", 0.7, 0.1, 0.1)), 0)
        self.assertEqual(program.end(), 0, program.err)
        report = self.report()
        self.check_complete(report, self.truth(MEDIUM))
        self.check_accounting(report)
        self.assertRegex(report["warnings"][0], r"^failing \(127\.0\.0\.1\): .* is not used: .* differs from the reference's render of it; "
                         r"the \d+ units? that it had rendered (is|are) rendered again$")
        self.assertEqual((report["slaves"][0]["end"], report["slaves"][0]["samples"]), ("left", 0))
        self.assertIn("differs from the reference's render of it", report["slaves"][0]["reason"])
        slave.wait_for("error: master .* does not use this slave: .* differs from the reference's render of it", 20)


    def test_a_slave_whose_memory_fails_before_the_master_is_stopped(self):
        if not os.path.exists("/proc/self/mem"):
            self.skipTest("there is no /proc/PID/mem here")
        port = free_port()
        slave = self.slave(port, "--name", "failing")
        program = self.render(*MEDIUM, "-o", "a.png", "--no-local", *self.network(port, "--net-wait", "1", "--audit", "100"))
        program.wait_percent(1)
        self.assertGreater(self.spoil(slave.process, struct.pack("<3f", 0.7, 0.7, 0.68), struct.pack("<3f", 0.7, 0.1, 0.1)), 0)
        time.sleep(0.5)
        # Nobody else is there, so all that it has answered is still to be compared.
        self.stop(program)
        slave.kill()
        head = self.head("a.octcheck")
        self.assertEqual(head["sources"], 1)
        self.assertGreater(head["audits_pending"], 0)
        report = self.check_resumed(self.truth(MEDIUM), *MEDIUM, "-o", "a.png")
        self.assertRegex(report["warnings"][0], r"^a device of an earlier run of this render is shut out: .*; the \d+ tiles? that it "
                         r"had a part in (is|are) rendered again$")


class Kills(NothingLost):
    """--kills in all, at random moments of renders that go on where the last one was."""

    def test_resumed_until_it_is_done(self):
        rng = random.Random(OPTIONS.seed)
        arguments = MEDIUM
        film_hash = self.truth(arguments)
        kills = 0
        while kills < OPTIONS.kills:
            kills += self.render_with_kills(arguments, film_hash, rng, OPTIONS.kills - kills)

    def render_with_kills(self, arguments, film_hash, rng, most):
        """The number of kills that one picture took."""
        for kills in range(most + 1):
            program = self.render(*arguments, "-o", "out/a.png", "--resume", "--checkpoint-interval", "1")
            if kills < most:
                try:
                    program.process.wait(rng.uniform(0, 3.5))
                except subprocess.TimeoutExpired:
                    program.kill()
                    continue
            self.assertEqual(program.end(), 0, program.err)
            break
        # One may have been killed when the picture was there, and nothing else was left to do.
        self.check_complete(self.report(), film_hash, ("done", "skipped"))
        self.assertEqual(os.listdir(self.folder / "out"), ["a.png"])
        shutil.rmtree(self.folder / "out")
        return kills


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--master", required=True)
    parser.add_argument("--slave", required=True)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    options, rest = parser.parse_known_args()
    PROGRAMS.master, PROGRAMS.slave = (str(Path(p).resolve()) for p in (options.master, options.slave))
    OPTIONS.kills, OPTIONS.seed = options.kills, options.seed
    print(f"seed {options.seed}", file=sys.stderr)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
