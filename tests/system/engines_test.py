#!/usr/bin/env python3
"""Master and slaves as engines such as Slurm start them: somewhere, in any order, with a shared folder in common.

    tests/system/engines_test.py --master PATH --slave PATH --daemon PATH [unittest arguments]
"""
import json
import os
import signal
import sys
import time
from pathlib import Path

import system_test
from farm_spaces import LONG, PROGRAMS, RealFarm, run
from system_test import SystemTest, free_port, picture


class AddressFile(SystemTest):
    """On one computer."""

    def setUp(self):
        super().setUp()
        system_test.PROGRAMS.master, system_test.PROGRAMS.slave = PROGRAMS.master, PROGRAMS.slave
        self.shared = self.folder / "shared"
        self.shared.mkdir()
        self.file = self.shared / "master"

    def serving(self, *words, file=None, samples=4, size=32):
        return self.master(*picture(size, size, samples), "--threads", "1", "--net-enable", "--net-address-file",
                           file or self.file, *words)

    def following(self, *words, file=None, env=None):
        command = [PROGRAMS.slave, "--net-address-file", file or self.file, "--threads", "1", *words]
        program = system_test.Program(*command, cwd=self.folder, env={**self.environment(), **(env or {})})
        self.addCleanup(program.kill)
        return program

    def wait_until(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"never came: {what}")
            time.sleep(0.02)

    def content(self):
        try:
            return self.file.read_text(encoding="ascii")
        except FileNotFoundError:
            return ""

    def left_in_shared(self):
        return sorted(path.name for path in self.shared.iterdir())

    def test_a_job_as_slurm_runs_it(self):
        """Slaves before and after the master, a second master that takes over; all end with 0."""
        ports = [free_port() for _ in range(2)]
        early = self.following("--name", "early-%j", env={"SLURM_JOB_ID": "812", "SLURM_ARRAY_TASK_ID": "2",
                                                          "SLURM_ARRAY_JOB_ID": "810"})
        early.wait_for(r"^Waiting for .*master, which a master writes\. CTRL-C ends\.$")
        first = self.serving("--no-local", "--net-wait", 2, "--net-master-port", ports[0], "--progress", "json",
                             samples=LONG, size=256)
        self.wait_until(lambda: self.content() == f"127.0.0.1 {ports[0]}\n", "the address of the first master")
        self.assertEqual(self.left_in_shared(), ["master"])
        late = self.following("--name", "late")
        slaves = (early, late)
        for slave in slaves:
            slave.wait_for(rf"^Launching net render slave \(\d+\) with master 127\.0\.0\.1:{ports[0]}$")
        first.wait_percent(0.001)
        second = self.serving("--no-local", "--net-wait", 2, "--net-master-port", ports[1], "--report", "second.json",
                              samples=40, size=64)
        for slave in slaves:
            slave.wait_for(rf"master names another master now: 127\.0\.0\.1:{ports[1]}\.$")
            slave.wait_for(rf"^Launching net render slave \(\d+\) with master 127\.0\.0\.1:{ports[1]}$")
        self.assertEqual(second.end(), 0, second.err)
        for slave in slaves:
            self.assertEqual(slave.end(30), 0, slave.out + slave.err)
            self.assertIn("master is gone: no master is left to wait for.", slave.out)
        self.assertEqual(self.left_in_shared(), [])
        report = self.report("second.json")
        self.assertEqual(sorted(slave["name"] for slave in report["slaves"]), ["early-810_2", "late"])
        self.check_accounting(report)
        first.send(signal.SIGTERM)
        self.assertEqual(first.end(), -signal.SIGTERM)

    def test_a_former_master_leaves_the_file_of_the_next(self):
        first = self.serving("--no-local", "--net-master-port", free_port(), samples=LONG)
        self.wait_until(self.content, "the first address")
        told = self.content()
        second = self.serving("--no-local", "--net-master-port", "0", samples=LONG)
        self.wait_until(lambda: self.content() != told, "the second address")
        told = self.content()
        first.send(signal.SIGTERM)
        first.end()
        self.assertEqual(self.content(), told)
        second.send(signal.SIGINT)
        second.end()
        self.assertEqual(self.left_in_shared(), [])

    def test_the_file_goes_with_every_ending(self):
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            program = self.serving("--no-local", "--net-master-port", free_port(), samples=LONG)
            program.wait_for("^Network")
            self.assertTrue(self.content())
            program.send(which)
            self.assertEqual(program.end(), -which)
            self.assertEqual(self.left_in_shared(), [], which)
        # twice: the second signal ends it at once
        program = self.serving("--net-master-port", free_port(), samples=LONG, size=1024)
        program.wait_for("^Network")
        program.send(signal.SIGINT)
        program.wait_for("^.*Stopping")
        program.send(signal.SIGINT)
        program.end()
        self.assertEqual(self.left_in_shared(), [])

    def test_the_file_goes_when_the_render_fails(self):
        port = free_port()
        broken = self.folder / "broken.obj"
        broken.write_text("f 1 2 3\n", encoding="ascii")
        self.run_master(broken, "--net-enable", "--net-master-port", port, "--net-address-file", self.file, code=3)
        self.assertEqual(self.left_in_shared(), [])
        self.run_master(*picture(16, 16, 1), "--no-local", "--net-enable", "--net-master-port", port, "--net-wait", 1,
                        "--net-wait-time", 1, "--net-address-file", self.file, code=6)
        self.assertEqual(self.left_in_shared(), [])

    def test_while_a_scene_loads_it_goes_too(self):
        scene = self.folder / "large.obj"
        scene.write_text("".join(f"v {i % 500} {i // 500} 0\nf {i + 1} {max(i, 1)} {max(i - 1, 2)}\n" for i in range(400000)),
                         encoding="ascii")
        program = self.master(scene, "--net-enable", "--net-master-port", free_port(), "--net-address-file", self.file)
        self.wait_until(self.content, "the address")
        program.send(signal.SIGTERM)
        self.assertEqual(program.end(), -signal.SIGTERM)
        self.assertNotIn("Scene", program.out)
        self.assertEqual(self.left_in_shared(), [])

    def test_a_file_that_cannot_be_written_is_known_before_rendering(self):
        (self.folder / "file").write_text("", encoding="ascii")
        for path, words in ((self.folder / "file" / "master", "Not a directory"), ("/dev/null", "this is not a file")):
            program = self.run_master(*picture(16, 16, 1), "--net-enable", "--net-master-port", free_port(),
                                      "--net-address-file", path, "-o", "never.png", code=4)
            self.assertIn(words, program.err)
            self.assertNotIn("Scene", program.out)
        self.assertFalse((self.folder / "never.png").exists())
        same = self.run_master(*picture(16, 16, 1), "--net-enable", "--net-address-file", "a.json", "--report", "a.json", code=2)
        self.assertIn("the report and the address file have this name", same.err)

    def test_options_that_do_not_go_together(self):
        for program, arguments, words in (
                (PROGRAMS.master, [*picture(8, 8, 1), "--net-address-file", "f"], "add --net-enable"),
                (PROGRAMS.slave, ["--net-address-file", "f", "--net-master-address", "127.0.0.1"], "give one of them"),
                (PROGRAMS.slave, ["--net-address-file", "f", "--net-master-port", "21000"], "give one of them"),
                (PROGRAMS.slave, ["--net-address-file", "f", "--supervised"], "the daemon names the master"),
                (PROGRAMS.slave, ["--net-address-file", "f", "--name", "a%u"], "%h is this computer's name"),
                (PROGRAMS.daemon, ["--name", "a%"], "%h is this computer's name"),
                (PROGRAMS.master, [*picture(8, 8, 1), "--net-nick", "%q"], "%h is this computer's name"),
                (PROGRAMS.master, [*picture(8, 8, 1), "--bind", "127.0.0.1"], "add --net-enable"),
                (PROGRAMS.master, [*picture(8, 8, 1), "--bind", "eth0"], "addresses of this computer: ")):
            ended = self.start(program, *arguments)
            self.assertEqual(ended.end(), 2, (arguments, ended.err))
            self.assertIn(words, ended.err)
            self.assertIn("help: ", ended.err)

    def test_a_slave_says_what_is_wrong_with_the_file_and_goes_on(self):
        self.file.write_text("<html>not yet</html>\n", encoding="ascii")
        slave = self.following()
        slave.wait_for(r'^warning: .*master: "<html>not yet</html>" is not an address and a port')
        self.file.unlink()  # it never named a master: this is no end
        time.sleep(3)
        self.assertIsNone(slave.process.poll())
        with self.serving_address() as master:
            slave.wait_for("^Launching")
            self.file.chmod(0o600)
            self.file.rename(self.shared / "elsewhere")
            os.mkfifo(self.file)  # whatever that is: nobody waits for its writer
            slave.wait_for(r"^warning: .*master: is not a file; it is tried again each second")
            self.file.unlink()
            self.assertEqual(slave.end(30), 0, slave.err)
            self.assertEqual(slave.err.count("warning"), 2)
            master.send(signal.SIGTERM)

    def serving_address(self):
        test = self

        class Serving:
            def __enter__(self):
                self.program = test.serving("--no-local", "--net-master-port", free_port(), samples=LONG, size=256)
                return self.program

            def __exit__(self, *_):
                self.program.end()
        return Serving()

    def test_a_slave_that_waits_ends_when_it_is_told_to_or_its_time_is_over(self):
        slave = self.following()
        slave.wait_for("^Waiting for")
        slave.send(signal.SIGTERM)
        self.assertEqual(slave.end(20), 0)
        slave = self.following("--net-timeout", "1")
        self.assertEqual(slave.end(20), 6)
        self.assertIn("no master wrote its address within 1 s", slave.err)

    def test_a_master_that_is_started_again_is_found_at_once(self):
        port = free_port()
        first = self.serving("--no-local", "--net-master-port", port, samples=LONG)
        slave = self.following()
        slave.wait_for("^Launching")
        first.process.kill()
        first.end()
        slave.wait_for("Trying again in 8 s")  # the file is still there: nobody could remove it
        second = self.serving("--no-local", "--net-master-port", port)
        self.assertEqual(second.end(30), 0, second.err)
        self.assertEqual(slave.end(20), 0)

    def test_an_address_of_another_computer_is_refused_with_our_own(self):
        program = self.run_master(*picture(16, 16, 1), "--net-enable", "--bind", "192.0.2.1", code=2)
        self.assertRegex(program.err, r"error: cannot listen on 192\.0\.2\.1:\d+: this computer does not have that address")
        self.assertRegex(program.err, r"help: addresses of this computer: .*127\.0\.0\.1")
        daemon = self.start(PROGRAMS.daemon, "--port", free_port(), "--bind", "192.0.2.1")
        self.assertEqual(daemon.end(), 2, daemon.err)
        self.assertIn("help: addresses of this computer: ", daemon.err)

    def test_it_listens_at_one_address_alone(self):
        port = free_port()
        for address in ("127.0.0.1", "::1"):
            other = {"127.0.0.1": "::1", "::1": "127.0.0.1"}[address]
            program = self.serving("--no-local", "--bind", address, "--net-master-port", port, samples=LONG)
            program.wait_for("^Network")
            self.assertEqual(self.content(), f"{address} {port}\n")
            slave = self.slave_at(other, port, "--net-timeout", "1")
            self.assertEqual(slave.end(20), 6)
            slave = self.slave_at(address, port)
            slave.wait_for("^Launching")
            program.send(signal.SIGTERM)
            program.end()
            slave.kill()

    def slave_at(self, address, port, *words):
        return self.start(PROGRAMS.slave, "--net-master-address", address, "--net-master-port", port, "--threads", "1", *words)


