#!/usr/bin/env python3
"""Batch renders with the real programs: frames of a scene that moves, resumed, skipped, stopped, failed, with a slave, and
jobs of a file.

    tests/system/frames_test.py --master PATH --slave PATH [unittest arguments]
"""
import argparse
import json
import os
import re
import shutil
import signal
import struct
import sys
import time
import unittest
from pathlib import Path

from scene_files import FLOAT, UNSIGNED_BYTE, UNSIGNED_SHORT, Gltf, grid
from system_test import PROGRAMS, ROOM, SystemTest, free_port


def moving_scene():
    """A bent cloth that follows two joints, a tile that moves, a lamp that dims and a camera, for a second and a half."""
    gltf = Gltf()
    positions, normals, _, triangles = grid(12)
    place = gltf.accessor("f", FLOAT, "VEC3", positions, min=[-1, -0.2, -1], max=[1, 0.2, 1])
    normal = gltf.accessor("f", FLOAT, "VEC3", normals)
    indices = gltf.accessor("H", UNSIGNED_SHORT, "SCALAR", triangles)
    joints = gltf.accessor("B", UNSIGNED_BYTE, "VEC4", [v for i in range(144) for v in (0, 1, 0, 0)])
    share = [positions[3 * i] / 2 + 0.5 for i in range(144)]
    weights = gltf.accessor("f", FLOAT, "VEC4", [v for s in share for v in (1 - s, s, 0, 0)])
    floor = {"attributes": {"POSITION": place, "NORMAL": normal}, "indices": indices}
    cloth = {"attributes": {**floor["attributes"], "JOINTS_0": joints, "WEIGHTS_0": weights}, "indices": indices}
    gltf.add("meshes", {"name": "cloth", "primitives": [cloth]})
    gltf.add("meshes", {"name": "floor", "primitives": [floor]})
    gltf.add("cameras", {"type": "perspective", "perspective": {"yfov": 0.8, "aspectRatio": 1.5, "znear": 0.1, "zfar": 100}})
    gltf.document["extensionsUsed"] = ["KHR_lights_punctual"]
    gltf.document["extensions"] = {"KHR_lights_punctual": {"lights": [{"type": "point", "intensity": 30}]}}
    for node in ({"mesh": 0, "skin": 0}, {"name": "left"}, {"name": "right"}, {"mesh": 1, "translation": [0, -0.5, 0]},
                 {"camera": 0, "translation": [0, 1.5, 3], "rotation": [-0.22, 0, 0, 0.975]},
                 {"translation": [1, 2, 1], "extensions": {"KHR_lights_punctual": {"light": 0}}}):
        gltf.add("nodes", node)
    identity = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]
    binds = gltf.view(struct.pack("<32f", *identity, *identity))
    matrices = gltf.add("accessors", {"bufferView": binds, "componentType": FLOAT, "type": "MAT4", "count": 2})
    gltf.add("skins", {"joints": [1, 2], "inverseBindMatrices": matrices})
    times = gltf.accessor("f", FLOAT, "SCALAR", [0, 1.5], min=[0], max=[1.5])
    samplers, channels = [], []
    for node, start, end in ((2, (0, 0, 0), (0, 1, 0)), (3, (0, -0.5, 0), (0.4, -0.5, 0))):
        samplers.append({"input": times, "output": gltf.accessor("f", FLOAT, "VEC3", [*start, *end])})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": node, "path": "translation"}})
    gltf.add("animations", {"samplers": samplers, "channels": channels})
    gltf.add("scenes", {"nodes": [0, 1, 2, 3, 4, 5]})
    return gltf.glb()


