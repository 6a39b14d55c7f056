"""Renders a set-up of the reference pictures anew with Cycles, with other seeds or other materials; run by Blender:

    blender -b -P tests/reference/cycles_picture.py -- SETUP.json OUT.exr --seed 2 --materials lambert

It tells what a difference to a reference picture is made of: its own noise (another seed), the materials' models, or the
rest (geometry, textures, lights). --materials is one of

    principled  what Blender's importer makes of glTF; not for OBJ
    matte       the same, but exact Lambert where a .gltf says specularFactor 0, which that importer gives gloss
    lambert     base colour, or its texture, as exact Lambert; normal maps stay, glass lets light straight through
    fresnel     as matte, but gloss over Lambert, the base dimmed by Fresnel's share; multiple-scattering GGX; glass stays

The counterpart for octane is a copy of the glTF file with metallicFactor 0, roughnessFactor 1, specularFactor 0, and glass
with alphaMode MASK and alpha 0. OBJ scenes are always Lambert, their lamps shine to the front and reflect nothing.
"""
import argparse
import importlib.util
import json
import os
import sys

import bmesh
import bpy

# by its path: Blender has a module named cycles of its own
bench = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "bench", "cycles.py")
spec = importlib.util.spec_from_file_location("cycles_bench", bench)
cycles = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cycles)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("setup")
    parser.add_argument("output")
    parser.add_argument("--width", type=int)
    parser.add_argument("--height", type=int)
    parser.add_argument("--samples", type=int)
    parser.add_argument("--seed", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--materials", choices=["principled", "matte", "lambert", "fresnel"], default="principled")
    parser.add_argument("--light-radius", type=float, help="of point and spot lights; Blender's importer leaves 0.25 m")
    parser.add_argument("--no-sun", action="store_true")
    return parser.parse_args(sys.argv[sys.argv.index("--") + 1:])


class Shader:
    """The nodes of a material whose surface is about to be replaced."""

    def __init__(self, material):
        self.tree = material.node_tree
        self.output = next(node for node in self.tree.nodes if node.type == "OUTPUT_MATERIAL")
        self.principled = next((node for node in self.tree.nodes if node.type == "BSDF_PRINCIPLED"), None)

    def node(self, kind):
        return self.tree.nodes.new("ShaderNode" + kind)

    def copy_input(self, name, target):
        """Lets `target` have what is plugged into the principled shader's input, else its value."""
        source = self.principled.inputs[name]
        if source.links:
            self.tree.links.new(source.links[0].from_socket, target)
        else:
            target.default_value = source.default_value

    def is_constant(self, name, value):
        source = self.principled.inputs[name]
        return not source.links and source.default_value == value

    def lobe(self, kind):
        lobe = self.node(kind)
        if self.principled.inputs["Normal"].links:
            self.tree.links.new(self.principled.inputs["Normal"].links[0].from_socket, lobe.inputs["Normal"])
        return lobe

    def glossy(self):
        lobe = self.lobe("BsdfGlossy")
        lobe.distribution = "MULTI_GGX"
        self.copy_input("Roughness", lobe.inputs["Roughness"])
        return lobe

    def set_surface(self, node):
        self.tree.links.new(node.outputs[0], self.output.inputs["Surface"])

    def mix(self, share, first, second):
        mix = self.node("MixShader")
        for source, target in zip((share, first, second), mix.inputs):
            self.tree.links.new(source, target)
        return mix


def without_gloss(path):
    """Names of the materials with specularFactor 0. (The importer of Blender 3.4 gives them gloss all the same.)"""
    with open(path, encoding="utf-8") as file:
        materials = json.load(file).get("materials", [])
    return {material.get("name") for material in materials
            if material.get("extensions", {}).get("KHR_materials_specular", {}).get("specularFactor", 1) == 0}


def replace_gltf_materials(kind, matte):
    for material in bpy.data.materials:
        if not material.use_nodes:
            continue
        shader = Shader(material)
        if shader.principled is None:
            continue
        if shader.principled.inputs["Transmission"].default_value > 0:
            if kind == "lambert":
                shader.set_surface(shader.node("BsdfTransparent"))
            continue
        base = shader.lobe("BsdfDiffuse")
        shader.copy_input("Base Color", base.inputs["Color"])
        if kind == "lambert" or material.name in matte:
            shader.set_surface(base)
        elif kind == "matte":
            continue
        elif shader.is_constant("Metallic", 1):
            gloss = shader.glossy()
            shader.copy_input("Base Color", gloss.inputs["Color"])
            shader.set_surface(gloss)
        else:
            fresnel, gloss = shader.node("Fresnel"), shader.glossy()
            fresnel.inputs["IOR"].default_value = 1.5
            gloss.inputs["Color"].default_value = (1, 1, 1, 1)
            shader.set_surface(shader.mix(fresnel.outputs[0], base.outputs[0], gloss.outputs[0]))


def read_mtl(path):
    colors, emissions, name = {}, {}, None
    with open(path, encoding="utf-8") as file:
        for words in filter(None, (line.split() for line in file)):
            if words[0] == "newmtl":
                name = words[1]
            elif words[0] in ("Kd", "Ke"):
                (colors if words[0] == "Kd" else emissions)[name] = [float(word) for word in words[1:4]]
    return colors, emissions


def import_obj(path, remove_duplicates):
    bpy.ops.wm.obj_import(filepath=path)
    colors, emissions = read_mtl(os.path.splitext(path)[0] + ".mtl")
    for material in bpy.data.materials:
        material.use_nodes = True
        shader, name = Shader(material), material.name
        base = shader.node("BsdfDiffuse")
        base.inputs["Color"].default_value = (*colors[name], 1)
        if any(emissions.get(name, [])):
            base.inputs["Color"].default_value = (0, 0, 0, 1)
            lamp, geometry = shader.node("Emission"), shader.node("NewGeometry")
            lamp.inputs["Color"].default_value = (*emissions[name], 1)
            base = shader.mix(geometry.outputs["Backfacing"], lamp.outputs[0], base.outputs[0])
        shader.set_surface(base)
    if remove_duplicates:
        for thing in bpy.data.objects:
            remove_equal_faces(thing.data)


def remove_equal_faces(mesh):
    edited, seen, doubled = bmesh.new(), set(), []
    edited.from_mesh(mesh)
    for face in edited.faces:
        corners = frozenset(tuple(round(x, 5) for x in corner.co) for corner in face.verts)
        if corners in seen:
            doubled.append(face)
        seen.add(corners)
    bmesh.ops.delete(edited, geom=doubled, context="FACES")
    edited.to_mesh(mesh)
    edited.free()


def import_gltf(path, options):
    bpy.ops.import_scene.gltf(filepath=path, convert_lighting_mode="COMPAT")  # candela as W/sr
    for light in bpy.data.lights:
        if options.light_radius is not None and light.type in ("POINT", "SPOT"):
            light.shadow_soft_size = options.light_radius
    if options.materials != "principled":
        replace_gltf_materials(options.materials, without_gloss(path) if path.endswith(".gltf") else set())


def set_render(scene, setup, options):
    cycles.use_cycles(scene, setup.get("max_bounces", 16), options.threads)
    scene.cycles.samples = options.samples or setup["spp"]
    scene.cycles.seed = options.seed
    scene.cycles.pixel_filter_type = "BOX"
    scene.cycles.light_sampling_threshold = 0
    scene.render.resolution_x = options.width or setup["width"]
    scene.render.resolution_y = options.height or setup["height"]
    scene.render.filepath = os.path.abspath(options.output)
    scene.render.image_settings.color_depth = "32"


def main():
    options = arguments()
    with open(options.setup, encoding="utf-8") as file:
        setup = json.load(file)
    if options.no_sun:
        setup.pop("sun", None)
    folder = os.path.dirname(os.path.abspath(options.setup))
    path = os.path.join(folder, setup["scene"])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    if path.endswith(".obj"):
        import_obj(path, setup.get("remove_duplicate_faces", False))
    else:
        import_gltf(path, options)
    scene = bpy.context.scene
    cycles.make_camera(setup, scene)
    scene.camera.data.clip_start, scene.camera.data.clip_end = 1e-4, 1e5
    cycles.make_world(setup, folder, scene)
    set_render(scene, setup, options)
    bpy.ops.render.render(write_still=True)


main()
