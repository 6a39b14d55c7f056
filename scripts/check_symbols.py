#!/usr/bin/env python3
"""Proves that code for one instruction set cannot end up in another's place.

The linker keeps one of several weak definitions of equal name (inline functions, templates). If an object compiled for
x86-64-v3 shared one with any other object, old CPUs might run AVX code. So: no two sets share a weak definition, and the
sets named by --own define none outside their inline namespace.

    scripts/check_symbols.py --nm nm --set x64 A.o B.o --set v3 C.o D.o [--set cuda E.o] --own v3
    scripts/check_symbols.py --nm nm --self-test CXX     proves with real objects that a shared symbol is found
"""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

# W, V: weak functions and objects; u: unique in the process (static locals and static members of templates)
WEAK_KINDS = "WVu"


def weak_definitions(nm, objects):
    """Mangled names, with one object file that defines each."""
    found = {}
    for path in objects:
        command = [nm, "--defined-only", "--format=sysv", path]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        for line in output.splitlines():
            fields = [field.strip() for field in line.split("|")]  # name, value, class, type, size, line, section
            if len(fields) < 7:
                continue
            # In Windows objects such a symbol looks strong, but has a section of its own: .text$NAME
            if fields[2] in WEAK_KINDS or fields[6].endswith("$" + fields[0]):
                found[fields[0]] = path
    return found


def check(nm, sets, own):
    """A line for each offence. sets: name -> object files."""
    faults = []
    symbols = {name: weak_definitions(nm, objects) for name, objects in sets.items()}
    names = list(sets)
    for i, first in enumerate(names):
        for second in names[i + 1:]:
            for symbol in sorted(symbols[first].keys() & symbols[second].keys()):
                faults.append(f"{symbol}: weak in {first} ({symbols[first][symbol]}) and {second} ({symbols[second][symbol]})")
    for name in own:
        mark = f"{len(name)}{name}"  # as a namespace's name is mangled
        for symbol, path in sorted(symbols[name].items()):
            if mark not in symbol:
                faults.append(f"{symbol}: weak in {path}, outside namespace {name}")
    return faults


def self_test(nm, compiler):
    sources = {
        "x64": "namespace oct::inline x64 { inline int own(int x) { return x + 1; } }\n",
        "v3": "namespace oct::inline v3 { inline int own(int x) { return x + 1; } }\n",
    }
    shared = "namespace oct { template <class T> T twice(T x) { return x + x; } }\n"
    use = "int (*use_own_{0})(int) = oct::own;\n"
    use_shared = "int (*use_shared_{0})(int) = oct::twice<int>;\n"

    with tempfile.TemporaryDirectory() as folder:

        def build(name, with_shared):
            source = Path(folder) / f"{name}{int(with_shared)}.cpp"
            text = sources[name] + (shared if with_shared else "") + use + (use_shared if with_shared else "")
            source.write_text(text.replace("{0}", name), encoding="utf-8")
            target = source.with_suffix(".o")
            subprocess.run([compiler, "-std=c++20", "-c", str(source), "-o", str(target)], check=True)
            return str(target)

        clean = {name: [build(name, False)] for name in sources}
        assert check(nm, clean, ["v3"]) == [], check(nm, clean, ["v3"])
        assert all(weak_definitions(nm, objects) for objects in clean.values()), "no weak symbol seen at all"
        dirty = {name: [build(name, True)] for name in sources}
        assert len(check(nm, dirty, [])) == 1, check(nm, dirty, [])
        assert len(check(nm, {"v3": dirty["v3"]}, ["v3"])) == 1
    print("shared and misplaced weak symbols are found")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--nm", default="nm")
    parser.add_argument("--set", nargs="+", action="append", default=[], metavar=("NAME", "OBJECT"))
    parser.add_argument("--own", nargs="*", default=[])
    parser.add_argument("--self-test", metavar="CXX")
    options = parser.parse_args()
    if options.self_test:
        self_test(options.nm, options.self_test)
        return 0
    sets = {}
    for name, *objects in options.set:
        sets.setdefault(name, []).extend(objects)
    if not all(sets.values()) or len(sets) < 2:
        parser.error("at least two sets with objects are needed")
    faults = check(options.nm, sets, options.own)
    counts = ", ".join(f"{name}: {len(weak_definitions(options.nm, objects))}" for name, objects in sets.items())
    print("\n".join(faults) or f"no weak symbol is shared ({counts} weak definitions)")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
