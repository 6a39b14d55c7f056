#!/usr/bin/env python3
"""Runs the Linux installers as people and scripts do, in folders and namespaces of their own.

    tests/system/install/linux_test.py --stand-in PROGRAM --programs FOLDER [unittest arguments]

Programs that the installers call are stand-ins that record their calls (stand_in.cpp), so that nothing of this computer
changes. RealDaemon uses the real octane programs of FOLDER instead. As root the tests of users run as nobody; without root those of the system are skipped.
"""
import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ["install_daemon.sh", "uninstall_daemon.sh", "open_firewall.sh"]
KEY = "OCT1-7F3AC2-FIRST"
OTHER_KEY = "OCT1-77C0D3-OTHER"
GPUS = "GPU 0      NVIDIA GeForce RTX 3090, 24.0 GB\nGPU 1      NVIDIA GeForce RTX 3090, 24.0 GB\nCPU        A processor, 64.0 GB\n"
NOBODY = 65534
IS_ROOT = os.geteuid() == 0
OPTIONS = argparse.Namespace(stand_in="", programs="")
# Runs what a unit says, as systemd would. `bus` in the folder of calls is what asking for a user's systemd returns.
SYSTEMCTL = r"""#!/bin/bash
echo "systemctl $*" >> "$OCTANE_STAND_IN/calls.txt"
case " $* " in *" --user "*) unit=$XDG_CONFIG_HOME/systemd/user/octane_daemon.service ;; *) unit=/etc/systemd/system/octane_daemon.service ;; esac
case " $* " in
  *" show-environment "*) exit "$(cat "$OCTANE_STAND_IN/bus" 2> /dev/null || echo 0)" ;;
  *" is-active "*) compgen -G "$OCTANE_STAND_IN/daemon.*" > /dev/null ;;
  *" start "*) compgen -G "$OCTANE_STAND_IN/daemon.*" > /dev/null || { eval "$(sed -n 's/%%/%/g; s/\$/\\$/g; s/^ExecStart=//p' "$unit")" > /dev/null 2>&1 & } ;;
  *" stop "* | *" disable "*) rm -f "$OCTANE_STAND_IN"/daemon.* ;;
esac
"""


class LinuxTest(unittest.TestCase):
    maxDiff = None
    folder_name = "octane"

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="octane_install_", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.base = Path(folder.name)
        self.release = self.base / self.folder_name
        self.calls_folder = self.base / "calls"
        self.system = self.base / "system"
        self.home = self.base / "home é & (1)"
        for made in (self.release, self.calls_folder, self.system, self.home, self.base / "temp"):
            made.mkdir()
        for script in SCRIPTS:
            shutil.copy2(ROOT / "scripts" / script, self.release)
        for program in ("octane_daemon", "octane_slave", "octane_master"):
            shutil.copy2(OPTIONS.stand_in, self.release / program)
        (self.system / "systemctl").write_text(SYSTEMCTL)
        (self.system / "systemctl").chmod(0o755)
        for program in ("loginctl", "sudo", "ufw", "firewall-cmd", "nft"):
            self.put_in_path(program)
        self.program_returns("firewall-cmd", 1)
        (self.calls_folder / "octane_master.out").write_text(GPUS)
        (self.release / "farm.key").write_text(KEY + "\n")
        self.unit = self.home / "config/systemd/user/octane_daemon.service"
        self.autostart = self.home / "config/autostart/octane_daemon.desktop"
        self.own_key = self.home / "config/octane/farm.key"
        self.as_root = False
        self.addCleanup(self.end_daemons)

    def put_in_path(self, program):
        shutil.copy2(OPTIONS.stand_in, self.system / program)

    def program_returns(self, program, code):
        (self.calls_folder / f"{program}.code").write_text(str(code))

    def end_daemons(self):
        for file in self.calls_folder.glob("daemon.*"):
            file.unlink(missing_ok=True)

    def environment(self):
        return {"PATH": f"{self.system}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.home), "LC_ALL": "C.UTF-8",
                "XDG_CONFIG_HOME": str(self.home / "config"), "XDG_STATE_HOME": str(self.home / "state"),
                "TMPDIR": str(self.base / "temp"), "OCTANE_STAND_IN": str(self.calls_folder)}

    def command(self, script, *arguments):
        words = [str(self.release / script), *arguments]
        if IS_ROOT and not self.as_root:
            subprocess.run(["chown", "-R", f"{NOBODY}:{NOBODY}", self.base], check=True)
            words = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *words]
        return words

    def run_script(self, script, *arguments, answers=""):
        """(code, standard output, standard error). Files, since a started daemon would hold a pipe open."""
        with open(self.base / "out.txt", "w+") as out, open(self.base / "err.txt", "w+") as err:
            code = subprocess.run(self.command(script, *arguments), env=self.environment(), input=answers.encode(),
                                  stdout=out, stderr=err, timeout=120).returncode
        return code, (self.base / "out.txt").read_text().strip("\n"), (self.base / "err.txt").read_text().strip("\n")

    def converse(self, script, answers, *arguments):
        code, out, err = self.run_script(script, *arguments, answers="".join(answer + "\n" for answer in answers))
        return code, out + err

    def calls(self, program=""):
        file = self.calls_folder / "calls.txt"
        return [line for line in (file.read_text().splitlines() if file.exists() else []) if line.startswith(program)]

    def forget_calls(self):
        (self.calls_folder / "calls.txt").unlink(missing_ok=True)

    def start_line(self, entry=None):
        return re.search(r"^Exec(?:Start)?=(.*)$", (entry or self.unit).read_text(), re.MULTILINE).group(1)

    def wait_for(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"never came: {what}")
            time.sleep(0.05)


