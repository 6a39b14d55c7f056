#!/usr/bin/env bash
# One command from a fresh clone to a picture: installs what is missing, builds, lets a master and two slaves on this
# computer render the demo scene together, and shows that the film is bit for bit the one of a render without slaves.
#
#   scripts/demo.sh [SAMPLES]      samples per pixel, 128 unless given
set -euo pipefail
cd "$(dirname "$0")/.."

samples=${1:-128}
build=build/release
out=out/demo
picture=(docs/demo/demo.gltf -s "$samples" --film-width 800 --film-height 450 --cam-aperture 0.03 --cam-focaldepth 3.4)

scripts/setup.sh
echo "Building into $build ..."
cmake --preset release -DOCT_TESTS=OFF > /dev/null
cmake --build $build --target octane_master octane_slave
bin=$build/bin
mkdir -p $out

echo
echo "== A master and two slaves on this computer =="
slaves=()
cleanup() { [ ${#slaves[@]} -eq 0 ] || kill "${slaves[@]}" 2> /dev/null || true; }
trap cleanup EXIT
for name in slave-a slave-b; do
  $bin/octane_slave --net-master-address 127.0.0.1 --net-master-port 21000 --name $name --threads 1 --once \
    --net-timeout 60 > $out/$name.log 2>&1 &
  slaves+=($!)
done
$bin/octane_master "${picture[@]}" --net-enable --net-master-port 21000 --no-local --net-wait 2 \
  -o $out/demo.png --output-exr $out/demo.exr --report $out/network.json
wait "${slaves[@]}"
slaves=()

echo
echo "== The same picture, on this computer alone =="
$bin/octane_master "${picture[@]}" --no-net -o $out/demo_local.png --report $out/local.json

hash_of() { sed -n 's/.*"film_hash": *"\([^"]*\)".*/\1/p' "$1" | head -n 1; }
network=$(hash_of $out/network.json)
local=$(hash_of $out/local.json)
echo
echo "Pictures   $out/demo.png, $out/demo.exr"
if [ -n "$network" ] && [ "$network" = "$local" ]; then
  echo "Equal      two slaves and one computer alone made the same film: $network"
else
  echo "error: the films differ: $network with slaves, $local alone" >&2
  exit 1
fi
