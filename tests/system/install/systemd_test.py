#!/usr/bin/env python3
"""The installers on a computer with a real systemd, ufw and firewalld: a Debian in a folder, booted by systemd-nspawn in a
network namespace of its own; nothing in the folder changes. Needs root, systemd-container, and

    debootstrap --variant=minbase --include=systemd-sysv,dbus,dbus-user-session,libpam-systemd,procps,ufw,firewalld bookworm FOLDER
    OCT_SYSTEMD_ROOT=FOLDER tests/system/install/systemd_test.py --build FOLDER --master PATH --slave PATH --daemon PATH
        [unittest arguments]
"""
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from farm_spaces import LONG, PROGRAMS, RealFarm, run

ROOT = Path(__file__).resolve().parents[3]
PROGRAMS.build = ""
FOLDER = "/opt/octane render"
UNIT = "octane_daemon.service"
ADDRESS = "10.77.0.11"


class RealSystem(RealFarm):
    @classmethod
    def setUpClass(cls):
        root = os.environ.get("OCT_SYSTEMD_ROOT")
        if not root:
            raise unittest.SkipTest("OCT_SYSTEMD_ROOT names no system")
        if not shutil.which("systemd-nspawn"):
            raise unittest.SkipTest("there is no systemd-nspawn here")
        super().setUpClass()
        made = tempfile.TemporaryDirectory(prefix="octane_systemd_")
        cls.addClassCleanup(made.cleanup)
        release = Path(made.name) / "octane"
        subprocess.run(["cmake", "--install", PROGRAMS.build, "--prefix", release], check=True, stdout=subprocess.DEVNULL)
        Path(made.name).chmod(0o755)  # another account is to run what lies there
        cls.boot(root, release)

    @classmethod
    def boot(cls, root, release):
        cls.log = open(release.parent / "boot.log", "w")
        cls.addClassCleanup(cls.log.close)
        cls.system = subprocess.Popen(
            ["systemd-nspawn", "--directory", root, "--volatile=overlay", "--boot", "--register=no", "--keep-unit",
             f"--network-namespace-path=/run/netns/{cls.hosts[11]}", "--capability=CAP_NET_ADMIN", "--console=pipe",
             f"--bind-ro={release}:{FOLDER}"], stdin=subprocess.DEVNULL, stdout=cls.log, stderr=cls.log,
            env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        cls.addClassCleanup(cls.switch_off)
        deadline = time.monotonic() + 60
        while cls.inside("systemctl", "is-system-running").stdout.strip() not in ("running", "degraded"):
            if time.monotonic() > deadline or cls.system.poll() is not None:
                raise RuntimeError("the system does not start: " + Path(cls.log.name).read_text())
            time.sleep(0.2)
        # Debian starts it once it is installed. Stopped before it is ready, it leaves rules behind.
        cls.inside("firewall-cmd", "--state")
        cls.inside("systemctl", "stop", "firewalld")
        cls.inside("ufw", "disable")

    @classmethod
    def switch_off(cls):
        cls.inside("systemctl", "poweroff", "--force", "--force")
        try:
            cls.system.wait(20)
        except subprocess.TimeoutExpired:
            cls.system.kill()

    @classmethod
    def inside(cls, *words, text=None):
        """Runs a command in the system; code 255 as long as there is none."""
        children = Path(f"/proc/{cls.system.pid}/task/{cls.system.pid}/children").read_text().split()
        if not children:
            return subprocess.CompletedProcess(words, 255, "", "")
        return subprocess.run(["nsenter", "--target", children[0], "--all", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
                               "HOME=/root", *words], input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8", timeout=120)

    def done(self, *words, text=None):
        result = self.inside(*words, text=text)
        self.assertEqual(result.returncode, 0, f"{words}: {result.stdout}{result.stderr}")
        return result.stdout

    def setUp(self):
        super().setUp()
        self.farm = self.activate(self.desk)
        self.done("tee", "/tmp/farm.key", text=(self.folder / self.desk / "farm.key").read_text())
        self.addCleanup(self.inside, f"{FOLDER}/uninstall_daemon.sh", "--quiet", "--purge")

    def install(self, *options):
        out = self.done(f"{FOLDER}/install_daemon.sh", "--quiet", "--name", "R & D é", "--key-file", "/tmp/farm.key", *options)
        self.wait_for_state("R & D é", "unbound", space=self.desk)
        return out

    def processes(self):
        return [line for line in self.done("ps", "-eo", "user:20,args").splitlines() if FOLDER in line and "octane" in line]

    def local_hash(self, samples):
        render = self.run_master(*self.picture(samples), "--threads", 2)
        return self.hash_of(render)

    @staticmethod
    def picture(samples):
        return (ROOT / "docs/demo/demo.gltf", "-s", samples, "--film-width", 160, "-o", "out.png")

    @staticmethod
    def hash_of(render):
        return next(line for line in render.out.splitlines() if line.startswith("Film hash"))

    def farm_render(self, samples):
        return self.master(*self.picture(samples), "--net-enable", "--no-local", "--net-use", "all", "--net-wait", 1)

    def end(self, render, samples):
        self.assertEqual(render.end(120), 0, render.out + render.err)
        self.assertEqual(self.hash_of(render), self.local_hash(samples))


class WithTheComputer(RealSystem):
    def test_the_hardened_unit_renders(self):
        self.assertIn(f"farm {self.farm}, at boot, running", self.install("--boot", "--start"))
        self.assertEqual(self.done("systemctl", "is-enabled", UNIT).strip(), "enabled")
        self.assertTrue(all(line.startswith("octane ") for line in self.processes()), self.processes())
        self.end(self.farm_render(16), 16)

    def test_a_killed_daemon_comes_back_and_the_render_goes_on(self):
        self.install("--boot", "--start")
        render = self.farm_render(300)
        render.wait_for("rendering \\(CPU\\)")
        self.done("systemctl", "kill", "--signal=KILL", "--kill-whom=main", UNIT)
        render.wait_for("the connection to its daemon is lost")
        render.wait_for("slave started")
        self.end(render, 300)

    def test_a_stopped_unit_leaves_no_process(self):
        self.install("--boot", "--start")
        render = self.master(*self.picture(LONG), "--net-enable", "--no-local", "--net-use", "all")
        render.wait_for("rendering \\(CPU\\)")
        self.done("systemctl", "stop", UNIT)
        self.assertEqual(self.processes(), [])
        render.wait_for("is taken back by its user: the daemon was stopped there")

    def test_installing_again_changes_the_port(self):
        self.install("--boot", "--start")
        self.done(f"{FOLDER}/install_daemon.sh", "--quiet", "--boot", "--port", "48123")
        self.assertIn("--port 48123", self.processes()[0])
        self.done(f"{FOLDER}/uninstall_daemon.sh", "--quiet", "--purge")
        self.assertEqual(self.processes(), [])
        self.assertNotEqual(self.inside("systemctl", "cat", UNIT).returncode, 0)
        self.assertNotEqual(self.inside("id", "octane").returncode, 0)


class WithoutALogin(RealSystem):
    """A user's daemon that outlives the login."""

    def as_user(self, *words):
        return self.inside("su", "--login", "anna", "--command", " ".join(f"'{word}'" for word in words))

    def test_lingering_is_allowed_by_root(self):
        self.done("useradd", "--create-home", "--shell", "/bin/bash", "anna")
        self.done("chmod", "644", "/tmp/farm.key")
        install = (f"{FOLDER}/install_daemon.sh", "--quiet", "--linger", "--start", "--key-file", "/tmp/farm.key")
        self.done("systemctl", "mask", "--runtime", "--now", "polkit")  # which lets users linger on some systems
        refused = self.as_user(*install)
        self.assertEqual(refused.returncode, 77, refused.stderr)
        self.assertIn("help: sudo loginctl enable-linger anna", refused.stderr)
        self.done("loginctl", "enable-linger", "anna")
        installed = self.as_user(*install)
        self.assertEqual(installed.returncode, 0, installed.stderr)
        self.addCleanup(self.as_user, "env", f"XDG_RUNTIME_DIR=/run/user/{self.done('id', '-u', 'anna').strip()}",
                        f"{FOLDER}/uninstall_daemon.sh", "--quiet", "--purge")
        self.assertTrue(all(line.startswith("anna ") for line in self.processes()), self.processes())
        self.end(self.farm_render(16), 16)


class Firewalls(RealSystem):
    def setUp(self):
        super().setUp()
        self.install("--boot", "--start")

    def hide_and_open(self, verdict):
        """The rules of open_firewall.sh are all that stands between the daemon and its masters."""
        self.assertEqual(self.doctor(ADDRESS, verdict)["address"], ADDRESS)
        self.assertNotIn("R & D é", self.states(space=self.desk))
        self.done(f"{FOLDER}/open_firewall.sh", "daemon", "--quiet")
        self.assertEqual(self.states(space=self.desk)["R & D é"], "unbound")
        self.end(self.farm_render(16), 16)
        self.done(f"{FOLDER}/open_firewall.sh", "daemon", "--quiet", "--remove")
        self.doctor(ADDRESS, verdict)

    def test_ufw(self):
        if self.inside("ufw", "status").returncode != 0:
            self.skipTest("there is no ufw in the system")
        self.done("ufw", "--force", "enable")
        self.addCleanup(self.inside, "ufw", "disable")
        self.hide_and_open("firewall_drops")

    def test_firewalld(self):
        if self.inside("systemctl", "start", "firewalld").returncode != 0:
            self.skipTest("there is no firewalld in the system")
        self.addCleanup(self.inside, "systemctl", "stop", "firewalld")
        self.done("firewall-cmd", "--state")  # once it is ready
        self.hide_and_open("firewall_rejects_tcp")


if __name__ == "__main__":
    run()