class Questions(LinuxTest):
    def test_return_keeps_what_stands_in_brackets(self):
        code, said = self.converse("install_daemon.sh", ["", "", "render2", "", "n", "", "n"])
        self.assertEqual(code, 0, said)
        said = re.sub(r"Name shown to masters \[[^]]+\]", "Name shown to masters [NAME]", said)
        self.assertEqual(said,
                         "Octane daemon 1000000. GPU 0 NVIDIA GeForce RTX 3090 (24.0 GB), GPU 1 NVIDIA GeForce RTX 3090 (24.0 GB)\n"
                         "It lends this computer at any time; --idle-only MINUTES and --hours FROM-TO of this script say when.\n"
                         "Port the daemon listens to for master requests [48000]: "
                         "GPUs its slave may use: all, or numbers such as 0,1 [all]: Name shown to masters [NAME]: "
                         "Farm key [farm 7F3AC2, from this folder]: "
                         "Open the firewall for 48000 (UDP, TCP)? sudo may ask for a password. [Y/n]: "
                         "Port 48000, GPUs all, name render2, farm 7F3AC2, firewall unchanged. Right? [Y/n]: "
                         f"Created {self.unit} (runs at every login)\n"
                         "Start the daemon now? [Y/n]: ")
        self.assertEqual(self.start_line(), f'"{self.release}/octane_daemon" --port 48000 --name "render2"')
        self.assertFalse((self.calls_folder / "daemon.48000").exists())

    def test_wrong_answers_are_asked_again_with_the_reason(self):
        answers = ["80", "65536", "048000", "port", "48000", "2", "0,x", "0,1", 'a"b', "$(id)", "render2", "no such file", "",
                   "maybe", "n", "n", "48020", "", "", "", "", "y", "n"]
        code, said = self.converse("install_daemon.sh", answers)
        self.assertEqual(code, 0, said)
        for reason in ("Port 80 is not between 1025 and 65535.", "Port 65536 is not between 1025 and 65535.",
                       "Port 048000 is not between 1025 and 65535.", "Port port is not between 1025 and 65535.",
                       "There is no GPU 2; this computer has GPU 0 ", '"0,x" is neither "all" nor numbers such as 0,1.',
                       "The name must have 1 to 60 letters", "no such file: not a farm key", "Please answer y or n."):
            self.assertIn(reason, said)
        self.assertIn("GPUs its slave may use: all, or numbers such as 0,1 [0,1]:", said)
        self.assertIn("Port 48020, GPUs 0,1, name render2, farm 7F3AC2, firewall unchanged. Right?", said)
        self.assertTrue(self.start_line().endswith(' --port 48020 -g 0,1 --name "render2"'), self.start_line())

    def test_it_says_when_the_computer_is_lent(self):
        _, said = self.converse("install_daemon.sh", ["", "", "", "", "n", "", "n"], "--idle-only", "10")
        self.assertIn("It lends this computer after 10 min without keyboard and mouse; --idle-only MINUTES and ", said)
        _, said = self.converse("install_daemon.sh", ["", "", "", "", "n", "", "n"], "--hours=19:30-7")
        self.assertIn("It lends this computer after 10 min without keyboard and mouse at 19:30-7; --idle-only ", said)

    def test_questions_that_are_not_answered_install_nothing(self):
        code, said = self.converse("install_daemon.sh", ["", "", ""])
        self.assertEqual(code, 2, said)
        self.assertIn("error: the questions were not answered to the end; nothing was installed", said)
        self.assertFalse(self.unit.exists())

    def test_a_key_is_typed(self):
        code, said = self.converse("install_daemon.sh", ["", "", "", OTHER_KEY, "n", "", "n"])
        self.assertEqual(code, 0, said)
        self.assertIn("farm 77C0D3, firewall unchanged", said)
        self.assertEqual(self.own_key.read_text().strip(), OTHER_KEY)
        self.assertFalse(any(OTHER_KEY in call for call in self.calls()), "a secret stood on a command line")

    def test_sudo_opens_the_firewall_and_may_fail(self):
        code, said = self.converse("install_daemon.sh", ["", "", "", "", "", "", "n"])
        self.assertEqual(code, 0, said)
        if IS_ROOT or os.geteuid():
            self.assertIn(f"sudo {self.release}/open_firewall.sh daemon --port 48000", self.calls())
        self.program_returns("sudo", 1)
        code, said = self.converse("install_daemon.sh", ["48020", "", "", "", "", "", "n"])
        self.assertEqual(code, 0, said)
        self.assertIn(f"help: sudo {self.release}/open_firewall.sh daemon --port 48020", said)

    def test_removing_asks_once(self):
        self.run_script("install_daemon.sh", "--quiet")
        code, said = self.converse("uninstall_daemon.sh", ["n"])
        self.assertEqual((code, said.endswith("Nothing was removed.")), (0, True), said)
        code, said = self.converse("uninstall_daemon.sh", [""])
        self.assertEqual((code, said.endswith("Removed octane_daemon, port 48000")), (0, True), said)
        self.assertFalse(self.unit.exists())


