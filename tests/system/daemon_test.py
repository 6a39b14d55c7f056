#!/usr/bin/env python3
"""Runs the real octane_daemon as masters, people and accidents do.

    tests/system/daemon_test.py --master PATH --slave PATH --daemon PATH [unittest arguments]
"""
import argparse
import base64
import json
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest
import zlib
from pathlib import Path

from daemon_client import (CONTROL, REFUSALS, MasterLink, children_of, is_running, probe, sockets_of, switches_within,
                           wait_until)
from system_test import PROGRAMS, SystemTest, free_port, picture

FAKE_SLAVE = Path(__file__).resolve().parent.parent / "support" / "fake_slave.sh"


def textured_scene(path, size):
    """A triangle with a texture of noise, which nothing packs: size * size texels."""
    def uri(data, kind):
        return f"data:{kind};base64," + base64.b64encode(data).decode()

    def png_part(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    noise = random.Random(1)
    rows = b"".join(b"\0" + noise.randbytes(3 * size) for _ in range(size))
    image = (b"\x89PNG\r\n\x1a\n" + png_part(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
             + png_part(b"IDAT", zlib.compress(rows, 0)) + png_part(b"IEND", b""))
    corners = struct.pack("<15f", -1, -1, 0, 3, -1, 0, -1, 3, 0, 0, 0, 2, 0, 0, 2)
    path.write_text(json.dumps({
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0, 1]}],
        "nodes": [{"mesh": 0}, {"camera": 0, "translation": [0, 0, 2]}],
        "cameras": [{"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0}], "images": [{"uri": uri(image, "image/png")}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [-1, -1, 0],
                       "max": [3, 3, 0]},
                      {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"}],
        "bufferViews": [{"buffer": 0, "byteLength": 36}, {"buffer": 0, "byteOffset": 36, "byteLength": 24}],
        "buffers": [{"byteLength": len(corners), "uri": uri(corners, "application/octet-stream")}]}))


class DaemonTest(SystemTest):
    def setUp(self):
        super().setUp()
        old = os.environ.get("OCTANE_CONFIG_DIR")
        os.environ["OCTANE_CONFIG_DIR"] = str(self.folder / "config")
        self.addCleanup(lambda: os.environ.pop("OCTANE_CONFIG_DIR") if old is None
                        else os.environ.__setitem__("OCTANE_CONFIG_DIR", old))
        self.port = free_port()

    def daemon(self, *arguments, slave=None, ready=True):
        """Started with the real slave unless another is named; `ready` waits for its last line of the start."""
        program = self.start(PROGRAMS.daemon, "--port", self.port, "--bind", "127.0.0.1", "--name", "RENDER1",
                             "--slave", slave or PROGRAMS.slave, "--threads", "1", "--priority", "normal", *arguments)
        if ready:
            program.wait_for("^Waiting for masters")
        return program

    def fake(self, does):
        """A fake slave of this test's own, which can be told to do something else later."""
        script = self.folder / "slave.sh"
        if not script.exists():
            script.write_bytes(FAKE_SLAVE.read_bytes())
            script.chmod(0o755)
        (self.folder / "slave.sh.does").write_text(does)
        return script

    def link(self, **options):
        link = MasterLink(self.port, **options)
        self.addCleanup(link.close)
        return link

    def slave_of(self, daemon):
        wait_until(lambda: children_of(daemon.process.pid), "the daemon has a slave")
        return children_of(daemon.process.pid)[0]

    def control(self, *arguments, code=0):
        program = self.start(PROGRAMS.daemon, "--port", self.port, *arguments)
        self.assertEqual(program.end(), code, program.out + program.err)
        return program

    def status(self):
        return json.loads(self.control("--status", "--json").out)


class Finding(DaemonTest):
    def test_a_daemon_is_found_and_tells_who_it_is(self):
        daemon = self.daemon()
        self.assertRegex(daemon.out, rf"(?m)^octane_daemon \d+ on RENDER1, port {self.port}, not activated")
        self.assertRegex(daemon.out, r"(?m)^Asking the slave what this computer has \.\.\.$")
        self.assertRegex(daemon.out, r"(?m)^Slave      \d+, \w+ \w+, 64 bit$")
        self.assertRegex(daemon.out, r"(?m)^CPU        .* GB$")
        self.assertRegex(daemon.out, r"(?m)^Waiting for masters\. CTRL-C stops the daemon\.$")
        status = probe(self.port, nonce=12345678901)
        self.assertEqual(status["nonce"], 12345678901)
        self.assertEqual((status["name"], status["mode"], status["port"]), ("RENDER1", "unbound", self.port))
        self.assertEqual(len(status["id"]), 32)
        self.assertGreater(status["slave_version"], 0)
        self.assertEqual(status["owner"], [])
        self.assertIsNone(probe(self.port, padded=False, seconds=0.5), "a small question got a larger answer")
        daemon.send(signal.SIGTERM)
        self.assertEqual(daemon.end(), 0)
        self.daemon()
        self.assertEqual(probe(self.port, spread_ms=200)["id"], status["id"], "its id does not last")

    def test_a_master_is_told_everything(self):
        self.daemon("--cpu")
        name, description = self.link().ask("describe_daemon")
        self.assertEqual(name, "daemon_description")
        self.assertEqual(len(description["slave_kernel_hash"]), 64)
        self.assertTrue(any(device["kind"] == 0 for device in description["devices"]))

    def test_unknown_requests_strangers_and_browsers_are_answered(self):
        daemon = self.daemon()
        link = self.link()
        self.assertEqual(link.ask(777), ("unsupported", {"type": 777}))
        self.assertEqual(link.ask("control_request", {"wish": 4, "minutes": 0}), ("unsupported", {"type": 117}))
        with socket.create_connection(("127.0.0.1", self.port)) as browser:
            browser.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            self.assertTrue(browser.recv(1000).startswith(b"HTTP/1.1 400"))
        with socket.create_connection(("127.0.0.1", self.port)) as stranger:
            stranger.sendall(os.urandom(200))
            stranger.settimeout(10)
            self.assertIn(stranger.recv(100), (b"",))
        broken = self.link()
        broken.say("occupy_daemon", {"nick": 5})
        broken.wait_closed()
        self.assertEqual(self.link(conversation=1).word, 6)  # this port has no render conversation
        self.assertEqual(link.ask("describe_daemon")[0], "daemon_description")
        self.assertIsNone(daemon.process.poll())

    def test_a_daemon_tries_whether_it_reaches_the_asker(self):
        self.daemon()
        link = self.link()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            port = listener.getsockname()[1]
            self.assertEqual(link.ask("try_reach", {"port": port})[1]["reached"], 1)
        name, result = link.ask("try_reach", {"port": port})
        self.assertEqual((name, result["reached"]), ("reach_result", 0))
        self.assertIn("refused", result["text"])


class Occupying(DaemonTest):
    def test_a_render_through_the_slave_of_a_daemon(self):
        arguments = picture(64, 64, 16)
        port = free_port()
        daemon = self.daemon("--keep-warm", 0)
        master = self.master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, "--report",
                             "report.json", "-o", "a.png")
        link = self.link()
        self.assertEqual(link.occupy(port=port)[0], "daemon_occupied")
        self.assertEqual(link.wait_stage("running")["starts"], 1)
        self.assertEqual(master.end(200), 0, master.err)
        report = self.report()
        self.check_accounting(report)
        self.assertEqual(report["slaves"][0]["name"], "RENDER1")
        self.assertEqual(report["film_hash"], self.local_truth(arguments)[0]["film_hash"])
        self.assertRegex(daemon.out, rf"(?m)^\d\d:\d\d:\d\d   bound by studio@DESK \(127\.0\.0\.1:{port}\), slave started$")
        self.assertEqual(link.ask("release_daemon")[0], "daemon_released")
        daemon.wait_for(r"^\d\d:\d\d:\d\d   unbound: studio@DESK finished$")
        self.assertEqual(children_of(daemon.process.pid), [])

    def test_others_are_refused_may_steal_and_wait(self):
        daemon = self.daemon(slave=FAKE_SLAVE)
        first, second, third = self.link(), self.link(), self.link()
        self.assertEqual(first.occupy()[0], "daemon_occupied")
        first.wait_stage("running")
        name, refused = second.occupy(nick="lee@WS-02", port=21001)
        self.assertEqual((name, REFUSALS[refused["refusal"]]), ("occupy_refused", "bound_to_other"))
        self.assertEqual(refused["owner"][0]["nick"], "studio@DESK")
        self.assertEqual(refused["owner"][0]["address"], "127.0.0.1")
        self.assertEqual(probe(self.port)["owner"][0]["nick"], "studio@DESK")

        self.assertEqual(second.ask("steal_daemon", {"nick": "lee@WS-02"})[0], "daemon_released")
        taken = first.wait_for(lambda name, _, __: name == "daemon_taken", "daemon_taken")[1]
        self.assertEqual(taken["by"][0]["nick"], "lee@WS-02")
        first.wait_closed()
        self.assertEqual(REFUSALS[third.occupy(nick="eve@WS-03")[1]["refusal"]], "reserved")
        self.assertEqual(second.occupy(nick="lee@WS-02", port=21001)[0], "daemon_occupied")
        self.assertEqual(third.occupy(nick="eve@WS-03", steal=1)[0], "daemon_occupied")
        second.wait_closed()
        daemon.wait_for("unbound: lee@WS-02 taken over by eve@WS-03")

    def test_a_closed_connection_frees_the_daemon(self):
        daemon = self.daemon(slave=FAKE_SLAVE)
        link = self.link()
        link.occupy()
        slave = self.slave_of(daemon)
        link.close()
        wait_until(lambda: not is_running(slave), "the slave has gone", 10)
        self.assertEqual(self.link().occupy(nick="lee@WS-02")[0], "daemon_occupied")

    def test_a_silent_owner_loses_the_daemon(self):
        daemon = self.daemon(slave=FAKE_SLAVE)
        link = self.link()
        link.occupy(dead_ms=1000)
        slave = self.slave_of(daemon)
        link.beating = False
        daemon.wait_for("unbound: studio@DESK is gone .silent for")
        wait_until(lambda: not is_running(slave), "the slave has gone", 10)

    def test_a_slave_inherits_no_socket(self):
        daemon = self.daemon()
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            link = self.link()
            link.occupy(port=listener.getsockname()[1])
            accepted, _ = listener.accept()  # now it is a slave, no copy of the daemon any more
            self.addCleanup(accepted.close)
            slave = self.slave_of(daemon)
            self.assertTrue(sockets_of(daemon.process.pid))
            self.assertFalse(sockets_of(daemon.process.pid) & sockets_of(slave))


