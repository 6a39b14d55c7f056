#!/usr/bin/env python3
"""Makes the demo scene: demo.gltf, demo.bin and terrazzo.png beside this script. Python's standard library only.

A studio table: glass, metals, a texture, two area lights, a camera to be used with a thin lens. Lengths in metres.
"""
import json
import math
import random
import struct
import zlib
from pathlib import Path

HERE = Path(__file__).resolve().parent


class Builder:
    """Collects meshes, materials and nodes of one glTF file."""

    def __init__(self):
        self.binary = bytearray()
        self.gltf = {
            "asset": {"version": "2.0", "generator": "make_demo.py", "copyright": "Apache-2.0, as the project"},
            "scene": 0, "scenes": [{"nodes": []}], "nodes": [], "meshes": [], "materials": [], "accessors": [],
            "bufferViews": [], "cameras": [],
            "extensionsUsed": ["KHR_materials_transmission", "KHR_materials_ior", "KHR_materials_volume",
                               "KHR_materials_emissive_strength"],
        }

    def view(self, data, target):
        while len(self.binary) % 4:
            self.binary.append(0)
        self.gltf["bufferViews"].append(
            {"buffer": 0, "byteOffset": len(self.binary), "byteLength": len(data), "target": target})
        self.binary += data
        return len(self.gltf["bufferViews"]) - 1

    def floats(self, rows, kind):
        data = b"".join(struct.pack(f"<{len(row)}f", *row) for row in rows)
        accessor = {"bufferView": self.view(data, 34962), "componentType": 5126, "count": len(rows), "type": kind}
        if kind == "VEC3":
            # bounds of what is stored, which is rounded to 32 bits
            stored = [struct.unpack("<3f", struct.pack("<3f", *row)) for row in rows]
            accessor["min"] = [min(row[i] for row in stored) for i in range(3)]
            accessor["max"] = [max(row[i] for row in stored) for i in range(3)]
        self.gltf["accessors"].append(accessor)
        return len(self.gltf["accessors"]) - 1

    def indices(self, values):
        wide = max(values) > 65535
        data = struct.pack(f"<{len(values)}{'I' if wide else 'H'}", *values)
        self.gltf["accessors"].append({"bufferView": self.view(data, 34963), "componentType": 5125 if wide else 5123,
                                       "count": len(values), "type": "SCALAR"})
        return len(self.gltf["accessors"]) - 1

    def mesh(self, name, shape, material):
        positions, normals, uvs, triangles = shape
        attributes = {"POSITION": self.floats(positions, "VEC3")}
        if normals:
            attributes["NORMAL"] = self.floats(normals, "VEC3")
        if uvs:
            attributes["TEXCOORD_0"] = self.floats(uvs, "VEC2")
        self.gltf["meshes"].append({"name": name, "primitives": [
            {"attributes": attributes, "indices": self.indices(triangles), "material": material}]})
        return len(self.gltf["meshes"]) - 1

    def material(self, name, color, metallic=0.0, roughness=0.5, **extra):
        entry = {"name": name, "pbrMetallicRoughness": {
            "baseColorFactor": [*color, 1.0], "metallicFactor": metallic, "roughnessFactor": roughness}}
        entry.update(extra)
        self.gltf["materials"].append(entry)
        return len(self.gltf["materials"]) - 1

    def glass(self, name, color, roughness, ior):
        return self.material(name, color, 0.0, roughness, extensions={
            "KHR_materials_transmission": {"transmissionFactor": 1.0},
            "KHR_materials_ior": {"ior": ior},
            "KHR_materials_volume": {"thicknessFactor": 0.1}})

    def light(self, name, color, strength):
        return self.material(name, [0, 0, 0], 0.0, 1.0, emissiveFactor=color, extensions={
            "KHR_materials_emissive_strength": {"emissiveStrength": strength}})

    def node(self, name, mesh=None, **transform):
        entry = {"name": name, **transform}
        if mesh is not None:
            entry["mesh"] = mesh
        self.gltf["nodes"].append(entry)
        self.gltf["scenes"][0]["nodes"].append(len(self.gltf["nodes"]) - 1)