class Unattended(LinuxTest):
    folder_name = "release (x) & söhne $HOME 100%"

    def test_one_line_and_twice_in_a_row_changes_nothing(self):
        line = "Installed octane_daemon 1000000, port 48000, GPUs all, farm 7F3AC2, at login, running"
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--name", "R & D", "--start"), (0, line, ""))
        before = self.unit.stat().st_mtime_ns
        self.forget_calls()
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--start"), (0, line, ""))
        self.assertEqual(self.unit.stat().st_mtime_ns, before)
        self.assertEqual([call for call in self.calls() if " stop " in call or "--stop" in call or "--name" in call], [])

    def test_without_systemd_it_starts_with_the_session(self):
        (self.calls_folder / "bus").write_text("1")
        line = "Installed octane_daemon 1000000, port 48000, GPUs 1, farm 7F3AC2, at login, running"
        result = self.run_script("install_daemon.sh", "--quiet", "--gpu=1", "--name=R & D", "--start")
        self.assertEqual(result, (0, line, ""))
        self.assertFalse(self.unit.exists())
        log = self.home / "state/octane/octane_daemon.log"
        self.assertIn(f"octane_daemon --port 48000 -g 1 --name R & D --log-file {log}", self.calls())
        if shutil.which("desktop-file-validate"):
            subprocess.run(["desktop-file-validate", self.autostart], check=True)
        self.forget_calls()
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--start"), (0, line, ""))
        self.assertEqual([call for call in self.calls() if "--stop" in call or "--name" in call], [])
        self.assertEqual(self.run_script("uninstall_daemon.sh", "--quiet"), (0, "Removed octane_daemon, port 48000", ""))
        self.assertFalse(self.autostart.exists())
        self.assertFalse((self.calls_folder / "daemon.48000").exists(), "the daemon was stopped")

    def test_a_desktop_entry_is_read_back_as_it_was_meant(self):
        (self.calls_folder / "bus").write_text("1")
        self.run_script("install_daemon.sh", "--quiet", "--name", "R & D")
        # desktop entries: first the escapes of a string, then those of an argument in quotes, then percent signs
        text = self.start_line(self.autostart).replace("\\\\", "\\")
        words = [re.sub(r"\\(.)", r"\1", quoted or plain).replace("%%", "%")
                 for quoted, plain in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)]
        self.assertEqual(words, [f"{self.release}/octane_daemon", "--port", "48000", "--name", "R & D", "--log-file",
                                 f"{self.home}/state/octane/octane_daemon.log"])

    def test_the_folder_is_copied_with_its_key(self):
        target = self.base / "ziel & über (1)"
        for _ in range(2):
            code, out, err = self.run_script("install_daemon.sh", "--quiet", "--to", str(target), "--gpu", "0,1")
            self.assertEqual((code, err), (0, ""), out)
        self.assertTrue(os.access(target / "octane_slave", os.X_OK))
        self.assertTrue((target / "uninstall_daemon.sh").exists())
        self.assertFalse((target / "farm.key").exists(), "the key goes to its user alone")
        self.assertEqual(self.own_key.read_text().strip(), KEY)
        self.assertTrue(self.start_line().startswith(f'"{target}/octane_daemon" --port 48000 -g 0,1 '), self.start_line())

    def test_an_upgrade_keeps_what_people_added(self):
        self.run_script("install_daemon.sh", "--quiet", "--port", "48015", "--gpu", "1", "--name", "R1")
        self.unit.write_text(self.unit.read_text().replace('"R1"', '"R1" --cache-dir "/a & b" --cpu'))
        self.run_script("install_daemon.sh", "--quiet", "--name", "R2")
        self.assertTrue(self.start_line().endswith(' --port 48015 -g 1 --name "R2" --cache-dir "/a & b" --cpu'), self.start_line())

    def test_when_it_lends_stands_in_the_start_line_and_stays(self):
        self.run_script("install_daemon.sh", "--quiet", "--name", "R1", "--hours", "19-07", "--idle-only=10")
        self.assertTrue(self.start_line().endswith(' --name "R1" --idle-only 10 --hours 19-07'), self.start_line())
        self.run_script("install_daemon.sh", "--quiet", "--idle-only", "5")
        self.assertTrue(self.start_line().endswith(' --name "R1" --hours 19-07 --idle-only 5'), self.start_line())
        self.run_script("install_daemon.sh", "--quiet")
        self.assertTrue(self.start_line().endswith(' --name "R1" --hours 19-07 --idle-only 5'), self.start_line())

    def test_an_upgrade_waits_until_the_daemon_is_free(self):
        state = self.calls_folder / "daemon.48000"
        self.run_script("install_daemon.sh", "--quiet", "--start")
        state.write_text("bound")
        self.forget_calls()
        process = subprocess.Popen(self.command("install_daemon.sh", "--quiet", "--name", "R2"), env=self.environment(),
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.kill)
        self.wait_for(lambda: len(self.calls("octane_daemon --status")) >= 8, "several looks at a busy daemon")
        self.assertEqual([call for call in self.calls() if " stop " in call], [])
        state.write_text("unbound")
        self.assertEqual(process.wait(60), 0)
        self.assertIn("systemctl --user stop octane_daemon.service", self.calls())
        self.assertIn("octane_daemon --port 48000 --name R2", self.calls(), "it runs again, as it did before")

    def test_force_does_not_wait(self):
        self.run_script("install_daemon.sh", "--quiet", "--start")
        (self.calls_folder / "daemon.48000").write_text("bound")
        code, out, err = self.run_script("install_daemon.sh", "--quiet", "--force", "--name", "R2")
        self.assertEqual((code, err), (0, ""), out)
        self.assertTrue(out.endswith("at login, running"), out)

    def test_linger_keeps_it_alive(self):
        code, out, err = self.run_script("install_daemon.sh", "--quiet", "--linger")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("at boot, not running", out)
        self.assertIn("loginctl enable-linger", self.calls())

    def test_linger_that_root_has_allowed_is_not_asked_for_again(self):
        self.program_returns("loginctl", 1)  # refuses users
        (self.calls_folder / "loginctl.out").write_text("yes\n")
        code, out, err = self.run_script("install_daemon.sh", "--quiet", "--linger")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("at boot, not running", out)
        self.assertFalse([call for call in self.calls() if "enable-linger" in call], self.calls())

    def test_removing_twice_and_the_key(self):
        self.run_script("install_daemon.sh", "--quiet", "--port", "48015", "--start", "--to", str(self.base / "moved"))
        self.assertTrue(self.own_key.exists())
        code, out, err = self.run_script("uninstall_daemon.sh", "--quiet", "--purge")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("Removed octane_daemon, port 48015, and the farm key", out)
        self.assertFalse((self.calls_folder / "daemon.48015").exists(), "the daemon was stopped")
        self.assertFalse(self.own_key.exists())
        self.assertTrue((self.release / "farm.key").exists(), "the release folder is not the installer's")
        self.assertEqual(self.run_script("uninstall_daemon.sh", "--quiet"), (0, "No octane_daemon is installed for this user", ""))


