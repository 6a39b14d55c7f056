#!/usr/bin/env python3
"""Masters and daemons on computers of their own: network namespaces on a bridge. Needs root and `ip netns`, else it
says so and skips.

    tests/system/farm_test.py --master PATH --slave PATH --daemon PATH [unittest arguments]
"""
import json
import random
import signal
import sys
import time
from pathlib import Path

from farm_spaces import LONG, PROGRAMS, ROOM, FarmTest, RealFarm, run


class Discovery(FarmTest):
    def test_lists_who_is_there_and_what_it_does(self):
        self.daemon(11, "--gpus", "2")
        self.daemon(12, "--slave-version", "999002")
        self.daemon(13, "--mode", "paused", "--reason", "paused by the user until 14:30")
        self.daemon(14, "--mode", "crashed", "--reason", "ended by signal 11", "--log", "CUDA error 700")
        daemons = self.list()
        self.assertEqual({n: d["state"] for n, d in daemons.items()},
                         {"RENDER11": "unbound", "RENDER12": "invalid_version", "RENDER13": "deactivated",
                          "RENDER14": "crashed"})
        self.assertEqual(daemons["RENDER11"]["address"], "10.77.0.11")
        self.assertEqual(daemons["RENDER11"]["gpus"], 2)
        self.assertEqual(daemons["RENDER13"]["reason"], "paused by the user until 14:30")
        self.assertEqual(daemons["RENDER14"]["log"], ["CUDA error 700"])
        table = self.run_master("daemons", "list", "--net-insecure")
        self.assertRegex(table.out.splitlines()[0],
                         r"^ADDRESS +NAME +STATE +GPUS +VERSION +BOUND TO +ENABLED +scanned 10\.77\.0\.0/24 \(eth0\) "
                         r"port 48000 in \d+\.\d s$")
        self.assertRegex(table.out, r"(?m)^10\.77\.0\.11 +RENDER11 +unbound +2 +1000000 +- +no$")
        self.assertIn("Network rendering is off", table.err)

    def test_finds_nobody_and_says_what_helps(self):
        program = self.run_master("daemons", "list", "--net-insecure")
        self.assertIn("help: octane_master doctor", program.err)

    def test_looks_where_it_is_told(self):
        self.daemon(11, "--port", "48010")
        self.daemon(0, space=self.far)
        self.assertEqual(self.list(), {})
        self.assertEqual(set(self.list("--net-daemon", "10.77.0.11:48010,10.77.1.11")), {"RENDER11", "RENDER0"})
        self.assertEqual(set(self.list("--net-daemon-port", "48010")), {"RENDER11"})
        self.assertEqual(set(self.list("--net-subnet", "10.77.1.0/24")), {"RENDER0"})
        (self.folder / "farm.txt").write_text("# upstairs\n10.77.1.11\n", encoding="utf-8")
        self.run_master("daemons", "import", "farm.txt")
        self.assertEqual(set(self.list()), {"RENDER0"})
        self.run_master("daemons", "export", "farm.json", "--net-insecure")
        exported = json.loads((self.folder / "farm.json").read_text(encoding="utf-8"))
        self.assertEqual([d["address"] for d in exported["daemons"]], ["10.77.1.11"])

    def test_another_subnet_behind_a_sweep_only(self):
        """A firewall that eats broadcasts hides nobody for longer than the first sweep."""
        self.rules(self.hosts[11], "in ip daddr 10.77.0.255 drop")
        self.daemon(11)
        self.assertEqual(set(self.list()), {"RENDER11"})

    def test_a_sweep_of_a_thousand_addresses_misses_nobody(self):
        """Datagrams to computers that are not there fill the system's buffers: those that are must be found all the
        same, at both ends of the subnet."""
        desk, first, last = (self.network.add_host(1, number) for number in (101, 102, 103))
        for space, address in ((desk, "10.77.4.1"), (first, "10.77.4.2"), (last, "10.77.7.254")):
            self.network.inside(space, "ip", "address", "flush", "dev", "eth0")
            self.network.inside(space, "ip", "address", "add", address + "/22", "broadcast", "+", "dev", "eth0")
        for number, space in ((1, first), (2, last)):
            self.rules(space, "in ip daddr 10.77.7.255 drop")
            self.daemon(number, space=space)
        self.assertEqual(set(self.list(space=desk)), {"RENDER1", "RENDER2"})

    def test_changes_are_watched(self):
        watch = self.master("daemons", "watch", "--json", "--net-insecure")
        daemon = self.daemon(11)
        watch.wait_for('"event":"changed".*"RENDER11".*"state":"unbound"', 15)
        daemon.kill()
        watch.wait_for('"event":"gone".*"RENDER11"', 40)
        watch.send(signal.SIGINT)
        self.assertEqual(watch.end(), 0)

    def test_without_a_key_other_computers_are_not_used(self):
        self.daemon(11, "--farm", "77c0d3")
        daemons = json.loads(self.run_master("daemons", "list", "--json").out)
        self.assertEqual([d["state"] for d in daemons], ["deactivated"])
        self.assertIn("77C0D3", daemons[0]["reason"])


