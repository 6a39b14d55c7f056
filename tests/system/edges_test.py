#!/usr/bin/env python3
"""What systems do at their edges: disks that are full, limits, pipes and links where files should be.

    tests/system/edges_test.py --master PATH --slave PATH --daemon PATH [unittest arguments]
"""
import argparse
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import unittest
import zlib
from pathlib import Path

import system_test
from system_test import PROGRAMS, SystemTest, free_port, picture

NOBODY = 65534


class EdgesTest(SystemTest):
    def run_with(self, command, stdout=subprocess.PIPE, limits=(), prepare=None, seconds=120):
        """Runs a program under `limits`, pairs of a resource and its number, hard and soft."""
        def begin():
            for which, number in limits:
                resource.setrlimit(which, (number, number))
            if prepare:
                prepare()
        return subprocess.run([str(c) for c in command], stdout=stdout, stderr=subprocess.PIPE, encoding="utf-8",
                              cwd=self.folder, env=self.environment(), preexec_fn=begin, timeout=seconds, check=False)


class LostOutput(EdgesTest):
    def check_lost(self, *command):
        with open("/dev/full", "w", encoding="utf-8") as full:
            ended = self.run_with(command, stdout=full)
        self.assertEqual(ended.returncode, 4, (command, ended.stderr))
        self.assertIn("error: ", ended.stderr)
        self.assertIn("No space left on device", ended.stderr)
        self.assertIn("help: ", ended.stderr)
        return ended

    def test_every_subcommand_of_every_program(self):
        self.run_master(*picture(16, 16, 4), "-o", "a.png")
        for arguments in (["--help"], ["--version"], ["devices"], ["devices", "--json"], ["inspect", "a.png"],
                          ["inspect", "a.png", "--json"], ["preferences"], ["preferences", "path"],
                          ["preferences", "set", "network.enable", "false"], ["activate"], ["activate", "--show"],
                          ["daemons", "list", "--wait", "0.2"], ["daemons", "list", "--wait", "0.2", "--json"]):
            self.check_lost(PROGRAMS.master, *arguments)
        for program in (PROGRAMS.slave, PROGRAMS.daemon):
            self.check_lost(program, "--help")
            self.check_lost(program, "--version")
        self.check_lost(PROGRAMS.slave, "--info")

    def test_a_render_goes_on_and_ends_with_4(self):
        for progress in ("json", "plain"):
            self.check_lost(PROGRAMS.master, *picture(16, 16, 4), "-o", "a.png", "--report", "r.json", "--progress", progress)
            self.assertTrue((self.folder / "a.png").exists())
            report = self.report("r.json")
            self.assertEqual(report["exit_code"], 4)
            self.assertEqual(report["samples_merged"], report["samples_wanted"])
            self.assertIn("standard output", "".join(report["warnings"]))
            (self.folder / "a.png").unlink()

    def test_a_daemon_that_serves(self):
        port = free_port()
        with open("/dev/full", "w", encoding="utf-8") as full:
            daemon = subprocess.Popen([PROGRAMS.daemon, "--port", str(port), "--bind", "127.0.0.1"], stdout=full,
                                      stderr=subprocess.PIPE, encoding="utf-8", env=self.environment())
        self.addCleanup(daemon.kill)
        while self.run_with([PROGRAMS.daemon, "--status", "--port", port]).returncode == 6:
            self.assertIsNone(daemon.poll())
        daemon.send_signal(signal.SIGTERM)
        _, errors = daemon.communicate(timeout=30)
        self.assertEqual(daemon.returncode, 4, errors)
        self.assertIn("No space left on device", errors)

    def test_a_reader_that_has_enough_is_no_loss(self):
        read, write = os.pipe()
        os.close(read)
        try:
            ended = self.run_with([PROGRAMS.master, *picture(16, 16, 4), "-o", "a.png"], stdout=write)
        finally:
            os.close(write)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertNotIn("standard output", ended.stderr)

    def test_a_log_that_is_full_costs_no_render(self):
        program = self.run_master(*picture(16, 16, 4), "-o", "a.png", "--log-file", "/dev/full", "--report", "r.json")
        self.assertRegex(program.err, "warning: lines of the log file are lost: .*/dev/full.*No space left on device")
        self.assertTrue((self.folder / "a.png").exists())
        report = self.report("r.json")
        self.assertEqual(report["exit_code"], 0)
        self.assertIn("/dev/full", "".join(report["warnings"]))
        slave = self.slave(free_port(), "--log-file", "/dev/full", "--net-timeout", "1")
        slave.wait_for("warning: lines of the log file are lost: .*/dev/full")
        self.assertEqual(slave.end(30), 6)

    def test_a_device_as_log_is_not_renamed(self):
        self.run_master(*picture(16, 16, 1), "-o", "a.png", "--log-file", "/dev/null")
        self.assertTrue(Path("/dev/null").is_char_device())


