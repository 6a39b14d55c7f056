#!/usr/bin/env python3
"""Every header of ours compiles alone, and twice: what it uses it includes.

    scripts/check_headers.py --compiler CXX [--cache FILE] [--jobs N] FOLDER... -- FLAGS...

Only the syntax is checked. A header is skipped while neither it, nor any file of the project that it includes, nor the
command has changed since it last passed (--cache).
"""
import argparse
import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


# Whatever includes this is for processors with AVX2 alone.
AVX2_ONLY = "simd8.hpp"


def closure(header, folders):
    """The header and the project's files that it includes, directly or not."""
    found, waiting = [], [header]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.append(path)
        for name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            waiting += [p for p in (folder / name for folder in [path.parent, *folders]) if p.is_file()][:1]
    return found


def fingerprint(header, folders, command):
    digest = hashlib.sha256("\0".join(command).encode())
    for path in sorted(closure(header, folders)):
        digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def compile_alone(header, folders, command):
    """What the compiler says against the header; nothing if it is fine."""
    source = f'#include "{header}"\n#include "{header}"\n'
    if any(path.name == AVX2_ONLY for path in closure(header, folders)):
        command = command + ["-march=x86-64-v3"]
    result = subprocess.run(command + ["-fsyntax-only", "-x", "c++", "-"], input=source, capture_output=True, text=True)
    return "" if result.returncode == 0 else f"{header} does not compile alone:\n{result.stderr}"


def main():
    arguments = sys.argv[1:]
    end = arguments.index("--") if "--" in arguments else len(arguments)
    # a build system's empty lists leave bare options behind
    flags = [flag for flag in arguments[end + 1:] if flag not in ("", "-I", "-isystem", "-D")]
    parser = argparse.ArgumentParser()
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args(arguments[:end])

    command = [options.compiler, *flags]
    folders = [folder.resolve() for folder in options.folders]
    headers = sorted(path for folder in folders for path in folder.rglob("*.hpp"))
    passed = json.loads(options.cache.read_text()) if options.cache and options.cache.is_file() else {}
    marks = {header: fingerprint(header, folders, command) for header in headers}
    waiting = [header for header in headers if passed.get(str(header)) != marks[header]]
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        faults = dict(zip(waiting, pool.map(lambda header: compile_alone(header, folders, command), waiting)))
    for fault in filter(None, faults.values()):
        print(fault)
    if options.cache:
        good = {str(header): marks[header] for header in headers if not faults.get(header)}
        options.cache.write_text(json.dumps(good))
    bad = sum(map(bool, faults.values()))
    print(f"{len(headers)} headers: {len(waiting)} compiled, {bad} do not compile alone")
    return 1 if bad or not headers else 0


if __name__ == "__main__":
    sys.exit(main())
