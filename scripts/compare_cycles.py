#!/usr/bin/env python3
"""Renders scenes with Cycles and, exported as glTF, with octane_master, and tells how much light each brings.

Runs inside Blender 3.4 or later (Debian: blender), which builds the scenes, exports them and renders the reference:

    blender -b --factory-startup -P scripts/compare_cycles.py -- --master build/release/bin/octane_master

Lights are compared one by one on a Lambertian floor and ball, exported both with Blender's default lighting mode (candela and lux) and
with "Unitless" (watts). Materials are compared as one ball each under a sky, and laid side by side in docs/gallery/beside_cycles.png. The
tables go to standard output as docs/materials.md has them, films to --folder.
"""
import argparse
import json
import math
import pathlib
import struct
import subprocess
import sys

import bpy
import numpy

WIDTH, HEIGHT = 160, 120
BALL = 96  # pixels of a side of a ball's picture
SHEET = pathlib.Path(__file__).resolve().parent.parent / "docs" / "gallery" / "beside_cycles.png"
MODES = {"default": "SPEC", "unitless": "COMPAT"}  # of the exporter


# Scenes.

def clear():
    bpy.ops.wm.read_factory_settings(use_empty=True)
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device = "CPU"
    scene.cycles.use_denoising = False
    scene.cycles.use_adaptive_sampling = False
    scene.cycles.max_bounces = 16
    scene.cycles.diffuse_bounces = scene.cycles.glossy_bounces = scene.cycles.transmission_bounces = 16
    scene.cycles.caustics_reflective = scene.cycles.caustics_refractive = True
    scene.cycles.blur_glossy = 0
    scene.cycles.sample_clamp_indirect = scene.cycles.sample_clamp_direct = 0
    scene.cycles.pixel_filter_type = "BOX"
    scene.render.image_settings.file_format = "OPEN_EXR"
    scene.render.image_settings.color_depth = "32"
    scene.world = bpy.data.worlds.new("world")
    set_sky((0, 0, 0))


def set_sky(color):
    world = bpy.context.scene.world
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (*color, 1)


def set_sky_picture(path):
    set_sky((0, 0, 0))
    tree = bpy.context.scene.world.node_tree
    node = tree.nodes.new("ShaderNodeTexEnvironment")
    node.image = bpy.data.images.load(str(path))
    tree.links.new(node.outputs["Color"], tree.nodes["Background"].inputs["Color"])


def principled(name, inputs):
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    for key, value in inputs.items():
        material.node_tree.nodes["Principled BSDF"].inputs[key].default_value = value
    return material


def lambert(name, value):
    """Principled without gloss; as_diffuse() makes Cycles take it for what glTF says it is."""
    return principled(name, {"Base Color": (value, value, value, 1), "Specular": 0, "Roughness": 1})


def as_diffuse(material):
    """Principled's diffuse lobe is Disney's. Lights are compared on Lambert's."""
    tree = material.node_tree
    shader = tree.nodes["Principled BSDF"]
    diffuse = tree.nodes.new("ShaderNodeBsdfDiffuse")
    diffuse.inputs["Color"].default_value = shader.inputs["Base Color"].default_value
    tree.links.new(diffuse.outputs["BSDF"], tree.nodes["Material Output"].inputs["Surface"])


def add_ball(material, centre):
    bpy.ops.mesh.primitive_uv_sphere_add(segments=96, ring_count=48, location=centre)
    ball = bpy.context.object
    bpy.ops.object.shade_smooth()
    ball.data.materials.append(material)
    return ball


def look(position, target, degrees, size):
    """Before an export, too: the exporter takes the camera's vertical angle from the size of the picture."""
    render = bpy.context.scene.render
    render.resolution_x, render.resolution_y = size
    render.resolution_percentage = 100
    camera = bpy.data.objects.new("camera", bpy.data.cameras.new("camera"))
    bpy.context.collection.objects.link(camera)
    camera.location = position
    direction = numpy.subtract(target, position)
    camera.rotation_euler = (math.acos(-direction[2] / numpy.linalg.norm(direction)), 0,
                             math.atan2(direction[1], direction[0]) - math.pi / 2)
    camera.data.angle = math.radians(degrees)
    bpy.context.scene.camera = camera


