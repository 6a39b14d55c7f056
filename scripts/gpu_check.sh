#!/usr/bin/env bash
# Builds what tests/gpu needs on a computer where nothing of ours is installed, and compares its GPUs with its CPU:
# math functions, films, hits, canaries, two scene slots in use at once, what a moved camera costs; then measures the
# first GPU: what its hardware does, recorded rays, scenes kernel by kernel, a start stage by stage.
set -euo pipefail

usage() {
  cat <<'END'
usage: scripts/gpu_check.sh [OPTION...]

Needs CUDA (nvcc), CMake 3.24, g++ 12 or another C++20 compiler, and ninja or make; no network and no package.
Takes three to eight minutes.

  --headers FOLDER        what tests/gpu/carry_headers.sh FOLDER has put there; unless given build/gpu_headers,
                          or the system's own headers
  --architecture LIST     CUDA architectures to compile for, as CMake names them; unless given "native"
  --build FOLDER          where to build; unless given build/gpu
  --carried FOLDER        scenes to measure, NAME.octscene, and their recorded rays, NAME.rays, and predictions,
                          NAME.meter.json; unless given build/gpu_carried, or a scene made in code
  --effort N              multiplies the samples of all but the first scene that is compared, 1 to 1000; unless given 1
  --seconds N             measures no longer than about so long; unless given 150; 0 = compares alone
  --build-only            does not run what was built
  --help                  prints this

What is measured is printed as a table and written to BUILD/gpu_check.json (schema octane.gpu_check/1); where there is
ncu, it profiles the third launch of each kernel into BUILD/ncu.csv.

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
seconds=150
carried=
runs=yes
while [ $# -gt 0 ]; do
  case $1 in
    --help | -h)
      usage
      exit 0
      ;;
    --build-only) runs=no ;;
    --headers | --architecture | --build | --carried | --effort | --seconds)
      [ $# -ge 2 ] || fail_usage "$1 needs a value"
      case $1 in
        --headers) headers=$2 ;;
        --architecture) architecture=$2 ;;
        --build) build=$2 ;;
        --carried) carried=$2 ;;
        --effort) effort=$2 ;;
        --seconds) seconds=$2 ;;
      esac
      shift
      ;;
    *) fail_usage "$1 is not an option" ;;
  esac
  shift
done
[[ $effort =~ ^[0-9]+$ ]] || fail_usage "--effort $effort is not a number"
[[ $seconds =~ ^[0-9]+$ ]] || fail_usage "--seconds $seconds is not a number"
[ -z "$carried" ] || [ -d "$carried" ] || fail_usage "--carried $carried is not a folder"
export PATH=$PATH:/usr/local/cuda/bin
for tool in nvcc cmake; do
  command -v $tool > /dev/null || fail_usage "$tool was not found"
done
if [ -z "$headers" ] && [ -e "$root/build/gpu_headers/fmt/format.h" ]; then
  headers=$root/build/gpu_headers
fi
if [ -z "$carried" ] && [ -d "$root/build/gpu_carried" ]; then
  carried=$root/build/gpu_carried
fi

mkdir -p "$build"
generator=()
if command -v ninja > /dev/null; then
  generator=(-G Ninja)
fi
said_at() { echo "$SECONDS s: $1"; }
cmake -S "$root/tests/gpu" -B "$build" "${generator[@]}" -DOCT_CUDA=ON -DOCT_HEADERS="$headers" \
  -DCMAKE_CUDA_ARCHITECTURES="$architecture" > "$build/gpu_check.log" 2>&1 || {
  cat "$build/gpu_check.log" >&2
  exit 1
}
said_at "configured"
cmake --build "$build" --parallel "$(nproc)" > "$build/gpu_check.log" 2>&1 || {
  tail -n 100 "$build/gpu_check.log" >&2
  exit 1
}
said_at "built"
if [ $runs = no ]; then
  exit 0
fi
status=0
"$build/octane_gpu_test" "$effort" || status=$?
said_at "compared, status $status"

# The third launch of each kernel that renders: caches are warm then, and the queues full.
profile() { # FILE.octscene
  local metrics=gpu__time_duration.sum,smsp__inst_executed.sum,smsp__thread_inst_executed_per_inst_executed.ratio
  metrics+=,sm__warps_active.avg.pct_of_peak_sustained_active,smsp__issue_active.avg.pct_of_peak_sustained_active
  metrics+=,l1tex__t_sector_hit_rate.pct,lts__t_sector_hit_rate.pct,dram__bytes.sum
  metrics+=,smsp__average_warps_issue_stalled_long_scoreboard_per_issue_active.ratio
  metrics+=,smsp__average_warps_issue_stalled_no_instruction_per_issue_active.ratio
  timeout 90 ncu --csv --clock-control none --kernel-id ":::3" --metrics "$metrics" \
    "$build/octane_gpu_bench" --profile "$1" > "$build/ncu.csv" 2>&1 ||
    echo "note: ncu could not profile $1; what it said is in $build/ncu.csv"
}

# What was measured beside what octane_simt counted, where its file was carried along.
beside_meter() {
  local meter
  for meter in "$carried"/*.meter.json; do
    [ -e "$meter" ] || continue
    python3 "$root/tests/gpu/beside_meter.py" "$build/gpu_check.json" "$meter"
  done
}

if [ "$status" = 0 ] && [ "$seconds" != 0 ]; then
  arguments=(--json "$build/gpu_check.json" --seconds "$seconds")
  [ -z "$carried" ] || arguments+=(--carried "$carried")
  "$build/octane_gpu_bench" "${arguments[@]}" || status=$?
  said_at "measured, status $status"
  if [ -n "$carried" ] && command -v ncu > /dev/null; then
    profile "$(ls "$carried"/*.octscene | head -n 1)"
    said_at "profiled"
  fi
  if [ -n "$carried" ] && command -v python3 > /dev/null; then
    beside_meter
  fi
fi
exit $status
