#!/usr/bin/env python3
"""run_all.py and the checks of hostile_scenes.py, with stand-ins for the programs."""
import argparse
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "system"))

import hostile_scenes  # noqa: E402
import scene_mutations  # noqa: E402
import wire_mutations  # noqa: E402

# Computes for a tenth of the time it is given, and reports as libFuzzer does.
FUZZER = """#!{python}
import sys, time
options = dict(a[1:].split("=", 1) for a in sys.argv[1:] if a.startswith("-"))
begun = time.process_time()
while time.process_time() - begun < {share} * float(options["max_total_time"]):
    pass
print("#10 INITED cov: 12 ft: 30 corp: 1/1b")
print("#99 DONE cov: {edges} ft: 40 corp: 2/2b")
print("stat::number_of_executed_units: 100")
print("stat::new_units_added:          3")
if {faulty}:
    open(options["artifact_prefix"] + "crash-1", "w").write("x")
    sys.exit(77)
"""


class RunAll(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="octane_fuzz_")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)
        self.programs = self.folder / "programs"
        self.programs.mkdir()

    def fuzzer(self, name, share=0.1, edges=20, faulty=False):
        path = self.programs / f"octane_fuzz_{name}"
        path.write_text(FUZZER.format(python=sys.executable, share=share, edges=edges, faulty=faulty), encoding="utf-8")
        path.chmod(0o755)

    def run_all(self, *arguments):
        return subprocess.run([sys.executable, HERE / "run_all.py", "--programs", self.programs, "--work", self.folder / "work",
                               *arguments], capture_output=True, encoding="utf-8", check=False)

    def row(self, output, name):
        return next(line.split() for line in output.splitlines() if line.startswith(name))

    def test_whoever_had_the_least_time_is_next(self):
        self.fuzzer("fast", share=0.4)
        self.fuzzer("slow", share=0.1)
        done = self.run_all("--cpu-minutes", "0.01", "--slice", "1", "--jobs", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        fast, slow = self.row(done.stdout, "fast"), self.row(done.stdout, "slow")
        self.assertGreater(int(slow[1]), int(fast[1]))  # more turns, since each of them brings less
        self.assertEqual(fast[2:4], ["20", "40"])
        self.assertGreater(int(self.row(done.stdout, "all")[1]), 200)

    def test_a_later_call_goes_on(self):
        self.fuzzer("one", share=0.3)
        first = self.run_all("--cpu-minutes", "0.004", "--slice", "1")
        second = self.run_all("--cpu-minutes", "0.02", "--slice", "1")
        self.assertGreater(int(self.row(second.stdout, "one")[1]), int(self.row(first.stdout, "one")[1]))
        third = self.run_all("--cpu-minutes", "0.02", "--slice", "1")
        self.assertEqual(self.row(third.stdout, "one"), self.row(second.stdout, "one"))

    def test_a_fault_is_told(self):
        self.fuzzer("good")
        self.fuzzer("bad", faulty=True)
        done = self.run_all("--cpu-minutes", "0.001", "--slice", "1")
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad/crash-1", done.stdout)
        self.assertEqual(self.row(done.stdout, "good")[-1], "0")

    def test_no_program_is_an_error(self):
        for arguments in ([], ["nobody"]):
            done = self.run_all(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn("help: ", done.stderr)


# What a master may do to a scene that was refused or accepted; hostile_scenes.py has to tell right from wrong.
ENDINGS = {
    "refused": ('echo "error: a.glb: is not valid JSON" >&2; exit 3', True),
    "too large": ('echo "error: a.glb: needs 5 GB" >&2; exit 5', True),
    "a bug": ('echo "error: internal error" >&2; exit 1', False),
    "no word": ("exit 3", False),
    "a signal": ("kill -SEGV $$", False),
    "a report": ('echo "ERROR: AddressSanitizer" > "${ASAN_OPTIONS#log_path=}"; exit 0', False),
    "control characters": ('printf "error: \\033[31m\\n" >&2; exit 3', False),
    "no text": ('printf "error: \\377\\n" >&2; exit 3', False),
    "an odd line": ('echo "error: a.glb" >&2; echo "terminate called" >&2; exit 3', False),
    "left over": ('echo "error: a.glb" >&2; echo x > out.octcheck; exit 3', False),
    "no picture": ("""echo '{"samples_merged":1,"samples_wanted":1,"non_finite_samples":0,"film_hash":"x"}' > report.json""", False),
    "not finite": ("""echo '{"samples_merged":1,"samples_wanted":1,"non_finite_samples":1,"film_hash":"x"}' > report.json
                     echo > out.png""", False),
    "missing samples": ("""echo '{"samples_merged":1,"samples_wanted":2,"non_finite_samples":0,"film_hash":"x"}' > report.json
                          echo > out.png""", False),
    "accepted": ("""echo '{"samples_merged":1,"samples_wanted":1,"non_finite_samples":0,"film_hash":"x"}' > report.json
                   echo > out.png""", True),
}


class HostileScenes(unittest.TestCase):
    def ending(self, script):
        with tempfile.TemporaryDirectory(prefix="octane_stand_in_") as folder:
            program = Path(folder) / "master"
            # the first option of ASAN_OPTIONS is where reports go
            program.write_text('#!/bin/sh\nASAN_OPTIONS=${ASAN_OPTIONS%%:*}\n' + script + "\n", encoding="utf-8")
            program.chmod(0o755)
            scene, _ = scene_mutations.mutated_scene(1, 1)
            return hostile_scenes.local_render(argparse.Namespace(verbose=False), scene, str(program))

    def test_right_and_wrong_are_told_apart(self):
        for name, (script, right) in ENDINGS.items():
            with self.subTest(name):
                if right:
                    self.ending(script)
                else:
                    with self.assertRaises(hostile_scenes.Wrong):
                        self.ending(script)

    def test_a_number_is_always_the_same_scene(self):
        first = [scene_mutations.mutated_scene(5, number) for number in range(200)]
        self.assertEqual(first, [scene_mutations.mutated_scene(5, number) for number in range(200)])
        self.assertGreater(len({str(scene) for scene, _ in first}), 190)
        self.assertNotEqual(first[0], scene_mutations.mutated_scene(6, 0))


class WireMutations(unittest.TestCase):
    def test_packets_are_taken_apart_and_put_together(self):
        packets = [[5, 0, {"frame": 1, "name": "a", "list": [{"x": b"y"}]}, b"payload"], [13, 7, {}, b""]]
        stream = b"".join(map(wire_mutations.pack, packets))
        self.assertEqual(wire_mutations.packets_of(stream + b"OCPK"), packets)

    def test_other_scenes_have_names_that_are_right(self):
        import hashlib
        import random
        content = bytes(range(100))
        name = hashlib.sha256(content).digest()[:20]
        packets = [[wire_mutations.MANIFEST_PART, 0, {"frame": 1}, b"x" * 20 + name],
                   [wire_mutations.CHUNK, 0, {"id": name, "compression": 0, "stride": 1}, content]]
        manifest, chunk = wire_mutations.other_scene(packets, random.Random(1))
        self.assertNotEqual(chunk[3], content)
        self.assertEqual(len(chunk[3]), len(content))
        self.assertEqual(chunk[2]["id"], hashlib.sha256(chunk[3]).digest()[:20])
        self.assertEqual(manifest[3], b"x" * 20 + chunk[2]["id"])
        self.assertEqual(packets[1][3], content)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