class Occupancy(FarmTest):
    def enable(self, *names, space=None):
        return self.run_master("daemons", "enable", *names, "--net-insecure", space=space)

    def test_enabled_daemons_render_and_are_free_afterwards(self):
        daemons = [self.daemon(n, "--slave", PROGRAMS.slave) for n in (11, 12)]
        done = self.enable("all")
        self.assertIn("Enabled RENDER11, RENDER12. A master occupies them while it renders with network rendering on, "
                      "not before.", done.out)
        self.assertTrue(self.list()["RENDER11"]["enabled"])
        render = self.render("--no-local", "--net-wait", 2, "--report", "report.json", "--progress", "json")
        self.assertEqual(render.end(), 0, render.out + render.err)
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual({s["name"] for s in report["slaves"]}, {"RENDER11", "RENDER12"})
        self.assertIn("RENDER11: slave started, authenticating", render.err)
        states = [json.loads(line) for line in render.lines["out"] if '"event":"slave"' in line]
        self.assertIn("authenticating", {s["state"] for s in states})
        for daemon in daemons:
            daemon.wait_for('"occupied".*"10.77.0.101"')
            daemon.wait_for('"free"')

    def test_network_line_counts_enabled_daemons(self):
        self.daemon(11, "--slave", PROGRAMS.slave)
        self.enable("RENDER11")
        render = self.render()
        self.assertEqual(render.end(), 0, render.out + render.err)
        self.assertRegex(render.out, r"Network    port 21000, open to this whole network \(--net-insecure\), "
                                     r"using 1 of 1 enabled daemon")

    def test_of_two_masters_the_first_has_it_and_the_other_waits(self):
        daemon = self.daemon(11, "--slave", PROGRAMS.slave)
        self.enable("RENDER11")
        self.enable("RENDER11", space=self.other_desk)
        first = self.render("--no-local", samples=LONG, size=1024)
        daemon.wait_for('"occupied".*"10.77.0.101"')
        seen = self.list(space=self.other_desk)["RENDER11"]
        self.assertEqual(seen["state"], "bound_to_other")
        self.assertEqual(seen["bound_to"]["address"], "10.77.0.101")
        second = self.render("--no-local", space=self.other_desk)
        second.wait_for(r"warning: RENDER11 \(10\.77\.0\.11\) is bound to other: .*\(10\.77\.0\.101\) since ")
        second.wait_for("help: ask there, or add --net-steal RENDER11")
        first.send(signal.SIGINT)
        first.end()
        daemon.wait_for('"occupied".*"10.77.0.102"')
        self.assertEqual(second.end(), 0, second.out + second.err)

    def test_a_stolen_daemon_changes_its_owner(self):
        daemon = self.daemon(11, "--slave", PROGRAMS.slave)
        self.enable("RENDER11")
        robbed = self.render("--no-local", samples=LONG, size=1024)
        daemon.wait_for('"occupied".*"10.77.0.101"')
        thief = self.render("--no-local", "--net-steal", "RENDER11", space=self.other_desk)
        robbed.wait_for(r"warning: RENDER11 was taken over by .*; its \d+ leases? returned to the pool")
        self.assertEqual(thief.end(), 0, thief.out + thief.err)
        time.sleep(7)  # a round after it became free: the robbed one must not ask again
        self.assertEqual(daemon.out.count('"address": "10.77.0.101"'), 1)
        robbed.kill()

    def test_stealing_keeps_it_for_a_while(self):
        daemon = self.daemon(11, "--slave", PROGRAMS.slave)
        self.enable("RENDER11")
        robbed = self.render("--no-local", samples=LONG, size=1024)
        daemon.wait_for('"occupied"')
        stolen = self.run_master("daemons", "steal", "RENDER11", "--net-insecure", space=self.other_desk)
        self.assertRegex(stolen.out, r"RENDER11 is free, and kept for .* for 30 s")
        robbed.wait_for("was taken over by")
        robbed.kill()

    def test_a_running_master_follows_the_preferences(self):
        daemon = self.daemon(11, "--slave", PROGRAMS.slave)
        render = self.render("--no-local", samples=LONG, size=1024)
        self.enable("RENDER11")
        daemon.wait_for('"occupied"')
        self.run_master("daemons", "disable", "RENDER11")
        daemon.wait_for('"released"', 10)
        render.kill()

    def test_a_killed_master_frees_its_daemons(self):
        daemon = self.daemon(11, "--slave", PROGRAMS.slave)
        self.enable("RENDER11")
        render = self.render("--no-local", samples=LONG, size=1024)
        daemon.wait_for('"occupied"')
        render.send(signal.SIGKILL)
        daemon.wait_for('"free"', 10)

    def test_what_crashes_is_shown_and_tried_again_on_request(self):
        daemon = self.daemon(11, "--crash")
        self.enable("RENDER11")
        render = self.render("--no-local")
        render.wait_for("warning: RENDER11: crashed: ended 3 times by signal 11")
        render.wait_for("help: octane_master daemons enable RENDER11 tries it again")
        render.kill()
        daemon.kill()
        crashed = self.daemon(12, "--mode", "crashed", "--reason", "ended by signal 11")
        self.assertIn("RENDER12 tries again", self.enable("RENDER12").out)
        crashed.wait_for('"retried"')

    def test_waiting_for_slaves_fails_when_too_few_come(self):
        self.daemon(11, "--slave", PROGRAMS.slave)
        self.enable("RENDER11")
        render = self.render("--no-local", "--net-wait", 2, "--net-wait-time", 4)
        self.assertEqual(render.end(), 6, render.out + render.err)
        self.assertRegex(render.err, r"--net-wait 2: only \d slaves? came within 4 s")