class Warm(DaemonTest):
    def setUp(self):
        super().setUp()
        textured_scene(self.folder / "noise.gltf", 1024)
        self.arguments = (self.folder / "noise.gltf", "--film-width", 32, "--film-height", 32, "-s", 4)

    def render(self, nick="studio@DESK"):
        """By a master of its own, through the daemon; its report, once the daemon is free again."""
        port = free_port()
        master = self.master(*self.arguments, "--no-local", "--net-enable", "--net-master-port", port, "--report",
                             "report.json", "-o", "a.png")
        link = self.link()
        self.assertEqual(link.occupy(nick=nick, port=port)[0], "daemon_occupied")
        link.wait_stage("running")
        self.assertEqual(master.end(200), 0, master.err)
        self.assertEqual(link.ask("release_daemon", seconds=60)[0], "daemon_released")
        link.close()
        report = self.report()
        self.check_accounting(report)
        return report

    def check_second_is_cheap(self, first, second):
        self.assertEqual(first["film_hash"], second["film_hash"])
        sent = [report["slaves"][0]["bytes_out"] for report in (first, second)]
        self.assertGreater(sent[0], 3_000_000)
        self.assertLess(sent[1] * 100, sent[0])

    def test_a_second_render_through_a_warm_slave_sends_next_to_nothing(self):
        daemon = self.daemon()
        first = self.render()
        self.assertEqual(first["film_hash"], self.local_truth(self.arguments)[0]["film_hash"])
        slave = self.slave_of(daemon)
        daemon.wait_for(r"^\d\d:\d\d:\d\d   slave kept warm for 10 minutes$")
        self.assertEqual(probe(self.port)["mode"], "unbound")
        status = self.status()
        self.assertEqual((status["state"], status["slave"]["stage"], status["owner"]), ("unbound", "warm", None))
        self.assertRegex(self.control("--status").out, r"(?m)^Slave      \d+, warm$")
        wait_until(lambda: not switches_within(slave, 1.5), "the warm slave sleeps")
        second = self.render("lee@WS-02")
        self.check_second_is_cheap(first, second)
        self.assertEqual(self.slave_of(daemon), slave)
        daemon.wait_for(r"   bound by lee@WS-02 \(127\.0\.0\.1:\d+\), warm slave goes on$")
        self.control("--pause", 5)
        wait_until(lambda: not is_running(slave), "the person has the computer back")
        self.assertEqual(self.status()["slave"]["stage"], "ended")

    def test_a_restarted_slave_with_a_cache_is_sent_next_to_nothing(self):
        daemon = self.daemon("--keep-warm", 0, "--cache-dir", self.folder / "cache", "--cache-size", 100)
        first = self.render()
        self.assertEqual(children_of(daemon.process.pid), [])
        self.check_second_is_cheap(first, self.render())

    def test_a_cache_that_cannot_be_used_costs_a_warning(self):
        (self.folder / "cache").write_text("a file")
        log = self.folder / "log.txt"
        self.daemon("--cache-dir", self.folder / "cache", "--log-file", log)
        self.assertEqual(len(self.render()["slaves"]), 1)
        self.assertEqual(log.read_text().count("warning: the cache is not used: "), 1)

    def test_a_warm_slave_ends_with_its_daemon(self):
        for which, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 0)):
            daemon = self.daemon()
            self.render()
            slave = self.slave_of(daemon)
            daemon.send(which)
            self.assertEqual(daemon.end(), code)
            wait_until(lambda: not is_running(slave), "the slave has gone", 10)

    def test_a_warm_slave_that_dies_or_hangs_is_replaced(self):
        daemon = self.daemon()
        self.render()
        slave = self.slave_of(daemon)
        os.kill(slave, signal.SIGKILL)
        daemon.wait_for("warm slave ended: it ended: signal 9$")
        self.assertEqual((self.status()["state"], self.status()["slave"]["stage"]), ("unbound", "ended"))
        self.render()
        slave = self.slave_of(daemon)
        os.kill(slave, signal.SIGSTOP)
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            link = self.link()
            link.occupy(port=listener.getsockname()[1], dead_ms=1000)
            self.assertIn("hung", link.wait_stage("hung")["reason"])
            listener.accept()[0].close()  # by another one
        self.assertFalse(is_running(slave))

    def test_a_slave_is_kept_for_its_time(self):
        daemon = self.daemon("--keep-warm", 0.02)
        self.render()
        daemon.wait_for("warm slave ended: nobody needed it for 0.02 minutes$")
        wait_until(lambda: not children_of(daemon.process.pid), "it has gone")


