#!/usr/bin/env python3
"""How long a render takes to begin: from the command to the compiled scene, to the first samples, to the written picture.

    tests/bench/start.py [--program PATH]... [--rounds N] [--large MILLIONS] SCENES

SCENES is the folder that holds CountryKitchen/ and env/. Every program given renders each scene in turn, one sample per
pixel at 640 x 360, so that what else the machine does meets all of them alike; printed are medians, and with several programs
how the last compares to the first. Scenes: CountryKitchen as it is; the same compiled, where a program can; and with --large
a ground of so many million triangles as one .glb. The film hashes must be equal. For docs/performance.md.
"""
import argparse
import array
import json
import math
import os
import statistics
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
KITCHEN_VIEW = ["--cam-fov", "60.786", "--cam-pos-x=1.211", "--cam-pos-y=1.80475", "--cam-pos-z=3.85239",
                "--cam-target-x=0.7729", "--cam-target-y=1.76308", "--cam-target-z=2.95443"]
PICTURE = ["-s", "1", "--film-width", "640", "--film-height", "360", "--max-depth", "16"]
STAGES = [("loaded", "s", "scene compiled"), ("first", "s", "first samples"), ("wall", "s", "picture written"),
          ("cpu", "s", "CPU time, both cores"), ("peak", "MB", "peak memory")]


def ground(path, millions):
    """A wavy ground in a square grid of two triangles a cell, with normals, written once."""
    side = math.isqrt(int(millions * 1e6 / 2))
    positions, normals, indices = array.array("f"), array.array("f"), array.array("I")
    for z in range(side + 1):
        for x in range(side + 1):
            u, v = 40 * x / side - 20, 40 * z / side - 20
            positions.extend((u, 0.3 * math.sin(3 * u) * math.cos(2 * v), v))
            slope = (-0.9 * math.cos(3 * u) * math.cos(2 * v), 1.0, 0.6 * math.sin(3 * u) * math.sin(2 * v))
            length = math.sqrt(sum(s * s for s in slope))
            normals.extend(s / length for s in slope)
    for z in range(side):
        for x in range(side):
            a = z * (side + 1) + x
            indices.extend((a, a + side + 1, a + 1, a + 1, a + side + 1, a + side + 2))
    pieces = [indices.tobytes(), positions.tobytes(), normals.tobytes()]
    count = (side + 1) ** 2
    views, offset = [], 0
    for piece in pieces:
        views.append({"buffer": 0, "byteOffset": offset, "byteLength": len(piece)})
        offset += len(piece)
    document = {
        "asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 1, "NORMAL": 2}, "indices": 0}]}],
        "accessors": [{"bufferView": 0, "componentType": 5125, "count": len(indices), "type": "SCALAR"},
                      {"bufferView": 1, "componentType": 5126, "count": count, "type": "VEC3",
                       "min": [-20, -0.3, -20], "max": [20, 0.3, 20]},
                      {"bufferView": 2, "componentType": 5126, "count": count, "type": "VEC3"}],
        "bufferViews": views, "buffers": [{"byteLength": offset}]}
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    with open(path, "wb") as file:
        file.write(struct.pack("<III", 0x46546C67, 2, 28 + len(text) + offset))
        file.write(struct.pack("<II", len(text), 0x4E4F534A) + text)
        file.write(struct.pack("<II", offset, 0x004E4942))
        file.writelines(pieces)


def run(program, arguments, folder):
    """One render; its figures and film hash."""
    report = folder / "report.json"
    command = [str(program), *arguments, "--cpu", "--no-net", "-q", "-o", str(folder / "out.png"), "--report", str(report)]
    before = os.times()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = os.times().elapsed - before.elapsed
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
    told = json.loads(report.read_text())
    start = told.get("start", {})
    return {"loaded": start.get("loaded_seconds"), "first": start.get("first_samples_seconds"), "wall": wall,
            "cpu": usage.ru_utime + usage.ru_stime, "peak": usage.ru_maxrss / 1000, "hash": told["film_hash"]}


def median(rounds, stage):
    values = [figures[stage] for figures in rounds if figures[stage] is not None]
    return statistics.median(values) if values else None


def text(value, unit):
    return "-" if value is None else f"{value:.0f} {unit}" if unit == "MB" else f"{value:.2f} {unit}"


def compare(name, programs, arguments_of, rounds, folder):
    figures = [[] for _ in programs]
    for _ in range(rounds):
        for i, program in enumerate(programs):
            figures[i].append(run(program, arguments_of(program), folder))
    hashes = {one["hash"] for rounds_of_one in figures for one in rounds_of_one}
    if len(hashes) != 1:
        sys.exit(f"{name}: the film hashes differ: {', '.join(sorted(hashes))}")
    print(f"\n{name}, {rounds} rounds, {hashes.pop()[:19]}")
    for stage, unit, words in STAGES:
        medians = [median(one, stage) for one in figures]
        line = f"  {words:<22}" + "".join(f"{text(value, unit):>12}" for value in medians)
        if len(programs) > 1 and medians[0] and medians[-1] is not None:
            line += f"{medians[-1] / medians[0]:>10.2f}"
        print(line, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenes", type=Path)
    parser.add_argument("--program", type=Path, action="append")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--large", type=float, default=0, metavar="MILLIONS")
    options = parser.parse_args()
    programs = [program.resolve() for program in options.program or [ROOT / "build/release/bin/octane_master"]]
    environment = ["--environment", str(options.scenes / "env/park.hdr"), "--environment-power", "6"]
    kitchen = [str(options.scenes / "CountryKitchen/CountryKitchen.gltf"), *PICTURE, *environment, *KITCHEN_VIEW]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        compare("CountryKitchen", programs, lambda _: kitchen, options.rounds, folder)
        compiled = folder / "kitchen.octscene"
        if subprocess.run([programs[-1], "compile", *kitchen, "-o", compiled], capture_output=True).returncode == 0:
            compare("CountryKitchen, compiled", programs[-1:], lambda _: [str(compiled)], options.rounds, folder)
        if options.large:
            ground(folder / "ground.glb", options.large)
            compare(f"{options.large:g} million triangles", programs,
                    lambda _: [str(folder / "ground.glb"), *PICTURE, *environment], options.rounds, folder)


if __name__ == "__main__":
    main()