class Refusals(LinuxTest):
    def refused(self, code, words, script, *arguments):
        result = self.run_script(script, *arguments)
        self.assertEqual(result[0], code, result)
        self.assertIn(f"error: {words}", result[2])
        self.assertFalse(self.unit.exists())

    def test_wrong_options(self):
        self.refused(2, "unknown option --what", "install_daemon.sh", "--quiet", "--what")
        self.refused(2, "--port wants a value", "install_daemon.sh", "--quiet", "--port")
        self.refused(2, "Port 80 is not between 1025 and 65535.", "install_daemon.sh", "--quiet", "--port", "80")
        self.refused(2, "There is no GPU 7; this computer has GPU 0", "install_daemon.sh", "--quiet", "--gpu", "7")
        self.refused(2, "The name must have 1 to 60 letters", "install_daemon.sh", "--quiet", "--name", "a<b")
        self.refused(2, "--idle-only 0: must be minutes", "install_daemon.sh", "--quiet", "--idle-only", "0")
        self.refused(2, "--hours 7pm: must be FROM-TO", "install_daemon.sh", "--quiet", "--hours", "7pm")
        self.refused(2, "quotes and backslashes in the folder's name", "install_daemon.sh", "--quiet", "--to", f'{self.base}/"q"')
        self.refused(2, "unknown option --what", "uninstall_daemon.sh", "--what")
        self.refused(2, "daemon or master must be named", "open_firewall.sh")
        self.refused(2, "port 99 is not between 1025 and 65535.", "open_firewall.sh", "daemon", "--port", "99")

    def test_missing_programs(self):
        (self.release / "octane_slave").unlink()
        self.refused(3, f"{self.release}/octane_slave is missing", "install_daemon.sh", "--quiet")

    def test_what_cannot_be_written(self):
        (self.home / "config").write_text("a file where a folder should be")
        self.refused(4, str(self.unit), "install_daemon.sh", "--quiet")
        (self.base / "target").write_text("a file")
        self.refused(4, str(self.base / "target"), "install_daemon.sh", "--quiet", "--to", str(self.base / "target"))

    def test_a_port_of_another_program(self):
        for kind, what in ((socket.SOCK_STREAM, "TCP"), (socket.SOCK_DGRAM, "UDP")):
            with self.subTest(what), socket.socket(socket.AF_INET, kind) as taken:
                taken.bind(("127.0.0.1", 0))
                if kind == socket.SOCK_STREAM:
                    taken.listen()
                port = str(taken.getsockname()[1])
                self.refused(6, f"port {port} is in use by another program", "install_daemon.sh", "--quiet", "--port", port)

    def test_keys(self):
        wrong = self.base / "wrong.key"
        wrong.write_text("no key\n")
        self.refused(8, f"{wrong}: not a farm key", "install_daemon.sh", "--quiet", "--key-file", str(wrong))
        self.refused(8, f"{self.base}/missing.key: not a farm key", "install_daemon.sh", "--quiet", "--key-file", str(self.base / "missing.key"))
        (self.release / "farm.key").unlink()
        self.refused(8, "there is no farm key", "install_daemon.sh", "--quiet")
        right = self.base / "right & good.key"
        right.write_text(OTHER_KEY + "\n")
        code, out, _ = self.run_script("install_daemon.sh", "--quiet", "--key-file", str(right))
        self.assertEqual(code, 0)
        self.assertIn("farm 77C0D3", out)
        self.assertEqual(self.own_key.read_text().strip(), OTHER_KEY)
        self.assertEqual(list((self.base / "temp").iterdir()), [], "no key is left behind")

    @unittest.skipUnless(IS_ROOT or os.geteuid(), "wants a user")
    def test_more_rights(self):
        self.program_returns("sudo", 1)
        self.program_returns("loginctl", 1)
        self.refused(77, "--boot wants root", "install_daemon.sh", "--quiet", "--boot")
        self.refused(77, "--firewall wants root, or a sudo that asks for no password", "install_daemon.sh", "--quiet", "--firewall")
        self.refused(77, "--linger is not allowed to this user", "install_daemon.sh", "--quiet", "--linger")
        self.refused(77, "the firewall is changed by root", "open_firewall.sh", "daemon")

    @unittest.skipUnless(IS_ROOT, "wants root")
    def test_root_is_not_taken_for_the_user(self):
        self.as_root = True
        environment = self.environment
        self.environment = lambda: {**environment(), "SUDO_USER": "studio"}
        self.refused(2, "as root the daemon would belong to root, not to studio", "install_daemon.sh", "--quiet")