class Accidents(DaemonTest):
    def test_a_killed_slave_is_started_again(self):
        daemon = self.daemon(slave=FAKE_SLAVE)
        link = self.link()
        link.occupy()
        link.wait_stage("running")
        os.kill(self.slave_of(daemon), signal.SIGKILL)
        self.assertIn("signal 9", link.wait_stage("waiting")["reason"])
        self.assertEqual(link.wait_stage("running")["starts"], 2)

    def test_a_stopped_slave_is_hung_and_replaced(self):
        daemon = self.daemon(slave=FAKE_SLAVE)
        link = self.link()
        link.occupy(dead_ms=1000)
        link.wait_stage("running")
        slave = self.slave_of(daemon)
        os.kill(slave, signal.SIGSTOP)
        self.assertIn("hung", link.wait_stage("hung")["reason"])
        link.wait_stage("running")
        self.assertFalse(is_running(slave))

    def test_a_slave_that_keeps_crashing_is_reported_and_tried_again_by_hand(self):
        fake = self.fake("crash")
        self.daemon(slave=fake)
        link = self.link()
        link.occupy()
        report = link.wait_stage("crashed", 60)
        self.assertEqual(report["starts"], 4)
        self.assertIn("fell off the bus", report["reason"])
        self.assertTrue(any("fell off the bus" in line["text"] for line in report["log"]))
        status = probe(self.port)
        self.assertEqual(status["mode"], "crashed")
        self.assertEqual(self.status()["state"], "crashed")
        self.fake("")
        self.assertEqual(self.link().ask("retry_daemon")[0], "daemon_description")
        link.wait_stage("running")
        self.assertEqual(probe(self.port)["mode"], "bound")

    def test_a_slave_of_another_version_is_not_tried_again(self):
        self.daemon(slave=self.fake("refuse"))
        link = self.link()
        link.occupy()
        report = link.wait_stage("crashed")
        self.assertEqual(report["starts"], 1)
        self.assertIn("999002", report["reason"])

    def test_a_slave_that_does_not_leave_is_killed(self):
        daemon = self.daemon(slave=self.fake("deaf"))
        link = self.link()
        link.occupy()
        link.wait_stage("running")
        slave = self.slave_of(daemon)
        self.assertEqual(link.ask("release_daemon", seconds=40)[0], "daemon_released")
        self.assertFalse(is_running(slave))

    def test_a_missing_or_broken_slave_program_is_waited_for(self):
        daemon = self.daemon(slave=self.folder / "slave.sh")
        daemon.wait_for("^error: .*slave.sh cannot be started")
        daemon.wait_for("^help: octane_slave lies beside octane_daemon")
        self.assertEqual(probe(self.port)["mode"], "no_slave")
        link = self.link()
        name, refused = link.occupy()
        self.assertEqual((name, REFUSALS[refused["refusal"]]), ("occupy_refused", "no_slave"))
        self.assertIn("slave.sh cannot be started", refused["text"])
        self.fake("broken")
        self.assertIn("no memory for this", link.occupy()[1]["text"])
        os.utime(self.fake(""), (1, 1))  # another file
        self.assertEqual(link.occupy()[0], "daemon_occupied")
        link.wait_stage("running")

    def test_a_killed_daemon_takes_its_slave_along_and_leaves_the_port(self):
        for which, code in ((signal.SIGKILL, -9), (signal.SIGTERM, 0)):
            daemon = self.daemon()
            with socket.socket() as listener:
                listener.bind(("127.0.0.1", 0))
                listener.listen()
                link = self.link()
                link.occupy(port=listener.getsockname()[1])
                accepted, _ = listener.accept()
                slave = self.slave_of(daemon)
                daemon.send(which)
                self.assertEqual(daemon.end(), code)
                wait_until(lambda: not is_running(slave), "the slave has gone", 10)
                link.wait_closed(5)
                accepted.close()
        self.daemon()  # the port is free

    def test_a_daemon_that_was_stopped_for_a_while_goes_on(self):
        daemon = self.daemon(slave=FAKE_SLAVE)
        link = self.link()
        link.occupy(dead_ms=3000)
        link.wait_stage("running")
        slave = self.slave_of(daemon)
        daemon.send(signal.SIGSTOP)
        time.sleep(5)
        daemon.send(signal.SIGCONT)
        self.assertEqual(self.status()["slave"]["stage"], "running")
        time.sleep(2)
        self.assertTrue(is_running(slave))
        self.assertFalse(link.closed)


