"""Mutated scenes: what is wrong with each follows from a number alone.

`mutated_scene(number)` gives a SceneFiles and the words for what was done to it. Mutations know the formats: they change
values, counts, offsets, types and references of JSON, lines of text, chunks of pictures with right checksums; besides there
are bytes flipped, pieces removed, doubled and moved, and ends cut off.
"""
import base64
import json
import random as randoms
import struct
import zlib

import scene_files
from scene_files import SceneFiles

NUMBERS = [0, 1, -1, 2, 3, 4, 5, 7, 8, 16, 255, 256, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63, 2**64,
           -2**31, -2**63, 0.5, -0.5, 1e-45, 1e-300, 1e-9, 1e9, 1e15, 1e18, 1e38, 3.5e38, 1e308, -1e38, 0.9999999, 1.0000001,
           5120, 5121, 5122, 5123, 5125, 5126, 33071, 33648, 9728]
BIT_PATTERNS = [b"\0\0\0\0", b"\xff\xff\xff\xff", struct.pack("<f", float("nan")), struct.pack("<f", float("inf")),
                struct.pack("<f", -float("inf")), struct.pack("<f", 3e38), struct.pack("<f", -1e30), struct.pack("<f", 1e-40),
                struct.pack("<f", -0.0), b"\xff\xff\xff\x7f", b"\0\0\0\x80"]
TEXTS = ["", "x", "a" * 5000, "../../../../etc/passwd", "/etc/passwd", "\\\\server\\share\\a.png", "http://example.com/a.png", "data:",
         "data:image/png;base64,", "data:application/octet-stream;base64,AAAA", "data:;base64,====", "%", "%00", "%zz", "a%2fb",
         "\u0000", "\u001b[31m", "\ud7ff\u2028", "CON", ".", "..", "VEC2", "VEC3", "VEC4", "SCALAR", "MAT4", "MASK", "BLEND", "OPAQUE",
         "spot", "point", "perspective", "orthographic", "image/png", "image/jpeg", "scene.gltf", "data.bin", "1e400", "-nan"]
LINE_WORDS = ["v", "vt", "vn", "f", "g", "o", "s", "usemtl", "mtllib", "newmtl", "Kd", "Ks", "Ke", "Ns", "Ni", "d", "Tr", "Tf", "Pr",
              "Pm", "illum", "map_Kd", "map_Ke", "map_d", "map_Pr", "norm", "bump", "map_Bump", "disp", "l", "p", "curv", "call",
              "-s", "-o", "-bm", "-clamp", "on", "off", "wood.png", "room.mtl", "1/1/1", "-1//-1", "0", "99999999999", "-99999999999",
              "1e999", "-1e38", "nan", "inf", "1//", "/", "//", "1/2/3/4", "\\", "\"", "#", "\u20ac", "\x00", "\t"]


# Bytes


def flip(data, random):
    at = random.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1:]


def overwrite(data, random):
    at = random.randrange(len(data))
    pattern = random.choice([*BIT_PATTERNS, random.randbytes(random.randint(1, 8))])
    if random.random() < 0.5:
        at -= at % 4
    return data[:at] + pattern + data[at + len(pattern):]


def remove(data, random):
    at = random.randrange(len(data))
    return data[:at] + data[at + random.randint(1, 16):]


def repeat(data, random):
    at = random.randrange(len(data))
    return data[:at] + data[max(0, at - random.randint(1, 64)):at] * random.choice([1, 1, 1, 2, 100]) + data[at:]


def move(data, random):
    first, last = sorted(random.randrange(len(data) + 1) for _ in range(2))
    at = random.randrange(len(data) - (last - first) + 1)
    rest = data[:first] + data[last:]
    return rest[:at] + data[first:last] + rest[at:]


def truncate(data, random):
    return data[:random.randrange(len(data))]


def append(data, random):
    return data + random.randbytes(random.randint(1, 100))


def mutate_bytes(data, random, count=None):
    for _ in range(count or random.randint(1, 3)):
        if data:
            data = random.choice([flip, flip, overwrite, overwrite, overwrite, remove, repeat, move, truncate, append])(data, random)
    return data


# JSON


