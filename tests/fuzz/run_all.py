#!/usr/bin/env python3
"""Runs all libFuzzer targets for equal shares of processor time and prints a table.

    cmake --preset fuzz && cmake --build build/fuzz --target octane_fuzzers
    tests/fuzz/run_all.py --cpu-minutes 60                 # an hour each
    tests/fuzz/run_all.py --keep 200                       # copies the most telling new inputs, 200 kB at most, to the corpus

Targets take turns in slices: whoever had the least processor time is next, so that the shares are equal whenever the
command is stopped (CTRL-C prints the table, too), and a later call goes on. The growing corpus, faults and totals lie in
--work (build/fuzz/work), outside of what is committed. Ends with 1 where an input made a target fail.
"""
import argparse
import concurrent.futures
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PREFIX = "octane_fuzz_"


class Target:
    """One program with its corpus and what it has done so far."""

    def __init__(self, program, work):
        self.program = program
        self.name = program.name.removeprefix(PREFIX)
        self.corpus = work / "corpus" / self.name
        self.faults = work / "faults" / self.name
        self.log = work / "logs" / f"{self.name}.txt"
        self.totals_file = work / "totals" / f"{self.name}.json"
        for folder in (self.corpus, self.faults, self.log.parent, self.totals_file.parent):
            folder.mkdir(parents=True, exist_ok=True)
        self.totals = {"executions": 0, "new": 0, "cpu_s": 0.0, "edges": 0, "features": 0}
        if self.totals_file.exists():
            self.totals.update(json.loads(self.totals_file.read_text(encoding="utf-8")))
        self.process = None

    def seeds(self):
        return [str(folder) for folder in (HERE / "corpus" / self.name, HERE / "crashes" / self.name) if folder.is_dir()]

    def found_faults(self):
        return sorted(path.name for path in self.faults.iterdir())

    def command(self, options, seconds):
        dictionary = HERE / "dictionaries" / f"{self.name}.dict"
        return [str(self.program), f"-max_total_time={seconds}", f"-timeout={options.timeout}",
                f"-rss_limit_mb={options.rss_mb}", f"-max_len={options.max_bytes}", f"-artifact_prefix={self.faults}/",
                "-print_final_stats=1", "-reload=0", "-verbosity=1"] + (
                    [f"-dict={dictionary}"] if dictionary.exists() else []) + [str(self.corpus), *self.seeds()]

    def run_slice(self, options, seconds):
        """Runs for that long, and adds up. The processor time is the kernel's account of this very process."""
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(self.command(options, seconds), stdout=log, stderr=log, cwd=self.faults,
                                            env=sanitizer_environment())
            _, _, usage = os.wait4(self.process.pid, 0)
            self.process = None
        said = self.log.read_text(encoding="utf-8", errors="replace")
        self.totals["cpu_s"] += usage.ru_utime + usage.ru_stime
        for key, word in (("executions", "number_of_executed_units"), ("new", "new_units_added")):
            number = re.search(rf"stat::{word}:\s*(\d+)", said)
            self.totals[key] += int(number.group(1)) if number else 0
        for key, word in (("edges", "cov"), ("features", "ft")):
            numbers = re.findall(rf"\b{word}: (\d+)", said)
            self.totals[key] = max([self.totals[key], *map(int, numbers)])
        self.totals_file.write_text(json.dumps(self.totals), encoding="utf-8")


def sanitizer_environment():
    environment = dict(os.environ)
    for name, words in (("ASAN_OPTIONS", "detect_leaks=1:allow_addr2line=1"),
                        ("UBSAN_OPTIONS", "print_stacktrace=1:allow_addr2line=1")):
        environment[name] = ":".join(filter(None, [words, environment.get(name)]))
    return environment


def run_in_turns(targets, options):
    """Slices for whoever had the least, until all had their share, the time is over or somebody interrupts."""
    lock, stop = threading.Lock(), threading.Event()
    begun = time.monotonic()
    busy = set()

    def next_target():
        with lock:
            waiting = [t for t in targets if t.name not in busy and t.totals["cpu_s"] < options.cpu_minutes * 60]
            if stop.is_set() or not waiting or time.monotonic() - begun > options.minutes * 60:
                return None
            target = min(waiting, key=lambda t: t.totals["cpu_s"])
            busy.add(target.name)
            return target

    def work():
        while target := next_target():
            left = options.minutes * 60 - (time.monotonic() - begun)
            wanted = options.cpu_minutes * 60 - target.totals["cpu_s"]
            target.run_slice(options, max(1, int(min(options.slice, left, wanted + 1))))
            with lock:
                busy.discard(target.name)

    def interrupt(*_):
        stop.set()
        for target in targets:
            process = target.process
            if process:
                process.send_signal(signal.SIGINT)

    for which in (signal.SIGINT, signal.SIGTERM):
        signal.signal(which, interrupt)
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for worker in [pool.submit(work) for _ in range(options.jobs)]:
            worker.result()