def add(a, b):
    return [x + y for x, y in zip(a, b)]


def scaled(a, s):
    return [x * s for x in a]


def cross(a, b):
    return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]


def unit(a):
    length = math.sqrt(sum(x * x for x in a))
    return [x / length for x in a]


def grid(columns, rows, point, closed_u=False, closed_v=False):
    """A grid of quads; point(u, v) gives (position, normal) for u, v in [0, 1]."""
    positions, normals, uvs, triangles = [], [], [], []
    for j in range(rows + 1):
        for i in range(columns + 1):
            u, v = i / columns, j / rows
            position, normal = point(u % 1.0 if closed_u else u, v % 1.0 if closed_v else v)
            positions.append(position)
            normals.append(normal)
            uvs.append([u, v])
    for j in range(rows):
        for i in range(columns):
            a, b = j * (columns + 1) + i, (j + 1) * (columns + 1) + i
            triangles += [a, a + 1, b + 1, a, b + 1, b]
    return positions, normals, uvs, triangles


def sphere(radius, columns=96, rows=48):
    def point(u, v):
        theta, phi = math.pi * (1 - v), 2 * math.pi * u
        normal = [math.sin(theta) * math.sin(phi), math.cos(theta), math.sin(theta) * math.cos(phi)]
        return scaled(normal, radius), normal
    return grid(columns, rows, point)


def rounded_box(half, radius, steps=40):
    """A box with round edges: a sphere pushed outwards by the box's inner half size."""
    inner = half - radius

    def point(u, v):
        theta, phi = math.pi * (1 - v), 2 * math.pi * u
        normal = [math.sin(theta) * math.sin(phi), math.cos(theta), math.sin(theta) * math.cos(phi)]
        largest = max(abs(x) for x in normal)
        core = [inner * max(-1.0, min(1.0, x / largest * 1.0)) for x in normal]
        snapped = [x if abs(x) >= inner * 0.999999 else x for x in core]
        # the direction from the inner box's surface, smooth over the edges
        soft = unit([math.copysign(abs(x / largest) ** 10, x) for x in normal])
        return add(snapped, scaled(soft, radius)), soft
    return grid(4 * steps, 2 * steps, point)


def torus_knot(p, q, radius, tube, columns=420, rows=28):
    def center(t):
        r = radius * (1 + 0.42 * math.cos(q * t))
        return [r * math.cos(p * t), radius * 0.62 * math.sin(q * t), r * math.sin(p * t)]

    def point(u, v):
        t, phi = 2 * math.pi * u, 2 * math.pi * v
        here, ahead = center(t), center(t + 1e-3)
        tangent = unit(add(ahead, scaled(here, -1)))
        side = unit(cross(tangent, unit(add(here, ahead))))
        up = cross(side, tangent)
        normal = add(scaled(side, math.cos(phi)), scaled(up, math.sin(phi)))
        return add(here, scaled(normal, tube)), normal
    return grid(columns, rows, point, True, True)


def gem(radius):
    """A brilliant without normals, so that its facets stay flat: table, crown, girdle and pavilion."""
    rings = [(0.56, 0.36, 0.5), (1.0, 0.06, 0.0), (1.0, 0.0, 0.0), (0.5, -0.42, 0.5)]
    sides = 10
    positions, triangles = [[0, 0.36 * radius, 0]], []
    for ring_radius, height, twist in rings:
        for i in range(sides):
            angle = 2 * math.pi * (i + twist) / sides
            positions.append([radius * ring_radius * math.cos(angle), radius * height,
                              radius * ring_radius * math.sin(angle)])
    positions.append([0, -0.86 * radius, 0])
    bottom = len(positions) - 1
    for i in range(sides):
        j = (i + 1) % sides
        triangles += [0, 1 + j, 1 + i]
        for ring in range(len(rings) - 1):
            a, b = 1 + ring * sides, 1 + (ring + 1) * sides
            if rings[ring][2] > rings[ring + 1][2]:
                triangles += [a + i, a + j, b + j, a + i, b + j, b + i]
            else:
                triangles += [a + i, a + j, b + i, a + j, b + j, b + i]
        last = 1 + (len(rings) - 1) * sides
        triangles += [last + i, last + j, bottom]
    return positions, None, None, triangles


