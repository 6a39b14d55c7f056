#!/usr/bin/env python3
"""Runs the Windows installers under Wine's cmd, as people and scripts do.

    tests/system/install/windows_test.py --stand-in EXE [unittest arguments]

Programs that the installers call are stand-ins that record their calls (stand_in.cpp), so that nothing of this computer
changes; windows_login_test.py has the real ones. Without Wine everything is skipped.
"""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import xml.etree.ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SCRIPTS = ["_install_daemon.bat", "_uninstall_daemon.bat", "_open_firewall.bat"]
STARTUP = Path("Microsoft/Windows/Start Menu/Programs/Startup/run_octane_slave_daemon.bat")
KEY = "OCT1-7F3AC2-FIRST"
OTHER_KEY = "OCT1-77C0D3-OTHER"
GPUS = "GPU 0      NVIDIA GeForce RTX 3090, 24.0 GB\r\nGPU 1      NVIDIA GeForce RTX 3090, 24.0 GB\r\nCPU        A processor, 64.0 GB\r\n"
OPTIONS = argparse.Namespace(stand_in="")
WINE = shutil.which("wine")


def wine_environment():
    environment = {**os.environ, "WINEARCH": "win64", "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml="}
    environment.setdefault("WINEPREFIX", str(ROOT / "build" / "wineprefix"))
    environment.pop("DISPLAY", None)
    environment.pop("OCTANE_CONFIG_DIR", None)
    return environment


def windows_path(path):
    return "Z:" + str(path).replace("/", "\\")


def sentences(text):
    """What a program said, without the note that Debian's wine prints about 32-bit programs."""
    lines = text.replace("\r\n", "\n").split("\n")
    noise = re.compile(r"wine32 is missing|multiarch needs|^execute \"dpkg|^apt-get install wine32")
    return "\n".join(line for line in lines if not noise.search(line)).strip("\n")


