#!/usr/bin/env bash
# Builds what tests/gpu needs on a computer where nothing of ours is installed, and compares its GPUs with its CPU:
# math functions, films, hits, canaries, two scene slots in use at once, what a moved camera costs; then times each.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/gpu_check.sh [OPTION...]

Needs CUDA (nvcc), CMake 3.24, g++ 12 or another C++20 compiler, and ninja or make. Takes two to five minutes.

  --headers FOLDER        what tests/gpu/carry_headers.sh FOLDER has put there; unless given build/gpu_headers,
                          or the system's own headers
  --architecture LIST     CUDA architectures to compile for, as CMake names them; unless given "native"
  --build FOLDER          where to build; unless given build/gpu
  --effort N              multiplies the samples of all but the first scene, 1 to 1000; unless given 1
  --build-only            does not run what was built
  --help                  prints this

Exit status: 0 all equal; 1 something differs, or does not build; 2 usage or a missing tool; 77 no GPU.
END
}

fail_usage() {
  echo "error: $1" >&2
  echo "help: scripts/gpu_check.sh --help" >&2
  exit 2
}

root=$(cd "$(dirname "$0")/.." && pwd)
headers=
architecture=native
build=$root/build/gpu
effort=1
runs=yes
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --build-only) runs=no ;;
    --headers | --architecture | --build | --effort)
      [ $# -ge 2 ] || fail_usage "$1 needs a value"
      case $1 in
        --headers) headers=$2 ;;
        --architecture) architecture=$2 ;;
        --build) build=$2 ;;
        --effort) effort=$2 ;;
      esac
      shift
      ;;
    *) fail_usage "$1 is not an option" ;;
  esac
  shift
done
[[ $effort =~ ^[0-9]+$ ]] || fail_usage "--effort $effort is not a number"
export PATH=$PATH:/usr/local/cuda/bin
for tool in nvcc cmake; do
  command -v $tool > /dev/null || fail_usage "$tool was not found"
done
if [ -z "$headers" ] && [ -e "$root/build/gpu_headers/fmt/format.h" ]; then
  headers=$root/build/gpu_headers
fi

mkdir -p "$build"
generator=()
if command -v ninja > /dev/null; then
  generator=(-G Ninja)
fi
seconds() { echo "$SECONDS s: $1"; }
cmake -S "$root/tests/gpu" -B "$build" "${generator[@]}" -DOCT_CUDA=ON -DOCT_HEADERS="$headers" \
  -DCMAKE_CUDA_ARCHITECTURES="$architecture" > "$build/gpu_check.log" 2>&1 || {
  cat "$build/gpu_check.log" >&2
  exit 1
}
seconds "configured"
cmake --build "$build" --parallel "$(nproc)" > "$build/gpu_check.log" 2>&1 || {
  tail -n 100 "$build/gpu_check.log" >&2
  exit 1
}
seconds "built"
if [ $runs = no ]; then
  exit 0
fi
status=0
"$build/octane_gpu_test" "$effort" || status=$?
seconds "status $status"
exit $status