class Limits(EdgesTest):
    def test_a_file_that_may_not_grow(self):
        limit = [(resource.RLIMIT_FSIZE, 600)]
        ended = self.run_with([PROGRAMS.master, *picture(64, 64, 1), "-o", "a.exr", "--threads", "1"], limits=limit)
        self.assertEqual(ended.returncode, 4, ended.stderr)
        self.assertIn("error: a.exr: File too large", ended.stderr)
        with open(self.folder / "lines", "w", encoding="utf-8") as lines:
            ended = self.run_with([PROGRAMS.master, "--help"], stdout=lines, limits=limit)
        self.assertEqual(ended.returncode, 4, ended.stderr)
        self.assertIn("standard output: File too large", ended.stderr)

    def test_small_stacks(self):
        """Threads would get the size that ulimit -s says."""
        truth, _ = self.local_truth(picture(32, 32, 4))
        for soft, hard in ((64 << 10, 64 << 10), (64 << 10, resource.RLIM_INFINITY)):
            ended = self.run_with([PROGRAMS.master, *picture(32, 32, 4), "--threads", "3", "-o", "a.png", "--report", "r.json"],
                                  prepare=lambda s=soft, h=hard: resource.setrlimit(resource.RLIMIT_STACK, (s, h)))
            self.assertEqual(ended.returncode, 0, ended.stderr)
            self.assertEqual(self.report("r.json")["film_hash"], truth["film_hash"])
        small = [(resource.RLIMIT_STACK, 64 << 10)]
        self.assertEqual(self.run_with([PROGRAMS.slave, "--info"], limits=small).returncode, 0)
        ended = self.run_with([PROGRAMS.slave, "--net-master-address", "127.0.0.1", "--net-master-port", free_port(), "--net-timeout",
                               "0.5", "--threads", "2"], limits=small)
        self.assertEqual(ended.returncode, 6, ended.stderr)

    def test_too_few_files(self):
        for files in (6, 9, 14):
            limit = [(resource.RLIMIT_NOFILE, files)]
            address = ["--net-master-address", "127.0.0.1", "--net-master-port", free_port(), "--net-timeout", "0.5"]
            commands = ([PROGRAMS.master, *picture(8, 8, 1), "--net-enable", "--net-master-port", free_port()],
                        [PROGRAMS.slave, "--threads", "1", *address],
                        [PROGRAMS.daemon, "--port", free_port(), "--bind", "127.0.0.1", "--slave", "/none"])
            for command in commands if files < 9 else commands[:2]:
                ended = self.run_with(command, limits=limit, seconds=60)
                if ended.returncode in (0, 6) and files > 6:
                    continue
                self.assertEqual(ended.returncode, 5, (files, command, ended.stderr))
                self.assertRegex(ended.stderr, f"too many open files.*{files}")
                self.assertIn("help: ", ended.stderr)

    def test_a_full_table_of_files_is_named(self):
        for command in ([PROGRAMS.daemon, "--bind", "127.0.0.1", "--port"],
                        [PROGRAMS.master, *picture(8, 8, 1), "--no-local", "--net-enable", "--net-master-port"]):
            port = free_port()
            program = self.start("bash", "-c", 'ulimit -n 32; exec "$@"', "-", *command, port)
            program.wait_for("Waiting for|Network ")
            strangers = [socket.socket() for _ in range(40)]
            for stranger in strangers:
                self.addCleanup(stranger.close)
                stranger.connect(("127.0.0.1", port))
            program.wait_for("warning: no more connections can be accepted now: too many open files: this process may have 32")
            program.wait_for("help: raise the limit of open files")
            for stranger in strangers:
                stranger.close()
            if "octane_daemon" in command[0]:
                status = ["--status", "--port", port]
                self.assertEqual(self.run_with([PROGRAMS.daemon, *status]).returncode, 0)  # it goes on
            program.kill()

    def test_the_limit_of_files_is_raised(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        low = min(64, hard)
        for command in ([PROGRAMS.slave, "--net-master-address", "127.0.0.1", "--net-master-port", free_port(), "--threads", "1"],
                        [PROGRAMS.daemon, "--port", free_port(), "--bind", "127.0.0.1"],
                        [PROGRAMS.master, *picture(8, 8, 1), "--no-local", "--net-enable", "--net-master-port", free_port()]):
            program = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, encoding="utf-8",
                                       cwd=self.folder, env=self.environment(),
                                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (low, hard)))
            self.addCleanup(program.stdout.close)
            self.addCleanup(program.wait)
            self.addCleanup(program.kill)
            program.stdout.readline()
            limits = Path(f"/proc/{program.pid}/limits").read_text(encoding="ascii")
            line = next(line for line in limits.splitlines() if line.startswith("Max open files"))
            self.assertEqual(line.split()[3], str(hard), command)

    def test_too_little_for_threads(self):
        ended = self.run_with([PROGRAMS.master, *picture(8, 8, 1), "--threads", "500"], limits=[(resource.RLIMIT_AS, 1 << 30)])
        self.assertEqual(ended.returncode, 5, ended.stderr)
        self.assertNotIn("bug", ended.stderr)
        self.assertIn("help: ", ended.stderr)


    def write_scene_with_a_texture(self, size):
        """A triangle with a picture: size * size * 4 bytes in a slave's memory."""
        def chunk(kind, data):
            return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        rows = zlib.compress((b"\0" + bytes(3 * size)) * size, 1)
        (self.folder / "large.png").write_bytes(
            b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)) + chunk(b"IDAT", rows) +
            chunk(b"IEND", b""))
        (self.folder / "large.mtl").write_text("newmtl m\nKd 1 1 1\nmap_Kd large.png\n")
        (self.folder / "large.obj").write_text("mtllib large.mtl\nusemtl m\nv 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\n"
                                               "f 1/1 2/2 3/3\n")

    def test_a_slave_takes_what_its_memory_holds(self):
        self.write_scene_with_a_texture(4096)
        port = free_port()
        master = self.master("large.obj", "--film-width", "16", "--film-height", "16", "-s", "2000", "--no-local", "--net-enable",
                             "--net-master-port", port)
        master.wait_for("Network ")
        slave = self.start("bash", "-c", 'ulimit -d 60000; exec "$@"', "-", PROGRAMS.slave, "--net-master-address", "127.0.0.1",
                           "--net-master-port", port, "--threads", "1")
        self.assertEqual(slave.end(60), 5, slave.out + slave.err)
        why = r"the render needs 0\.\d\d GB \(scene 0\.07, .*\), 0\.0\d+ GB may be used \(limit of the user \(ulimit -d\)\)"
        self.assertRegex(slave.err, "error: " + why)
        self.assertIn("help: ", slave.err)
        master.wait_for("warning: .*" + why)


