#!/usr/bin/env python3
"""Pictures that end when they are clean, or in time, with the real programs.

    tests/system/stop_rules_test.py --master PATH --slave PATH [unittest arguments]
"""
import argparse
import signal
import sys
import unittest

from system_test import CAMERA, PROGRAMS, ROOM, SystemTest, free_port

NOISY = [str(ROOM), "--film-width", "96", "--film-height", "64", "--noise-threshold", "0.06", "-s", "700"] + CAMERA


class StopRules(SystemTest):
    truths = {}

    def environment(self, config=None):
        return {**super().environment(config), "CUDA_VISIBLE_DEVICES": ""}

    def truth(self):
        """The film of an uninterrupted render, and what is told of it."""
        if "noisy" not in self.truths:
            program = self.run_master(*NOISY, "-o", "truth.png", "--report", "truth.json")
            self.truths["noisy"] = (self.report("truth.json"), program.out)
        return self.truths["noisy"]


class Noise(StopRules):
    def test_tiles_end_at_different_samples(self):
        report, out = self.truth()
        frame = report["frames"][0]
        self.assertEqual(report["stop_reason"], "noise_threshold")
        self.assertEqual(frame["samples_wanted"], frame["samples_merged"])
        self.assertGreaterEqual(frame["least_samples_per_pixel"], 64)
        self.assertLess(frame["least_samples_per_pixel"], frame["samples_per_pixel"])
        self.assertRegex(out, r"Film       96x64, until noise 0\.06, at most 700 samples per pixel, ")
        self.assertRegex(out, r"Summary    \d+ to \d+ spp \(\d+ on average\) in ")

    def test_whoever_renders_it(self):
        film_hash = self.truth()[0]["film_hash"]
        for arguments in (["--threads", "1"], ["--cpu-code", "x64"], ["--audit", "100"]):
            self.run_master(*NOISY, "-o", "a.png", "--report", "report.json", *arguments)
            self.assertEqual(self.report()["film_hash"], film_hash, arguments)

    def test_with_slaves_of_which_one_dies(self):
        port = free_port()
        program = self.master(*NOISY, "-o", "a.png", "--threads", "1", "--net-enable", "--net-use", "none", "--net-master-port",
                              port, "--net-wait", "2", "--progress", "json", "--report", "report.json")
        slaves = [self.slave(port, "--threads", "1"), self.slave(port, "--threads", "1")]
        program.wait_percent(20)
        slaves[0].kill()
        self.assertEqual(program.end(), 0, program.err)
        self.assertEqual(self.report()["film_hash"], self.truth()[0]["film_hash"])

    def test_stopped_and_resumed(self):
        arguments = [*NOISY, "-o", "a.png", "--threads", "1", "--checkpoint-interval", "1", "--progress", "json",
                     "--progress-interval", "0.05", "--report", "report.json"]
        for percent in (10, 25):
            program = self.master(*arguments, "--resume")
            program.wait_percent(percent)
            program.send(signal.SIGTERM)
            self.assertEqual(program.end(60), -signal.SIGTERM, program.err)
        self.run_master(*arguments, "--resume")
        frame = self.report()["frames"][0]
        self.assertEqual(self.report()["film_hash"], self.truth()[0]["film_hash"])
        self.assertEqual(frame["samples_merged"], self.truth()[0]["frames"][0]["samples_merged"])

    def test_a_picture_that_is_there(self):
        arguments = [*NOISY, "-o", "a.exr", "--resume", "--report", "report.json"]
        self.run_master(*arguments)
        self.assertRegex(self.run_master("inspect", "a.exr").out, r"octane/until\s+noise 0\.06, at most 700 spp\n")
        self.run_master(*arguments)
        self.assertEqual(self.report()["frames"][0]["state"], "skipped")
        self.run_master(*[a if a != "0.06" else "0.07" for a in arguments])
        self.assertEqual(self.report()["frames"][0]["state"], "done")


class Time(StopRules):
    def test_all_pixels_end_at_one_number_of_samples(self):
        picture = [str(ROOM), "--film-width", "48", "--film-height", "32"] + CAMERA
        program = self.run_master(*picture, "--time-limit", "3", "-o", "a.png", "--report", "report.json")
        report = self.report()
        frame = report["frames"][0]
        samples = frame["samples_per_pixel"]
        self.assertEqual(report["stop_reason"], "time_limit")
        self.assertEqual(frame["least_samples_per_pixel"], samples)
        self.assertEqual(frame["samples_merged"], 48 * 32 * samples)
        self.assertGreater(samples, 16)
        self.assertIn(f"Stopped by --time-limit at {samples} spp; the same picture: -s {samples}", program.out)
        self.run_master(*picture, "-s", str(samples), "-o", "b.png", "--report", "same.json")
        self.assertEqual(self.report("same.json")["film_hash"], report["film_hash"])

    def test_samples_that_are_there_in_time(self):
        self.run_master(ROOM, "--film-width", "16", "--film-height", "16", "-s", "8", "--time-limit", "600", "-o", "a.png", "--report",
                        "report.json", *CAMERA)
        report = self.report()
        self.assertEqual((report["stop_reason"], report["frames"][0]["samples_per_pixel"]), ("samples", 8))

    def test_what_cannot_be(self):
        for arguments in (["--noise-threshold", "0"], ["--noise-threshold", "1"], ["--time-limit", "0"], ["--time-limit", "soon"]):
            program = self.run_master(str(ROOM), "-o", "a.png", *arguments, code=2)
            self.assertIn("error: ", program.err)
            self.assertIn(arguments[0], program.err)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--master", required=True)
    parser.add_argument("--slave", required=True)
    options, rest = parser.parse_known_args()
    PROGRAMS.master, PROGRAMS.slave = options.master, options.slave
    unittest.main(argv=[sys.argv[0], *rest])


if __name__ == "__main__":
    main()
