#!/usr/bin/env python3
"""Holds the GPU's kernels to what they cost when somebody last looked: tests/simt/budget.json.

    tests/simt/check_budgets.py --meter build/release/tests/octane_simt --ptx FILE... [--object FILE...]
    ... --update        writes the numbers of today into the file; say in the commit why they changed
    ... --self-test     checks the checker

  warp instructions  of each kernel for a sample of a small fixed picture, counted in lockstep
  resources          registers, stack, code and local memory instructions in the machine code of an object file
  byte loads         kernels that have no load of a single byte from global memory

A number may grow by 5 % (registers and stack: not at all). One that is more than 5 % better must be written down, so that it
stays. Numbers belong to an architecture and a version of nvcc; others than those in the file are left out, with a note.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import cubin  # noqa: E402

BUDGET = Path(__file__).resolve().parent / "budget.json"
TOLERANCE = 0.05
EXACT = {"registers", "stack_bytes"}
FEW = 16  # instructions of local memory that do not matter


def toolchain(ptx):
    """"sm_75, nvcc 13.0" of a PTX file."""
    target = re.search(r"^\.target (\w+)", ptx, re.MULTILINE)
    release = re.search(r"release (\d+\.\d+)", ptx)
    return f"{target[1] if target else '?'}, nvcc {release[1] if release else '?'}"


def byte_loads(ptx):
    """kernel name -> loads of single bytes from global memory."""
    found = {}
    for kernel in re.finditer(r"\.entry (\w+)\(.*?\n}\n", ptx, re.DOTALL):
        name = cubin.kernel_name(kernel[1])
        if name:
            found[name] = len(re.findall(r"\bld\.global(?:\.nc)?\.[bsu]8\b", kernel[0]))
    return found


def warp_instructions(meter, ptx):
    """kernel name -> warp instructions for a sample of the fixed picture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "counts.json"
        subprocess.run([meter, "budget", "--ptx", ":".join(ptx), "--json", str(path)], check=True, stdout=subprocess.DEVNULL)
        counts = json.loads(path.read_text())
    return {name: round(kernel["warp_instructions"] / counts["samples"], 2) for name, kernel in counts["kernels"].items()}


def compare(what, budget, measured, exact=False, slack=0):
    """Lines of complaint; empty when the number is within its budget."""
    upper = budget if exact else budget * (1 + TOLERANCE) + slack
    if measured > upper:
        by = f"{100 * (measured / budget - 1):.1f} % more" if budget else "more"
        return [f"{what}: {measured}, {by} than its budget of {budget}"]
    if measured < budget * (1 - TOLERANCE) - slack:
        return [f"{what}: {measured}, better than its budget of {budget}: write the new number down (--update)"]
    return []


def check(budget, measured):
    """Complaints about what was measured, and notes about what the file has no numbers for."""
    complaints, notes = [], []
    for name, count in measured["byte_loads"].items():
        if name in budget.get("no_byte_loads", []) and count:
            complaints.append(f"{name}: {count} loads of single bytes, where there were none")
    key = measured["toolchain"]
    for part in ("warp_instructions", "resources"):
        kernels = measured.get(part)
        if kernels is None:
            continue
        known = budget.get(part, {}).get(key)
        if known is None:
            notes.append(f"{part}: no budget for {key}")
            continue
        for name in sorted(known.keys() | kernels.keys()):
            if name not in kernels or name not in known:
                where = "in the file but not in the code" if name in known else "new: it has no budget"
                complaints.append(f"{part}: kernel {name} is {where}; write the new numbers down (--update)")
            elif part == "warp_instructions":
                complaints += compare(f"{name}: warp instructions a sample", known[name], kernels[name])
            else:
                for number, value in known[name].items():
                    slack = FEW if number == "local_instructions" else 0
                    complaints += compare(f"{name}: {number}", value, kernels[name][number], number in EXACT, slack)
    return complaints, notes


def updated(budget, measured):
    key = measured["toolchain"]
    for part in ("warp_instructions", "resources"):
        if measured.get(part) is not None:
            budget.setdefault(part, {})[key] = dict(sorted(measured[part].items()))
    budget["no_byte_loads"] = sorted(name for name, count in measured["byte_loads"].items() if count == 0)
    return budget