@unittest.skipUnless(WINE, "no Wine here: the Windows installers are not run")
class WindowsTest(unittest.TestCase):
    folder_name = "octane"
    user_name = "user"
    # what needs rights or a service; ports of whatever else runs here do not count, and pauses are short
    system_programs = ("netsh", "schtasks", "icacls", "fltmc", "powershell", "netstat", "ping")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="octane_install_", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.base = Path(folder.name)
        self.release = self.base / self.folder_name
        self.calls_folder = self.base / "calls"
        self.system = self.base / "system"
        self.roaming = self.base / self.user_name
        self.program_data = self.base / "program data"
        for made in (self.release, self.calls_folder, self.system, self.roaming, self.program_data, self.base / "temp"):
            made.mkdir()
        for script in SCRIPTS:
            shutil.copy2(ROOT / "scripts" / script, self.release)
        self.put_programs()
        for program in self.system_programs:
            shutil.copy2(OPTIONS.stand_in, self.system / f"{program}.exe")
        (self.release / "farm.key").write_text(KEY + "\n")
        self.entry = self.roaming / STARTUP
        self.boot_entry = self.program_data / "octane" / "run_octane_slave_daemon.bat"
        self.addCleanup(self.end_daemons)

    def put_programs(self):
        for program in ("octane_daemon", "octane_slave", "octane_master"):
            shutil.copy2(OPTIONS.stand_in, self.release / f"{program}.exe")
        (self.calls_folder / "octane_master.out").write_text(GPUS, newline="")

    def end_daemons(self):
        for file in self.calls_folder.glob("daemon.*"):
            file.unlink()

    def command(self, script, *arguments):
        """As the user whose folders these are: cmd goes on with the script, whose code it returns."""
        folders = {"APPDATA": self.roaming, "ProgramData": self.program_data, "TEMP": self.base / "temp"}
        lines = ["@echo off", *(f'set "{name}={windows_path(path)}"' for name, path in folders.items()), "%*", ""]
        (self.base / "as_user.bat").write_bytes("\r\n".join(lines).encode("cp437"))
        return [WINE, "cmd", "/c", windows_path(self.base / "as_user.bat"), script, *arguments]

    def environment(self):
        return {**wine_environment(), "OCTANE_STAND_IN": windows_path(self.calls_folder),
                "WINEPATH": windows_path(self.system)}

    def run_script(self, script, *arguments):
        """(code, standard output, standard error). Files, since a started daemon would hold a pipe open."""
        with open(self.base / "out.txt", "wb") as out, open(self.base / "err.txt", "wb") as err:
            code = subprocess.run(self.command(script, *arguments), cwd=self.release, env=self.environment(),
                                  stdin=subprocess.DEVNULL, stdout=out, stderr=err, timeout=240).returncode
        texts = [sentences((self.base / name).read_text("cp1252")) for name in ("out.txt", "err.txt")]
        return code, texts[0], texts[1]

    def converse(self, script, answers, *arguments):
        """(code, everything said): one answer for each question. Wine's set /p takes all that a pipe holds, so each
        answer waits for its question."""
        process = subprocess.Popen(self.command(script, *arguments), cwd=self.release, env=self.environment(),
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        said, since = b"", 0
        answers = list(answers)
        while answers:
            byte = process.stdout.read(1)
            if not byte:
                process.kill()
                self.fail(f"ended before the answer {answers[0]!r}:\n{said.decode('cp1252')}")
            said += byte
            if said[since:].endswith(b"]: "):
                process.stdin.write(answers.pop(0).encode("cp1252") + b"\r\n")
                process.stdin.flush()
                since = len(said)
        process.stdin.close()
        code = process.wait(240)
        os.set_blocking(process.stdout.fileno(), False)
        said += process.stdout.read() or b""
        return code, sentences(said.decode("cp1252"))

    def calls(self, program=""):
        file = self.calls_folder / "calls.txt"
        lines = file.read_text("cp1252").splitlines() if file.exists() else []
        return [line for line in lines if line.startswith(program)]

    def forget_calls(self):
        (self.calls_folder / "calls.txt").unlink(missing_ok=True)

    def program_returns(self, program, code):
        (self.calls_folder / f"{program}.code").write_text(str(code))

    def start_line(self, entry=None):
        return (entry or self.entry).read_text("cp1252").splitlines()[-1]

    def wait_for(self, condition, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not condition():
            self.assertLess(time.monotonic(), deadline, f"never came: {what}")
            time.sleep(0.1)


class Questions(WindowsTest):
    """What an artist sees."""
    maxDiff = None

    def test_return_keeps_what_stands_in_brackets(self):
        code, said = self.converse("_install_daemon.bat", ["", "", "RENDER1", "", "", "", "n"])
        self.assertEqual(code, 0, said)
        startup = windows_path(self.entry)
        expected = [
            "Octane daemon 1000000. GPU 0 NVIDIA GeForce RTX 3090 (24.0 GB), GPU 1 NVIDIA GeForce RTX 3090 (24.0 GB)",
            "It lends this computer at any time; /idle-only MINUTES and /hours FROM-TO of this script say when.",
            "Port the daemon listens to for master requests [48000]: "
            "GPUs its slave may use: all, or numbers such as 0,1 [all]: "
            "Name shown to masters [NAME]: Farm key [farm 7F3AC2, from this folder]: "
            "Open the firewall for 48000 (UDP, TCP)? [Y/n]: "
            "Port 48000, GPUs all, name RENDER1, farm 7F3AC2, firewall opened. Right? [Y/n]: "
            f"Created {startup} (runs at every login)",
            "Opened UDP 48000, TCP 48000 for other computers",
            "Start the daemon now? [Y/n]: "]
        said = re.sub(r"Name shown to masters \[[^]]+\]", "Name shown to masters [NAME]", said)
        self.assertEqual(said, "\n".join(expected))
        self.assertEqual(self.start_line(),
                         f'"{windows_path(self.release)}\\octane_daemon.exe" --port 48000 --name "RENDER1"')
        self.assertFalse((self.calls_folder / "daemon.48000").exists())

    def test_the_start_entry_is_a_window_with_the_port_in_its_title(self):
        code, said = self.converse("_install_daemon.bat", ["48010", "1", "R & D (2)", "", "n", "y", "n"])
        self.assertEqual(code, 0, said)
        lines = self.entry.read_bytes().split(b"\r\n")
        self.assertEqual(lines[0], b"@echo off")
        self.assertIn(b"title Octane daemon, port 48010", lines)
        self.assertTrue(any(line.startswith(b'start "Octane daemon, port 48010" /min ') for line in lines), lines)
        self.assertTrue(self.start_line().endswith('octane_daemon.exe" --port 48010 -g 1 --name "R & D (2)"'))
        self.assertEqual(self.calls("netsh"), [])
        self.assertIn("firewall unchanged. Right?", said)

    def test_wrong_answers_are_asked_again_with_the_reason(self):
        answers = ["80", "65536", "048000", "port", "48000", "2", "0,x", "0,1", '<a>', "RENDER1",
                   "no such file", "", "maybe", "n", "n", "48020", "", "", "", "", "y", "n"]
        code, said = self.converse("_install_daemon.bat", answers)
        self.assertEqual(code, 0, said)
        for reason in ("Port 80 is not between 1025 and 65535.", "Port 65536 is not between 1025 and 65535.",
                       "Port 048000 is not between 1025 and 65535.", "Port port is not between 1025 and 65535.",
                       "There is no GPU 2; this computer has GPU 0 ", "0,x is neither all nor numbers such as 0,1.",
                       "The name must have 1 to 60 letters", "no such file: not a farm key",
                       "Please answer y or n."):
            self.assertIn(reason, said)
        # "Right?" was denied: everything is asked again, with the answers as defaults
        self.assertIn("GPUs its slave may use: all, or numbers such as 0,1 [0,1]:", said)
        self.assertIn("Port 48020, GPUs 0,1, name RENDER1, farm 7F3AC2, firewall unchanged. Right?", said)
        self.assertIn(" --port 48020 -g 0,1 --name ", self.start_line())

    def test_it_says_when_the_computer_is_lent(self):
        _, said = self.converse("_install_daemon.bat", ["", "", "", "", "n", "", "n"], "/idle-only", "10")
        self.assertIn("It lends this computer after 10 min without keyboard and mouse; /idle-only MINUTES and ", said)
        _, said = self.converse("_install_daemon.bat", ["", "", "", "", "n", "", "n"], "/hours", "19:30-7")
        self.assertIn("It lends this computer after 10 min without keyboard and mouse at 19:30-7; /idle-only ", said)

    def test_a_key_is_typed(self):
        code, said = self.converse("_install_daemon.bat", ["", "", "", OTHER_KEY, "n", "", "n"])
        self.assertEqual(code, 0, said)
        self.assertIn("farm 77C0D3, firewall unchanged", said)
        self.assertEqual((self.roaming / "octane" / "farm.key").read_text().strip(), OTHER_KEY)
        self.assertFalse(any(OTHER_KEY in call for call in self.calls()), "a secret stood on a command line")

    def test_without_rights_windows_is_asked_for_the_firewall(self):
        self.program_returns("fltmc", 5)
        code, said = self.converse("_install_daemon.bat", ["", "", "", "", "", "", "n"])
        self.assertEqual(code, 0, said)
        self.assertIn("for 48000 (UDP, TCP)? Windows will ask for permission. [Y/n]:", said)
        self.assertIn("Opened the firewall for the daemon", said)
        self.assertEqual(len(self.calls("powershell")), 1)
        self.assertIn("-Verb RunAs", self.calls("powershell")[0])
        self.assertEqual(self.calls("netsh"), [])

    def test_a_permission_denied_leaves_the_daemon_installed(self):
        self.program_returns("fltmc", 5)
        self.program_returns("powershell", 77)
        code, said = self.converse("_install_daemon.bat", ["", "", "", "", "", "", "n"])
        self.assertEqual(code, 0, said)
        self.assertNotIn("Opened", said)
        self.assertTrue(self.entry.exists())

    def test_removing_asks_once(self):
        self.run_script("_install_daemon.bat", "/quiet")
        code, said = self.converse("_uninstall_daemon.bat", ["n"])
        self.assertEqual((code, said.endswith("Nothing was removed.")), (0, True), said)
        self.assertTrue(self.entry.exists())
        code, said = self.converse("_uninstall_daemon.bat", [""])
        self.assertEqual((code, said.endswith("Removed octane_daemon, port 48000")), (0, True), said)
        self.assertFalse(self.entry.exists())


class Unattended(WindowsTest):
    """What an administrator's script sees."""
    # Without a window Wine's cmd writes files in one code page and reads them in another, which chcp does not change as it
    # does on Windows: so letters beyond ASCII stand where no start entry that is run here names them.
    folder_name = "release (x) & more"
    user_name = "jürgen & söhne"

    def test_one_line_and_twice_in_a_row_changes_nothing(self):
        result = self.run_script("_install_daemon.bat", "/quiet", "/name", "R & D", "/start")
        line = "Installed octane_daemon 1000000, port 48000, GPUs all, farm 7F3AC2, at login, running"
        self.assertEqual(result, (0, line, ""))
        self.assertIn("octane_daemon --port 48000 --name R & D", self.calls())
        before = self.entry.stat()
        self.forget_calls()
        result = self.run_script("_install_daemon.bat", "/quiet", "/start")
        self.assertEqual(result, (0, line, ""))
        self.assertEqual(self.entry.stat().st_mtime_ns, before.st_mtime_ns)
        self.assertEqual([call for call in self.calls() if "--stop" in call or "--name" in call], [])

    def test_the_folder_is_copied_with_its_key(self):
        target = self.base / "ziel & über (1)"
        for _ in range(2):
            code, out, err = self.run_script("_install_daemon.bat", "/quiet", "/to", windows_path(target), "/gpu", "0,1")
            self.assertEqual((code, err), (0, ""), out)
            self.assertIn("GPUs 0,1, farm 7F3AC2, at login, not running", out)
        self.assertTrue((target / "octane_slave.exe").exists())
        self.assertTrue((target / "_uninstall_daemon.bat").exists())
        self.assertFalse((target / "farm.key").exists(), "the key goes to its user alone")
        self.assertEqual((self.roaming / "octane" / "farm.key").read_text().strip(), KEY)
        self.assertIn(f'"{windows_path(target)}\\octane_daemon.exe" --port 48000 -g 0,1 ', self.start_line())

    def test_an_upgrade_keeps_what_people_added(self):
        self.run_script("_install_daemon.bat", "/quiet", "/port", "48015", "/gpu", "1", "/name", "R1")
        text = self.entry.read_bytes().rstrip(b"\r\n") + b' --cache-dir "D:\\a & b" --cpu\r\n'
        self.entry.write_bytes(text)
        self.run_script("_install_daemon.bat", "/quiet", "/name", "R2")
        self.assertTrue(self.start_line().endswith(' --port 48015 -g 1 --name "R2" --cache-dir "D:\\a & b" --cpu'),
                        self.start_line())

    def test_when_it_lends_stands_in_the_start_line_and_stays(self):
        self.run_script("_install_daemon.bat", "/quiet", "/name", "R1", "/hours", "19:30-7", "/idle-only", "10")
        self.assertTrue(self.start_line().endswith(' --name "R1" --idle-only 10 --hours 19:30-7'), self.start_line())
        self.run_script("_install_daemon.bat", "/quiet", "/idle-only", "5")
        self.assertTrue(self.start_line().endswith(' --name "R1" --hours 19:30-7 --idle-only 5'), self.start_line())
        self.run_script("_install_daemon.bat", "/quiet")
        self.assertTrue(self.start_line().endswith(' --name "R1" --hours 19:30-7 --idle-only 5'), self.start_line())

    def test_an_upgrade_waits_until_the_daemon_is_free(self):
        state = self.calls_folder / "daemon.48000"
        self.run_script("_install_daemon.bat", "/quiet", "/start")
        state.write_text("bound")
        self.forget_calls()
        process = subprocess.Popen(self.command("_install_daemon.bat", "/quiet", "/name", "R2"), cwd=self.release,
                                   env=self.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        self.wait_for(lambda: len(self.calls("ping")) >= 3, "several looks at a busy daemon")
        self.assertEqual([call for call in self.calls() if "--stop" in call], [])
        state.write_text("unbound")
        self.assertEqual(process.wait(120), 0)
        self.assertIn("octane_daemon --stop --port 48000", self.calls())
        self.assertIn("octane_daemon --port 48000 --name R2", self.calls(), "it runs again, as it did before")

    def test_force_does_not_wait(self):
        self.run_script("_install_daemon.bat", "/quiet", "/start")
        (self.calls_folder / "daemon.48000").write_text("bound")
        code, out, err = self.run_script("_install_daemon.bat", "/quiet", "/force", "/name", "R2")
        self.assertEqual((code, err), (0, ""), out)
        self.assertTrue(out.endswith("at login, running"), out)

    def test_the_computer_starts_it(self):
        code, out, err = self.run_script("_install_daemon.bat", "/quiet", "/boot", "/firewall")
        self.assertEqual((code, out, err),
                         (0, "Installed octane_daemon 1000000, port 48000, GPUs all, farm 7F3AC2, at boot, not running", ""))
        config = self.program_data / "octane" / "daemon"
        self.assertEqual((config / "farm.key").read_text().strip(), KEY)
        text = self.boot_entry.read_text("cp1252")
        self.assertIn(f'set "OCTANE_CONFIG_DIR={windows_path(config)}"', text)
        self.assertIn(f'--log-file "{windows_path(config)}\\octane_daemon.log"', self.start_line(self.boot_entry))
        self.assertEqual(len(self.calls("schtasks /create /tn octane_daemon /xml ")), 1)
        self.assertTrue(any("*S-1-5-19:R" in call for call in self.calls("icacls")), "LOCAL SERVICE reads the key")
        self.assertFalse(self.entry.exists())
        self.forget_calls()
        self.assertEqual(self.run_script("_install_daemon.bat", "/quiet", "/boot", "/firewall")[0], 0)
        self.assertEqual(self.calls("schtasks"), [], "twice in a row changes nothing")
        code, out, _ = self.run_script("_uninstall_daemon.bat", "/quiet", "/purge")
        self.assertEqual(code, 0, out)
        self.assertIn("Removed octane_daemon, port 48000, and the farm key", out)
        self.assertIn("schtasks /delete /tn octane_daemon /f", self.calls())
        self.assertFalse(config.exists())
        self.assertFalse(self.boot_entry.exists())

    def test_the_task_has_no_time_limit(self):
        # schtasks is recorded, not run: the file that it was given is kept by making it fail.
        (self.system / "schtasks.exe").unlink()
        (self.system / "schtasks.bat").write_text(f'@copy /y %5 "{windows_path(self.base)}\\task.xml" >nul\r\n')
        self.run_script("_install_daemon.bat", "/quiet", "/boot")
        task = xml.etree.ElementTree.fromstring((self.base / "task.xml").read_text())
        space = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
        self.assertEqual(task.find(f".//{space}ExecutionTimeLimit").text, "PT0S")
        self.assertEqual(task.find(f".//{space}UserId").text, "S-1-5-19")
        self.assertIsNotNone(task.find(f".//{space}BootTrigger"))
        self.assertEqual(task.find(f".//{space}Arguments").text,
                         '/d /c ""%ProgramData%\\octane\\run_octane_slave_daemon.bat" run"')

    def test_removing_twice(self):
        self.run_script("_install_daemon.bat", "/quiet", "/port", "48015", "/start")
        self.assertTrue((self.calls_folder / "daemon.48015").exists())
        self.assertEqual(self.run_script("_uninstall_daemon.bat", "/quiet"), (0, "Removed octane_daemon, port 48015", ""))
        self.assertFalse((self.calls_folder / "daemon.48015").exists(), "the daemon was stopped")
        self.assertFalse(self.entry.exists())
        self.assertIn("netsh advfirewall firewall delete rule name=Octane daemon 48015 UDP", self.calls())
        self.assertEqual(self.run_script("_uninstall_daemon.bat", "/quiet"),
                         (0, "No octane_daemon is installed for this user", ""))


class Refusals(WindowsTest):
    """Exit codes, each with its word, and nothing installed."""

    def refused(self, code, words, script, *arguments):
        result = self.run_script(script, *arguments)
        self.assertEqual(result[0], code, result)
        self.assertIn(f"error: {words}", result[2])
        self.assertFalse(self.entry.exists())
        self.assertFalse(self.boot_entry.exists())

    def test_wrong_options(self):
        self.refused(2, 'unknown option "/what"', "_install_daemon.bat", "/quiet", "/what")
        self.refused(2, "/port wants a value", "_install_daemon.bat", "/quiet", "/port")
        self.refused(2, "Port 80 is not between 1025 and 65535.", "_install_daemon.bat", "/quiet", "/port", "80")
        self.refused(2, "There is no GPU 7; this computer has GPU 0", "_install_daemon.bat", "/quiet", "/gpu", "7")
        self.refused(2, "The name must have 1 to 60 letters", "_install_daemon.bat", "/quiet", "/name", "a<b c")
        self.refused(2, "/idle-only 0: must be minutes", "_install_daemon.bat", "/quiet", "/idle-only", "0")
        self.refused(2, "/idle-only 1h: must be minutes", "_install_daemon.bat", "/quiet", "/idle-only", "1h")
        self.refused(2, "/hours 7pm: must be FROM-TO", "_install_daemon.bat", "/quiet", "/hours", "7pm")
        self.refused(2, "/hours 19-: must be FROM-TO", "_install_daemon.bat", "/quiet", "/hours", "19-")
        self.refused(2, 'unknown option "/what"', "_uninstall_daemon.bat", "/what")
        self.refused(2, "daemon or master must be named", "_open_firewall.bat")
        self.refused(2, 'port "99" is not between 1025 and 65535.', "_open_firewall.bat", "daemon", "/port", "99")

    def test_missing_programs(self):
        (self.release / "octane_slave.exe").unlink()
        self.refused(3, "octane_daemon.exe, octane_slave.exe and octane_master.exe are not all", "_install_daemon.bat", "/quiet")

    def test_what_cannot_be_written(self):
        (self.roaming / "Microsoft").write_text("a file where a folder should be")
        self.refused(4, windows_path(self.entry), "_install_daemon.bat", "/quiet")
        (self.base / "target").write_text("a file")
        self.refused(4, windows_path(self.base), "_install_daemon.bat", "/quiet", "/to", windows_path(self.base / "target"))

    def test_a_port_of_another_program(self):
        (self.calls_folder / "netstat.out").write_text(
            "\r\n  Proto  Local Address  Foreign Address  State\r\n  TCP    0.0.0.0:48000    0.0.0.0:0    ABHOEREN\r\n"
            "  TCP    10.0.0.1:48020    10.0.0.9:80    HERGESTELLT\r\n  UDP    [::]:48030    *:*\r\n", newline="")
        self.refused(6, "port 48000 is in use by another program", "_install_daemon.bat", "/quiet")
        self.refused(6, "port 48030 is in use by another program", "_install_daemon.bat", "/quiet", "/port", "48030")
        self.assertEqual(self.run_script("_install_daemon.bat", "/quiet", "/port", "48020")[0], 0)

    def test_keys(self):
        wrong = self.base / "wrong.key"
        wrong.write_text("no key\n")
        self.refused(8, "Z:", "_install_daemon.bat", "/quiet", "/key-file", windows_path(wrong))
        self.refused(8, "Z:", "_install_daemon.bat", "/quiet", "/key-file", windows_path(self.base / "missing.key"))
        (self.release / "farm.key").unlink()
        self.refused(8, "there is no farm key", "_install_daemon.bat", "/quiet")
        right = self.base / "right & good.key"
        right.write_text(OTHER_KEY + "\n")
        code, out, _ = self.run_script("_install_daemon.bat", "/quiet", "/key-file", windows_path(right))
        self.assertEqual(code, 0)
        self.assertIn("farm 77C0D3", out)
        self.assertEqual((self.roaming / "octane" / "farm.key").read_text().strip(), OTHER_KEY)
        self.assertEqual(list((self.base / "temp").iterdir()), [], "no key is left behind")

    def test_another_key_restarts_the_daemon(self):
        self.assertEqual(self.run_script("_install_daemon.bat", "/quiet", "/start")[0], 0)
        (self.release / "other.key").write_text(OTHER_KEY + "\n")
        self.forget_calls()
        code, out, err = self.run_script("_install_daemon.bat", "/quiet", "/key-file", "other.key")
        self.assertEqual((code, err), (0, ""), out)
        self.assertTrue(out.endswith("farm 77C0D3, at login, running"), out)
        self.assertEqual([call for call in self.calls() if "--stop" in call], ["octane_daemon --stop --port 48000"])

    def test_more_rights(self):
        self.program_returns("fltmc", 5)
        self.refused(77, "/boot wants an administrator", "_install_daemon.bat", "/quiet", "/boot")
        self.refused(77, "/firewall with /quiet wants an administrator", "_install_daemon.bat", "/quiet", "/firewall")
        self.refused(77, "changing the firewall needs more rights", "_open_firewall.bat", "daemon", "/quiet")
        self.assertEqual(self.calls("netsh") + self.calls("schtasks") + self.calls("powershell"), [])

    def test_a_firewall_that_refuses(self):
        self.program_returns("netsh", 1)
        result = self.run_script("_open_firewall.bat", "master")
        self.assertEqual(result[0], 4)
        self.assertIn("error: the Windows firewall refused: netsh advfirewall firewall add rule", result[2])


class Firewall(WindowsTest):
    def test_ports_of_a_master(self):
        self.assertEqual(self.run_script("_open_firewall.bat", "master"), (0, "Opened TCP 21000-21015 for other computers", ""))
        self.assertIn("netsh advfirewall firewall add rule name=Octane master 21000-21015 TCP dir=in action=allow "
                      "protocol=TCP localport=21000-21015 profile=any", self.calls())

    def test_ports_of_a_daemon(self):
        self.assertEqual(self.run_script("_open_firewall.bat", "daemon", "/port", "48020", "/quiet"), (0, "", ""))
        added = [call for call in self.calls() if " add rule " in call]
        self.assertEqual([re.search(r"protocol=(\w+) localport=([\d-]+)", call).groups() for call in added],
                         [("UDP", "48020"), ("TCP", "48020")])
        # rules that a dialog closed with Cancel left behind forbid whatever others allow
        self.assertIn(f"netsh advfirewall firewall delete rule name=all dir=in program={windows_path(self.release)}\\octane_daemon.exe",
                      self.calls())
        self.assertEqual(self.run_script("_open_firewall.bat", "daemon"),
                         (0, "Opened UDP 48000, TCP 48000 for other computers", ""))
        self.forget_calls()
        self.assertEqual(self.run_script("_open_firewall.bat", "daemon", "/port", "48020", "/remove")[0], 0)
        self.assertEqual([call for call in self.calls() if " add rule " in call], [])
        self.assertEqual(len([call for call in self.calls() if " delete rule name=Octane" in call]), 3)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--stand-in", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
