#!/usr/bin/env python3
"""Proves that the compiler makes no fused multiply-add of its own in the CPU's kernels.

    tests/simt/check_cpu_fma.py --asked asked.o --without kernels_x64.o
    tests/simt/check_cpu_fma.py --self-test CXX        finds one with a real compiler

  --asked      the kernels for CPUs with such instructions, compiled with asked_fma.hpp in front: what the source asks for is a call
  --without    objects for CPUs that have no such instruction
"""
import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

FUSED = re.compile(r"\tvfn?m(?:add|sub|addsub|subadd)\w*\s")
ASKED = "octane_asked_fma"
HEADER = Path(__file__).resolve().parent / "asked_fma.hpp"


def disassembly(objdump, path):
    command = [objdump, "-d", "-r", "-C", "--no-show-raw-insn", path]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def fused_in(objdump, path):
    """A line for each fused instruction, with its function."""
    found, function = [], "?"
    for line in disassembly(objdump, path).splitlines():
        named = re.match(r"^[0-9a-f]+ <(.*)>:$", line)
        if named:
            function = named[1]
        elif FUSED.search(line):
            found.append(f"{path}: {function[:100]}: {line.split(':', 1)[1].strip()}: nobody asked for it")
    return found


def calls_in(objdump, path):
    return disassembly(objdump, path).count(ASKED)


def self_test(objdump, compiler):
    source = "float asked(float a, float b, float c) { return __builtin_fmaf(a, b, c); }\n" \
             "float unasked(float a, float b, float c) { return a * b + c; }\n"
    with tempfile.TemporaryDirectory() as folder:

        def build(contract):
            path, target = Path(folder) / "source.cpp", str(Path(folder) / f"{contract}.o")
            path.write_text(source)
            subprocess.run([compiler, "-O2", "-march=x86-64-v3", f"-ffp-contract={contract}", "-include", str(HEADER), "-c", str(path),
                            "-o", target], check=True)
            return target

        assert fused_in(objdump, build("off")) == []
        found = fused_in(objdump, build("fast"))
        assert len(found) == 1 and "unasked(float, float, float)" in found[0], found
        assert calls_in(objdump, build("off")) >= 1
    print("a fused multiply-add that nobody asked for is found")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objdump", default="objdump")
    parser.add_argument("--asked", nargs="+", default=[])
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--self-test", metavar="CXX")
    options = parser.parse_args()
    if options.self_test:
        self_test(options.objdump, options.self_test)
        return 0
    if not options.asked:
        parser.error("--asked is missing")
    complaints, calls = [], 0
    for path in options.asked + options.without:
        complaints += fused_in(options.objdump, path)
    for path in options.asked:
        calls += calls_in(options.objdump, path)
    if calls == 0:
        complaints.append("the kernels ask for no fused multiply-add at all: asked_fma.hpp does not see how they spell it")
    print("\n".join(complaints) or f"no fused multiply-add but the {calls} that the source asks for")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