def sliding_scene(side):
    """A large mesh that moves as a whole, under a camera that moves, too."""
    gltf = Gltf()
    positions, normals, _, triangles = grid(side)
    place = gltf.accessor("f", FLOAT, "VEC3", positions, min=[-1, -0.2, -1], max=[1, 0.2, 1])
    gltf.add("meshes", {"primitives": [{"attributes": {"POSITION": place, "NORMAL": gltf.accessor("f", FLOAT, "VEC3", normals)},
                                        "indices": gltf.accessor("H", UNSIGNED_SHORT, "SCALAR", triangles)}]})
    gltf.add("cameras", {"type": "perspective", "perspective": {"yfov": 0.8, "znear": 0.1}})
    gltf.add("nodes", {"mesh": 0})
    gltf.add("nodes", {"camera": 0, "translation": [0, 1.5, 3], "rotation": [-0.22, 0, 0, 0.975]})
    times = gltf.accessor("f", FLOAT, "SCALAR", [0, 1], min=[0], max=[1])
    outputs = [gltf.accessor("f", FLOAT, "VEC3", values) for values in ([0, 0, 0, 0.5, 0, 0], [0, 1.5, 3, 0, 2, 3])]
    gltf.add("animations", {"samplers": [{"input": times, "output": output} for output in outputs],
                            "channels": [{"sampler": n, "target": {"node": n, "path": "translation"}} for n in (0, 1)]})
    gltf.add("scenes", {"nodes": [0, 1]})
    return gltf.glb()


def size(width, height, samples):
    return ["--film-width", str(width), "--film-height", str(height), "-s", str(samples)]


SMALL = size(48, 32, 4)
LONGER = size(64, 64, 400)  # about a second a frame, of one thread


class Frames(SystemTest):
    truths = {}

    def setUp(self):
        super().setUp()
        (self.folder / "shot.glb").write_bytes(moving_scene())

    def environment(self, config=None):
        return {**super().environment(config), "CUDA_VISIBLE_DEVICES": ""}

    def events(self, program, kind):
        records = [json.loads(line) for line in program.lines["out"] if line.startswith("{")]
        return [record for record in records if record["event"] == kind]

    def truth(self, picture, frames):
        """Film hashes of an uninterrupted run, by frame."""
        key = (tuple(picture), frames)
        if key not in self.truths:
            self.run_master("shot.glb", *picture, "--frames", frames, "-o", "truth/t.####.png", "--report", "truth.json")
            self.truths[key] = self.hashes(self.report("truth.json"))
        return self.truths[key]

    def hashes(self, report):
        return {frame["frame"]: frame["film_hash"] for frame in report["frames"]}

    def states(self, report):
        return [frame["state"] for frame in report["frames"]]


