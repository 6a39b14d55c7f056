"""Small scenes that use much of what their formats offer: what the mutations of hostile_scenes.py start from.

A scene is a SceneFiles: files by name, the main one's name, and further arguments for octane_master. Pictures are written
here byte by byte, but for what tests/fuzz/corpus has.
"""
import json
import math
import struct
import zlib
from dataclasses import dataclass, field
from pathlib import Path

CORPUS = Path(__file__).resolve().parent.parent / "fuzz" / "corpus"
BYTE, UNSIGNED_BYTE, SHORT, UNSIGNED_SHORT, UNSIGNED_INT, FLOAT = 5120, 5121, 5122, 5123, 5125, 5126


@dataclass
class SceneFiles:
    main: str
    files: dict = field(default_factory=dict)
    arguments: list = field(default_factory=list)


# Pictures


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth=8, color=2, value=lambda x, y, c: (x * 60 + y * 35 + c * 80) % 256, interlaced=0, extra=()):
    """color: 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA; extra: chunks before the pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    rows = b""
    for y in range(height):
        bits = "".join(format((value(x, y, c) * 257 >> 16 - depth) & (1 << depth) - 1, f"0{depth}b")
                       for x in range(width) for c in range(channels))
        bits += "0" * (-len(bits) % 8)
        rows += bytes([y % 2]) + bytes(int(bits[i:i + 8], 2) for i in range(0, len(bits), 8))
    chunks = [png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlaced))]
    if color == 3:
        chunks.append(png_chunk(b"PLTE", bytes(i * 5 % 256 for i in range(3 * (1 << depth)))))
    chunks += [png_chunk(kind, data) for kind, data in extra]
    chunks += [png_chunk(b"IDAT", zlib.compress(rows)), png_chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg():
    return (CORPUS / "image" / "small.jpg").read_bytes()


def hdr(width=8, height=4):
    """Run-length coded lines."""
    lines = b""
    for y in range(height):
        lines += bytes([2, 2, 0, width])
        for c in range(4):
            plain = bytes((x * 20 + y * 9 + c * 40) % 256 if c < 3 else 128 + x % 3 for x in range(width // 2))
            lines += bytes([len(plain)]) + plain + bytes([128 + width - len(plain), 100 + c])
    return b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % (height, width) + lines


def exr_names():
    return sorted(path.name for path in (CORPUS / "float_image").glob("*.exr"))


def exr(name):
    return (CORPUS / "float_image" / name).read_bytes()


# glTF


class Gltf:
    """A document and its one buffer."""

    def __init__(self):
        self.document = {"asset": {"version": "2.0"}, "scene": 0}
        self.binary = b""

    def add(self, array, value):
        self.document.setdefault(array, []).append(value)
        return len(self.document[array]) - 1

    def view(self, data, **more):
        self.binary += bytes(-len(self.binary) % 4)
        number = self.add("bufferViews", {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data), **more})
        self.binary += data
        return number

    def accessor(self, code, component, kind, values, **more):
        count = len(values) // {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}[kind]
        view = self.view(struct.pack(f"<{len(values)}{code}", *values))
        return self.add("accessors", {"bufferView": view, "componentType": component, "type": kind, "count": count, **more})

    def glb(self):
        document = {**self.document, "buffers": [{"byteLength": len(self.binary)}]}
        return pack_glb(json.dumps(document).encode(), self.binary)


def pack_glb(text, binary):
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def grid(side):
    """Positions, normals, texture coordinates and triangles of a bent square in the plane y = 0."""
    positions, normals, uvs, triangles = [], [], [], []
    for i in range(side):
        for j in range(side):
            x, z = 2 * i / (side - 1) - 1, 2 * j / (side - 1) - 1
            positions += [x, 0.2 * math.sin(3 * x), z]
            slope = 0.6 * math.cos(3 * x)
            length = math.hypot(slope, 1)
            normals += [-slope / length, 1 / length, 0]
            uvs += [i / (side - 1), j / (side - 1)]
            if i + 1 < side and j + 1 < side:
                a, b, c, d = i * side + j, i * side + j + 1, (i + 1) * side + j, (i + 1) * side + j + 1
                triangles += [a, b, d, a, d, c]
    return positions, normals, uvs, triangles


def add_meshes(gltf):
    positions, normals, uvs, triangles = grid(4)
    place = gltf.accessor("f", FLOAT, "VEC3", positions, min=[-1, -0.2, -1], max=[1, 0.2, 1])
    normal = gltf.accessor("f", FLOAT, "VEC3", normals)
    tangent = gltf.accessor("f", FLOAT, "VEC4", [v for i in range(16) for v in (normals[3 * i + 1], -normals[3 * i], 0, 1)])
    uv = gltf.accessor("f", FLOAT, "VEC2", uvs)
    uv_bytes = gltf.accessor("B", UNSIGNED_BYTE, "VEC2", [int(255 * v) for v in uvs], normalized=True)
    color = gltf.accessor("H", UNSIGNED_SHORT, "VEC4", [40000] * 64, normalized=True)
    indices = gltf.accessor("H", UNSIGNED_SHORT, "SCALAR", triangles)
    sparse_at, sparse_values = gltf.view(struct.pack("<2H", 1, 5)), gltf.view(struct.pack("<6f", -1, 0.5, -0.3, -0.4, 0.6, -1))
    bent = gltf.add("accessors", {"bufferView": 0, "componentType": FLOAT, "type": "VEC3", "count": 16, "sparse": {
        "count": 2, "indices": {"bufferView": sparse_at, "componentType": UNSIGNED_SHORT},
        "values": {"bufferView": sparse_values}}})
    floor = {"attributes": {"POSITION": place, "NORMAL": normal, "TANGENT": tangent, "TEXCOORD_0": uv, "TEXCOORD_1": uv_bytes,
                            "COLOR_0": color}, "indices": indices, "material": 0}
    wave = {"attributes": {"POSITION": bent, "TEXCOORD_0": uv}, "indices": indices, "material": 1,
            "targets": [{"POSITION": normal}]}
    corner = gltf.accessor("b", BYTE, "VEC3", [0, 0, 0, 0, 127, 0, 0, 0, 0, 127, 0, 0, 127, 127, 0, 0][:15], normalized=True)
    few = gltf.accessor("B", UNSIGNED_BYTE, "SCALAR", [0, 1, 2, 3, 4])
    gltf.add("meshes", {"name": "floor", "primitives": [floor]})
    gltf.add("meshes", {"primitives": [wave], "weights": [0.25]})
    gltf.add("meshes", {"primitives": [{"attributes": {"POSITION": corner}, "indices": few, "mode": 5, "material": 2},
                                       {"attributes": {"POSITION": place}, "mode": 6}]})
    lamp = gltf.accessor("f", FLOAT, "VEC3", [-0.5, 2, -0.5, 0.5, 2, -0.5, 0, 2, 0.5])
    gltf.add("meshes", {"primitives": [{"attributes": {"POSITION": lamp}, "material": 3}]})


def add_materials(gltf, picture):
    """picture(kind) gives an image's properties."""
    gltf.add("images", picture("png"))
    gltf.add("images", picture("jpeg"))
    gltf.add("samplers", {"wrapS": 33071, "wrapT": 33648, "magFilter": 9728})
    gltf.add("samplers", {})
    gltf.add("textures", {"source": 0, "sampler": 0})
    gltf.add("textures", {"source": 1, "sampler": 1})
    first = {"index": 0, "extensions": {"KHR_texture_transform": {"scale": [2, 3], "offset": [0.1, 0], "rotation": 0.5}}}
    second = {"index": 1, "texCoord": 1}
    gltf.add("materials", {
        "name": "floor", "doubleSided": True, "normalTexture": {"index": 1, "scale": 0.5},
        "pbrMetallicRoughness": {"baseColorTexture": first, "baseColorFactor": [1, 0.5, 0.2, 1], "metallicRoughnessTexture": second,
                                 "metallicFactor": 0.3, "roughnessFactor": 0.4},
        "extensions": {"KHR_materials_specular": {"specularFactor": 0.5, "specularTexture": first,
                                                  "specularColorFactor": [1, 0.9, 0.8]},
                       "KHR_materials_clearcoat": {"clearcoatFactor": 0.5, "clearcoatRoughnessTexture": second,
                                                   "clearcoatNormalTexture": {"index": 1, "texCoord": 3, "scale": 0.5}},
                       "KHR_materials_sheen": {"sheenColorFactor": [0.5, 0.2, 0.1], "sheenRoughnessTexture": first},
                       "KHR_materials_anisotropy": {"anisotropyStrength": 0.5, "anisotropyRotation": 1, "anisotropyTexture": second}}})
    gltf.add("materials", {
        "name": "glass", "alphaMode": "BLEND", "pbrMetallicRoughness": {"baseColorFactor": [1, 1, 1, 0.7], "roughnessFactor": 0.1},
        "extensions": {"KHR_materials_transmission": {"transmissionFactor": 0.9, "transmissionTexture": second},
                       "KHR_materials_ior": {"ior": 1.4},
                       "KHR_materials_dispersion": {"dispersion": 0.3},
                       "KHR_materials_iridescence": {"iridescenceFactor": 0.5, "iridescenceIor": 1.4, "iridescenceTexture": first},
                       "KHR_materials_diffuse_transmission": {"diffuseTransmissionFactor": 0.2, "diffuseTransmissionTexture": first},
                       "KHR_materials_volume": {"thicknessFactor": 0.1, "attenuationDistance": 2, "attenuationColor": [1, 0, 0]}}})
    gltf.add("materials", {"name": "cut", "alphaMode": "MASK", "alphaCutoff": 0.3, "extensions": {"KHR_materials_unlit": {}},
                           "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}})
    gltf.add("materials", {"name": "lamp", "emissiveFactor": [1, 0.9, 0.8], "emissiveTexture": {"index": 1},
                           "extensions": {"KHR_materials_emissive_strength": {"emissiveStrength": 5},
                                          "KHR_materials_pbrSpecularGlossiness": {"diffuseTexture": first, "glossinessFactor": 0.5,
                                                                                  "specularGlossinessTexture": second}}})


def add_nodes(gltf):
    gltf.add("cameras", {"type": "perspective", "perspective": {"yfov": 0.8, "aspectRatio": 1.5, "znear": 0.1, "zfar": 100}})
    gltf.document["extensionsUsed"] = ["KHR_lights_punctual", "KHR_texture_transform", "KHR_materials_ior", "KHR_mesh_quantization"]
    gltf.document["extensionsRequired"] = ["KHR_texture_transform", "KHR_mesh_quantization"]
    gltf.document["extensions"] = {"KHR_lights_punctual": {"lights": [
        {"type": "spot", "intensity": 20, "color": [1, 0.5, 0.5], "spot": {"innerConeAngle": 0.1, "outerConeAngle": 0.6}},
        {"type": "point", "intensity": 10, "range": 5}, {"type": "directional", "intensity": 1}]}}

    def light(number):
        return {"extensions": {"KHR_lights_punctual": {"light": number}}}
    gltf.add("nodes", {"name": "root", "children": [1, 2, 3, 4, 5, 6, 7, 8], "scale": [1, 1.2, 1]})
    gltf.add("nodes", {"name": "floor", "mesh": 0})
    gltf.add("nodes", {"mesh": 1, "translation": [0, 0.5, 0], "rotation": [0, 0.38, 0, 0.92], "scale": [0.5, 0.5, 0.5]})
    gltf.add("nodes", {"mesh": 2, "matrix": [0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, -0.5, 0, 0.2, 0.7, 0.4, 1]})
    gltf.add("nodes", {"mesh": 3})
    gltf.add("nodes", {"camera": 0, "translation": [0.1, 1.5, 3], "rotation": [-0.2, 0, 0, 0.98]})
    gltf.add("nodes", {"translation": [1, 2, 1], "rotation": [-0.7, 0, 0, 0.71], **light(0)})
    gltf.add("nodes", {"translation": [-1, 2, 1], **light(1)})
    gltf.add("nodes", {"rotation": [-0.5, 0.1, 0, 0.85], **light(2)})
    gltf.add("scenes", {"nodes": [0]})


def gltf_scene(picture_of):
    gltf = Gltf()
    add_meshes(gltf)
    add_materials(gltf, lambda kind: picture_of(gltf, kind))
    add_nodes(gltf)
    return gltf


def some_png(random):
    depth, color = random.choice([(8, 2), (8, 6), (16, 2), (16, 6), (8, 0), (4, 0), (1, 0), (8, 3), (2, 3), (16, 4), (8, 4)])
    extra = {3: [(b"tRNS", b"\x80\x40")], 0: [(b"tRNS", b"\0\1")], 2: [(b"tRNS", b"\0\1\0\2\0\3")]}.get(color, [])
    return png(5, 4, depth, color, extra=extra if random.random() < 0.5 else [], interlaced=0)


def glb_parts(random):
    """Document and buffer of a GLB whose pictures are in the buffer."""
    pictures = {"png": ("image/png", some_png(random)), "jpeg": ("image/jpeg", jpeg())}
    gltf = gltf_scene(lambda g, kind: {"mimeType": pictures[kind][0], "bufferView": g.view(pictures[kind][1]), "name": kind})
    return {**gltf.document, "buffers": [{"byteLength": len(gltf.binary)}]}, gltf.binary


def gltf_parts(random):
    """Document, buffer and pictures of a scene in files."""
    gltf = gltf_scene(lambda g, kind: {"uri": {"png": "a%20b.png", "jpeg": "tex/c.jpg"}[kind]})
    document = {**gltf.document, "buffers": [{"byteLength": len(gltf.binary), "uri": "data.bin"}]}
    return document, {"data.bin": gltf.binary, "a b.png": some_png(random), "tex/c.jpg": jpeg()}


# OBJ

OBJ = """# a room
mtllib room.mtl
o floor
v -1 0 -1
v 1 0 -1 0.5 0.5 1
v 1 0 1
v -1 0 1
v -1 2 -1
v 1.0e0 2 -1
v 0.3 0.5 \\
 0.2
v 0.1 1.9 0.1
v 0.2 1.9 0.1
v 0.2 1.9 0.3
vt 0 0
vt 1 0
vt 1 1
vt 0 1
vn 0 1 0
vn 0 0 1
g floor
usemtl wood
s off
f 1/1/1 4/4/1 3/3/1 2/2/1
g wall back
usemtl mirror
f 1//2 2//2 6//2 5//2
usemtl glass
f -4 -9 -8
f 7 1 4
usemtl lamp
f 8 9 10
l 1 2
f 1 2 3 7 4
"""
MTL = """newmtl wood
Kd 0.8 0.6 0.4
Ks 0.1 0.1 0.1
Ns 40
illum 2
map_Kd -s 2 2 1 -o 0.5 0 0 wood.png
norm -bm 0.5 bumps.jpg
newmtl mirror
Kd 0 0 0
Ks 0.9 0.9 0.9
illum 3
Pr 0.1
Pm 1
map_Pr wood.png
newmtl glass
illum 7
Ni 1.33
Tf 1 1 1
d 0.5
map_d wood.png
newmtl lamp
Ke 5 4 3
map_Ke "bumps.jpg"
Tr 0
"""


def obj_scene(random):
    return SceneFiles("room.obj", {"room.obj": OBJ.encode(), "room.mtl": MTL.encode(), "wood.png": some_png(random),
                                   "bumps.jpg": jpeg()})
