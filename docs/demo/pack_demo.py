#!/usr/bin/env python3
"""Packs a glTF file with its buffers and pictures into one binary glTF.

    docs/demo/pack_demo.py docs/demo/demo.gltf demo.glb

Equal files give equal bytes: nothing of this computer or of the time goes in. Python's standard library only.
"""
import json
import struct
import sys
from pathlib import Path

MIME_TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


def chunk(kind, data, filler):
    data += filler * (-len(data) % 4)
    return struct.pack("<I4s", len(data), kind) + data


def pack(source):
    gltf = json.loads(source.read_text(encoding="utf-8"))
    binary = bytearray()
    starts = []
    for buffer in gltf["buffers"]:
        binary += b"\0" * (-len(binary) % 4)
        starts.append(len(binary))
        binary += (source.parent / buffer["uri"]).read_bytes()[:buffer["byteLength"]]
    for view in gltf["bufferViews"]:
        view["byteOffset"] = view.get("byteOffset", 0) + starts[view["buffer"]]
        view["buffer"] = 0
    for image in gltf.get("images", []):
        path = source.parent / image.pop("uri")
        picture = path.read_bytes()
        binary += b"\0" * (-len(binary) % 4)
        image.update(bufferView=len(gltf["bufferViews"]), mimeType=MIME_TYPES[path.suffix.lower()])
        gltf["bufferViews"].append({"buffer": 0, "byteOffset": len(binary), "byteLength": len(picture)})
        binary += picture
    gltf["buffers"] = [{"byteLength": len(binary)}]
    text = json.dumps(gltf, separators=(",", ":"), sort_keys=True).encode("utf-8")
    body = chunk(b"JSON", text, b" ") + chunk(b"BIN\0", bytes(binary), b"\0")
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    Path(sys.argv[2]).write_bytes(pack(Path(sys.argv[1])))