class Names(Frames):
    def test_lines_events_and_report(self):
        program = self.run_master("shot.glb", *SMALL, "--frames", "1-3,-2", "--output-exr", "out/shot.exr", "-o", "out/look_#.png",
                                  "--report", "report.json")
        lines = [line for line in program.lines["out"] if line.startswith("Frame ")]
        self.assertEqual(len(lines), 4)
        for number, name in enumerate(("0001", "0002", "0003", "-0002"), 1):
            short = name.lstrip("0") if name[0] == "0" else "-2"
            self.assertRegex(lines[number - 1], rf"^Frame {number}/4   out/look_{short}\.png   out/shot\.{name}\.exr   4 spp   "
                                                r"\d+\.\d s   sha256:[0-9a-f]{32}$")
        self.assertIn("Progress: 50% frame 2 (2 of 4)", program.lines["out"])
        self.assertIn("Progress: 100% frame -2 (4 of 4)", program.lines["out"])
        self.assertEqual(sum(line.startswith("Scene ") for line in program.lines["out"]), 1)
        self.assertRegex(program.out, r"Summary    4 of 4 frames in 0:\d\d, ")
        report = self.report()
        self.assertIsNone(report["film_hash"])
        self.assertEqual([frame["frame"] for frame in report["frames"]], [1, 2, 3, -2])
        self.assertEqual(set(self.states(report)), {"done"})
        self.assertEqual(report["frames"][3]["outputs"], ["out/look_-2.png", "out/shot.-0002.exr"])
        self.assertEqual(len(set(self.hashes(report).values())), 4)
        self.check_accounting(report)
        self.assertEqual(sorted(os.listdir(self.folder / "out")),
                         sorted([f"look_{n}.png" for n in (1, 2, 3, -2)] + [f"shot.{n}.exr" for n in ("0001", "0002", "0003", "-0002")]))
        shown = self.run_master("inspect", "out/shot.-0002.exr").out
        self.assertRegex(shown, r"octane/frame\s+-2\n")
        self.assertRegex(shown, r"octane/filmHash\s+" + self.hashes(report)[-2])

    def test_programs_are_told_of_each_frame(self):
        program = self.run_master("shot.glb", *SMALL, "--frames", "5,6", "--fps", "25", "-o", "a.png", "--progress", "json")
        started, finished = self.events(program, "frame_started"), self.events(program, "frame_finished")
        self.assertEqual([(e["frame"], e["frames_total"]) for e in started], [(5, 2), (6, 2)])
        self.assertEqual([(e["frame"], e["state"], e["outputs"]) for e in finished],
                         [(5, "done", ["a.0005.png"]), (6, "done", ["a.0006.png"])])
        self.assertEqual(len(self.events(program, "scene")), 1)
        self.assertIsNone(self.events(program, "finished")[0]["film_hash"])
        last = self.events(program, "progress")[-1]
        self.assertEqual((last["percent"], last["frames_done"], last["frame"]), (100, 2, 6))

    def test_a_frame_is_the_same_alone_and_among_others(self):
        hashes = self.truth(SMALL, "1-6")
        self.run_master("shot.glb", *SMALL, "--frames", "4", "-o", "b.png", "--threads", "1", "--report", "report.json")
        self.assertEqual(self.report()["film_hash"], hashes[4])
        self.assertTrue((self.folder / "b.png").exists())  # one frame keeps the name that it is given

    def test_frames_show_their_moments(self):
        self.run_master("shot.glb", *SMALL, "--frames", "1,13", "--fps", "12", "-o", "a.png")
        self.run_master("shot.glb", *SMALL, "--frames", "2,26", "--fps", "24", "-o", "b.png", "--seed", "0")
        first, later = (self.folder / "a.0001.png").read_bytes(), (self.folder / "a.0013.png").read_bytes()
        self.assertNotEqual(first, later)
        self.run_master("shot.glb", *SMALL, "--frames", "1,13", "--animation", "none", "-o", "c.png")
        self.assertIn("nothing in it is animated", self.run_master("shot.glb", *SMALL, "--frames", "1-2", "--animation", "none",
                                                                   "-o", "d.png").err)

    def test_what_cannot_be_is_refused_before_the_first_sample(self):
        (self.folder / "file").write_text("no folder")
        for arguments, code, words in (
                (["--frames", "1-1000000"], 2, "more than 100000 frames"),
                (["--frames", "20000000"], 2, "frames are numbered from"),
                (["--frames", "9-1"], 2, "before it begins"),
                (["--frames", "1,1"], 2, "named twice"),
                (["--frames", "a"], 2, "is not a frame"),
                (["--frames", "1-2", "--time", "1"], 2, "--time shows one moment"),
                (["--frames", "1-2", "-o", "a.####.png", "--report", "a.0002.png"], 2, "the report and an output"),
                (["--frames", "1-2", "-o", "a.png", "--report", "r.####.json"], 2, "one report tells of all frames"),
                (["--frames", "1-2", "-o", "file/a.png"], 4, "file/a.0001.png"),
                (["--frames", "1-2", "--camera", "nobody", "-o", "a.png"], 2, "--camera nobody")):
            program = self.run_master("shot.glb", *SMALL, *arguments, code=code)
            self.assertIn("error: ", program.err)
            self.assertIn("help: ", program.err)
            self.assertIn(words, program.err)
            self.assertNotIn("Progress", program.out)
        (self.folder / "broken.glb").write_bytes(b"glTF")
        program = self.run_master("broken.glb", "--frames", "1-3", "-o", "a.png", "--report", "report.json", code=3)
        self.assertEqual(program.err.count("error: "), 1)
        self.assertEqual(self.states(self.report()), ["failed"] * 3)