class Farm(RealFarm):
    """Several computers."""

    def test_a_job_of_several_computers(self):
        self.activate(self.desk, self.other_desk, *(self.hosts[n] for n in (11, 12)))
        file = self.folder / "master"
        slaves = [self.start(self.hosts[n], PROGRAMS.slave, "--net-address-file", file, "--threads", 1, "--name", f"{n}-%j")
                  for n in (11, 12)]
        for slave in slaves:
            slave.wait_for("^Waiting for")
        first = self.secure_render("--no-local", "--net-address-file", file, samples=LONG, size=512)
        for slave in slaves:
            slave.wait_for(r"with master 10\.77\.0\.101:21000$")
        second = self.secure_render("--no-local", "--net-wait", 2, "--net-address-file", file, "--report", "report.json",
                                    space=self.other_desk)
        self.assertEqual(second.end(), 0, second.err)
        for slave in slaves:
            self.assertEqual(slave.end(30), 0, slave.out + slave.err)
        self.assertFalse(file.exists())
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual(len(report["slaves"]), 2)
        first.send(signal.SIGINT)
        first.end()

    def test_a_bound_master_speaks_from_its_address(self):
        self.activate(self.desk, self.hosts[11])
        change = (self.desk, "ip", "address")
        self.network.inside(*change, "add", "10.77.0.201/24", "broadcast", "10.77.0.255", "dev", "eth0")
        self.addCleanup(self.network.inside, *change, "delete", "10.77.0.201/24", "dev", "eth0")
        # What comes from the first address is lost: discovery, conversations and slaves must use the other one.
        self.rules(self.hosts[11], "in ip saddr 10.77.0.101 counter drop", "out ip daddr 10.77.0.101 drop")
        self.real_daemon(11)
        render = self.secure_render("--no-local", "--bind", "10.77.0.201", "--net-use", "RENDER11", "--report", "report.json",
                                    "--progress", "json", "--net-address-file", self.folder / "master")
        self.assertEqual(render.end(), 0, render.out + render.err)
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual([slave["name"] for slave in report["slaves"]], ["RENDER11"])
        told = [json.loads(line) for line in render.out.splitlines() if '"event":"network"' in line]
        self.assertEqual([event["address"] for event in told], ["10.77.0.201"])
        rules = self.network.inside(self.hosts[11], "nft", "list", "chain", "inet", "t", "in")
        self.assertIn("counter packets 0", rules)

    def test_a_master_bound_to_an_ipv6_address(self):
        self.activate(self.desk, self.hosts[14])
        for space, address in ((self.desk, "fd00:77::101/64"), (self.hosts[14], "fd00:77::14/64")):
            change = (space, "ip", "address")
            self.network.inside(*change, "add", address, "dev", "eth0", "nodad")
            self.addCleanup(self.network.inside, *change, "delete", address, "dev", "eth0")
        self.real_daemon(14)
        render = self.secure_render("--no-local", "--bind", "[fd00:77::101]", "--net-daemon", "fd00:77::14", "--net-use",
                                    "RENDER14", "--report", "report.json")
        self.assertEqual(render.end(), 0, render.out + render.err)
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual([(s["name"], s["address"]) for s in report["slaves"]], [("RENDER14", "fd00:77::14")])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    run()