def places_in(value, found, path=()):
    """All places in a document: (container, key)."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found.append((value, key))
        places_in(inner, found)
    return found


def odd_value(random, old):
    if random.random() < 0.5 and isinstance(old, (int, float)) and not isinstance(old, bool):
        return random.choice([old + 1, old - 1, old * 2, -old, old + 0.5, old * 1000, old + 2**32])
    kind = random.randrange(10)
    if kind < 5:
        return random.choice(NUMBERS)
    if kind < 7:
        return random.choice(TEXTS)
    return random.choice([None, True, False, [], {}, [0], [[]], [1, 2, 3], [0] * 17, {"index": 0}, ["x"], [1e38, -1e38, 0, 1],
                          [None], {"": {}}])


def mutate_json(document, random):
    """Changes the document, and says how."""
    container, key = random.choice(places_in(document, []))
    name = f"{key}"
    kind = random.randrange(12)
    if kind == 0:
        del container[key]
        return f"{name} removed"
    if kind == 1 and isinstance(container, list):
        container.insert(key, json.loads(json.dumps(container[key])))
        return f"{name} doubled"
    if kind == 2:
        other, other_key = random.choice(places_in(document, []))
        copy = json.loads(json.dumps(other[other_key]))
        container[key] = copy
        return f"{name} = a copy of {other_key}"
    if kind == 3 and isinstance(container, list):
        container.extend([container[key]] * random.choice([1, 10, 1000]))
        return f"{name} many times"
    if kind == 4 and isinstance(container, dict):
        container[random.choice(["min", "max", "byteStride", "sparse", "uri", "extensions", "matrix", "children", "normalized", "skin",
                                 "weights", "mode", "indices", "bufferView", "name", "extras", "byteOffset"])] = odd_value(random, 0)
        return f"something beside {name}"
    old = container[key]
    container[key] = odd_value(random, old)
    return f"{name} = {str(container[key])[:40]!r}, was {str(old)[:30]!r}"


def mutate_json_text(text, random):
    """What no document in memory can be: doubled keys, deep nesting, odd tokens, other encodings."""
    kind = random.randrange(7)
    if kind == 0:
        return b"[" * random.choice([100, 10000, 200000]) + text, "nesting in front"
    if kind == 1:
        depth = random.choice([50, 600, 100000])
        return text.replace(b'"scene"', b'"x": ' + b'{"a":' * depth + b"1" + b"}" * depth + b', "scene"', 1), "nesting inside"
    if kind == 2:
        return b"\xef\xbb\xbf" + text, "a byte order mark"
    if kind == 3:
        return text.decode().encode("utf-16"), "UTF-16"
    if kind == 4:
        return text.replace(b"{", b'{"meshes": [], "nodes": 3,', 1), "doubled keys"
    if kind == 5:
        digits = [i for i, c in enumerate(text) if 48 <= c < 58]
        at = random.choice(digits)
        return text[:at] + random.choice([b"9" * 400, b"1e999", b"-", b"NaN", b"0x1", b"1.5.5", b"\xff"]) + text[at + 1:], "an odd number"
    return mutate_bytes(text, random), "bytes of the text"


# Lines of text


def mutate_lines(text, random):
    lines = text.decode("utf-8", "surrogateescape").split("\n")
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(lines))
        words = lines[at].split(" ")
        kind = random.randrange(8)
        if kind == 0:
            del lines[at]
        elif kind == 1:
            lines.insert(at, lines[random.randrange(len(lines))])
        elif kind == 2:
            words[random.randrange(len(words))] = random.choice(LINE_WORDS)
            lines[at] = " ".join(words)
        elif kind == 3:
            words.insert(random.randrange(len(words) + 1), random.choice(LINE_WORDS))
            lines[at] = " ".join(words)
        elif kind == 4:
            words[random.randrange(len(words))] = str(random.choice(NUMBERS))
            lines[at] = " ".join(words)
        elif kind == 5:
            lines[at] = " ".join(words * random.choice([2, 50, 5000]))
        elif kind == 6:
            lines[at] += "\\"
        else:
            lines.insert(at, " ".join(random.choice(LINE_WORDS) for _ in range(random.randint(1, 8))))
        if not lines:
            lines = [""]
    ending = random.choice(["\n", "\n", "\n", "\r\n", "\r"])
    return ending.join(lines).encode("utf-8", "surrogateescape")


# Pictures


def png_chunks(data):
    chunks, at = [], 8
    while at + 12 <= len(data):
        size = struct.unpack(">I", data[at:at + 4])[0]
        chunks.append([data[at + 4:at + 8], data[at + 8:at + 8 + size]])
        at += 12 + size
    return chunks


def mutate_png(data, random):
    """Chunks removed, doubled, exchanged, changed, with right checksums; pixels that inflate to something else."""
    chunks = png_chunks(data)
    for _ in range(random.randint(1, 2)):
        at = random.randrange(len(chunks))
        kind = random.randrange(7)
        if kind == 0:
            del chunks[at]
        elif kind == 1:
            chunks.insert(random.randrange(len(chunks)), list(chunks[at]))
        elif kind == 2:
            header = bytearray(chunks[0][1].ljust(13, b"\0"))
            where = random.randrange(11)
            if where < 2:
                header[where * 4:where * 4 + 4] = struct.pack(">I", random.choice([0, 1, 2, 4, 6, 100, 16384, 16385, 2**31 - 1, 2**32 - 1]))
            else:
                header[where + 2] = random.choice([0, 1, 2, 3, 4, 5, 6, 8, 16, 255])
            chunks[0][1] = bytes(header)
        elif kind == 3 and chunks[at][0] == b"IDAT":
            try:
                plain = zlib.decompress(chunks[at][1])
            except zlib.error:
                plain = b"\0\0\0"
            chunks[at][1] = zlib.compress(mutate_bytes(plain, random))
        elif kind == 4 and chunks[at][0] == b"IDAT":
            half = len(chunks[at][1]) // 2
            chunks[at:at + 1] = [[b"IDAT", chunks[at][1][:half]], [b"IDAT", chunks[at][1][half:]]]
        elif kind == 5:
            chunks[at][0] = random.choice([b"PLTE", b"tRNS", b"IDAT", b"IEND", b"gAMA", b"XXXX", b"aaaa"])
        elif chunks[at][1]:
            chunks[at][1] = mutate_bytes(chunks[at][1], random, 1)
        if not chunks:
            chunks = [[b"IEND", b""]]
    return data[:8] + b"".join(scene_files.png_chunk(kind, body) for kind, body in chunks)


def mutate_jpeg(data, random):
    """A segment changed, removed, doubled, or with another length."""
    starts, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        starts.append(at)
        if data[at + 1] == 0xDA:
            break
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    at = random.choice(starts)
    size = 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    kind = random.randrange(6)
    if kind == 0:
        return data[:at] + data[at + size:]
    if kind == 1:
        return data[:at] + data[at:at + size] * 2 + data[at + size:]
    if kind == 2:
        return data[:at + 2] + struct.pack(">H", random.choice([0, 1, 2, 3, size, 65535])) + data[at + 4:]
    if kind == 3:
        return data[:at + 1] + bytes([random.choice([0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xDB, 0xDD, 0xDA, 0xE0, 0xEE, 0xD9, 0xD0, 0xFF])]) + data[at + 2:]
    if kind == 4:
        inside = at + 4 + random.randrange(size - 4)
        return data[:inside] + bytes([random.choice([0, 1, 2, 3, 4, 17, 34, 255])]) + data[inside + 1:]
    return mutate_bytes(data, random)


def mutate_exr(data, random):
    """Words of the header and the table of offsets with extreme values, else bytes."""
    if random.random() < 0.4:
        return mutate_bytes(data, random)
    at = random.randrange(8, min(len(data) - 4, 500))
    number = random.choice([0, 1, 2, 3, 4, 8, 15, 16, 31, 255, 65535, 2**31 - 1, 2**31, 2**32 - 1])
    size = random.choice([1, 4])
    return data[:at] + struct.pack("<I", number)[:size] + data[at + size:]


def mutate_hdr(data, random):
    if random.random() < 0.5:
        return mutate_bytes(data, random)
    width, height = (random.choice([0, 1, 7, 8, 9, 32767, 32768, 16384, 99999999, -1]) for _ in range(2))
    sizes = b"-Y %d +X %d" % (height, width) if random.random() < 0.8 else b"+Y %d -X %d" % (height, width)
    return data.replace(b"-Y 4 +X 8", sizes)


def mutate_picture(name, data, random):
    if random.random() < 0.25:
        return mutate_bytes(data, random)
    for ending, mutate in ((".png", mutate_png), (".jpg", mutate_jpeg), (".exr", mutate_exr), (".hdr", mutate_hdr)):
        if name.endswith(ending):
            return mutate(data, random)
    return mutate_bytes(data, random)


# Scenes


def glb_with_other_document(random):
    document, binary = scene_files.glb_parts(random)
    did = [mutate_json(document, random) for _ in range(random.choice([1, 1, 2, 3]))]
    return SceneFiles("a.glb", {"a.glb": scene_files.pack_glb(json.dumps(document).encode(), binary)}), "GLB: " + "; ".join(did)


def glb_with_other_container(random):
    document, binary = scene_files.glb_parts(random)
    glb = scene_files.pack_glb(json.dumps(document).encode(), binary)
    if random.random() < 0.5:
        size = struct.unpack("<I", glb[12:16])[0]
        at = random.choice([0, 4, 8, 12, 16, 20 + size, 24 + size])
        word = struct.pack("<I", random.choice([0, 1, 2, 3, 4, len(glb), size + 1, size + 4, 2**31, 2**32 - 1, 0x4E4F534A, 0x004E4942]))
        return SceneFiles("a.glb", {"a.glb": glb[:at] + word + glb[at + 4:]}), f"GLB: word {at} = {word.hex()}"
    return SceneFiles("a.glb", {"a.glb": mutate_bytes(glb, random)}), "GLB: bytes"


def glb_with_other_buffer(random):
    document, binary = scene_files.glb_parts(random)
    geometry = sum(view["byteLength"] for view in document["bufferViews"][:8])
    for _ in range(random.randint(1, 6)):
        at = random.randrange(geometry) & ~3
        binary = binary[:at] + random.choice([*BIT_PATTERNS, random.randbytes(4)]) + binary[at + 4:]
    return SceneFiles("a.glb", {"a.glb": scene_files.pack_glb(json.dumps(document).encode(), binary)}), "GLB: numbers of the buffer"


def gltf_in_files(random):
    document, files = scene_files.gltf_parts(random)
    did = ["files"]
    if random.random() < 0.6:
        did.append(mutate_json(document, random))
    text = json.dumps(document).encode()
    if random.random() < 0.4:
        name = random.choice(sorted(files))
        files[name] = mutate_picture(name, files[name], random)
        did.append(name)
    return SceneFiles("scene.gltf", {"scene.gltf": text, **files}), "glTF: " + "; ".join(did)


def gltf_text(random):
    document, files = scene_files.gltf_parts(random)
    text, did = mutate_json_text(json.dumps(document).encode(), random)
    return SceneFiles("scene.gltf", {"scene.gltf": text, **files}), f"glTF: {did}"


def gltf_with_data_addresses(random):
    document, files = scene_files.gltf_parts(random)
    document["buffers"][0]["uri"] = "data:application/octet-stream;base64," + base64.b64encode(files["data.bin"]).decode()
    for image, name in zip(document["images"], ("a b.png", "tex/c.jpg")):
        image["uri"] = "data:image/png;base64," + base64.b64encode(mutate_picture(name, files[name], random)).decode()
    if random.random() < 0.5:
        part = random.choice([document["buffers"][0], *document["images"]])
        part["uri"] = mutate_bytes(part["uri"].encode(), random).decode("latin-1")
    return SceneFiles("scene.gltf", {"scene.gltf": json.dumps(document).encode()}), "glTF: data addresses"


def obj_lines(random):
    scene = scene_files.obj_scene(random)
    scene.files["room.obj"] = mutate_lines(scene.files["room.obj"], random)
    return scene, "OBJ: lines"


def mtl_lines(random):
    scene = scene_files.obj_scene(random)
    scene.files["room.mtl"] = mutate_lines(scene.files["room.mtl"], random)
    return scene, "MTL: lines"


def obj_bytes(random):
    scene = scene_files.obj_scene(random)
    name = random.choice(["room.obj", "room.mtl"])
    scene.files[name] = mutate_bytes(scene.files[name], random)
    return scene, f"{name}: bytes"


def obj_pictures(random):
    scene = scene_files.obj_scene(random)
    for name in ("wood.png", "bumps.jpg"):
        scene.files[name] = mutate_picture(name, scene.files[name], random)
    return scene, "OBJ: pictures"


def environment(random):
    scene = scene_files.obj_scene(random)
    exr = random.choice(scene_files.exr_names())
    name, data = random.choice([("sky.hdr", scene_files.hdr()), ("sky.exr", scene_files.exr(exr)), ("sky.exr", scene_files.exr(exr))])
    scene.files[name] = mutate_picture(name, data, random)
    scene.arguments = ["--environment", name]
    return scene, f"environment: {name}"


KINDS = [(glb_with_other_document, 24), (gltf_in_files, 16), (glb_with_other_buffer, 10), (glb_with_other_container, 6), (gltf_text, 6),
         (gltf_with_data_addresses, 6), (obj_lines, 10), (mtl_lines, 7), (obj_bytes, 4), (obj_pictures, 5), (environment, 8)]


def mutated_scene(seed, number):
    random = randoms.Random(f"{seed} {number}")
    make = random.choices([kind for kind, _ in KINDS], [weight for _, weight in KINDS])[0]
    return make(random)
