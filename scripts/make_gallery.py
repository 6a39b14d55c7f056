#!/usr/bin/env python3
"""Renders the scenes of docs/gallery/scenes.json and lays them on one contact sheet (Debian: python3-pil).

    scripts/make_gallery.py --master build/release/bin/octane_master --scenes FOLDER

FOLDER holds the files that scenes.json names; where they come from is said there. Rendered pictures are kept in --folder and are not
rendered again. Writes docs/gallery/contact_sheet.jpg and docs/gallery/README.md, whose lines are those of scenes.json.
"""
import argparse
import json
import pathlib
import subprocess
import sys

from PIL import Image, ImageDraw

GALLERY = pathlib.Path(__file__).resolve().parent.parent / "docs" / "gallery"
TILE = (240, 180)
CAPTION = 16  # pixels below each picture
COLUMNS = 6


def render(master, scenes, scene, picture, samples):
    options = [str(scenes / option[1:]) if option.startswith("@") else option for option in scene.get("options", [])]
    command = [master, str(scenes / scene["file"]), "-o", str(picture), "-s", str(scene.get("samples", samples)), "--film-width",
               str(TILE[0]), "--film-height", str(TILE[1]), "--no-net", "--quiet", *options]
    result = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    print(f"{scene['name']}: code {result.returncode}\n{result.stderr}".rstrip(), flush=True)
    return result.returncode == 0


def contact_sheet(scenes, folder):
    rows = -(-len(scenes) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * TILE[0], rows * (TILE[1] + CAPTION)), "white")
    draw = ImageDraw.Draw(sheet)
    for number, scene in enumerate(scenes):
        place = (number % COLUMNS * TILE[0], number // COLUMNS * (TILE[1] + CAPTION))
        sheet.paste(Image.open(folder / f"{scene['name']}.png").convert("RGB").resize(TILE), place)
        draw.text((place[0] + 4, place[1] + TILE[1] + 2), f"{number + 1} {scene['name']}", fill="black")
    sheet.save(GALLERY / "contact_sheet.jpg", quality=85)


def page(scenes):
    lines = ["# Gallery", "", "Public scenes, rendered as `octane_master SCENE` renders them but for the size, the samples and the options named here.",
             "Made by `scripts/make_gallery.py` from `scenes.json`.", "", "![Contact sheet](contact_sheet.jpg)", "",
             "| | scene | options | what it shows, and what is missing | by, licence |", "|---|---|---|---|---|"]
    for number, scene in enumerate(scenes):
        options = " ".join(option.lstrip("@") for option in scene.get("options", []))
        lines.append(f"| {number + 1} | {scene['name']} | {f'`{options}`' if options else ''} | {scene['line']} | {scene['credit']} |")
    lines += ["", "## Beside Cycles", "", "From the left gloss, metal, glass, clear coat, sheen, anisotropy, absorption, diffuse transmission; above here, below Cycles. The numbers, and why they differ:",
              "[materials](../materials.md#differences-from-cycles).", "", "![Balls beside Cycles](beside_cycles.png)"]
    (GALLERY / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--master", required=True, help="octane_master")
    parser.add_argument("--scenes", required=True, type=pathlib.Path, help="folder with the scenes")
    parser.add_argument("--folder", type=pathlib.Path, default=pathlib.Path("build/gallery"), help="where pictures are kept")
    parser.add_argument("--samples", type=int, default=64, help="per pixel (64)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    scenes = json.loads((GALLERY / "scenes.json").read_text(encoding="utf-8"))
    for scene in scenes:
        picture = options.folder / f"{scene['name']}.png"
        if not picture.exists() and not render(options.master, options.scenes, scene, picture, options.samples):
            sys.exit(f"error: {scene['name']} was not rendered")
    contact_sheet(scenes, options.folder)
    page(scenes)


main()