def measure(options):
    texts = [Path(path).read_text() for path in options.ptx]
    measured = {"toolchain": toolchain(texts[0]), "byte_loads": {}}
    for text in texts:
        measured["byte_loads"] |= byte_loads(text)
    if options.meter:
        measured["warp_instructions"] = warp_instructions(options.meter, options.ptx)
    if options.object:
        architecture = int(re.search(r"sm_(\d+)", measured["toolchain"])[1])
        found = {}
        for path in options.object:
            found |= cubin.resources(Path(path).read_bytes(), architecture)
        if found:  # else the objects were made for other GPUs
            measured["resources"] = found
    return measured


def self_test():
    assert cubin.kernel_name("_ZN3oct4cuda47_GLOBAL__N__9b10run_kernelINS0_10TracePathsEEEvT_j") == "TracePaths"
    assert cubin.kernel_name("_ZN3oct10run_streamINS0_12TraceShadowsILb1ELb0EEEEEvT_jPj") == "TraceShadows<1,0>"
    assert cubin.kernel_name("_ZN3oct5otherEv") is None
    ptx = ".target sm_75\n// release 13.0,\n.entry _ZN3oct10run_kernelINS0_10TracePathsEEEvT_j(\n)\n{\nld.global.u8 %rs1, [%rd1];\n" \
          "ld.global.nc.b8 %rs1, [%rd1];\nld.global.v4.u8 {a}, [%rd1];\n}\n"
    assert toolchain(ptx) == "sm_75, nvcc 13.0"
    assert byte_loads(ptx) == {"TracePaths": 2}, byte_loads(ptx)
    assert compare("x", 100, 105) == [] and compare("x", 100, 95) == []
    assert "6.0 % more" in compare("x", 100, 106)[0]
    assert "better" in compare("x", 100, 94)[0]
    assert compare("x", 64, 65, exact=True)
    assert compare("x", 0, 10, slack=FEW) == [] and compare("x", 0, 17, slack=FEW)
    numbers = {"registers": 64, "stack_bytes": 0, "code_bytes": 1000, "local_instructions": 0}
    measured = {"toolchain": "sm_75, nvcc 13.0", "byte_loads": {"A": 0, "B": 3}, "warp_instructions": {"A": 50.0, "B": 2.0},
                "resources": {"A": numbers}}
    budget = updated({}, measured)
    assert budget["no_byte_loads"] == ["A"]
    assert check(budget, measured) == ([], [])
    worse = measured | {"byte_loads": {"A": 1}, "warp_instructions": {"A": 60.0, "C": 1.0},
                        "resources": {"A": numbers | {"registers": 65}}}
    complaints, _ = check(budget, worse)
    assert len(complaints) == 5, complaints  # byte loads, A's instructions, B gone, C new, registers
    assert check(budget, measured | {"toolchain": "sm_90, nvcc 13.0"}) == (
        [], ["warp_instructions: no budget for sm_90, nvcc 13.0", "resources: no budget for sm_90, nvcc 13.0"])
    print("worse, better, new and missing numbers are found")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meter", help="octane_simt")
    parser.add_argument("--ptx", nargs="+", default=[])
    parser.add_argument("--object", nargs="*", default=[], help="object files with machine code for the PTX's architecture")
    parser.add_argument("--budget", type=Path, default=BUDGET)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return 0
    if not options.ptx:
        parser.error("--ptx is missing")
    measured = measure(options)
    print(json.dumps(measured, indent=2))
    budget = json.loads(options.budget.read_text()) if options.budget.exists() else {}
    if options.update:
        options.budget.write_text(json.dumps(updated(budget, measured), indent=2) + "\n")
        return 0
    complaints, notes = check(budget, measured)
    for note in notes:
        print(f"note: {note}")
    for complaint in complaints:
        print(f"error: {complaint}")
    if complaints:
        print("help: tests/simt/check_budgets.py ... --update writes today's numbers; the commit says why they are right")
    return 1 if complaints else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except cubin.Unreadable as error:
        sys.exit(f"error: the object file cannot be read: {error}")