class DoctorFinds(FarmTest):
    def test_nothing_wrong(self):
        self.daemon(11, "--gpus", "2")
        record = self.doctor("10.77.0.11", "nothing_wrong")
        self.assertRegex(record["text"], r"^nothing is wrong: unbound, 2 GPUs, answers in \d+\.\d+ ms$")
        by_name = self.run_master("doctor", "render11", "--net-insecure", "--net-enable")
        self.assertIn("render11 (10.77.0.11): nothing is wrong", by_name.out)

    def test_network_rendering_off(self):
        self.daemon(11)
        program = self.run_master("doctor", "10.77.0.11", "--net-insecure", code=11)
        self.assertIn("10.77.0.11: NOT SEEN because network rendering is off in this master", program.out)
        self.assertIn("network rendering: off;", program.out)
        everybody = self.run_master("doctor", "--all", "--net-insecure", code=11)
        self.assertEqual(everybody.out.count("help: Network rendering is off in this master: octane_master preferences set"), 1)

    def test_another_port(self):
        self.daemon(11, "--port", "48007")
        self.assertEqual(self.doctor("10.77.0.11", "other_port")["text"], "it listens on port 48007, you scan 48000")

    def test_another_subnet(self):
        self.daemon(0, space=self.far)
        self.assertEqual(self.doctor("10.77.1.11", "other_subnet")["text"],
                         "it is in 10.77.1.0/24, you scan 10.77.0.0/24")
        self.doctor("10.77.1.11", "nothing_wrong", "--net-subnet", "10.77.1.0/24")
        self.doctor("10.77.1.11", "nothing_wrong", "--net-daemon", "10.77.1.11")

    def test_no_computer(self):
        self.doctor("10.77.0.99", "no_computer")

    def test_no_computer_that_the_system_forgot(self):
        """A system drops neighbours that do not answer whenever it likes."""
        self.start(self.desk, "sh", "-c", "while ip neighbour flush dev eth0; do sleep 0.05; done")
        self.doctor("10.77.0.99", "no_computer")

    def test_nothing_listens(self):
        self.assertEqual(self.doctor("10.77.0.11", "nothing_listens")["text"],
                         "the computer answers, but no daemon listens on 48000 (refused)")

    def test_firewall_there_drops(self):
        self.daemon(11)
        self.rules(self.hosts[11], "in udp dport 48000 drop", "in tcp dport 48000 drop")
        program = self.run_master("doctor", "10.77.0.11", "--net-insecure", "--net-enable", code=11)
        lines = program.out.splitlines()
        self.assertEqual(lines[0],
                         "10.77.0.11: NOT SEEN because a firewall on that computer drops UDP and TCP to port 48000")
        self.assertTrue(lines[1].startswith("help: there, run _open_firewall.bat daemon"), lines)
        self.assertIn("UDP 48000: silent, 3 tries; TCP 48000: silent", lines[2])

    def test_firewall_there_drops_one_of_both(self):
        self.daemon(11)
        self.daemon(12)
        self.rules(self.hosts[11], "in udp dport 48000 drop")
        self.rules(self.hosts[12], "in tcp dport 48000 drop")
        self.doctor("10.77.0.11", "firewall_drops_udp")
        self.doctor("10.77.0.12", "firewall_drops_tcp")

    def test_firewall_there_rejects(self):
        self.daemon(11)
        self.daemon(12)
        self.rules(self.hosts[11], "in tcp dport 48000 reject with tcp reset")
        self.rules(self.hosts[12], "in udp dport 48000 reject with icmp type admin-prohibited",
                   "in tcp dport 48000 reject with icmp type admin-prohibited")
        self.doctor("10.77.0.11", "firewall_rejects_tcp")
        self.doctor("10.77.0.12", "firewall_rejects_tcp")

    def test_own_firewall(self):
        self.daemon(11)
        self.rules(self.desk, "in tcp dport 21000 drop")
        self.assertEqual(self.doctor("10.77.0.11", "own_firewall_in")["text"],
                         "it sees you, but cannot reach this master's port 21000 (your firewall)")

    def test_own_firewall_rejects(self):
        self.daemon(11)
        self.rules(self.desk, "in tcp dport 21000 reject")
        self.doctor("10.77.0.11", "own_firewall_in")

    def test_own_firewall_lets_nothing_out(self):
        self.daemon(11)
        self.rules(self.desk, "out udp dport 48000 drop", "out tcp dport 48000 drop")
        self.doctor("10.77.0.11", "own_firewall_out")

    def test_another_version(self):
        self.daemon(11, "--slave-version", "999002")
        self.assertEqual(self.doctor("10.77.0.11", "wrong_version")["text"],
                         "it has version 999002, this master is 1000000")

    def test_another_farm(self):
        self.daemon(11, "--farm", "77c0d3")
        self.assertIn("77C0D3", self.doctor("10.77.0.11", "we_have_no_key")["text"])

    def test_paused_crashed_or_without_slave(self):
        self.daemon(11, "--mode", "paused", "--reason", "paused by the user until 14:30")
        self.daemon(12, "--mode", "crashed", "--reason", "ended by signal 11")
        self.daemon(13, "--mode", "no_slave", "--slave-version", "0", "--reason", "octane_slave is missing")
        self.doctor("10.77.0.11", "paused")
        self.doctor("10.77.0.12", "slave_crashed")
        self.assertEqual(self.doctor("10.77.0.13", "slave_cannot_start")["text"],
                         "its slave cannot start: octane_slave is missing")

    def test_bound_to_another(self):
        daemon = self.daemon(11, "--slave", PROGRAMS.slave)
        self.run_master("daemons", "enable", "RENDER11", "--net-insecure", space=self.other_desk)
        owner = self.render("--no-local", samples=LONG, size=1024, space=self.other_desk)
        daemon.wait_for('"occupied"')
        self.assertRegex(self.doctor("10.77.0.11", "bound_to_other")["text"], r"^bound to .+@.+ since \d\d:\d\d$")
        owner.kill()

    def test_another_program_at_the_port(self):
        web = self.start(self.hosts[11], sys.executable, "-u", "-m", "http.server", "48000")
        web.wait_for("Serving HTTP")
        self.doctor("10.77.0.11", "other_program")

    def test_all_at_once(self):
        self.daemon(11)
        self.daemon(12, "--slave-version", "999002")
        program = self.run_master("doctor", "--all", "--net-insecure", "--net-enable", "--net-daemon", "10.77.0.99",
                                  code=11)
        self.assertEqual(len(program.lines["out"]), 3, program.out)
        self.assertIn("10.77.0.11: nothing is wrong", program.out)
        self.assertIn("10.77.0.12: NOT USABLE because it has version 999002", program.out)
        self.assertIn("10.77.0.99: NOT SEEN because no computer answers at that address", program.out)
        test = self.run_master("--net-test", "--net-insecure", "--net-enable", ROOM, code=11)
        self.assertEqual(len(test.lines["out"]), 2, test.out)