def add_light(kind, energy, position, **values):
    lamp = bpy.data.objects.new(kind, bpy.data.lights.new(kind, kind))
    bpy.context.collection.objects.link(lamp)
    lamp.data.energy = energy
    lamp.location = position
    for name, value in values.items():
        setattr(lamp.data if hasattr(lamp.data, name) else lamp, name, value)


def stage():
    """A floor that fills the picture, with a ball on it. Returns the materials to turn into diffuse ones."""
    floor, ball = lambert("floor", 0.5), lambert("ball", 0.8)
    bpy.ops.mesh.primitive_plane_add(size=60)
    bpy.context.object.data.materials.append(floor)
    add_ball(ball, (0, 0, 1))
    look((0, -5, 5), (0, 0, 0.5), 50, (WIDTH, HEIGHT))
    return [floor, ball]


def sun(_folder):
    add_light("SUN", 3, (0, 0, 5), angle=0, rotation_euler=(0.6, 0.2, 0))


def point(_folder):
    add_light("POINT", 1000, (2, -2, 4), shadow_soft_size=0)


def spot(_folder, blend=0):
    add_light("SPOT", 1000, (2, -2, 5), shadow_soft_size=0, spot_size=math.radians(60), spot_blend=blend,
              rotation_euler=(0.35, 0.35, 0))


def soft_spot(folder):
    spot(folder, 0.3)


def emitter(_folder):
    glow = principled("glow", {"Base Color": (0, 0, 0, 1), "Specular": 0, "Emission": (1, 0.8, 0.6, 1),
                               "Emission Strength": 20})
    bpy.ops.mesh.primitive_plane_add(size=1, location=(1, -1, 4))
    bpy.context.object.data.materials.append(glow)


def sky_picture(folder):
    """A sky with a warm spot, its own light alone. Returns the file for --environment."""
    path = folder / "sky.hdr"
    width, height = 128, 64
    image = bpy.data.images.new("sky", width, height, float_buffer=True)
    x, y = numpy.meshgrid((numpy.arange(width) + 0.5) / width, (numpy.arange(height) + 0.5) / height)
    glow = 40 * numpy.exp(-((x - 0.3) ** 2 + (y - 0.8) ** 2) / 0.002)
    pixels = numpy.stack([0.2 + 0.5 * y + glow, 0.3 + 0.4 * y + 0.8 * glow, 0.4 + 0.4 * y + 0.5 * glow, 1 + 0 * x], axis=-1)
    image.pixels = pixels.astype(numpy.float32).ravel()
    image.filepath_raw, image.file_format = str(path), "HDR"
    image.save()
    set_sky_picture(path)
    return path


LIGHTS = {"sun": sun, "point": point, "spot": spot, "soft spot (blend 0.3)": soft_spot, "area, as an emitter": emitter, "sky (HDR)": sky_picture}

BASE = {"Base Color": (0.8, 0.8, 0.8, 1), "Roughness": 0.5}
MATERIALS = {
    "gloss": BASE,
    "metal": {**BASE, "Metallic": 1, "Base Color": (0.9, 0.6, 0.3, 1), "Roughness": 0.3},
    "glass": {**BASE, "Transmission": 1, "Roughness": 0, "IOR": 1.45, "Base Color": (1, 1, 1, 1)},
    "clearcoat": {**BASE, "Base Color": (0.5, 0.05, 0.05, 1), "Clearcoat": 1, "Clearcoat Roughness": 0.03},
    "sheen": {**BASE, "Base Color": (0.05, 0.05, 0.3, 1), "Specular": 0, "Sheen": 1, "Sheen Tint": 0},
}


