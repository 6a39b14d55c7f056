#!/usr/bin/env python3
"""Checks the release folder and its archive: what they hold, what the programs want of a computer, and that they run where
there is nothing but the C library.

    tests/system/install/release_test.py --build FOLDER --system Linux|Windows --objdump PROGRAM [unittest arguments]

OCT_BARE_ROOT=FOLDER also runs them in that root, for example one made by
`debootstrap --variant=minbase bookworm FOLDER`.
"""
import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import unittest
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
OPTIONS = argparse.Namespace(build="", system="", objdump="")
PROGRAMS = ["octane_master", "octane_slave", "octane_daemon"]
SCRIPTS = ["install_daemon.sh", "uninstall_daemon.sh", "open_firewall.sh", "_install_daemon.bat", "_uninstall_daemon.bat",
           "_open_firewall.bat"]
C_LIBRARY = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libpthread.so.0", "libdl.so.2", "librt.so.1"}
# What every 64-bit Windows 10 has.
WINDOWS_LIBRARIES = {"kernel32.dll", "msvcrt.dll", "ws2_32.dll", "mswsock.dll", "iphlpapi.dll", "bcrypt.dll", "shell32.dll",
                     "advapi32.dll", "user32.dll", "crypt32.dll", "gdi32.dll", "psapi.dll", "ole32.dll", "userenv.dll"}


def programs():
    return [name + (".exe" if OPTIONS.system == "Windows" else "") for name in PROGRAMS]


def skip_unless_static():
    """Programs that were built without scripts/build_libraries.sh linux formats want shared libraries."""
    if OPTIONS.system == "Windows":
        return
    said = subprocess.run([Path(OPTIONS.build) / "bin" / "octane_master", "--version", "--json"], check=True, stdout=subprocess.PIPE,
                          encoding="utf-8").stdout
    if not json.loads(said)["options"]["static"]:
        raise unittest.SkipTest("built with shared libraries (scripts/build_libraries.sh linux formats)")