class Console(DaemonTest):
    def test_a_daemon_without_streams_lives(self):
        def no_streams():
            for stream in range(3):
                os.close(stream)

        process = subprocess.Popen([PROGRAMS.daemon, "--port", str(self.port), "--bind", "127.0.0.1", "--slave",
                                    str(FAKE_SLAVE), "--log-file", str(self.folder / "log.txt")], preexec_fn=no_streams)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        wait_until(lambda: probe(self.port, seconds=0.2), "it answers")
        link = self.link()
        self.assertEqual(link.occupy()[0], "daemon_occupied")
        link.wait_stage("running")
        self.assertIsNone(process.poll())
        log = (self.folder / "log.txt").read_text()
        self.assertIn("bound by studio@DESK", log)
        self.assertIn("slave: started with --supervised", log)
        self.assertNotIn("progress 1", log)

    def test_a_console_that_is_closed_later_is_no_end(self):
        daemon = subprocess.Popen([PROGRAMS.daemon, "--port", str(self.port), "--bind", "127.0.0.1", "--slave",
                                   str(FAKE_SLAVE)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        daemon.stdout.readline()
        daemon.stdout.close()
        daemon.send_signal(signal.SIGHUP)
        link = self.link()
        self.assertEqual(link.occupy()[0], "daemon_occupied")
        link.wait_stage("running")
        self.assertIsNone(daemon.poll())

    def test_a_console_that_takes_no_line_holds_nothing_up(self):
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        try:
            while True:
                os.write(writer, b"x" * 4096)
        except BlockingIOError:
            os.set_blocking(writer, True)
        daemon = subprocess.Popen([PROGRAMS.daemon, "--port", str(self.port), "--bind", "127.0.0.1", "--slave",
                                   str(FAKE_SLAVE)], stdout=writer, stderr=writer)
        for cleanup in (lambda: os.close(reader), lambda: os.close(writer), daemon.wait, daemon.kill):
            self.addCleanup(cleanup)
        wait_until(lambda: probe(self.port, seconds=0.2), "it answers")
        link = self.link()
        self.assertEqual(link.occupy()[0], "daemon_occupied")
        link.wait_stage("running")
        daemon.terminate()
        self.assertEqual(daemon.wait(30), 0)

    def test_the_person_there_sees_pauses_and_stops(self):
        daemon = self.daemon(slave=FAKE_SLAVE)
        status = self.status()
        for key in ("state", "port", "name", "version", "slave", "devices", "owner", "reason"):
            self.assertIn(key, status)
        self.assertEqual((status["state"], status["port"], status["owner"]), ("unbound", self.port, None))
        link = self.link()
        link.occupy()
        link.wait_stage("running")
        self.assertEqual(self.status()["owner"]["nick_name"], "studio@DESK")
        self.assertRegex(self.control("--status").out, r"(?m)^Bound to   studio@DESK \(127\.0\.0\.1:21000\)$")
        self.control("--pause", 60)
        taken = link.wait_for(lambda name, _, __: name == "daemon_taken", "daemon_taken")[1]
        self.assertEqual(taken["by"], [])
        self.assertRegex(taken["text"], r"^paused by the user until .*\d\d:\d\d$")
        link.wait_closed()
        self.assertEqual(probe(self.port)["mode"], "paused")
        refused = self.link().occupy()[1]
        self.assertEqual(REFUSALS[refused["refusal"]], "paused")
        self.assertEqual(self.status()["state"], "paused")
        self.control("--unpause")
        self.assertEqual(self.link().occupy()[0], "daemon_occupied")
        slave = self.slave_of(daemon)
        self.assertRegex(self.control("--stop").out, rf"^Stopped    \S+ \d+, port {self.port}: its slave has ended, and it ends$")
        self.assertEqual(daemon.end(), 0)
        self.assertFalse(is_running(slave))
        nobody = self.control("--status", code=6)
        self.assertIn("error: no daemon answers at 127.0.0.1", nobody.err)
        self.assertIn("help: ", nobody.err)

    def test_wrong_options_and_ports_say_what_would_be_right(self):
        for arguments, words in ((["--port", "80"], "from 1025 to 65535"), (["--gpu", "x"], "--gpu x"),
                                 (["--pause", "99999999"], "from 0 to"), (["--status", "--stop"], "is enough"),
                                 (["--json"], "--json goes with"), (["--keep-warm", "-1"], "--keep-warm"),
                                 (["--cache-size", "5"], "--cache-size goes with --cache-dir FOLDER"),
                                 (["--prot", "5000"], "did you mean --port?")):
            program = self.start(PROGRAMS.daemon, *arguments)
            self.assertEqual(program.end(), 2)
            self.assertIn(words, program.err)
        self.daemon(slave=FAKE_SLAVE)
        second = self.daemon(slave=FAKE_SLAVE, ready=False)
        self.assertEqual(second.end(), 6)
        self.assertIn(f"error: port {self.port} is in use by another program (maybe another daemon)", second.err)
        elsewhere = self.start(PROGRAMS.daemon, "--port", self.port, "--bind", "203.0.113.77")
        self.assertEqual(elsewhere.end(), 2)


class Supervised(DaemonTest):
    def supervised(self, port):
        process = subprocess.Popen([PROGRAMS.slave, "--supervised", "--net-master-address", "127.0.0.1",
                                    "--net-master-port", str(port), "--threads", "1", "--priority", "normal"],
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   encoding="utf-8")
        for stream in (process.stdin, process.stdout, process.stderr):
            self.addCleanup(stream.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end(self, slave):
        """What it said, once it has ended by itself, its input still open."""
        slave.wait(200)
        return slave.stdout.read(), slave.stderr.read()

    def test_it_ends_when_its_master_is_not_there(self):
        slave = self.supervised(free_port())
        out, err = self.end(slave)
        self.assertEqual(slave.returncode, 6)
        self.assertIn("error: ", err)
        self.assertNotIn("Trying again", out)

    def test_it_reports_progress_and_leaves_at_the_end_of_its_input(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            slave = self.supervised(listener.getsockname()[1])
            accepted, _ = listener.accept()
            self.addCleanup(accepted.close)
            lines = iter(slave.stdout.readline, "")
            self.assertRegex(next(line for line in lines if line.startswith("progress")), r"^progress \d+$")
            next(line for line in lines if line.startswith("progress"))
            slave.stdin.close()
            self.assertEqual(slave.wait(30), 0)

    def test_it_ends_with_its_master(self):
        port = free_port()
        arguments = picture(64, 64, 16)
        master = self.master(*arguments, "--no-local", "--net-enable", "--net-master-port", port, "-o", "a.png")
        master.wait_for("^Network")
        slave = self.supervised(port)
        out, err = self.end(slave)
        self.assertEqual(slave.returncode, 0, out + err)
        self.assertEqual(master.end(), 0, master.err)
        progress = [int(line.split()[1]) for line in out.splitlines() if line.startswith("progress ")]
        self.assertEqual(progress, sorted(progress))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for name in ("master", "slave", "daemon"):
        parser.add_argument(f"--{name}", required=True)
    options, rest = parser.parse_known_args()
    for name, path in vars(options).items():
        setattr(PROGRAMS, name, str(Path(path).resolve()))
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