class Resume(Frames):
    def wait_for_frame(self, program, frame):
        program.wait_for(rf'"event":"frame_finished".*"frame":{frame},')

    def stopped(self, which, *arguments):
        """A run that ended by a signal behind its second frame."""
        program = self.master("shot.glb", *LONGER, "--frames", "1-5", "-o", "out/a.####.png", "--threads", "1", "--progress",
                              "json", "--progress-interval", "0.05", "--checkpoint-interval", "1", "--report", "report.json",
                              *arguments)
        self.wait_for_frame(program, 2)
        program.wait_percent(42)
        program.send(which)
        self.assertEqual(program.end(60), -which, program.err)
        return program

    def check_resumed(self, done_before):
        """The same line with --resume gives the films of an uninterrupted run, and renders nothing twice."""
        hashes = self.truth(LONGER, "1-5")
        times = {n: os.stat(self.folder / f"out/a.{n:04}.png").st_mtime_ns for n in done_before}
        self.run_master("shot.glb", *LONGER, "--frames", "1-5", "-o", "out/a.####.png", "--resume", "--report", "report.json")
        report = self.report()
        self.assertEqual(self.hashes(report), hashes)
        states = dict(zip(hashes, self.states(report)))
        self.assertEqual({n for n, state in states.items() if state == "skipped"}, set(done_before))
        self.assertEqual({state for n, state in states.items() if n not in done_before}, {"done"})
        for n, before in times.items():
            self.assertEqual(os.stat(self.folder / f"out/a.{n:04}.png").st_mtime_ns, before)
        self.assertEqual(sorted(os.listdir(self.folder / "out")), [f"a.{n:04}.png" for n in range(1, 6)])
        return report

    def test_after_ctrl_c(self):
        program = self.stopped(signal.SIGINT)
        report = self.report()
        self.assertEqual(report["exit_code"], 130)
        states = self.states(report)
        done = [n + 1 for n, state in enumerate(states) if state == "done"]
        self.assertEqual(states[len(done):], ["cancelled"] * (5 - len(done)))
        self.assertLess(len(done), 5)
        # A name is there when it is complete; of the rest there are films.
        self.assertEqual(sorted(n for n in os.listdir(self.folder / "out") if n.endswith(".png")), [f"a.{n:04}.png" for n in done])
        self.assertTrue(any(n.endswith(".octcheck") for n in os.listdir(self.folder / "out")))
        rendered = sum(device["samples"] for device in report["devices"])
        resumed = self.check_resumed(done)
        self.assertEqual(rendered + sum(device["samples"] for device in resumed["devices"]), 5 * 64 * 64 * 400)

    def test_what_people_are_told(self):
        program = self.master("shot.glb", *LONGER, "--frames", "1-5", "-o", "out/a.####.png", "--threads", "1", "--progress", "plain")
        program.wait_for(r"^Frame 1/5   out/a\.0001\.png   400 spp   ")
        program.send(signal.SIGINT)
        self.assertEqual(program.end(60), -signal.SIGINT)
        self.assertRegex(program.out, r"Stopping: \d+ leases? under way \(CTRL-C again ends at once\)")
        self.assertRegex(program.out, r"Checkpoint out/a\.0002\.octcheck: \d+ %\. help: the same command with --resume goes on\.")
        self.assertRegex(program.out, r"Summary    \d of 5 frames in 0:0\d, ")

    def test_after_kill(self):
        program = self.master("shot.glb", *LONGER, "--frames", "1-5", "-o", "out/a.####.png", "--threads", "1", "--progress",
                              "json", "--checkpoint-interval", "1")
        self.wait_for_frame(program, 2)
        time.sleep(0.3)
        program.kill()
        done = sorted(int(n[2:6]) for n in os.listdir(self.folder / "out") if n.endswith(".png"))
        self.check_resumed(done)

    def test_twice_renders_nothing(self):
        arguments = ["shot.glb", *SMALL, "--frames", "1-3", "-o", "a.####.png", "--output-exr", "a.####.exr", "--resume",
                     "--report", "report.json"]
        self.run_master(*arguments)
        hashes = self.hashes(self.report())
        program = self.run_master(*arguments)
        self.assertEqual(self.states(self.report()), ["skipped"] * 3)
        self.assertEqual(self.hashes(self.report()), hashes)
        self.assertIn("Frame 2/3   a.0002.png   a.0002.exr   skipped: it is done already", program.out)
        # What is different is rendered, and only that.
        (self.folder / "a.0002.exr").unlink()
        self.run_master(*arguments)
        self.assertEqual(self.states(self.report()), ["skipped", "done", "skipped"])
        self.assertEqual(self.hashes(self.report()), hashes)
        for change in (["--imager-exposure", "2"], ["-s", "5"], ["--seed", "1"], ["--exr-type", "float"]):
            self.run_master(*arguments, *change)
            self.assertEqual(self.states(self.report()), ["done"] * 3, change)

    def test_a_still_that_is_there(self):
        arguments = ["shot.glb", *SMALL, "-o", "a.png", "--resume", "--report", "report.json"]
        self.run_master(*arguments)
        film_hash = self.report()["film_hash"]
        program = self.run_master(*arguments)
        self.assertIn("a.png is there already: nothing is rendered", program.err)
        self.assertEqual((self.states(self.report()), self.report()["film_hash"]), (["skipped"], film_hash))

    def test_skip_existing_looks_at_names(self):
        (self.folder / "a.0002.png").write_bytes(b"whatever")
        self.run_master("shot.glb", *SMALL, "--frames", "1-3", "-o", "a.####.png", "--skip-existing", "--report", "report.json")
        self.assertEqual(self.states(self.report()), ["done", "skipped", "done"])
        self.assertEqual((self.folder / "a.0002.png").read_bytes(), b"whatever")

    def test_a_scene_that_is_written_again(self):
        program = self.master("shot.glb", *LONGER, "--frames", "1-5", "-o", "out/a.####.png", "--progress", "json", "--report",
                              "report.json")
        self.wait_for_frame(program, 1)
        (self.folder / "shot.glb").write_bytes(b"half of a file")
        self.assertEqual(program.end(), 0, program.err)
        self.assertEqual(self.hashes(self.report()), self.truth_of_original())
        self.assertIn("warning: shot.glb: has changed since it was read", program.err)

    def truth_of_original(self):
        (self.folder / "shot.glb").write_bytes(moving_scene())
        return self.truth(LONGER, "1-5")


