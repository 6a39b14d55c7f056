#!/usr/bin/env bash
# Samples per second, start-up time and peak memory on CountryKitchen at 640 x 360, beside Cycles in the same run; for
# docs/performance.md.
#
#   tests/bench/kitchen.sh SCENES [SAMPLES]
#
# SCENES is the folder that holds CountryKitchen/ and env/. Wants build/release, and blender (scripts/setup.sh bench).
set -euo pipefail
scenes=$(cd "$1" && pwd)
samples=${2:-16}
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# the published camera of the scene; both renderers get the same
cat > "$work/setup.json" << JSON
{"scene": "$scenes/CountryKitchen/CountryKitchen.gltf", "max_bounces": 16,
 "camera": {"position": [1.211, 1.80475, 3.85239], "target": [0.7729, 1.76308, 2.95443], "yfov_deg": 36.516938},
 "environment": {"type": "hdr", "file": "$scenes/env/park.hdr", "strength": 6.0}}
JSON
ours() { # samples per pixel
  /usr/bin/time -f "octane: $1 spp in %e s from the command to the picture, peak memory %M kB" \
    build/release/bin/octane_master "$scenes/CountryKitchen/CountryKitchen.gltf" \
    -s "$1" --film-width 640 --film-height 360 --max-depth 16 --cpu --progress none -o "$work/out.png" \
    --environment "$scenes/env/park.hdr" --environment-power 6 --cam-fov 60.786 --cam-pos-x=1.211 --cam-pos-y=1.80475 \
    --cam-pos-z=3.85239 --cam-target-x=0.7729 --cam-target-y=1.76308 --cam-target-z=2.95443 2>&1 |
    grep -E "Scene|Summary|octane:"
}
for round in 1 2 3; do
  ours 1  # start-up: import, compile, tree, one sample, writing
  ours "$samples"
  /usr/bin/time -f "cycles: peak memory %M kB" blender -b -P tests/bench/cycles.py -- "$work/setup.json" \
    --samples "$samples" --threads "$(nproc)" 2>&1 | grep -E "samples_per_second|cycles:"
done