@unittest.skipUnless(IS_ROOT and shutil.which("unshare"), "wants root: a system of its own cannot be mounted")
class Units(LinuxTest):
    """As root, with /etc, /var/lib and /run that are copies."""

    def setUp(self):
        super().setUp()
        self.as_root = True
        self.etc = self.base / "etc"
        subprocess.run(["cp", "-a", "/etc", self.etc], check=True)
        for made in ("lib", "run/systemd/system"):
            (self.base / made).mkdir(parents=True)
        self.system_unit = self.etc / "systemd/system/octane_daemon.service"
        self.base.chmod(0o755)

    def command(self, script, *arguments):
        return self.in_own_system(str(self.release / script), *arguments)

    def in_own_system(self, *words):
        mounts = (f'mount --bind "{self.etc}" /etc && mount --bind "{self.base}/lib" /var/lib && '
                  f'mount --bind "{self.base}/run" /run && exec "$@"')
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", mounts, "sh", *words]

    def verify(self, unit, *options):
        if not shutil.which("systemd-analyze"):
            self.skipTest("no systemd-analyze here")
        result = subprocess.run(self.in_own_system("systemd-analyze", *options, "verify", unit), stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, encoding="utf-8",
                                env={**self.environment(), "XDG_RUNTIME_DIR": str(self.base / "temp")})
        said = [line for line in result.stdout.splitlines() if "octane" in line]
        self.assertEqual((result.returncode, said), (0, []), result.stdout)

    def test_a_system_unit_with_an_account_of_its_own(self):
        line = "Installed octane_daemon 1000000, port 48000, GPUs all, farm 7F3AC2, at boot, running"
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--boot", "--start"), (0, line, ""))
        text = self.system_unit.read_text()
        for word in ("User=octane", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n",
                     "OOMPolicy=continue", "Environment=OCTANE_CONFIG_DIR=/var/lib/octane"):
            self.assertIn(word, text)
        account = next(line for line in (self.etc / "passwd").read_text().splitlines() if line.startswith("octane:"))
        self.assertTrue(account.endswith("nologin"), account)
        key = self.base / "lib/octane/farm.key"
        self.assertEqual((key.read_text().strip(), key.stat().st_uid), (KEY, int(account.split(":")[2])))
        self.assertEqual(key.parent.stat().st_mode & 0o777, 0o700)
        self.assertIn("systemctl enable --quiet octane_daemon.service", self.calls())
        before = self.system_unit.stat().st_mtime_ns
        self.forget_calls()
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--boot", "--start"), (0, line, ""))
        self.assertEqual(self.system_unit.stat().st_mtime_ns, before)
        self.assertEqual(self.calls("systemctl stop"), [])
        self.verify("/etc/systemd/system/octane_daemon.service")
        code, out, err = self.run_script("uninstall_daemon.sh", "--quiet", "--purge")
        self.assertEqual((code, err), (0, ""))
        self.assertFalse(self.system_unit.exists())
        self.assertFalse(key.exists())
        self.assertNotIn("octane:", (self.etc / "passwd").read_text())

    def test_the_account_has_the_groups_of_graphics(self):
        self.run_script("install_daemon.sh", "--quiet", "--boot")
        groups = [group for group in ("video", "render") if re.search(f"^{group}:", (self.etc / "group").read_text(), re.MULTILINE)]
        self.assertTrue(groups)
        self.assertIn("SupplementaryGroups=" + " ".join(groups), self.system_unit.read_text())

    def test_a_folder_that_the_account_may_not_read(self):
        self.release.chmod(0o700)
        code, _, err = self.run_script("install_daemon.sh", "--quiet", "--boot")
        self.assertEqual(code, 4, err)
        self.assertIn(f"error: the account octane may not read {self.release}", err)
        self.assertIn("help: --to /opt/octane", err)
        target = self.base / "opt"
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--boot", "--to", str(target))[0], 0)
        self.assertIn(f'ExecStart="{target}/octane_daemon"', self.system_unit.read_text())

    def test_without_systemd_there_is_no_boot(self):
        shutil.rmtree(self.base / "run/systemd")
        code, _, err = self.run_script("install_daemon.sh", "--quiet", "--boot")
        self.assertEqual(code, 2)
        self.assertIn("error: --boot wants systemd", err)

    def test_a_user_unit_is_valid(self):
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--name", "R & D")[0], 0)
        self.verify(self.unit, "--user")

    def test_units_quote_what_systemd_would_expand(self):
        moved = self.base / "per%cent $HOME"
        self.assertEqual(self.run_script("install_daemon.sh", "--quiet", "--to", str(moved))[0], 0)
        self.assertIn('per%%cent $HOME/octane_daemon" --port', self.start_line())
        self.verify(self.unit, "--user")