def print_table(targets):
    rows = [("target", "executions", "edges", "features", "new inputs", "CPU s", "faults")]
    for target in targets:
        totals = target.totals
        rows.append((target.name, totals["executions"], totals["edges"], totals["features"], totals["new"],
                     round(totals["cpu_s"]), len(target.found_faults())))
    rows.append(("all", *(sum(row[column] for row in rows[1:]) for column in range(1, 7))))
    for row in rows:
        print(f"{row[0]:<16}" + "".join(f"{value:>12}" for value in row[1:]))
    for target in targets:
        for fault in target.found_faults():
            print(f"fault: {target.program} {target.faults / fault}")


def coverage_of(target, folders, control):
    """What each input of the folders reaches, as libFuzzer's merge finds out: [(path, size, edges)], small ones first."""
    control.unlink(missing_ok=True)
    control.parent.mkdir(parents=True, exist_ok=True)
    nowhere = control.with_suffix(".merged")
    nowhere.mkdir(exist_ok=True)
    subprocess.run([str(target.program), "-merge=1", f"-merge_control_file={control}", str(nowhere), *folders],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=sanitizer_environment(), check=True)
    for path in nowhere.iterdir():
        path.unlink()
    lines = control.read_text(encoding="utf-8").splitlines()
    count = int(lines[0])
    paths = lines[2:2 + count]
    edges = {}
    for line in lines[2 + count:]:
        words = line.split()
        if words[0] == "COV":
            edges[int(words[1])] = frozenset(words[2:])
    return [(Path(path), Path(path).stat().st_size, edges.get(i, frozenset())) for i, path in enumerate(paths)]


def keep_most_telling(targets, folder, bytes_each, work):
    """Copies inputs that reach edges which no committed one does: the most edges for each byte first."""
    for target in targets:
        inputs = coverage_of(target, [*target.seeds(), str(target.corpus)], work / "merge" / target.name)
        known = frozenset().union(*(edges for path, _, edges in inputs if target.corpus not in path.parents))
        reached = len(known)
        fresh = [(path, size, edges) for path, size, edges in inputs if target.corpus in path.parents]
        left, kept = bytes_each, 0
        while True:
            fresh = [entry for entry in fresh if entry[1] <= left and not entry[2] <= known]
            if not fresh:
                break
            path, size, edges = max(fresh, key=lambda entry: len(entry[2] - known) / (entry[1] + 64))
            (folder / target.name).mkdir(parents=True, exist_ok=True)
            (folder / target.name / f"reach_{path.name[:12]}.bin").write_bytes(path.read_bytes())
            left, kept, known = left - size, kept + 1, known | edges
        print(f"{target.name:<16} {len(inputs):>6} inputs, {reached} edges; kept {kept}, {bytes_each - left} bytes: "
              f"{len(known)} edges", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help="only these (all)")
    parser.add_argument("--programs", type=Path, default=ROOT / "build/fuzz/tests", help="folder of the fuzz preset's programs")
    parser.add_argument("--work", type=Path, default=ROOT / "build/fuzz/work", help="corpora, faults, logs, totals")
    parser.add_argument("--cpu-minutes", type=float, default=60, help="processor time for each target, former calls included")
    parser.add_argument("--minutes", type=float, default=1e6, help="end after this time, whatever was reached")
    parser.add_argument("--slice", type=int, default=60, help="seconds of a turn")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="targets that run at a time")
    parser.add_argument("--timeout", type=int, default=20, help="seconds for one input")
    parser.add_argument("--rss-mb", type=int, default=2048, help="memory of a target")
    parser.add_argument("--max-bytes", type=int, default=65536, help="size of an input")
    parser.add_argument("--keep", type=int, metavar="KB", help="run nothing: copy new inputs that reach more to --into")
    parser.add_argument("--into", type=Path, default=HERE / "corpus", help="where --keep copies to")
    options = parser.parse_args()
    options.work = options.work.resolve()
    programs = sorted(path.resolve() for path in options.programs.glob(PREFIX + "*") if os.access(path, os.X_OK))
    targets = [Target(path, options.work) for path in programs]
    unknown = set(options.targets) - {target.name for target in targets}
    if unknown or not targets:
        print(f"error: {options.programs}: no program for {', '.join(sorted(unknown)) or 'any target'}\n"
              "help: cmake --preset fuzz && cmake --build build/fuzz --target octane_fuzzers", file=sys.stderr)
        return 2
    targets = [target for target in targets if not options.targets or target.name in options.targets]
    if options.keep is not None:
        keep_most_telling(targets, options.into, options.keep * 1000 // len(targets), options.work)
        return 0
    run_in_turns(targets, options)
    print_table(targets)
    return 1 if any(target.found_faults() for target in targets) else 0


if __name__ == "__main__":
    sys.exit(main())
