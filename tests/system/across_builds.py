#!/usr/bin/env python3
"""Checks that programs of several builds make the same film: each other master alone, and each other slave joined to
our master without devices of its own, encrypted where the build can.

    tests/system/across_builds.py --master PATH [--other-master "COMMAND"]... [--other-slave "COMMAND"]...

A COMMAND may begin with an emulator: "wine build/mingw/bin/octane_slave.exe". Ends with a line "N passed, N failed".
"""
import argparse
import json
import os
import shlex
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

SCENE = Path(__file__).resolve().parent / "room.obj"
PICTURE = [str(SCENE), "--film-width", "96", "--film-height", "64", "-s", "20", "--cam-pos-x=0", "--cam-pos-y=1",
           "--cam-pos-z=4.2", "--cam-target-x=0", "--cam-target-y=1", "--cam-target-z=-1", "--cam-fov", "40", "--cpu"]
TIMEOUT_S = 300


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def render(command, folder, extra):
    """Runs a master and returns its report."""
    report = Path(folder) / "report.json"
    report.unlink(missing_ok=True)
    subprocess.run(command + PICTURE + ["-o", str(Path(folder) / "out.png"), "--report", str(report), "--progress", "none"] +
                   extra, check=True, timeout=TIMEOUT_S, stdout=subprocess.DEVNULL)
    result = json.loads(report.read_text(encoding="utf-8"))
    if result["samples_merged"] != result["samples_wanted"]:
        raise RuntimeError(f"{result['samples_merged']} of {result['samples_wanted']} samples merged")
    return result


def choose_config(folder, name):
    """The configuration folder of whatever is started from now on; this user's own does not count."""
    os.environ["OCTANE_CONFIG_DIR"] = str(Path(folder) / name)


def can_encrypt(slave):
    info = subprocess.run(slave + ["--info"], check=True, timeout=TIMEOUT_S, stdout=subprocess.PIPE).stdout
    return json.loads(info)["tls"]


def with_slave(master, slave, folder):
    """Film hash of a picture that only this slave rendered."""
    choose_config(folder, "farm" if can_encrypt(slave) else "nobody")
    port = str(free_port())
    address = ["--net-master-address", "127.0.0.1", "--net-master-port", port, "--once", "--net-timeout", "120", "--cpu"]
    process = subprocess.Popen(slave + address, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        result = render(master, folder, ["--net-enable", "--net-master-port", port, "--no-local", "--net-wait", "1"])
        said = process.communicate(timeout=60)[0].decode(errors="replace")
    finally:
        if process.poll() is None:
            process.kill()
    print("encrypted" if "\nFarm       " in said.replace("\r", "") else "in plain, no TLS", end=" ")
    return result["film_hash"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--master", required=True)
    parser.add_argument("--other-master", action="append", default=[])
    parser.add_argument("--other-slave", action="append", default=[])
    options = parser.parse_args()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        master = [options.master]
        choose_config(folder, "farm")
        subprocess.run(master + ["activate"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        expected = render(master, folder, [])["film_hash"]
        print(f"{options.master}: {expected}")
        checks = [(text, lambda c: render(c, folder, [])["film_hash"]) for text in options.other_master]
        checks += [(text, lambda c: with_slave(master, c, folder)) for text in options.other_slave]
        for text, film_hash in checks:
            try:
                found = film_hash(shlex.split(text))
            except Exception as error:  # whatever went wrong belongs into the line of this program
                found = f"failed: {error}"
            print(f"{text}: {found}")
            passed += found == expected
            failed += found != expected
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