def rectangle(width, height):
    """In the XY plane, facing +Z."""
    w, h = width / 2, height / 2
    return ([[-w, -h, 0], [w, -h, 0], [w, h, 0], [-w, h, 0]], [[0, 0, 1]] * 4, [[0, 1], [1, 1], [1, 0], [0, 0]],
            [0, 1, 2, 0, 2, 3])


def cyclorama():
    """A table that bends upwards into a backdrop."""
    depth_front, depth_back, bend, height, half_width = 2.2, -1.4, 1.0, 3.2, 5.0
    profile = [([0, depth_front], [1, 0])]
    for i in range(33):
        angle = math.pi / 2 * i / 32
        profile.append(([bend - bend * math.cos(angle), depth_back - bend * math.sin(angle)],
                        [math.cos(angle), math.sin(angle)]))
    profile.append(([height, depth_back - bend], [0, 1]))
    positions, normals, uvs, triangles = [], [], [], []
    along = 0.0
    for k, ((y, z), (ny, nz)) in enumerate(profile):
        if k:
            (y0, z0), _ = profile[k - 1]
            along += math.hypot(y - y0, z - z0)
        for x in (-half_width, half_width):
            positions.append([x, y, z])
            normals.append([0, ny, nz])
            uvs.append([x / 1.3, along / 1.3])
    for k in range(len(profile) - 1):
        a = 2 * k
        triangles += [a, a + 1, a + 3, a, a + 3, a + 2]
    return positions, normals, uvs, triangles


def look_at(eye, target):
    """Quaternion of a node at `eye` whose -Z looks at `target`."""
    z = unit(add(eye, scaled(target, -1)))
    x = unit(cross([0, 1, 0], z))
    y = cross(z, x)
    m = [[x[i], y[i], z[i]] for i in range(3)]
    w = math.sqrt(max(0.0, 1 + m[0][0] + m[1][1] + m[2][2])) / 2
    return [(m[2][1] - m[1][2]) / (4 * w), (m[0][2] - m[2][0]) / (4 * w), (m[1][0] - m[0][1]) / (4 * w), w]


def write_png(path, size, pixels):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = b"".join(b"\0" + bytes(pixels[y * size * 3:(y + 1) * size * 3]) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) +
                     chunk(b"IEND", b""))


def terrazzo(size=512, chips=420, seed=5):
    """Stone chips in cement, tileable: irregular convex polygons drawn over one another."""
    random_ = random.Random(seed)
    base = (226, 219, 206)
    stones = [(66, 74, 84), (190, 128, 96), (142, 158, 150), (236, 232, 226), (168, 84, 66), (108, 120, 132), (208, 176, 128)]
    pixels = bytearray(base * (size * size))
    for _ in range(chips):
        cx, cy = random_.random() * size, random_.random() * size
        radius = 4 + 20 * random_.random() ** 2.2
        shade = 0.9 + 0.2 * random_.random()
        color = [min(255, int(c * shade)) for c in random_.choice(stones)]
        planes = []
        for k in range(random_.randint(5, 7)):
            angle = 2 * math.pi * (k + 0.7 * random_.random()) / 6
            planes.append((math.cos(angle), math.sin(angle), radius * (0.6 + 0.4 * random_.random())))
        reach = int(radius * 1.6) + 1
        for dy in range(-reach, reach + 1):
            for dx in range(-reach, reach + 1):
                if all(dx * a + dy * b < d for a, b, d in planes) and dx * dx + dy * dy < reach * reach:
                    at = ((int(cy) + dy) % size * size + (int(cx) + dx) % size) * 3
                    pixels[at:at + 3] = bytes(color)
    write_png(HERE / "terrazzo.png", size, pixels)


