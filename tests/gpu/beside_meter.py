#!/usr/bin/env python3
"""What each kernel took on a GPU beside what octane_simt had counted for it.

    tests/gpu/beside_meter.py REPORT METER     REPORT: gpu_check.json of scripts/gpu_check.sh
                                               METER: NAME.meter.json, which octane_simt --json wrote of the scene NAME
    tests/gpu/beside_meter.py --self-test

A warp instruction is predicted to take a multiprocessor 1 / (issue rate of the hardware) cycles, as if it never waited. So the
ratio of the measured time to the predicted one tells how much of a kernel's time goes to waiting.
"""
import argparse
import json
import sys
from pathlib import Path


def figures_of(report):
    """group -> name -> value."""
    groups = {}
    for figure in report["figures"]:
        groups.setdefault(figure["group"], {})[figure["name"]] = figure["value"]
    return groups


def largest_render(groups, scene):
    """The group of the scene that has the most samples a pixel and times of kernels; None if there is none."""
    beginning, end = f"{scene}: ", " samples a pixel"
    samples = [int(name[len(beginning):-len(end)]) for name, figures in groups.items()
               if name.startswith(beginning) and name.endswith(end) and any(": time" in figure for figure in figures)]
    return f"{beginning}{max(samples)}{end}" if samples else None


def predicted_ns(meter, kernel, report, groups):
    """Nanoseconds a sample of the whole GPU."""
    micro = groups["micro"]
    rate = micro["issue rate, both in turn"] * micro["clock of a busy multiprocessor"] * int(report["multiprocessors"])
    return meter["kernels"][kernel]["warp_instructions"] / meter["samples"] / rate


def table(report, meter, scene):
    groups = figures_of(report)
    render = largest_render(groups, scene)
    if render is None or "micro" not in groups:
        return f"{scene}: the report has no time per kernel of it to put beside the meter's"
    lines = [f"{render}, on {report['gpu']}", f"  {'kernel':<24}{'ns/sample':>12}{'if never waiting':>18}{'ratio':>8}"]
    for kernel in meter["kernels"]:
        measured = groups[render].get(f"{kernel}: time")
        if measured is None:
            lines.append(f"  {kernel:<24}{'not run':>12}")
            continue
        predicted = predicted_ns(meter, kernel, report, groups)
        lines.append(f"  {kernel:<24}{measured:>12.4g}{predicted:>18.4g}{measured / predicted:>8.2f}")
    return "\n".join(lines)


def self_test():
    report = {"gpu": "G", "multiprocessors": "100", "figures": [
        {"group": "micro", "name": "issue rate, both in turn", "value": 4},
        {"group": "micro", "name": "clock of a busy multiprocessor", "value": 2},
        {"group": "a: 8 samples a pixel", "name": "ShadePaths: time", "value": 9},
        {"group": "a: 64 samples a pixel", "name": "ShadePaths: time", "value": 3},
        {"group": "a: 2048 samples a pixel", "name": "rendered in", "value": 3}]}
    meter = {"samples": 2, "kernels": {"ShadePaths": {"warp_instructions": 2400}, "Other": {"warp_instructions": 1}}}
    lines = table(report, meter, "a").splitlines()
    assert lines[0] == "a: 64 samples a pixel, on G", lines
    assert lines[2].split() == ["ShadePaths", "3", "1.5", "2.00"], lines  # 1200 instructions at 4 x 2 x 100 a nanosecond
    assert lines[3].split() == ["Other", "not", "run"], lines
    assert "no time per kernel" in table(report, meter, "b")
    print("times stand beside predictions")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", nargs="?", type=Path)
    parser.add_argument("meter", nargs="?", type=Path)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        self_test()
        return 0
    if options.meter is None:
        parser.error("REPORT and METER are missing")
    scene = options.meter.name.removesuffix(".meter.json")
    print(table(json.loads(options.report.read_text()), json.loads(options.meter.read_text()), scene))
    return 0


if __name__ == "__main__":
    sys.exit(main())
