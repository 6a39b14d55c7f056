#!/usr/bin/env python3
"""Forty computers with a daemon each, two that look for them, in network namespaces (as root; else it says so and skips).

    tests/system/large_farm_test.py --master PATH --slave PATH --daemon PATH [unittest arguments]
"""
import json
import signal

from farm_spaces import PROGRAMS, RealFarm, run

COUNT = 40


class LargeFarm(RealFarm):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hosts = {n: cls.network.add_host(0, n) for n in range(121, 121 + COUNT)}
        cls.names = {f"RENDER{n}" for n in cls.hosts}

    def start_daemons(self):
        """All at once, as after a power cut."""
        daemons = {n: self.start(space, PROGRAMS.daemon, "--name", f"RENDER{n}", "--slave", PROGRAMS.slave)
                   for n, space in self.hosts.items()}
        for daemon in daemons.values():
            daemon.wait_for("Waiting for masters", 120)
        return daemons

    def listed(self, program):
        self.assertEqual(program.end(60), 0, program.out + program.err)
        return {d["name"]: d for d in json.loads(program.out)}

    def test_two_masters_see_all_of_them_at_once_and_again_after_a_restart(self):
        self.activate(self.desk, self.other_desk, *self.hosts.values())
        daemons = self.start_daemons()
        looks = [self.master("daemons", "list", "--json", space=space) for space in (self.desk, self.other_desk)]
        first = self.listed(looks[0])
        self.assertEqual(set(first), self.names)
        self.assertEqual(set(self.listed(looks[1])), self.names)
        self.assertEqual({d["state"] for d in first.values()}, {"unbound"})

        for daemon in daemons.values():
            daemon.send(signal.SIGKILL)
        for daemon in daemons.values():
            daemon.end(20)
        self.assertEqual(self.listed(self.master("daemons", "list", "--json")), {})
        self.start_daemons()
        second = self.listed(self.master("daemons", "list", "--json"))
        self.assertEqual({name: d["id"] for name, d in second.items()}, {name: d["id"] for name, d in first.items()})


if __name__ == "__main__":
    run()