class Failing(Frames):
    def blocked(self, *arguments):
        """A run whose second picture cannot be renamed into place, for a folder has that name by then."""
        program = self.master("shot.glb", *LONGER, "--frames", "1-4", "-o", "out/a.####.png", "--threads", "1", "--progress",
                              "json", "--report", "report.json", *arguments)
        program.wait_for('"event":"frame_started"')
        (self.folder / "out/a.0002.png").mkdir()
        self.assertEqual(program.end(), 9, program.err)
        return program

    def test_others_are_rendered(self):
        program = self.blocked()
        report = self.report()
        self.assertEqual((report["exit_code"], report["stop_reason"]), (9, "failed"))
        self.assertEqual(self.states(report), ["done", "failed", "done", "done"])
        self.assertIn("a.0002.png", report["frames"][1]["error"])
        errors = self.events(program, "error")
        self.assertEqual([(e["frame"], e["exit_code"]) for e in errors], [(2, 4)])
        # Its film is kept, so that nothing is rendered again once there is room.
        (self.folder / "out/a.0002.png").rmdir()
        self.run_master("shot.glb", *LONGER, "--frames", "1-4", "-o", "out/a.####.png", "--resume", "--report", "report.json")
        self.assertEqual(self.states(self.report()), ["skipped", "done", "skipped", "skipped"])
        self.assertEqual(sum(device["samples"] for device in self.report()["devices"]), 0)

    def test_stop_on_error(self):
        self.blocked("--stop-on-error")
        states = self.states(self.report())
        self.assertEqual(states[:2], ["done", "failed"])
        self.assertEqual(states[3], "cancelled")

    def test_openjd(self):
        program = self.run_master("shot.glb", *SMALL, "--frames", "1-4", "-o", "a.png", "--progress", "openjd")
        self.assertIn("openjd_progress: 25.0", program.lines["out"])
        self.assertEqual([line for line in program.lines["out"] if line.startswith("openjd_progress")][-1], "openjd_progress: 100.0")
        self.assertRegex(program.out, r"openjd_status: frame 2 \(2 of 4\), 4/4 spp, ")
        self.assertNotIn("openjd_fail", program.out)
        (self.folder / "broken.glb").write_bytes(b"glTF")
        program = self.run_master("broken.glb", "--frames", "1-2", "-o", "a.png", "--progress", "openjd", code=3)
        self.assertRegex(program.out, r"openjd_fail: broken\.glb: ")


