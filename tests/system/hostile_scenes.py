#!/usr/bin/env python3
"""Renders mutated scenes with the real programs, which are to be built with sanitizers (but need not be).

    tests/system/hostile_scenes.py --master build/asan/bin/octane_master --slave build/asan/bin/octane_slave --count 5000

Right is, for every scene: a picture and code 0, or one of the codes for a scene that cannot be rendered, with what is wrong
in words; no report of a sanitizer, crash, hang, sample that is not finite, or file left over. With --other-master the
outcome must be that program's, too: code and film hash. A share of what is accepted is rendered again by a slave alone,
which must make the same film. A scene is made from --seed and its number; --first N --count 1 --verbose shows one again.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time
import zlib
from pathlib import Path

import scene_mutations
from sanitized import Watched

PICTURE = ["--film-width", "12", "--film-height", "8", "-s", "4", "--threads", "1"]
DONE, INVALID, EXHAUSTED = 0, 3, 5
TEXT_LIMIT = 100_000
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class Wrong(Exception):
    """What a program should not have done."""


def check_words(err):
    """Warnings, errors and help in clean text of moderate length."""
    if len(err) > TEXT_LIMIT:
        raise Wrong(f"{len(err)} bytes of messages")
    try:
        text = err.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Wrong(f"messages are not UTF-8: {error}") from None
    if CONTROL.search(text.replace("\r\n", "\n")):
        raise Wrong(f"control characters in messages: {text!r}")
    for line in text.splitlines():
        if not re.match(r"(warning|error|help): \S|  |\d\d:\d\d:\d\d   \S", line):
            raise Wrong(f"an odd line: {line!r}")
    return text


def check_accepted(folder, out_name):
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    if report["samples_merged"] != report["samples_wanted"]:
        raise Wrong("samples are missing")
    if report["non_finite_samples"] != 0:
        raise Wrong(f"{report['non_finite_samples']} samples are not finite")
    if not (folder / out_name).exists():
        raise Wrong("there is no picture")
    return report["film_hash"]


def check_ending(watched, code, err, before, may_exhaust=True):
    """The film's hash, or none for a scene that was refused in the right way."""
    reports = watched.reports()
    if reports:
        raise Wrong(f"a sanitizer's report (code {code}):\n{reports[:6000]}")
    if code is None:
        raise Wrong("it did not end")
    if code < 0:
        raise Wrong(f"ended by {signal.Signals(-code).name}\n{err[-2000:].decode(errors='replace')}")
    text = check_words(err)
    if code == DONE:
        return check_accepted(watched.work, "out.png")
    if code != INVALID and not (may_exhaust and code == EXHAUSTED):
        raise Wrong(f"code {code}\n{text[-2000:]}")
    if not re.search(r"^error: \S+", text, re.MULTILINE):
        raise Wrong(f"code {code} without a word")
    left = {path.name for path in watched.work.iterdir()} - before - {"report.json"}
    if left:
        raise Wrong(f"left over: {sorted(left)}")
    return None


def write_scene(scene, folder):
    for name, data in scene.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def local_render(options, scene, master):
    watched = Watched()
    try:
        write_scene(scene, watched.work)
        before = {path.name for path in watched.work.iterdir()}
        code, _, err = watched.run([master, scene.main, *scene.arguments, *PICTURE, "--no-net", "--progress", "none", "--report",
                                    "report.json", "-o", "out.png"])
        if options.verbose:
            print(f"{master}: code {code}\n{err.decode(errors='replace')}")
        return code, check_ending(watched, code, err, before)
    finally:
        watched.close()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def slave_render(options, scene):
    """The film's hash, rendered by a slave alone."""
    watched = Watched()
    port = free_port()
    try:
        write_scene(scene, watched.work)
        with open(watched.folder / "err", "wb") as err_file:
            master = watched.popen([options.master, scene.main, *scene.arguments, *PICTURE, "--net-enable", "--no-local",
                                    "--net-wait", "1", "--net-wait-time", "900", "--net-use", "none", "--net-master-port", port,
                                    "--net-dead-time", "300", "--progress", "none", "--report", "report.json", "-o", "out.png"],
                                   stdout=subprocess.DEVNULL, stderr=err_file)
        try:
            code, _, err = watched.run([options.slave, "--net-master-address", "127.0.0.1", "--net-master-port", port, "--once",
                                        "--threads", "1", "-q"])
            if code != DONE:
                raise Wrong(f"the slave ended with {code}: {err.decode(errors='replace')}\n{watched.reports()[:6000]}")
            master_code = master.wait(900)
        finally:
            if master.poll() is None:
                master.kill()
                master.wait()
        film = check_ending(watched, master_code, (watched.folder / "err").read_bytes(), set(os.listdir(watched.work)))
        if film is None:
            raise Wrong(f"the master ended with {master_code}")
        return film
    finally:
        watched.close()