class RealDaemons(RealFarm):
    """The real octane_daemon, encrypted with a farm key unless a test says otherwise."""

    def verdict(self, address, verdict, *words):
        code = 0 if verdict == "nothing_wrong" else 11
        record = json.loads(self.run_master("doctor", address, "--json", "--net-enable", *words, code=code).out)
        self.assertEqual(record["verdict"], verdict, record)
        return record["text"]

    def test_a_farm_renders_and_is_free_afterwards(self):
        farm = self.activate(self.desk, self.hosts[11], self.hosts[12])
        for number in (11, 12):
            self.real_daemon(number)
        self.assertEqual(self.states(), {"RENDER11": "unbound", "RENDER12": "unbound"})
        self.verdict("10.77.0.11", "nothing_wrong")
        self.run_master("daemons", "enable", "all")
        render = self.secure_render("--no-local", "--net-wait", 2, "--report", "report.json")
        self.assertEqual(render.end(), 0, render.out + render.err)
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual({s["name"] for s in report["slaves"]}, {"RENDER11", "RENDER12"})
        self.assertEqual(report["samples_wanted"], report["samples_merged"])
        self.assertIn(f"Network    port 21000, farm {farm}, using 2 of 2 enabled daemons", render.out)
        self.assertEqual(self.states(), {"RENDER11": "unbound", "RENDER12": "unbound"})

    def test_an_ipv6_network_by_address(self):
        self.activate(self.desk, self.hosts[14])
        for space, address in ((self.desk, "fd00:77::101/64"), (self.hosts[14], "fd00:77::14/64")):
            change = (space, "ip", "address")
            self.network.inside(*change, "add", address, "dev", "eth0", "nodad")
            self.addCleanup(self.network.inside, *change, "delete", address, "dev", "eth0")
        self.rules(self.hosts[14], "in meta nfproto ipv4 drop")
        self.real_daemon(14)
        there = ("--net-daemon", "[fd00:77::14]:48000")
        self.assertEqual(self.states(*there), {"RENDER14": "unbound"})
        self.verdict("fd00:77::14", "nothing_wrong", *there)
        self.assertEqual(self.verdict("fd00:77::14", "other_subnet"), "it is in an IPv6 network, you scan 10.77.0.0/24")
        render = self.secure_render("--no-local", *there, "--net-use", "RENDER14", "--report", "report.json")
        self.assertEqual(render.end(), 0, render.out + render.err)
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual([(s["name"], s["address"]) for s in report["slaves"]], [("RENDER14", "fd00:77::14")])
        render = self.secure_render("--no-local", "--net-use", "none")
        slave = self.start(self.hosts[14], PROGRAMS.slave, "--net-master-address", "fd00:77::101", "--once", "--threads", 1)
        slave.wait_for(r"^Connecting to master \[fd00:77::101\]:21000")
        self.assertEqual((render.end(), slave.end()), (0, 0), render.out + render.err + slave.out + slave.err)

    def test_two_masters_and_a_thief(self):
        self.activate(self.desk, self.other_desk, self.hosts[11])
        self.real_daemon(11)
        for space in (self.desk, self.other_desk):
            self.run_master("daemons", "enable", "RENDER11", space=space)
        first = self.secure_render("--no-local", samples=LONG, size=1024)
        self.wait_for_state("RENDER11", "running")
        self.assertEqual(self.states(space=self.other_desk), {"RENDER11": "bound_to_other"})
        second = self.secure_render("--no-local", "--net-steal", "RENDER11", space=self.other_desk)
        first.wait_for(r"warning: RENDER11 was taken over by .*; its \d+ leases? returned to the pool")
        self.assertEqual(second.end(), 0, second.out + second.err)
        time.sleep(7)
        self.assertEqual(self.states(), {"RENDER11": "unbound"})
        first.send(signal.SIGINT)
        first.end()

    def test_disabling_frees_a_daemon_while_it_renders(self):
        self.activate(self.desk, self.hosts[11])
        self.real_daemon(11)
        render = self.secure_render("--no-local", samples=LONG, size=1024)
        self.run_master("daemons", "enable", "RENDER11")
        self.wait_for_state("RENDER11", "running")
        self.run_master("daemons", "disable", "all")
        self.wait_for_state("RENDER11", "unbound")
        render.kill()

    def test_a_new_address_loses_nothing(self):
        """As DHCP gives one, in the middle of a render: what is wanted is the daemon, not where it was."""
        self.activate(self.desk, self.hosts[14])
        self.real_daemon(14)
        self.run_master("daemons", "enable", "RENDER14")
        render = self.secure_render("--no-local", "--net-dead-time", 3, samples=LONG, size=1024)
        self.wait_for_state("RENDER14", "running")
        old, new = ("10.77.0.14/24", "10.77.0.64/24")
        self.move(self.hosts[14], old, new)
        self.addCleanup(self.move, self.hosts[14], new, old)
        render.wait_for(r"warning: RENDER14: lost: silent for .* returned")
        deadline = time.monotonic() + 60
        while render.err.count("RENDER14: rendering") < 2:
            self.assertLess(time.monotonic(), deadline, render.err)
            time.sleep(0.1)
        listed = json.loads(self.run_master("daemons", "list", "--json").out)
        self.assertEqual([(d["name"], d["address"], d["enabled"]) for d in listed], [("RENDER14", "10.77.0.64", True)])
        render.send(signal.SIGINT)
        render.end()

    def move(self, space, old, new):
        """Gives a computer another address."""
        change = (space, "ip", "address")
        self.network.inside(*change, "delete", old, "dev", "eth0")
        self.network.inside(*change, "add", new, "broadcast", "10.77.0.255", "dev", "eth0")

    def test_who_sits_there_decides(self):
        self.activate(self.desk, self.hosts[11])
        self.real_daemon(11)
        pause = self.start(self.hosts[11], PROGRAMS.daemon, "--pause", 60)
        self.assertEqual(pause.end(), 0, pause.out + pause.err)
        self.assertEqual(self.states(), {"RENDER11": "deactivated"})
        self.assertIn("paused", self.verdict("10.77.0.11", "paused"))

    def test_farms_do_not_mix(self):
        own = self.activate(self.desk)
        other = self.activate(self.hosts[11])
        self.real_daemon(11)
        self.real_daemon(12)
        self.assertEqual(set(self.states().values()), {"deactivated"})
        self.assertEqual(self.verdict("10.77.0.11", "other_farm"), f"it belongs to farm {other}, you to {own}")
        self.verdict("10.77.0.12", "not_activated")

    def test_without_any_key_this_computer_is_its_own_farm(self):
        self.real_daemon(11, space=self.desk)
        self.real_daemon(12)
        seen = self.states()
        self.assertEqual(seen["RENDER11"], "unbound")
        self.run_master("daemons", "enable", "RENDER11")
        render = self.secure_render("--net-wait", 1)
        self.assertEqual(render.end(), 0, render.out + render.err)
        self.assertIn("warning: RENDER11 is this computer: its slave and this master share its devices", render.err)

    def test_the_doctor_finds_what_is_wrong(self):
        self.activate(self.desk, *(self.hosts[n] for n in (11, 12, 13)))
        self.real_daemon(11, "--port", 48010)
        self.real_daemon(12)
        self.rules(self.hosts[12], "in udp dport 48000 drop", "in tcp dport 48000 drop")
        broken = self.start(self.hosts[13], PROGRAMS.daemon, "--name", "RENDER13", "--slave", "/nowhere/octane_slave")
        broken.wait_for("Waiting for masters|/nowhere/octane_slave")
        self.verdict("10.77.0.11", "other_port")
        self.verdict("10.77.0.12", "firewall_drops")
        self.verdict("10.77.0.13", "slave_cannot_start")