class Together(Frames):
    def test_a_slave_joins(self):
        hashes = self.truth(LONGER, "1-5")
        port = free_port()
        program = self.master("shot.glb", *LONGER, "--frames", "1-5", "-o", "a.png", "--threads", "1", "--net-enable", "--net-use",
                              "none", "--net-master-port", port, "--progress", "json", "--report", "report.json")
        program.wait_for('"event":"frame_started"')
        slave = self.slave(port)
        self.assertEqual(program.end(), 0, program.err)
        report = self.report()
        self.assertEqual(self.hashes(report), hashes)
        self.check_accounting(report)
        self.assertEqual(len(report["slaves"]), 1)
        self.assertGreater(report["slaves"][0]["samples"], 0)
        # It stayed from frame to frame, and what did not move was sent once.
        self.assertEqual(report["slaves"][0]["end"], "finished")
        slave.wait_for("Master finished")

    def test_on_slaves_alone(self):
        hashes = self.truth(SMALL, "1-6")
        port = free_port()
        program = self.master("shot.glb", *SMALL, "--frames", "1-6", "-o", "a.png", "--no-local", "--net-enable", "--net-use",
                              "none", "--net-master-port", port, "--report", "report.json", "--net-wait", "1")
        self.slave(port)
        self.assertEqual(program.end(), 0, program.err)
        self.assertEqual(self.hashes(self.report()), hashes)

    def test_what_does_not_change_travels_once(self):
        (self.folder / "large.glb").write_bytes(sliding_scene(120))
        sent = {}
        for frames in ("1", "1-8"):
            port = free_port()
            slave = self.slave(port, "--once")
            self.run_master("large.glb", *SMALL, "--frames", frames, "-o", "a.####.png", "--no-local", "--net-enable", "--net-use",
                            "none", "--net-master-port", port, "--net-wait", "1", "--report", "report.json")
            self.assertEqual(slave.end(30), 0)
            sent[frames] = self.report()["slaves"][0]["bytes_out"]
        self.assertGreater(sent["1"], 50_000)
        self.assertLess(sent["1-8"], 1.3 * sent["1"], sent)

    def test_slaves_that_do_not_come(self):
        program = self.run_master("shot.glb", *SMALL, "--frames", "1-3", "-o", "a.png", "--net-enable", "--net-use", "none",
                                  "--net-master-port", free_port(), "--net-wait", "1", "--net-wait-time", "0.5", "--report",
                                  "report.json", code=6)
        self.assertIn("--net-wait 1: only 0 slaves came", program.err)
        self.assertEqual(self.states(self.report()), ["failed"] * 3)


