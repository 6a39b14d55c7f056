#!/usr/bin/env python3
"""The real programs with GPUs that do not exist, and fail as they are told (README.md).

    tests/simt_runtime/gpu_faults_test.py --master PATH --slave PATH [unittest arguments]
"""
import argparse
import signal
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "system"))
from system_test import PROGRAMS, SystemTest, free_port, picture  # noqa: E402

SMALL = picture(36, 24, 6)
LATER = 60  # kernels: behind those of the canary
SHARED = picture(96, 64, 8)  # more than one GPU takes at first
# GPU 0 pauses at its first lease, so that GPU 1 comes to the same point however busy this computer is.
PAUSE = f"gpus=2 fault=0:launch:{LATER}:slow4000"


class GpuTest(SystemTest):
    gpus = "gpus=0"

    def environment(self, config=None):
        return {**super().environment(config), "OCTANE_SIMT_RUNTIME": self.gpus}

    def render(self, gpus, *arguments, code=0, scene=SMALL):
        self.gpus = gpus
        program = self.run_master(*scene, "--report", "report.json", *arguments, code=code)
        self.gpus = "gpus=0"
        return program

    def check_film(self, scene=SMALL):
        """The one of the last render is the CPU's."""
        report = self.report()
        self.check_accounting(report)
        truth, _ = self.local_truth(scene)
        self.assertEqual(report["film_hash"], truth["film_hash"])
        return report

    def warned(self, program, *parts):
        """There is exactly one warning with all these parts."""
        found = [line for line in program.err.splitlines() if all(part in line for part in parts)]
        self.assertEqual(len(found), 1, program.out + "\n" + program.err)


class Master(GpuTest):
    def test_all_gpus_render_the_film_of_the_cpu(self):
        program = self.render("gpus=3")
        self.assertIn("GPU 2 Simulated GPU", program.out)
        report = self.check_film()
        self.assertEqual([device["kind"] for device in report["devices"]], ["cuda"] * 3)

    def test_those_named_render_alone(self):
        self.render("gpus=3", "-g", "1", "-g", "2")
        report = self.check_film()
        self.assertEqual([device["name"][:5] for device in report["devices"]], ["GPU 1", "GPU 2"])

    def test_a_gpu_that_is_lost_is_left_out(self):
        for error, said in (("illegal_address", "an illegal memory access was encountered (CUDA error 700)"),
                            ("ecc", "uncorrectable ECC error encountered (CUDA error 214)"),
                            ("unknown", "unknown error (CUDA error 999)")):
            with self.subTest(error):
                program = self.render(f"{PAUSE} fault=1:launch:{LATER}:{error}", scene=SHARED)
                self.warned(program, "GPU 1 Simulated GPU: rendering failed: ", said,
                            "; GPU 1 is left out, the render goes on with GPU 0")
                self.assertIn("help: ", program.err)
                self.check_film(SHARED)

    def test_a_gpu_without_memory_for_the_scene_is_left_out(self):
        program = self.render("gpus=2 memory=1:2.8e8")
        self.warned(program, "GPU 1 needs ", " GB for this scene, 0.3 GB are free; GPU 1 is left out, "
                    "the render goes on with GPU 0")
        self.check_film()

    def test_a_gpu_that_cannot_be_opened_is_left_out(self):
        program = self.render("gpus=2 fault=0:open:1+:devices_unavailable")
        self.warned(program, "GPU 0 Simulated GPU: the GPU cannot be used: ", "busy or unavailable (CUDA error 46); ",
                    "GPU 0 is left out, the render goes on with GPU 1")
        self.check_film()

    def test_memory_that_runs_out_anywhere_leaves_a_gpu_out(self):
        for nth in (1, 2, 5, 9, 14, 25, 33):
            with self.subTest(nth):
                program = self.render(f"gpus=2 fault=1:allocate:{nth}+:memory")
                self.warned(program, "GPU 1 ", "out of memory (CUDA error 2)", "GPU 1 is left out")
                self.check_film()

    def test_the_cpu_goes_on_without_the_only_gpu(self):
        scene = picture(96, 64, 64)  # enough for the CPU to be still at work
        # found out when the scene is copied: the first two calls open it and compute the canary
        program = self.render("fault=0:open:3:launch_failure", "--cpu", scene=scene)
        self.warned(program, "GPU 0 is left out, the render goes on with the CPU")
        self.check_film(scene)

    def test_without_any_device_left_the_error_says_why(self):
        program = self.render(f"fault=0:launch:{LATER}:illegal_address", code=5, scene=SHARED)
        self.assertIn("error: GPU 0 Simulated GPU: rendering failed: an illegal memory access", program.err)
        self.assertIn("help: the driver has taken this GPU from this program; start it again.", program.err)

    def test_a_driver_that_is_too_old_leaves_the_cpu(self):
        program = self.render("fault=0:count:1+:driver_too_old")
        self.assertIn("(no CUDA GPU: the driver is older than this program needs)", program.out)
        self.check_film()

    def test_a_gpu_that_hangs_loses_its_work_to_others_and_holds_nobody_up(self):
        self.render(f"{PAUSE} fault=1:launch:{LATER}:hang", scene=SHARED)
        self.check_film(SHARED)

    def test_a_gpu_that_hangs_while_it_is_opened_holds_nobody_up(self):
        self.render("gpus=2 fault=1:open:1:hang")
        self.check_film()

    def test_one_ctrl_c_ends_a_render_whose_only_gpu_hangs(self):
        self.gpus = f"fault=0:launch:{LATER}:hang"
        program = self.master(*SHARED)
        program.wait_for("^Film")
        program.send(signal.SIGINT)
        self.assertNotEqual(program.end(30), 0)