def is_for_a_slave(options, number):
    return zlib.crc32(f"{options.seed} {number}".encode()) % 1000 < options.slave_share * 1000


def try_scene(options, number):
    """(kind of mutation, outcome)."""
    scene, did = scene_mutations.mutated_scene(options.seed, number)
    if options.verbose:
        print(f"{number}: {did}")
    kind = did.split(":")[0]
    try:
        code, film = local_render(options, scene, options.master)
        if options.other_master:
            other = local_render(options, scene, options.other_master)
            if other != (code, film):
                raise Wrong(f"{options.other_master}: code and film {other}, here {(code, film)}")
        if film and options.slave and is_for_a_slave(options, number):
            by_slave = slave_render(options, scene)
            if by_slave != film:
                raise Wrong(f"the slave's film is {by_slave}, the local one {film}")
            return kind, "accepted, by a slave too"
        return kind, {DONE: "accepted", INVALID: "refused", EXHAUSTED: "too large"}[code]
    except Wrong as wrong:
        keep_wrong(options, number, scene, did, wrong)
        return kind, "WRONG"


def keep_wrong(options, number, scene, did, wrong):
    print(f"WRONG: scene {number} of seed {options.seed}: {did}\n{wrong}\n", flush=True)
    if options.keep:
        folder = options.keep / f"{options.seed}_{number}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        write_scene(scene, folder)
        (folder / "what.txt").write_text(f"{did}\narguments: {scene.arguments}\n{wrong}\n", encoding="utf-8")


def print_table(tally, seconds):
    outcomes = ["refused", "too large", "accepted", "accepted, by a slave too", "WRONG"]
    rows = [("mutation of", "scenes", *outcomes)]
    for kind in sorted({kind for kind, _ in tally}):
        counts = [tally[kind, outcome] for outcome in outcomes]
        rows.append((kind, sum(counts), *counts))
    rows.append(("all", *(sum(row[column] for row in rows[1:]) for column in range(1, 7))))
    for row in rows:
        print(f"{row[0]:<14}{row[1]:>7}" + "".join(f"{value:>{len(head) + 3}}" for value, head in zip(row[2:], outcomes)))
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"{seconds:.0f} s, of which {usage.ru_utime + usage.ru_stime:.0f} s of processor time in the programs", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--master", required=True)
    parser.add_argument("--slave")
    parser.add_argument("--other-master", help="of another build, which must come to the same")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--slave-share", type=float, default=0.1, help="of the scenes that are accepted")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=1e6, help="begin no scene after this time")
    parser.add_argument("--keep", type=Path, help="a folder for scenes that make a program do wrong")
    parser.add_argument("--verbose", action="store_true", help="what was done, and what the program says")
    options = parser.parse_args()
    for name in ("master", "slave", "other_master"):
        if getattr(options, name):
            setattr(options, name, str(Path(getattr(options, name)).resolve()))
    begun = time.monotonic()
    tally = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        def attempt(number):
            return try_scene(options, number) if time.monotonic() - begun < options.minutes * 60 else None
        for done, outcome in enumerate(pool.map(attempt, range(options.first, options.first + options.count)), 1):
            if outcome:
                tally[outcome] += 1
            if done % 250 == 0:
                print_table(tally, time.monotonic() - begun)
    print_table(tally, time.monotonic() - begun)
    return 1 if any(outcome == "WRONG" for _, outcome in tally) else 0


if __name__ == "__main__":
    sys.exit(main())