class Batch(Frames):
    def write_jobs(self, jobs, **more):
        document = {"schema": "octane.jobs/1", "defaults": {"samples": 4, "film-width": 48, "film-height": 32}, "jobs": jobs, **more}
        (self.folder / "jobs").mkdir(exist_ok=True)
        (self.folder / "jobs/jobs.json").write_text(json.dumps(document, indent=1))
        shutil.copy(self.folder / "shot.glb", self.folder / "jobs/shot.glb")
        for name in ("room.obj", "room.mtl"):
            shutil.copy(ROOM.parent / name, self.folder / "jobs" / name)

    def test_many_scenes(self):
        self.write_jobs([{"name": "shot", "scene": "shot.glb", "frames": "1-3", "output-exr": "out/shot.####.exr"},
                         {"name": "room", "scene": "room.obj", "output-png": "out/room.png", "samples": 2}])
        program = self.run_master("--batch", "jobs/jobs.json", "--report", "report.json")
        report = self.report()
        self.assertEqual([(f["job"], f["frame"], f["state"]) for f in report["frames"]],
                         [("shot", 1, "done"), ("shot", 2, "done"), ("shot", 3, "done"), ("room", 1, "done")])
        self.assertEqual(report["frames"][3]["outputs"], ["jobs/out/room.png"])
        self.assertEqual(report["frames"][3]["samples_per_pixel"], 2)
        truth = self.truth(SMALL, "1-6")
        self.assertEqual([f["film_hash"] for f in report["frames"][:3]], [truth[n] for n in (1, 2, 3)])
        self.assertEqual(sum(line.startswith("Scene ") for line in program.lines["out"]), 2)
        self.run_master("--batch", "jobs/jobs.json", "--report", "report.json", "--resume")
        self.assertEqual(self.states(self.report()), ["skipped"] * 4)

    def test_everything_is_checked_first(self):
        shot = {"name": "a", "scene": "shot.glb", "frames": "1-2", "output-png": "a.####.png"}
        for jobs, words in (([shot, {**shot, "name": "b"}], 'an output of job "a" and an output of job "b"'),
                            ([shot, {**shot, "name": "b", "scene": "none.glb", "output-png": "b.png"}], "none.glb: file not found"),
                            ([shot, {"scene": "room.obj", "smaples": 3}], 'unknown key "smaples"'),
                            ([shot, {"scene": "room.obj", "gpu": 0}], '"gpu" is one for the whole run'),
                            ([shot, {"scene": "room.obj", "frames": "1-1000000"}], "more than 100000 frames")):
            self.write_jobs(jobs)
            program = self.run_master("--batch", "jobs/jobs.json", code=3)
            self.assertIn(words, program.err)
            self.assertIn("help: ", program.err)
            self.assertFalse((self.folder / "jobs/a.0001.png").exists())
        self.run_master("--batch", "none.json", code=3)

    def test_a_job_that_fails(self):
        self.write_jobs([{"name": "broken", "scene": "broken.glb", "frames": "1-2", "output-png": "b.####.png"},
                         {"name": "room", "scene": "room.obj", "output-png": "room.png"}])
        (self.folder / "jobs/broken.glb").write_bytes(b"glTF")
        program = self.run_master("--batch", "jobs/jobs.json", "--report", "report.json", code=9)
        self.assertEqual(self.states(self.report()), ["failed", "failed", "done"])
        self.assertEqual(program.err.count("error: "), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--master", required=True)
    parser.add_argument("--slave", required=True)
    options, rest = parser.parse_known_args()
    PROGRAMS.master, PROGRAMS.slave = options.master, options.slave
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