class ReleaseFolder(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = tempfile.TemporaryDirectory(prefix="octane_release_")
        cls.addClassCleanup(cls.made.cleanup)
        cls.base = Path(cls.made.name)
        cls.folder = cls.base / "octane (copy) & more"
        subprocess.run(["cmake", "--install", OPTIONS.build, "--prefix", str(cls.folder)], check=True,
                       stdout=subprocess.DEVNULL)

    def test_everything_lies_in_one_folder(self):
        names = {path.name for path in self.folder.iterdir()}
        self.assertEqual(names, {*programs(), *SCRIPTS, "docs", "demo.glb", "LICENSE", "README.md", "CHANGELOG.md",
                                 "THIRD_PARTY_NOTICES.txt", "SHA256SUMS"})
        self.assertTrue((self.folder / "docs" / "operations.md").exists())
        for script in SCRIPTS:
            self.assertTrue(os.access(self.folder / script, os.X_OK), script)

    def test_no_page_leads_out_of_the_folder(self):
        for page in self.folder.rglob("*.md"):
            for link in re.findall(r"\]\(([^)#\s]+)", page.read_text(encoding="utf-8")):
                if not re.match(r"[a-z]+:", link):
                    self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")

    def test_the_readme_names_what_is_there(self):
        readme = (self.folder / "README.md").read_text(encoding="utf-8")
        self.assertTrue(readme.startswith("# Octane network renderer 1.0.0"))
        for path in set(self.folder.iterdir()) - {self.folder / "README.md"}:
            self.assertIn(path.name.removesuffix(".exe"), readme)

    def test_the_licences_of_what_is_inside_are_there(self):
        text = (self.folder / "THIRD_PARTY_NOTICES.txt").read_text(encoding="utf-8")
        names = ["Asio", "cxxopts", "fmt", "JSON for Modern C++", "spdlog", "stb", "zlib", "GNU C++ library", "libpng",
                 "libjpeg-turbo", "libwebp", "Draco"]
        build = json.loads(self.version_json())
        if build["options"]["static"]:
            names += ["OpenEXR", "Imath", "libtiff", "meshoptimizer"]
        names += [shown for key, shown in (("openssl", "OpenSSL"), ("zstd", "Zstandard"), ("lz4", "LZ4")) if key in build["libraries"]]
        if OPTIONS.system == "Windows":
            names.append("mingw-w64 runtime")
        for name in names:
            self.assertRegex(text, f"(?m)^{re.escape(name)} [(]", name)
        self.assertIn("Boost Software License", text)  # Asio's, whose text is in its package

    def version_json(self):
        runner = ["wine"] if OPTIONS.system == "Windows" else []
        if runner and not shutil.which("wine"):
            raise unittest.SkipTest("no Wine to ask a program with")
        return subprocess.run([*runner, self.folder / programs()[0], "--version", "--json"], check=True, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, encoding="utf-8").stdout

    def test_the_checksums_are_right(self):
        listed = {}
        for line in (self.folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
            digest, name = line.split("  ", 1)
            listed[name] = digest
        files = {str(path.relative_to(self.folder)): hashlib.sha256(path.read_bytes()).hexdigest()
                 for path in self.folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS"}
        self.assertEqual(listed, files)

    def test_line_ends_are_those_of_the_reader(self):
        for script in SCRIPTS:
            content = (self.folder / script).read_bytes()
            lines = content.count(b"\n")
            self.assertEqual(content.count(b"\r\n"), lines if script.endswith(".bat") else 0, script)
            self.assertTrue(content.isascii(), f"{script}: cmd reads letters by the code page of the day")

    def test_the_demo_scene_is_the_same_every_time(self):
        again = self.base / "again.glb"
        subprocess.run([sys.executable, ROOT / "docs/demo/pack_demo.py", ROOT / "docs/demo/demo.gltf", again], check=True)
        self.assertEqual(again.read_bytes(), (self.folder / "demo.glb").read_bytes())

    def test_the_programs_want_nothing_but_the_system(self):
        skip_unless_static()
        for program in programs():
            text = subprocess.run([OPTIONS.objdump, "-p", self.folder / program], check=True, stdout=subprocess.PIPE,
                                  encoding="utf-8", errors="replace").stdout
            if OPTIONS.system == "Windows":
                wanted = {name.lower() for name in re.findall(r"DLL Name: (\S+)", text)}
                # the universal C runtime is part of Windows 10, by names such as api-ms-win-crt-heap-l1-1-0.dll
                wanted = {name for name in wanted if not name.startswith("api-ms-win-crt-")}
                self.assertIn("kernel32.dll", wanted)
                self.assertLessEqual(wanted, WINDOWS_LIBRARIES, program)
            else:
                wanted = set(re.findall(r"NEEDED +(\S+)", text))
                self.assertIn("libc.so.6", wanted)
                self.assertLessEqual(wanted, C_LIBRARY, program)

    def test_the_archive_holds_the_folder(self):
        archives = self.base / "archives"
        subprocess.run(["cpack", "--config", Path(OPTIONS.build) / "CPackConfig.cmake", "-B", archives], check=True,
                       cwd=OPTIONS.build, stdout=subprocess.DEVNULL)
        windows = OPTIONS.system == "Windows"
        name = "octane-1.0.0-windows-x86_64" if windows else "octane-1.0.0-linux-x86_64"
        archive = archives / (name + (".zip" if windows else ".tar.gz"))
        self.assertTrue(archive.exists(), list(archives.iterdir()))
        if windows:
            with zipfile.ZipFile(archive) as packed:
                held = {entry for entry in packed.namelist() if not entry.endswith("/")}
        else:
            with tarfile.open(archive) as packed:
                held = {entry.name for entry in packed.getmembers() if entry.isfile()}
                packed.extractall(archives / "unpacked")  # the programs in it are stripped
            subprocess.run(["sha256sum", "--check", "--quiet", "--strict", "SHA256SUMS"], check=True,
                           cwd=archives / "unpacked" / name)
        files = {f"{name}/{path.relative_to(self.folder)}" for path in self.folder.rglob("*") if path.is_file()}
        self.assertEqual(held, files)


class BareRoots(unittest.TestCase):
    """The folder, copied into a root that has nothing else."""

    @classmethod
    def setUpClass(cls):
        if OPTIONS.system == "Windows":
            raise unittest.SkipTest("Windows programs want no root")
        cls.enter = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user"]
        if cls.enter and subprocess.run([*cls.enter, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            raise unittest.SkipTest("neither root nor user namespaces here: no other root can be entered")

    def run_in(self, root, *command):
        chroot = shutil.which("chroot", path="/usr/sbin:/usr/bin:/sbin:/bin")
        return subprocess.run([*self.enter, chroot, root, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              encoding="utf-8", timeout=300, env={})

    def check(self, root):
        folder = root / "octane"
        subprocess.run(["cmake", "--install", OPTIONS.build, "--prefix", str(folder)], check=True, stdout=subprocess.DEVNULL)
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        info = self.run_in(root, "/octane/octane_slave", "--info")
        self.assertEqual(info.returncode, 0, info.stderr)
        self.assertEqual(json.loads(info.stdout)["version"], 1000000)
        self.assertEqual(self.run_in(root, "/octane/octane_daemon", "--version").returncode, 0)
        render = self.run_in(root, "/octane/octane_master", "/octane/demo.glb", "-s", "1", "--film-width", "64", "--cpu",
                             "-o", "/octane/out/demo.png")
        self.assertEqual(render.returncode, 0, render.stderr)
        self.assertIn("Film hash", render.stdout)
        self.assertTrue((folder / "out" / "demo.png").read_bytes().startswith(b"\x89PNG"))

    def test_a_root_with_the_c_library_alone(self):
        skip_unless_static()
        with tempfile.TemporaryDirectory(prefix="octane_root_") as name:
            root = Path(name)
            said = subprocess.run(["ldd", Path(OPTIONS.build) / "bin" / "octane_master"], check=True, encoding="utf-8",
                                  stdout=subprocess.PIPE).stdout
            libraries = [Path(path) for path in re.findall(r"(/\S+) \(0x", said)]
            self.assertLessEqual({path.name for path in libraries}, C_LIBRARY)
            for library in libraries:
                at = root / library.relative_to("/")
                at.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(library, at)
            self.check(root)

    @unittest.skipUnless(os.environ.get("OCT_BARE_ROOT"), "OCT_BARE_ROOT names no root")
    def test_a_bare_system(self):
        self.check(Path(os.environ["OCT_BARE_ROOT"]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--system", choices=["Linux", "Windows"], required=True)
    parser.add_argument("--objdump", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    OPTIONS.build = str(Path(OPTIONS.build).resolve())
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