class CopiedDisks(RealFarm):
    """Several computers with one folder of settings: a copied disk, or a home folder on a server."""

    def start(self, space, *words):
        return super().start(space, "env", f"OCTANE_CONFIG_DIR={self.folder}/shared", *words)

    def listed(self):
        program = self.run_master("daemons", "list", "--json")
        self.error = program.err
        return {(d["name"], d["address"], d["enabled"], d["shares_id"]) for d in json.loads(program.out)}

    def test_both_are_listed_and_used(self):
        self.run_master("activate")
        for number in (11, 12):
            self.real_daemon(number)
        for _ in range(3):
            self.assertEqual(self.listed(), {("RENDER11", "10.77.0.11", False, True), ("RENDER12", "10.77.0.12", False, True)})
        self.assertRegex(self.error, r"warning: RENDER11 \(10.77.0.11\) and RENDER12 \(10.77.0.12\) have the same daemon id")
        self.assertIn("delete daemon.id", self.error)
        self.run_master("daemons", "enable", "RENDER12")
        self.assertEqual(self.listed(), {("RENDER11", "10.77.0.11", False, True), ("RENDER12", "10.77.0.12", True, True)})
        render = self.secure_render("--no-local", "--net-use", "all", "--net-wait", 2, "--net-wait-time", 30,
                                    "--report", "report.json")
        self.assertEqual(render.end(), 0, render.out + render.err)
        self.assertEqual(render.err.count("have the same daemon id"), 1)
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertEqual({(s["name"], s["address"]) for s in report["slaves"]},
                         {("RENDER11", "10.77.0.11"), ("RENDER12", "10.77.0.12")})


