#!/usr/bin/env python3
"""The kill matrix: master, daemon and slave, each asked to end, killed, stopped for a while and cut off, while they
render together on computers of their own. Needs root and `ip netns`, else it says so and skips.

    tests/system/kill_test.py --master PATH --slave PATH --daemon PATH [--rounds N] [unittest arguments]

Two daemons and no device of the master's, so that the one that is left, or both once they are back, end the picture.
Odd rounds stop and cut for longer than the deadline, even ones for less.
"""
import json
import os
import signal
import time

from daemon_client import children_of, is_running, is_stopped, wait_until
from farm_spaces import PROGRAMS, ROOM, RealFarm, run
from system_test import CAMERA

DEAD = 1  # seconds of silence, instead of 15
PICTURE = [ROOM, "--film-width", 64, "--film-height", 64, "-s", 600, *CAMERA]
RENDERING = 10  # percent: by then both slaves have worked


class KillTest(RealFarm):
    round = 1

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.truth = None

    def setUp(self):
        super().setUp()
        self.activate(self.desk, self.hosts[11], self.hosts[12])
        self.daemons = {number: self.daemon_of(number) for number in (11, 12)}
        cls = type(self)
        cls.truth = cls.truth or self.local_hash()

    # What happens.

    def local_hash(self):
        self.run_master(*PICTURE, "--report", "truth.json")
        return self.report("truth.json")["film_hash"]

    def report(self, name="report.json"):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def daemon_of(self, number):
        return self.real_daemon(number, "--priority", "normal")

    def begin(self):
        """A master that renders with both daemons."""
        (self.folder / "report.json").unlink(missing_ok=True)
        render = self.master(*PICTURE, "--no-local", "--net-enable", "--net-use", "RENDER11,RENDER12", "--net-wait", 2,
                             "--net-dead-time", DEAD, "--progress", "json", "--progress-interval", 0.1, "--report",
                             "report.json", "-o", "picture.png")
        render.wait_percent(RENDERING)
        return render

    def slave_of(self, number):
        daemon = self.daemons[number].process.pid
        wait_until(lambda: len(children_of(daemon)) == 1, "the daemon has a slave")
        return children_of(daemon)[0]

    def for_a_while(self):
        time.sleep(DEAD * (1.75 if self.round % 2 else 0.5))

    def stop_for_a_while(self, pid):
        os.kill(pid, signal.SIGSTOP)
        try:
            wait_until(lambda: is_stopped(pid), "it has stopped")
            self.for_a_while()
        finally:
            os.kill(pid, signal.SIGCONT)

    def cut_for_a_while(self, space):
        self.network.inside(space, "ip", "link", "set", "eth0", "down")
        self.for_a_while()
        self.network.inside(space, "ip", "link", "set", "eth0", "up")
        self.network.inside(space, "ip", "route", "replace", "default", "via", "10.77.0.1")

    # What must be true.

    def check_film(self, render):
        self.assertEqual(render.end(), 0, render.out + render.err)
        report = self.report()
        self.assertEqual(report["film_hash"], self.truth)
        self.assertEqual(report["samples_merged"], report["samples_wanted"])

    def check_all_is_free(self):
        """Daemons without owner, their slaves warm or gone, no other process, no other port."""
        for number, daemon in self.daemons.items():
            wait_until(lambda: self.status(number)["state"] == "unbound", f"RENDER{number} is free")
            self.assertIsNone(self.status(number)["owner"])
            wait_until(lambda: self.status(number)["slave"]["stage"] in ("warm", "ended", "unknown"),
                       "its slave has let go")
            kept = {pid for pid in children_of(daemon.process.pid) if is_running(pid)}
            self.assertEqual(len(kept), 1 if self.status(number)["slave"]["stage"] == "warm" else 0)
            self.assertEqual(self.processes(self.hosts[number]), {daemon.process.pid} | kept)
            self.assertEqual(self.ports(self.hosts[number]), {48000})
        self.assertEqual(self.processes(self.desk), set())
        self.assertEqual(self.ports(self.desk), set())

    def status(self, number):
        asking = self.start(self.hosts[number], PROGRAMS.daemon, "--status", "--json")
        self.assertEqual(asking.end(), 0, asking.err)
        return json.loads(asking.out)

    def end_daemons(self):
        for number, daemon in self.daemons.items():
            daemon.send(signal.SIGTERM)
            self.assertEqual(daemon.end(), 0, daemon.out + daemon.err)
            self.assertEqual(self.processes(self.hosts[number]), set())
            self.assertEqual(self.ports(self.hosts[number]), set())

    def processes(self, space):
        """Who lives there; an orphan may be a zombie for a while."""
        return {pid for pid in self.network.pids(space) if is_running(pid)}

    def ports(self, space):
        """TCP ports that are listened at, and UDP ports."""
        lines = self.network.inside(space, "ss", "-Htuln").splitlines()
        return {int(line.split()[4].rsplit(":", 1)[1]) for line in lines}

    def check_film_and_freedom(self, render):
        self.check_film(render)
        self.check_all_is_free()
        self.end_daemons()


