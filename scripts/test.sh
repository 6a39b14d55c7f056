#!/usr/bin/env bash
# One command from a fresh clone to tested programs: installs what is missing, builds, runs the tests.
#
#   scripts/test.sh             25 to 35 minutes on 2 cores the first time
#   scripts/test.sh --quick     the release configuration alone
#   scripts/test.sh --sanitize  the two sanitizer configurations alone
#   scripts/test.sh --all       every test under every configuration, the slow ones too: hours
#
# Windows programs are tested with TLS where scripts/build_windows_libraries.sh has been run before, or with
# OCTANE_BUILD_WINDOWS_LIBRARIES=1, which runs it (10 minutes more, once); else without.
#
# What each configuration is for, and what it costs: docs/testing.md. A test joins one by oct_test_groups(...) in its
# folder's tests.cmake. What cannot be run for want of a tool is named at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-}
case $mode in "" | --all | --quick | --sanitize) ;; *) echo "error: unknown option $mode" >&2; exit 2 ;; esac
all() { [ "$mode" = --all ]; }

packages=(test)
case $mode in "" | --all) packages+=(windows) ;; esac
scripts/setup.sh "${packages[@]}"
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
export CTEST_PARALLEL_LEVEL=3  # most wait; those that render with the real programs run alone (RUN_SERIAL)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
started=$SECONDS
failed=()
left_out=()
runner=()  # what ctest is called through

leave_out() { # what, why
  echo "note: $1: left out: $2"
  left_out+=("$1 ($2)")
}

build() { # preset, targets
  local options=(-DOCT_TESTS=ON) words  # scripts/demo.sh may have configured the same folder without tests
  read -ra words <<< "$2"
  [ "$1" != release ] || options+=(-DCMAKE_CUDA_ARCHITECTURES=75)
  echo "== $1: configure =="
  cmake --preset "$1" "${options[@]}" > "$scratch/configure" 2>&1 || { cat "$scratch/configure"; return 1; }
  echo "== $1: build $2 =="
  cmake --build "build/$1" --target "${words[@]}"
}

# A configuration that fails is remembered, and the next one begins: preset, targets, arguments of ctest.
run() {
  local preset=$1 targets=$2 at=$SECONDS
  shift 2
  if ! build "$preset" "$targets"; then failed+=("$preset: build"); return; fi
  echo "== $preset: test (built in $((SECONDS - at)) s) =="
  "${runner[@]}" ctest --test-dir "build/$preset" --output-on-failure --no-tests=error "$@" || failed+=("$preset")
  echo "== $preset: $((SECONDS - at)) s =="
}

# preset, group of tests, further targets; everything with --all
run_group() {
  if all; then run "$1" all -C slow; else run "$1" "octane_tests_$2${3:+ $3}" -L "^$2\$"; fi
}

# Makes the prefix once; one whose making was interrupted is made anew.
wine_works() {
  export WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES="mscoree,mshtml="
  unset DISPLAY
  if [ -z "${WINEPREFIX:-}" ]; then
    export WINEPREFIX=$PWD/build/wineprefix
    [ -f "$WINEPREFIX/ready" ] || rm -rf "$WINEPREFIX"
  fi
  if [ ! -f "$WINEPREFIX/ready" ]; then
    echo "== Wine: prefix in $WINEPREFIX =="
    mkdir -p "$WINEPREFIX"
    timeout 300 wineboot -i > /dev/null 2>&1 || true
    timeout 60 wineserver -w || true
  fi
  timeout 60 wine cmd /c echo works 2> /dev/null | grep -q works && touch "$WINEPREFIX/ready"
}

windows() {
  local programs="octane_master octane_slave octane_daemon octane_demo octane_stand_in"
  if ! command -v x86_64-w64-mingw32-g++-posix > /dev/null; then
    leave_out mingw "no cross compiler"
    return
  fi
  if [ "${OCTANE_BUILD_WINDOWS_LIBRARIES:-}" = 1 ]; then
    scripts/build_windows_libraries.sh || failed+=("libraries for Windows")
  fi
  scripts/build_windows_libraries.sh --where > /dev/null ||
    echo "note: the Windows programs have no TLS here (scripts/build_windows_libraries.sh)"
  if ! command -v wine > /dev/null || ! wine_works; then
    leave_out "running Windows programs" "no Wine that works"
    build mingw "octane_tests_windows $programs" || failed+=("mingw: build")
  else
    run mingw "octane_tests_windows $programs" -L '^windows$'
    other_programs+=(--other-master "wine build/mingw/bin/octane_master.exe"
      --other-slave "wine build/mingw/bin/octane_slave.exe")
  fi
}

sanitizer_runs() { # names for -fsanitize
  echo 'int main() {}' > "$scratch/empty.cpp"
  clang++ "-fsanitize=$1" "$scratch/empty.cpp" -o "$scratch/empty" &> "$scratch/output" &&
    "${runner[@]}" "$scratch/empty" &> "$scratch/output"
}

sanitizers() {
  local variable
  for variable in ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS; do  # lines of code, through binutils where LLVM's tool is absent
    export $variable="allow_addr2line=1:print_stacktrace=1:${!variable:-}"
  done
  if sanitizer_runs address,undefined; then
    run_group asan borders "octane_master octane_slave"
    other_programs+=(--other-master build/asan/bin/octane_master --other-slave build/asan/bin/octane_slave)
  else
    leave_out asan "no sanitizer runtime"
  fi
  # Kernels that place memory more randomly than the thread sanitizer expects make it give up at start.
  if setarch -R true 2> /dev/null; then runner=(setarch -R); fi
  if sanitizer_runs thread; then run_group tsan threads; else leave_out tsan "no sanitizer runtime, or it does not start"; fi
  runner=()
}

across_builds() {
  if [ ${#other_programs[@]} -eq 0 ]; then leave_out "the same film from every build" "there is one build"; return; fi
  echo "== the same film from every build =="
  python3 tests/system/across_builds.py --master build/release/bin/octane_master "${other_programs[@]}" ||
    failed+=("across builds")
}

other_programs=()
case $mode in
  --quick) run release all ;;
  --sanitize) sanitizers ;;
  *)
    if all; then run release all -C slow; else run release all; fi
    windows
    run_group clang kernels
    ! all || run debug all -C slow
    sanitizers
    across_builds
    ;;
esac

echo
echo "All configurations took $((SECONDS - started)) s."
for what in "${left_out[@]}"; do echo "note: left out: $what"; done
if [ ${#failed[@]} -ne 0 ]; then
  printf -v list '%s, ' "${failed[@]}"
  echo "error: failed: ${list%, }" >&2
  exit 1
fi
echo "All tests passed."
