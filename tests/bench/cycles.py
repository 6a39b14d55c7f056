"""Renders a scene with Cycles, to measure against; run by Blender:

    blender -b -P tests/bench/cycles.py -- SETUP.json --width 640 --height 360 --samples 16 --threads 2

SETUP.json is a set-up like those of the reference pictures (scene, camera, environment, sun). Prints one line of JSON:
seconds of the scene's import, of a first render of one sample (export and tree build included), of the render alone
(without either) and samples per second.
"""
import argparse
import json
import math
import os
import sys
import time

import bpy
import numpy

if not hasattr(numpy, "bool"):
    numpy.bool = bool  # Blender 3.4 importer on NumPy 1.24
import mathutils


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("setup")
    parser.add_argument("--width", type=int, default=640)
    parser.add_argument("--height", type=int, default=360)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--output", default="")
    return parser.parse_args(sys.argv[sys.argv.index("--") + 1:])


def gltf_to_blender(v):
    return mathutils.Vector((v[0], -v[2], v[1]))


def make_camera(setup, scene):
    camera = bpy.data.cameras.new("reference")
    thing = bpy.data.objects.new("reference", camera)
    bpy.context.collection.objects.link(thing)
    spec = setup["camera"]
    y_up_to_z_up = mathutils.Matrix(((1, 0, 0, 0), (0, 0, -1, 0), (0, 1, 0, 0), (0, 0, 0, 1)))
    if "matrix_camera_to_world_row_major" in spec:
        thing.matrix_world = y_up_to_z_up @ mathutils.Matrix(spec["matrix_camera_to_world_row_major"])
    else:
        eye, target = gltf_to_blender(spec["position"]), gltf_to_blender(spec["target"])
        thing.location = eye
        thing.rotation_euler = (target - eye).to_track_quat("-Z", "Y").to_euler()
    camera.sensor_fit = "VERTICAL"
    camera.angle = math.radians(spec["yfov_deg"])
    scene.camera = thing


def make_world(setup, folder, scene):
    world = bpy.data.worlds.new("reference")
    scene.world = world
    world.use_nodes = True
    nodes, links = world.node_tree.nodes, world.node_tree.links
    background = nodes["Background"]
    environment = setup.get("environment", {"type": "none"})
    if environment["type"] == "hdr":
        image = nodes.new("ShaderNodeTexEnvironment")
        image.image = bpy.data.images.load(os.path.join(folder, environment["file"]))
        links.new(image.outputs["Color"], background.inputs["Color"])
        background.inputs["Strength"].default_value = environment["strength"]
    else:
        radiance = environment.get("radiance", [0, 0, 0])
        background.inputs["Color"].default_value = (*radiance, 1)
    if "sun" in setup:
        light = bpy.data.lights.new("sun", "SUN")
        irradiance = setup["sun"]["irradiance"]
        light.energy = max(irradiance)
        light.color = [x / max(irradiance) for x in irradiance]
        light.angle = math.radians(setup["sun"]["angle_deg"])
        thing = bpy.data.objects.new("sun", light)
        thing.rotation_euler = gltf_to_blender(setup["sun"]["direction"]).to_track_quat("-Z", "Y").to_euler()
        bpy.context.collection.objects.link(thing)


def use_cycles(scene, max_bounces, threads):
    """The path tracer on the CPU with nothing that changes the mean: no denoiser, no clamping, no adaptive sampling."""
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.use_denoising = False
    scene.cycles.max_bounces = max_bounces
    for kind in ("diffuse", "glossy", "transmission", "transparent"):
        setattr(scene.cycles, kind + ("_max_bounces" if kind == "transparent" else "_bounces"), max_bounces)
    scene.cycles.sample_clamp_indirect = 0
    scene.cycles.blur_glossy = 0
    scene.render.threads_mode = "FIXED"
    scene.render.threads = threads
    scene.render.resolution_percentage = 100
    scene.render.image_settings.file_format = "OPEN_EXR"


def main():
    options = arguments()
    with open(options.setup, encoding="utf-8") as file:
        setup = json.load(file)
    folder = os.path.dirname(os.path.abspath(options.setup))
    bpy.ops.wm.read_factory_settings(use_empty=True)
    import_start = time.time()
    bpy.ops.import_scene.gltf(filepath=os.path.join(folder, setup["scene"]))
    import_seconds = time.time() - import_start
    scene = bpy.context.scene
    make_camera(setup, scene)
    make_world(setup, folder, scene)
    use_cycles(scene, setup.get("max_bounces", 16), options.threads)
    scene.render.resolution_x, scene.render.resolution_y = options.width, options.height
    scene.render.filepath = options.output or os.path.join(bpy.app.tempdir, "out.exr")

    def seconds_of(samples, keep):
        scene.cycles.samples = samples
        start = time.time()
        bpy.ops.render.render(write_still=keep)
        return time.time() - start

    # the difference to a render of one sample: neither export nor tree build count
    first = seconds_of(1, False)
    seconds = seconds_of(options.samples + 1, bool(options.output)) - first
    samples = options.width * options.height * options.samples
    print(json.dumps({"renderer": "cycles " + bpy.app.version_string, "samples": samples,
                      "import_seconds": round(import_seconds, 3), "start_seconds": round(first, 3),
                      "seconds": round(seconds, 3), "samples_per_second": round(samples / seconds)}))


if __name__ == "__main__":
    main()