# What that Blender's exporter does not know: how Cycles is told, and what the file gets.

def absorb(material, density=1.5, color=(0.2, 0.8, 0.4)):
    tree = material.node_tree
    volume = tree.nodes.new("ShaderNodeVolumeAbsorption")
    volume.inputs["Color"].default_value = (*color, 1)
    volume.inputs["Density"].default_value = density
    tree.links.new(volume.outputs["Volume"], tree.nodes["Material Output"].inputs["Volume"])
    left = [math.exp(-density * (1 - channel)) for channel in color]  # of light, after a metre
    return {"KHR_materials_volume": {"thicknessFactor": 1, "attenuationColor": left, "attenuationDistance": 1}}


def shine_through(material, color=(0.3, 0.7, 0.2)):
    tree = material.node_tree
    translucent = tree.nodes.new("ShaderNodeBsdfTranslucent")
    translucent.inputs["Color"].default_value = (*color, 1)
    tree.links.new(translucent.outputs["BSDF"], tree.nodes["Material Output"].inputs["Surface"])
    return {"KHR_materials_specular": {"specularFactor": 0},
            "KHR_materials_diffuse_transmission": {"diffuseTransmissionFactor": 1, "diffuseTransmissionColorFactor": color}}


def draw_out(material, roughness=0.3, strength=0.5):
    """White, so that Fresnel's share is 1 in both."""
    across = roughness ** 2
    along = across + (1 - across) * strength ** 2
    shrunk = math.sqrt(across / along)  # Cycles has roughness^2 / shrunk along the tangent, and times it across
    tree = material.node_tree
    shader = tree.nodes.new("ShaderNodeBsdfAnisotropic")
    shader.distribution = "MULTI_GGX"
    shader.inputs["Color"].default_value = (1, 1, 1, 1)
    shader.inputs["Roughness"].default_value = math.sqrt(along * shrunk)
    shader.inputs["Anisotropy"].default_value = shrunk - 1
    tangent = tree.nodes.new("ShaderNodeTangent")
    tangent.direction_type, tangent.axis = "RADIAL", "Z"
    tree.links.new(tangent.outputs["Tangent"], shader.inputs["Tangent"])
    tree.links.new(shader.outputs["BSDF"], tree.nodes["Material Output"].inputs["Surface"])
    return {"KHR_materials_anisotropy": {"anisotropyStrength": strength}}


FURTHER = {"anisotropy": ({"Base Color": (1, 1, 1, 1), "Metallic": 1, "Roughness": 0.3}, draw_out),
           "absorption": ({**MATERIALS["glass"]}, absorb), "diffuse transmission": ({**BASE, "Specular": 0}, shine_through)}


def add_extensions(path, extensions):
    """To the first material of a .glb."""
    data = path.read_bytes()
    length, = struct.unpack_from("<I", data, 12)
    document = json.loads(data[20:20 + length])
    material = document["materials"][0].setdefault("extensions", {})
    material.update(extensions)
    document["extensionsUsed"] = sorted({*document.get("extensionsUsed", []), *extensions})
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    rest = data[20 + length:]
    path.write_bytes(struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A) + text + rest)


# Renderers.

def export(path, mode):
    bpy.ops.export_scene.gltf(filepath=str(path), export_format="GLB", export_cameras=True, export_lights=True,
                              convert_lighting_mode=MODES[mode])


def render_cycles(path, samples):
    scene = bpy.context.scene
    scene.cycles.samples = samples
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def render_ours(master, path, scene, size, samples, sky):
    command = [master, str(scene), "--output-exr", str(path), "--exr-type", "float", "-s", str(samples), "--film-width", str(size[0]),
               "--film-height", str(size[1]), "--neutral-light", "off", "--solid-glass", "--no-net", "--quiet"]
    if sky is not None:
        command += ["--environment", str(sky)]
    subprocess.run(command, check=True)