def main():
    terrazzo()
    b = Builder()
    b.gltf["images"] = [{"uri": "terrazzo.png"}]
    b.gltf["samplers"] = [{"wrapS": 10497, "wrapT": 10497}]
    b.gltf["textures"] = [{"source": 0, "sampler": 0}]
    table = b.material("terrazzo", [1, 1, 1], 0.0, 0.32)
    b.gltf["materials"][table]["pbrMetallicRoughness"]["baseColorTexture"] = {"index": 0}
    gold = b.material("gold", [1.0, 0.72, 0.30], 1.0, 0.16)
    chrome = b.material("chrome", [0.86, 0.88, 0.90], 1.0, 0.03)
    copper = b.material("copper", [0.95, 0.54, 0.40], 1.0, 0.34)
    steel = b.material("blued steel", [0.20, 0.30, 0.62], 1.0, 0.22)
    porcelain = b.material("porcelain", [0.86, 0.20, 0.14], 0.0, 0.12)
    clear = b.glass("clear glass", [1, 1, 1], 0.0, 1.5)
    frosted = b.glass("frosted glass", [0.72, 0.93, 0.96], 0.28, 1.5)
    emerald = b.glass("emerald", [0.45, 0.94, 0.66], 0.0, 1.8)
    warm = b.light("warm softbox", [1.0, 0.80, 0.58], 17.0)
    cool = b.light("cool strip", [0.58, 0.76, 1.0], 13.0)

    b.node("table", b.mesh("table", cyclorama(), table))
    b.node("knot", b.mesh("knot", torus_knot(2, 3, 0.34, 0.105), gold), translation=[-0.08, 0.43, -0.35],
           rotation=[math.sin(0.65), 0, 0, math.cos(0.65)])
    b.node("glass ball", b.mesh("glass ball", sphere(0.30), clear), translation=[0.74, 0.30, 0.22])
    b.node("frosted block", b.mesh("frosted block", rounded_box(0.24, 0.035), frosted), translation=[-0.88, 0.2405, 0.18],
           rotation=[0, math.sin(0.28), 0, math.cos(0.28)])
    b.node("emerald", b.mesh("emerald", gem(0.20), emerald), translation=[0.10, 0.1505, 0.62],
           rotation=[0.0, 0.0, math.sin(0.37), math.cos(0.37)])
    small = {"chrome": (chrome, 0.17, [-0.38, 0.46]), "copper": (copper, 0.11, [-0.16, 0.84]),
             "steel": (steel, 0.13, [0.42, 0.78]), "porcelain": (porcelain, 0.20, [0.62, -0.42]),
             "porcelain small": (porcelain, 0.09, [-0.62, 0.78])}
    for name, (material, radius, (x, z)) in small.items():
        b.node(name, b.mesh(name, sphere(radius, 64, 32), material), translation=[x, radius, z])

    b.node("warm softbox", b.mesh("warm softbox", rectangle(1.6, 1.1), warm), translation=[-2.1, 2.5, 1.1],
           rotation=look_at([2.1, -2.5, -1.1], [0.15, -0.2, 0.0]))
    b.node("cool strip", b.mesh("cool strip", rectangle(0.5, 2.0), cool), translation=[2.5, 1.5, -0.6],
           rotation=look_at([-2.5, -1.5, 0.6], [0.0, -0.3, 0.0]))

    eye, target = [0.55, 1.15, 3.55], [0.0, 0.30, 0.08]
    b.gltf["cameras"].append({"name": "Camera", "type": "perspective",
                              "perspective": {"yfov": 0.46, "aspectRatio": 16 / 9, "znear": 0.01}})
    b.node("Camera", None, camera=0, translation=eye, rotation=look_at(eye, target))

    b.gltf["buffers"] = [{"uri": "demo.bin", "byteLength": len(b.binary)}]
    (HERE / "demo.bin").write_bytes(b.binary)
    (HERE / "demo.gltf").write_text(json.dumps(b.gltf, indent=1) + "\n")


if __name__ == "__main__":
    main()