class Slave(GpuTest):
    def render_by_slave(self, gpus, *arguments, scene=SMALL, code=0):
        """Nobody else renders. The slave's exit code, and both programs."""
        port = free_port()
        self.gpus = gpus
        slave = self.slave(port, "--once", "--name", "helper", *arguments)
        self.gpus = "gpus=0"
        master = self.run_master(*scene, "--no-local", "--net-enable", "--net-master-port", port, "--report", "report.json")
        self.assertEqual(slave.end(120), code, slave.out + slave.err)
        return master, slave

    def check_left_out(self, programs, why, rest, scene=SMALL):
        master, slave = programs
        self.warned(master, "warning: helper: " + why, rest)
        self.warned(slave, "warning: " + why, rest)
        self.check_film(scene)

    def test_gpus_of_a_slave_render_the_film_of_the_cpu(self):
        self.render_by_slave("gpus=2")
        self.check_film()

    def test_a_gpu_that_is_lost_is_left_out(self):
        self.check_left_out(self.render_by_slave(f"{PAUSE} fault=1:launch:{LATER}:illegal_address", scene=SHARED),
                            "GPU 1 Simulated GPU: rendering failed: an illegal memory access was encountered",
                            "; GPU 1 is left out, the slave goes on with GPU 0", SHARED)

    def test_a_gpu_without_memory_for_the_scene_is_left_out(self):
        self.check_left_out(self.render_by_slave("gpus=2 memory=1:2.8e8"), "GPU 1 needs ",
                            " GB for this scene, 0.3 GB are free; GPU 1 is left out, the slave goes on with GPU 0")

    def test_a_gpu_that_cannot_be_opened_is_left_out(self):
        _, slave = self.render_by_slave("gpus=2 fault=1:open:1+:ecc")
        self.warned(slave, "warning: GPU 1 Simulated GPU: ", "; GPU 1 is left out, the slave goes on with GPU 0")
        self.check_film()

    def test_a_slave_without_a_device_that_can_be_opened_says_why(self):
        self.gpus = "fault=0:open:1+:devices_unavailable"
        slave = self.slave(free_port(), "--once")
        self.assertEqual(slave.end(), 5)
        self.assertIn("error: GPU 0 Simulated GPU: the GPU cannot be used: ", slave.err)

    def test_a_gpu_that_hangs_loses_its_work_to_others_and_the_slave_ends(self):
        # found out after a minute at the latest: heartbeats tell of the slave's devices together
        self.render_by_slave(f"{PAUSE} fault=1:launch:{LATER}:hang", scene=SHARED)
        self.check_film(SHARED)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("master", "slave"):
        parser.add_argument("--" + name, required=True)
    options, rest = parser.parse_known_args()
    PROGRAMS.master, PROGRAMS.slave = options.master, options.slave
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)


if __name__ == "__main__":
    main()