class KillMaster(KillTest):
    def test_asked_to_end(self):
        render = self.begin()
        render.send(signal.SIGTERM)
        self.assertEqual(render.end(), -signal.SIGTERM, render.out + render.err)
        report = self.report()
        self.assertEqual((report["exit_code"], report["stop_reason"]), (143, "cancelled"))
        self.assertGreater(report["samples_merged"], 0)
        self.assertLess(report["samples_merged"], report["samples_wanted"])
        self.assertTrue((self.folder / "picture.png").is_file())
        self.check_all_is_free()
        self.end_daemons()

    def test_killed(self):
        render = self.begin()
        render.send(signal.SIGKILL)
        self.assertEqual(render.end(), -signal.SIGKILL)
        self.check_all_is_free()
        self.check_film_and_freedom(self.begin())

    def test_stopped_for_a_while(self):
        render = self.begin()
        self.stop_for_a_while(render.process.pid)
        self.check_film_and_freedom(render)

    def test_cut_off_for_a_while(self):
        render = self.begin()
        self.cut_for_a_while(self.desk)
        self.check_film_and_freedom(render)


class KillDaemon(KillTest):
    def end_and_start_again(self, which, code):
        render = self.begin()
        slave = self.slave_of(11)
        self.daemons[11].send(which)
        self.assertEqual(self.daemons[11].end(), code)
        wait_until(lambda: not is_running(slave), "its slave has gone")
        self.assertIsNone(render.process.poll(), "the picture was done before the daemon")
        self.daemons[11] = self.daemon_of(11)
        self.check_film_and_freedom(render)

    def test_asked_to_end(self):
        self.end_and_start_again(signal.SIGTERM, 0)

    def test_killed(self):
        self.end_and_start_again(signal.SIGKILL, -signal.SIGKILL)

    def test_stopped_for_a_while(self):
        render = self.begin()
        self.stop_for_a_while(self.daemons[11].process.pid)
        self.check_film_and_freedom(render)

    def test_its_computer_cut_off_for_a_while(self):
        render = self.begin()
        self.cut_for_a_while(self.hosts[11])
        self.check_film_and_freedom(render)


class KillSlave(KillTest):
    def end_and_see(self, which):
        render = self.begin()
        os.kill(self.slave_of(11), which)
        self.check_film_and_freedom(render)

    def test_asked_to_end(self):
        self.end_and_see(signal.SIGTERM)

    def test_killed(self):
        self.end_and_see(signal.SIGKILL)

    def test_stopped_for_a_while(self):
        render = self.begin()
        self.stop_for_a_while(self.slave_of(11))
        self.check_film_and_freedom(render)

    def test_cut_off_from_the_master_alone_for_a_while(self):
        """As by a firewall between: nothing is refused, all is silent. The daemon's own connection stays."""
        render = self.begin()
        space = self.hosts[11]
        for table in ("table inet cut", "chain inet cut in { type filter hook input priority 0; }",
                      "chain inet cut out { type filter hook output priority 0; }",
                      "rule inet cut in tcp sport 21000 drop", "rule inet cut out tcp dport 21000 drop"):
            self.network.inside(space, "nft", "add " + table)
        try:
            self.for_a_while()
        finally:
            self.network.inside(space, "nft", "delete table inet cut")
        self.check_film_and_freedom(render)


if __name__ == "__main__":
    run()