class ChangingNetworks(RealFarm):
    """Addresses that change or come late, adapters that stand in for others, packets that vanish."""

    def readdress(self, space, address):
        self.network.inside(space, "ip", "address", "flush", "dev", "eth0")
        if address:
            broadcast = address.rsplit(".", 1)[0] + ".255"
            self.network.inside(space, "ip", "address", "add", address, "broadcast", broadcast, "dev", "eth0")

    def restore(self, space, number):
        self.readdress(space, f"10.77.0.{number}/24")
        self.network.inside(space, "ip", "route", "replace", "default", "via", "10.77.0.1")

    def test_both_computers_move_to_another_network(self):
        self.activate(self.desk, self.hosts[11])
        self.real_daemon(11)
        self.run_master("daemons", "enable", "RENDER11")
        render = self.secure_render("--no-local", "--net-dead-time", 3, samples=LONG, size=1024)
        render.wait_for("RENDER11: rendering")
        for space, number in ((self.desk, 101), (self.hosts[11], 11)):
            self.addCleanup(self.restore, space, number)
            self.readdress(space, f"10.88.0.{number}/24")
        deadline = time.monotonic() + 60
        while render.err.count("RENDER11: rendering") < 2:
            self.assertLess(time.monotonic(), deadline, render.err)
            time.sleep(0.1)
        self.assertNotIn("bound to other", render.err)
        render.send(signal.SIGINT)
        render.end()

    def test_a_watch_begun_without_an_address(self):
        self.activate(self.desk, self.hosts[11])
        self.real_daemon(11)
        self.addCleanup(self.restore, self.desk, 101)
        self.readdress(self.desk, None)
        watch = self.master("daemons", "watch", "--json", "--net-subnet", "eth0")
        time.sleep(1)
        self.readdress(self.desk, "10.77.0.101/24")
        watch.wait_for('"RENDER11"')

    def test_a_virtual_network_without_routes_is_left_out_and_named(self):
        self.activate(self.desk, self.hosts[11])
        self.real_daemon(11)
        inside = self.network.inside
        inside(self.desk, "ip", "link", "add", "virbr0", "type", "bridge")
        self.addCleanup(inside, self.desk, "ip", "link", "delete", "virbr0")
        inside(self.desk, "ip", "address", "add", "192.168.5.1/24", "dev", "virbr0")
        inside(self.desk, "ip", "link", "set", "virbr0", "up")
        program = self.run_master("daemons", "list")
        self.assertIn("RENDER11", program.out)
        self.assertIn("scanned 10.77.0.0/24 (eth0) port 48000", program.out)
        self.assertIn("Not scanned: 192.168.5.0/24 (virbr0)", program.err)
        self.assertIn("192.168.5.0/24 (virbr0)", self.run_master("daemons", "list", "--net-subnet", "virbr0").out)

    def test_large_packets_that_vanish_are_found(self):
        self.activate(self.desk, self.hosts[11])
        for space in (self.desk, self.hosts[11]):
            self.network.inside(space, "ethtool", "-K", "eth0", "tso", "off", "gso", "off", "gro", "off", check=False)
        self.real_daemon(11)
        self.run_master("daemons", "enable", "RENDER11")
        self.rules(self.hosts[11], "in meta length > 1300 drop", "out meta length > 1300 drop")
        program = self.run_master("doctor", "10.77.0.11", "--net-enable", code=11)
        self.assertIn("10.77.0.11: NOT USABLE because large packets vanish on the way from here to there", program.out)
        self.assertIn("MTU", program.out)
        scene = self.folder / "grid.obj"
        scene.write_text(grid(100), encoding="ascii")
        render = self.master(scene, "--film-width", 64, "--film-height", 64, "-s", 4, "--net-enable", "--no-local",
                             "--net-dead-time", 3)
        render.wait_for(r"warning: RENDER11: lost at updating 0 %: .*\(MTU\)")
        render.wait_for(r"help: octane_master doctor 10.77.0.11   tests it")
        render.kill()
        # What is small enough gets there, and the results do not come.
        render = self.secure_render("--no-local", "--net-dead-time", 3, samples=LONG, size=1024)
        render.wait_for(r"warning: RENDER11: lost before its first result: .*\(MTU\)")
        render.kill()

    def test_large_packets_that_vanish_on_the_way_back(self):
        self.activate(self.desk, self.hosts[11])
        self.network.inside(self.hosts[11], "ethtool", "-K", "eth0", "tso", "off", "gso", "off", check=False)
        self.real_daemon(11)
        self.rules(self.hosts[11], "out meta length > 1300 drop")
        program = self.run_master("doctor", "10.77.0.11", "--net-enable", code=11)
        self.assertIn("large packets vanish on the way from there to here", program.out)

    def test_a_slave_takes_an_address_in_brackets(self):
        self.activate(self.desk, self.hosts[14])
        for space, address in ((self.desk, "fd00:77::101/64"), (self.hosts[14], "fd00:77::14/64")):
            change = (space, "ip", "address")
            self.network.inside(*change, "add", address, "dev", "eth0", "nodad")
            self.addCleanup(self.network.inside, *change, "delete", address, "dev", "eth0")
        self.rules(self.hosts[14], "in meta nfproto ipv4 drop")
        for words in (("[fd00:77::101]",), ("[fd00:77::101]:21000",), ("[fd00:77::101]", "--net-master-port", 21000)):
            render = self.secure_render("--no-local", "--net-use", "none")
            slave = self.start(self.hosts[14], PROGRAMS.slave, "--once", "--threads", 1, "--net-master-address", *words)
            slave.wait_for(r"^Connecting to master \[fd00:77::101\]:21000")
            self.assertEqual((render.end(), slave.end()), (0, 0), render.out + render.err + slave.out + slave.err)
        self.real_daemon(14)
        listed = json.loads(self.run_master("daemons", "list", "--json", "--net-daemon", "[fd00:77::14]").out)
        self.assertEqual([d["address"] for d in listed], ["[fd00:77::14]"])

    def test_a_recorded_probe_learns_nothing_elsewhere(self):
        """A stranger who hears everything sends what it heard from its own computer."""
        self.activate(self.desk, self.hosts[11])
        self.real_daemon(11)
        recorder = self.start(self.hosts[11], sys.executable, Path(__file__).with_name("probe_recorder.py"), "record", 4)
        recorder.wait_for("ready")
        self.assertEqual(self.states(), {"RENDER11": "unbound"})
        self.assertEqual(recorder.end(), 0, recorder.err)
        probes = [line for line in recorder.out.splitlines() if line != "ready"]
        self.assertGreater(len(probes), 1, "the probe without a cookie, and the one with it")
        replayed = self.start(self.other_desk, sys.executable, Path(__file__).with_name("probe_recorder.py"), "replay",
                              "10.77.0.11", *probes)
        self.assertEqual(replayed.end(), 0, replayed.err)
        answers = [json.loads(line) for line in replayed.out.splitlines()]
        self.assertEqual(len(answers), len(probes))
        for answer in answers:
            self.assertEqual((answer["name"], answer["id"], answer["owner"], answer["gpus"]), ("", "", [], 0), answer)

    def test_strangers_do_not_fill_terminal_and_report(self):
        self.activate(self.desk)
        render = self.secure_render("--report", "report.json", samples=LONG, size=1024)
        render.wait_for("Network    port 21000")
        flood = self.start(self.other_desk, sys.executable, "-c", FLOOD)
        self.assertEqual(flood.end(), 0, flood.err)
        render.send(signal.SIGINT)
        render.end()
        self.assertLess(len(render.err.splitlines()), 20, render.err)
        report = json.loads((self.folder / "report.json").read_text(encoding="utf-8"))
        self.assertLess(len(report["warnings"]), 5, report["warnings"])


def grid(size):
    """An uneven floor of so many squares each way, as OBJ."""
    heights = random.Random(1)
    lines = [f"v {x} {heights.random():.6f} {y}" for y in range(size + 1) for x in range(size + 1)]
    corners = (first + 1 for first in range(size * (size + 1)) if (first + 1) % (size + 1))
    lines += [f"f {c} {c + 1} {c + size + 2} {c + size + 1}" for c in corners]
    return "\n".join(lines) + "\n"


FLOOD = """
import socket, sys
sys.path.insert(0, %r)
from daemon_client import RENDER, preamble
for number in range(300):
    with socket.create_connection(("10.77.0.101", 21000)) as peer:
        peer.sendall(preamble(RENDER, f"WS-{number}"))
        peer.recv(64)
""" % str(Path(__file__).resolve().parent)


if __name__ == "__main__":
    run()