def radiance(path):
    image = bpy.data.images.load(str(path))
    pixels = numpy.array(image.pixels[:]).reshape(image.size[1], image.size[0], -1)[:, :, :3]
    bpy.data.images.remove(image)
    return pixels


def write_png(path, radiance_pixels):
    """sRGB, rows from the bottom as Blender has them."""
    linear = numpy.clip(radiance_pixels, 0, 1)
    encoded = numpy.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    height, width = encoded.shape[:2]
    image = bpy.data.images.new("sheet", width, height)
    image.colorspace_settings.name = "Raw"
    image.pixels = numpy.dstack([encoded, numpy.ones((height, width))]).astype(numpy.float32).ravel()
    image.filepath_raw, image.file_format = str(path), "PNG"
    image.save()


# Comparisons.

def compare_lights(options):
    print("| light | default export | Unitless export |\n|---|---|---|")
    for name, add in LIGHTS.items():
        clear()
        lamberts = stage()
        sky = add(options.folder)
        stem = add.__name__
        for mode in MODES:
            export(options.folder / f"{stem}_{mode}.glb", mode)
        for material in lamberts:
            as_diffuse(material)
        reference = options.folder / f"{stem}_cycles.exr"
        render_cycles(reference, options.samples)
        ratios = []
        for mode in MODES:
            film = options.folder / f"{stem}_{mode}.exr"
            render_ours(options.master, film, options.folder / f"{stem}_{mode}.glb", (WIDTH, HEIGHT), options.samples, sky)
            ratios.append(radiance(film).mean() / radiance(reference).mean())
        print(f"| {name} | {ratios[0]:.3f} | {ratios[1]:.3f} |", flush=True)


def compare_materials(options):
    rows, columns = numpy.mgrid[0:BALL, 0:BALL]
    on_ball = (rows - BALL / 2 + 0.5) ** 2 + (columns - BALL / 2 + 0.5) ** 2 < (0.45 * BALL) ** 2
    columns_of_sheet = []
    print("| material | red | green | blue |\n|---|---|---|---|")
    for name, (inputs, change) in {**{name: (inputs, None) for name, inputs in MATERIALS.items()}, **FURTHER}.items():
        clear()
        sky = sky_picture(options.folder)
        material = principled(name, inputs)
        add_ball(material, (0, 0, 0))
        look((0, -8, 2), (0, 0, 0), 2 * math.degrees(math.asin(1 / math.hypot(8, 2))), (BALL, BALL))
        export(options.folder / f"{name}.glb", "unitless")
        if change is not None:
            add_extensions(options.folder / f"{name}.glb", change(material))
        reference, film = (options.folder / f"{name}_{who}.exr" for who in ("cycles", "ours"))
        render_cycles(reference, options.samples)
        render_ours(options.master, film, options.folder / f"{name}.glb", (BALL, BALL), options.samples, sky)
        ours, theirs = radiance(film), radiance(reference)
        columns_of_sheet.append(numpy.vstack([theirs, ours]))  # ours above
        ratio = ours[on_ball].mean(axis=0) / theirs[on_ball].mean(axis=0)
        print(f"| {name} | {ratio[0]:.3f} | {ratio[1]:.3f} | {ratio[2]:.3f} |", flush=True)
    write_png(SHEET, numpy.hstack(columns_of_sheet))


def main():
    parser = argparse.ArgumentParser(prog="compare_cycles.py", description=__doc__.splitlines()[0])
    parser.add_argument("--master", required=True, help="octane_master to compare")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("build/compare_cycles"))
    parser.add_argument("--samples", type=int, default=256, help="per pixel, of both (256)")
    parser.add_argument("--materials-alone", action="store_true", help="compare no lights")
    options = parser.parse_args(sys.argv[sys.argv.index("--") + 1:] if "--" in sys.argv else [])
    options.folder = options.folder.resolve()
    options.folder.mkdir(parents=True, exist_ok=True)
    if not options.materials_alone:
        compare_lights(options)
    compare_materials(options)


main()