@unittest.skipUnless(IS_ROOT, "wants root: firewalls are changed by root")
class Firewall(LinuxTest):
    RULESET = ("table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n"
               "\t\tct state established,related accept\n\t}\n\tchain output {\n\t\ttype filter hook output priority filter; policy drop;\n\t}\n}\n")

    def setUp(self):
        super().setUp()
        self.as_root = True

    def test_firewalld(self):
        self.program_returns("firewall-cmd", 0)
        code, out, err = self.run_script("open_firewall.sh", "daemon", "--port", "48020")
        self.assertEqual((code, out, err), (0, "Opened 48020/udp 48020/tcp in firewalld", ""))
        for port in ("48020/udp", "48020/tcp"):
            self.assertIn(f"firewall-cmd --quiet --permanent --add-port={port}", self.calls())
            self.assertIn(f"firewall-cmd --quiet --add-port={port}", self.calls())
        self.assertFalse([call for call in self.calls() if "48001" in call], "nothing listens there")
        self.forget_calls()
        self.assertEqual(self.run_script("open_firewall.sh", "daemon", "--port", "48020", "--remove")[0], 0)
        for port in ("48020/udp", "48020/tcp", "48001-48016/tcp"):  # the last was opened by earlier releases
            self.assertIn(f"firewall-cmd --quiet --permanent --remove-port={port}", self.calls())

    def in_etc_with_ufw(self, *words):
        (self.base / "ufw").mkdir(exist_ok=True)
        (self.base / "ufw/ufw.conf").write_text("ENABLED=yes\n")
        subprocess.run(["cp", "-a", "/etc", self.base / "etc"], check=True)
        (self.base / "etc/ufw").mkdir(exist_ok=True)
        (self.base / "etc/ufw/ufw.conf").write_text("# ufw\nENABLED=yes\n")
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c",
                f'mount --bind "{self.base}/etc" /etc && exec "$@"', "sh", *words]

    def test_ufw(self):
        result = subprocess.run(self.in_etc_with_ufw(str(self.release / "open_firewall.sh"), "master"), env=self.environment(),
                                stdout=subprocess.PIPE, encoding="utf-8")
        self.assertEqual((result.returncode, result.stdout), (0, "Opened 21000-21015/tcp in ufw\n"))
        self.assertIn("ufw allow 21000:21015/tcp comment octane master", self.calls())

    def test_nothing_at_work(self):
        code, out, _ = self.run_script("open_firewall.sh", "master")
        self.assertEqual(code, 0)
        self.assertIn("No firewall of this computer is at work", out)
        self.assertIn("Another firewall must let in: 21000-21015/tcp", out)

    def test_nft_in_a_namespace(self):
        nft = shutil.which("nft", path="/usr/sbin:/sbin:/usr/bin")
        if not nft or subprocess.run(["unshare", "--net", nft, "list", "ruleset"], stderr=subprocess.DEVNULL).returncode:
            self.skipTest("no nft, or no network namespaces here")
        (self.system / "nft").unlink()
        (self.base / "rules").write_text(self.RULESET)
        script = self.release / "open_firewall.sh"
        steps = f"""{nft} -f "{self.base}/rules" && "{script}" daemon --quiet && "{script}" daemon && {nft} list ruleset &&
            "{script}" daemon --remove --quiet && echo removed && {nft} list ruleset"""
        result = subprocess.run(["unshare", "--net", "sh", "-c", steps], env=self.environment(), encoding="utf-8",
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(result.returncode, 0, result.stderr)
        opened, closed = result.stdout.split("removed\n")
        self.assertIn("To keep it, put into the input chain of /etc/nftables.conf", opened)
        table = opened[opened.index("table inet filter"):]
        for rule in ("udp dport 48000 accept", "tcp dport 48000 accept"):
            self.assertEqual(table.count(rule), 1, table)
        self.assertNotIn("48001", opened)
        self.assertLess(table.index("udp dport 48000"), table.index("chain output"))
        self.assertNotIn("dport", closed)


class RealDaemon(LinuxTest):
    """The real programs, once they can tell of a running daemon; started with the session, since that wants no systemd."""

    def setUp(self):
        super().setUp()
        self.as_root = True
        (self.calls_folder / "bus").write_text("1")
        for program in ("octane_daemon", "octane_slave", "octane_master"):
            shutil.copy2(Path(OPTIONS.programs) / program, self.release / program)
        if "--status" not in self.octane("octane_daemon", "--help")[1]:
            self.skipTest("this octane_daemon has no --status: nobody can see whether it runs")

    def octane(self, program, *arguments):
        result = subprocess.run([self.release / program, *arguments], env=self.environment(), stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, encoding="utf-8", timeout=120)
        return result.returncode, result.stdout

    def test_install_use_remove(self):
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = str(listener.getsockname()[1])
        (self.release / "farm.key").unlink()
        self.assertEqual(self.octane("octane_master", "activate")[0], 0)
        code, out, err = self.run_script("install_daemon.sh", "--quiet", "--port", port, "--name", "SESSION", "--start")
        self.assertEqual((code, err), (0, ""), out)
        self.assertTrue(out.endswith("at login, running"), out)
        status = json.loads(self.octane("octane_daemon", "--status", "--json", "--port", port)[1])
        self.assertEqual((status["state"], status["name"], status["port"]), ("unbound", "SESSION", int(port)))
        code, out, err = self.run_script("install_daemon.sh", "--quiet", "--name", "RENAMED")
        self.assertEqual((code, err), (0, ""), out)
        status = json.loads(self.octane("octane_daemon", "--status", "--json", "--port", port)[1])
        self.assertEqual(status["name"], "RENAMED")
        self.assertEqual(self.run_script("uninstall_daemon.sh", "--quiet")[0], 0)
        self.assertEqual(self.octane("octane_daemon", "--status", "--port", port)[0], 6)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stand-in", required=True)
    parser.add_argument("--programs", default="")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
