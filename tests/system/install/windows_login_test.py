#!/usr/bin/env python3
"""The real Windows programs under Wine: installed, started by a login, helping a Linux master, removed.

    tests/system/install/windows_login_test.py --stand-in EXE --programs FOLDER --linux-programs FOLDER [unittest arguments]

The system's programs are stand-ins, as in windows_test.py. A login ends all programs of the Wine prefix, so nothing else may
run in it meanwhile. What wants TLS or the Linux programs says so and skips where they are not.
"""
import argparse
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import unittest
from pathlib import Path

import windows_test
from windows_test import OPTIONS, ROOT, STARTUP, WINE, WindowsTest, windows_path

ROOM = ROOT / "tests" / "system" / "room.obj"
PROGRAMS = ("octane_daemon", "octane_slave", "octane_master")
CAMERA = ["--cam-pos-x=0", "--cam-pos-y=1", "--cam-pos-z=4.2", "--cam-target-x=0", "--cam-target-y=1",
          "--cam-target-z=-1", "--cam-fov=40"]
LONG = 100000  # samples per pixel that take longer than any test


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


class RealTest(WindowsTest):
    """Real programs. The user is Wine's own, whose Startup folder `wineboot` runs when nothing else runs."""
    folder_name = "release (x) & more"
    system_programs = ("netsh", "schtasks", "icacls", "fltmc", "powershell")

    def setUp(self):
        super().setUp()
        self.port = free_port()
        self.config = self.base / "config"  # of the Windows computer
        self.desk = self.base / "desk"      # of the master's
        self.config.mkdir()
        said = subprocess.run([WINE, "cmd", "/c", "echo %APPDATA%"], env=self.environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, encoding="utf-8", timeout=120).stdout.strip()
        drive_c = Path(self.environment()["WINEPREFIX"]) / "drive_c"
        folder = drive_c / said.replace("\\", "/").split("/", 1)[1] / STARTUP.parent.parent
        # Windows takes Startup and StartUp for one name
        startup = next((entry for entry in folder.iterdir() if entry.name.lower() == "startup"), folder / "Startup")
        self.entry = startup / STARTUP.name
        self.entry.unlink(missing_ok=True)
        self.addCleanup(self.entry.unlink, missing_ok=True)
        self.addCleanup(self.end_programs)

    def put_programs(self):
        for program in PROGRAMS:
            shutil.copy2(Path(OPTIONS.programs) / f"{program}.exe", self.release)

    def command(self, script, *arguments):
        return [WINE, "cmd", "/c", script, *arguments]

    def environment(self, config=None):
        return {**super().environment(), "OCTANE_CONFIG_DIR": windows_path(config or self.config)}

    def log_in(self):
        for step in (["wineserver", "-k", "-w"], ["wineboot"]):
            subprocess.run(step, env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=240)

    def octane(self, program, *arguments, config=None):
        result = subprocess.run([WINE, self.release / f"{program}.exe", *arguments], env=self.environment(config),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                encoding="utf-8", timeout=120)
        return result.returncode, result.stdout

    def daemon(self, *arguments):
        return self.octane("octane_daemon", *arguments, "--port", self.port)

    def status(self):
        return json.loads(self.daemon("--status", "--json")[1])

    def processes(self, program=""):
        """Those of this test's folder, and windows of the start entry: number and command line."""
        prefix = f"WINEPREFIX={self.environment()['WINEPREFIX']}\0".encode()
        found = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdecimal():
                continue
            try:
                words = (entry / "cmdline").read_bytes().decode(errors="replace").replace("\0", " ")
                ours = self.base.name in words or self.entry.name in words and prefix in (entry / "environ").read_bytes()
            except OSError:
                continue
            if ours and program in words:
                found[int(entry.name)] = words
        return found

    def end_programs(self):
        for number in self.processes():
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass

    def activate(self):
        """The key of the master's computer lies in the release folder that is copied to the others."""
        (self.release / "farm.key").unlink()
        for arguments in (["activate"], ["activate", "--into", windows_path(self.release)]):
            self.assertEqual(self.octane("octane_master", *arguments, config=self.desk)[0], 0)
        self.assertEqual((self.release / "farm.key").read_bytes(), (self.desk / "farm.key").read_bytes())

    def why_no_farm(self):
        """Why no Linux master can be helped here; empty if one can."""
        info = json.loads(self.octane("octane_slave", "--info")[1])
        if not info["tls"]:
            return "this build has no TLS"
        slave = Path(OPTIONS.linux_programs) / "octane_slave"
        if not slave.exists():
            return f"there is no {slave}"
        linux = json.loads(subprocess.run([slave, "--info"], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout)
        self.assertEqual(info["kernel_hash"], linux["kernel_hash"], f"{slave} is of other sources: build it again")
        return ""

    def start_linux_master(self, *arguments):
        process = subprocess.Popen([Path(OPTIONS.linux_programs) / "octane_master", *arguments], cwd=self.base,
                                   env={**os.environ, "OCTANE_CONFIG_DIR": str(self.desk)}, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def linux_master(self, *arguments):
        process = self.start_linux_master(*arguments)
        out, err = process.communicate(timeout=200)
        self.assertEqual(process.returncode, 0, out + err)
        return out

    def where(self):
        """Options of a master that looks for this test's daemon alone."""
        return ["--net-daemon", f"127.0.0.1:{self.port}", "--net-subnet", "127.0.0.1/32"]

    def found(self):
        """What a Linux master sees of the daemon."""
        daemons = json.loads(self.linux_master("daemons", "list", "--json", *self.where()))
        self.assertEqual(len(daemons), 1, daemons)
        return daemons[0]

    def picture(self, samples):
        return [str(ROOM), "--film-width", "96", "--film-height", "64", "-s", str(samples), *CAMERA, "-o", "out.png",
                "--report", "report.json", "--progress", "none"]

    def help_wanted(self):
        return ["--net-enable", "--no-local", "--net-master-port", "0", "--net-wait", "1", *self.where()]

    def report(self):
        return json.loads((self.base / "report.json").read_text(encoding="utf-8"))


class Login(RealTest):
    def test_a_login_starts_a_daemon_whose_slave_helps_a_linux_master(self):
        self.activate()
        code, out, err = self.run_script("_install_daemon.bat", "/quiet", "/port", self.port, "/name", "R & D")
        self.assertEqual((code, err), (0, ""), out)
        self.assertRegex(out, rf"^Installed octane_daemon \d+, port {self.port}, GPUs all, farm \w+, at login, not running$")
        self.assertEqual(self.processes(), {})
        self.log_in()
        self.wait_for(lambda: self.daemon("--status")[0] == 0, "a daemon that answers", 120)
        self.wait_for(lambda: self.status()["state"] == "unbound", "a daemon that knows its slave", 120)
        self.assertEqual((self.status()["name"], self.status()["port"]), ("R & D", int(self.port)))
        without = self.why_no_farm()
        if not without:
            self.help_a_linux_master()
        self.assertEqual(self.run_script("_install_daemon.bat", "/quiet", "/start")[0], 0)
        self.assertEqual(len(self.processes("octane_daemon.exe --port")), 1, "twice in a row starts one")
        self.assertEqual(self.run_script("_uninstall_daemon.bat", "/quiet"),
                         (0, f"Removed octane_daemon, port {self.port}", ""))
        self.assertFalse(self.entry.exists())
        self.wait_for(lambda: not self.processes(), "the end of all programs")
        self.assertEqual(self.daemon("--status")[0], 6)
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(type=kind) as again:
                again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, kind == socket.SOCK_STREAM)  # past connections do not count
                again.bind(("0.0.0.0", int(self.port)))
        if without:
            self.skipTest(f"no Linux master was helped: {without}")

    def help_a_linux_master(self):
        seen = self.found()
        self.assertEqual((seen["name"], seen["state"], seen["enabled"], seen["id"]),
                         ("R & D", "unbound", False, self.status()["id"]))
        self.linux_master("daemons", "enable", "R & D", *self.where())
        self.assertTrue(self.found()["enabled"])
        self.assertEqual(self.daemon("--pause", "1")[0], 0)
        self.assertEqual(self.found()["state"], "deactivated")
        self.assertEqual(self.daemon("--unpause")[0], 0)
        self.assertEqual(self.found()["state"], "unbound")
        self.linux_master(*self.picture(20))
        truth = self.report()
        farm = (self.desk / "farm.key").read_text().strip()
        said = self.linux_master(*self.picture(20), *self.help_wanted())
        self.assertRegex(said, r"(?m)^Network    port \d+, farm \w+, using 1 of 1 enabled daemon$")
        self.assertNotIn(farm, said)
        report = self.report()
        self.assertEqual(report["film_hash"], truth["film_hash"])
        self.assertEqual([(slave["name"], slave["samples"]) for slave in report["slaves"]],
                         [("R & D", truth["samples_merged"])])
        self.wait_for(lambda: self.status()["state"] == "unbound", "a daemon that is free again")
        self.assertEqual(self.processes("octane_slave.exe"), {})


class Killed(RealTest):
    def test_a_killed_daemon_takes_its_slave_along(self):
        without = self.why_no_farm()
        if without:
            self.skipTest(without)
        self.activate()
        daemon = subprocess.Popen([WINE, self.release / "octane_daemon.exe", "--port", self.port, "--bind", "127.0.0.1"],
                                  env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        self.wait_for(lambda: self.daemon("--status")[0] == 0, "a daemon that answers", 120)
        self.wait_for(lambda: self.status()["state"] == "unbound", "a daemon that knows its slave", 120)
        master = self.start_linux_master(*self.picture(LONG), *self.help_wanted(), "--net-use", "all")
        self.wait_for(lambda: self.processes("octane_slave.exe --supervised"), "a slave")
        self.wait_for(lambda: self.status()["state"] == "bound", "a bound daemon")
        self.assertIsNone(master.poll())
        daemon.kill()
        self.wait_for(lambda: not self.processes("octane_slave.exe"), "the end of its slave")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stand-in", required=True)
    parser.add_argument("--programs", required=True)
    parser.add_argument("--linux-programs", required=True)
    _, rest = parser.parse_known_args(namespace=windows_test.OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