class OddNames(EdgesTest):
    def test_line_feeds(self):
        """A name is never a message of its own."""
        name = "shot\nerror: gone"
        for file in ("room.obj", "room.mtl"):
            target = name + ".obj" if file == "room.obj" else file
            (self.folder / target).write_bytes((system_test.HERE / file).read_bytes())
        rest = picture(8, 8, 1)[1:]
        program = self.run_master(name + ".obj", *rest, "--log-file", "log", "--checkpoint", "a\nb.octcheck")
        self.assertIn("shot\\nerror: gone", program.out)
        log = (self.folder / "log").read_text(encoding="utf-8").splitlines()
        for line in program.out.splitlines() + program.err.splitlines() + log:
            self.assertFalse(line.startswith("error"), line)
        self.assertTrue((self.folder / "shot\nerror: gone.png").exists())
        for line in log:
            self.assertRegex(line, r"^\d{4}-\d\d-\d\dT")
        program = self.run_master("none\nerror: gone.obj", code=3)
        self.assertEqual(sum(line.startswith("error: ") for line in program.err.splitlines()), 1, program.err)
        self.assertIn("none\\nerror: gone.obj", program.err)


class Files(EdgesTest):
    def activate(self):
        self.run_master("activate")
        return self.config / "farm.key"

    def check_key_refused(self, reason, prepare=None, master=True):
        port = free_port()
        for command in ([PROGRAMS.daemon, "--port", port, "--net-insecure"],
                        [PROGRAMS.slave, "--net-master-address", "127.0.0.1", "--net-insecure"],
                        [PROGRAMS.master, "activate"],
                        [PROGRAMS.master, *picture(8, 8, 1), "--net-enable", "--net-insecure"])[:4 if master else 3]:
            ended = self.run_with(command, prepare=prepare, seconds=30)
            self.assertEqual(ended.returncode, 8, (command, ended.stderr))
            self.assertRegex(ended.stderr, f"error: .*farm.key.*{reason}")
            self.assertIn("help: ", ended.stderr)

    def test_a_key_that_cannot_be_reached_is_not_none(self):
        key = self.activate()
        kept = key.rename(self.folder / "kept.key")
        key.symlink_to("nowhere")
        self.check_key_refused("leads nowhere")
        key.unlink()
        key.symlink_to("farm.key")
        self.check_key_refused("symbolic links")
        key.unlink()
        key.mkdir()
        self.check_key_refused("is a folder")
        key.rmdir()
        os.mkfifo(key)
        self.check_key_refused("is not a regular file")
        key.unlink()
        kept.rename(key)
        self.run_master("activate", "--show")

    @unittest.skipUnless(os.geteuid() == 0, "another user is played by root")
    def test_a_key_that_another_user_may_not_read(self):
        self.folder.chmod(0o755)
        key = self.activate()
        self.config.chmod(0o755)
        self.check_key_refused("Permission denied", prepare=lambda: os.setuid(NOBODY))
        key.chmod(0o644)
        self.config.chmod(0o700)  # the master's preferences are in the same folder
        self.check_key_refused("Permission denied", prepare=lambda: os.setuid(NOBODY), master=False)

    def test_preferences_that_cannot_be_read(self):
        self.config.mkdir()
        os.mkfifo(self.config / "preferences.json")
        for arguments in (picture(8, 8, 1), ["preferences"], ["preferences", "set", "network.enable", "true"]):
            ended = self.run_with([PROGRAMS.master, *arguments], seconds=30)
            self.assertEqual(ended.returncode, 2, (arguments, ended.stderr))
            self.assertIn("preferences.json: is not a regular file", ended.stderr)
            self.assertIn("help: ", ended.stderr)

    def test_an_id_of_a_daemon_that_is_a_pipe(self):
        self.config.mkdir()
        os.mkfifo(self.config / "daemon.id")
        daemon = self.start(PROGRAMS.daemon, "--port", free_port(), "--bind", "127.0.0.1")
        daemon.wait_for("warning: masters will not know this daemon again: .*is not a regular file")
        daemon.wait_for("Waiting for masters")
        daemon.send(signal.SIGTERM)
        self.assertEqual(daemon.end(30), 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("master", "slave", "daemon"):
        parser.add_argument("--" + name, required=True)
    options, rest = parser.parse_known_args()
    PROGRAMS.master, PROGRAMS.slave, PROGRAMS.daemon = (str(Path(p).resolve())
                                                        for p in (options.master, options.slave, options.daemon))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
