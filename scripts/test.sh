#!/usr/bin/env bash
# One command from a fresh clone to tested programs: installs what is missing, builds, runs the tests.
#
#   scripts/test.sh             25 to 30 minutes on 2 cores the first time
#   scripts/test.sh --quick     the release configuration alone
#   scripts/test.sh --sanitize  the two sanitizer configurations alone
#   scripts/test.sh --all       every test under every configuration, the slow ones too: hours
#
# The libraries of picture and geometry formats are built before, from the distribution's sources (scripts/build_libraries.sh linux
# formats and windows formats: 2 to 4 minutes on 2 cores each, once). Windows programs are tested with TLS where
# scripts/build_libraries.sh windows network has been run before, or with OCTANE_BUILD_WINDOWS_LIBRARIES=1, which runs it (10
# minutes more, once); else without.
#
# What each configuration is for, and what it costs: docs/testing.md. A test joins one by oct_test_groups(...) in its
# folder's tests.cmake. What cannot be run for want of a tool is named at the end.
set -euo pipefail
cd "$(dirname "$0")/.."

mode=${1:-}
case $mode in "" | --all | --quick | --sanitize) ;; *) echo "error: unknown option $mode" >&2; exit 2 ;; esac
all() { [ "$mode" = --all ]; }

packages=(test release)
case $mode in "" | --all) packages+=(windows) ;; esac
scripts/setup.sh "${packages[@]}"
export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
export CTEST_PARALLEL_LEVEL=3  # most wait; those that render with the real programs run alone (RUN_SERIAL)

scratch=$(mktemp -d)
ahead=  # the process group that builds the next configuration
trap '[ -z "$ahead" ] || kill -- "-$ahead" 2> /dev/null; rm -rf "$scratch"' EXIT
trap 'exit 130' INT  # also where what was interrupted returns an error, which else would count as a missing tool
started=$SECONDS
failed=()
left_out=()
presets=() targets=() runners=() arguments=()  # the configurations, in order

leave_out() { # what, why
  echo "note: $1: left out: $2"
  left_out+=("$1 ($2)")
}

build() { # preset, targets
  local options=(-DOCT_TESTS=ON) words  # scripts/demo.sh may have configured the same folder without tests
  read -ra words <<< "$2"
  [ "$1" != release ] || options+=(-DCMAKE_CUDA_ARCHITECTURES=75 -DOCT_BENCH=ON)
  echo "== $1: configure =="
  cmake --preset "$1" "${options[@]}" > "$scratch/configure_$1" 2>&1 || { cat "$scratch/configure_$1"; return 1; }
  echo "== $1: build $2 =="
  cmake --build "build/$1" --target "${words[@]}"
}

# A configuration to come: preset, targets, what its tests are called through, arguments of ctest, or none for no tests.
plan() {
  presets+=("$1") targets+=("$2") runners+=("$3") arguments+=("$4")
}

# preset, group of tests, further targets, what they are called through; every test with --all
plan_group() {
  if all; then plan "$1" all "${4:-}" "-C slow"; else plan "$1" "octane_tests_$2${3:+ $3}" "${4:-}" "-L ^$2\$"; fi
}

# Tests wait half of their time. Meanwhile the next configuration is built, at the lowest priority.
build_ahead() { # number of the configuration
  [ "$1" -lt "${#presets[@]}" ] || return 0
  set -m  # a process group of its own, to end it whole
  (renice -n 19 "$BASHPID" > /dev/null; build "${presets[$1]}" "${targets[$1]}") > "$scratch/build_$1" 2>&1 &
  ahead=$!
  set +m
}

finish_build_ahead() { # number of the configuration
  tail -n +1 -f --pid="$ahead" "$scratch/build_$1"  # what it wrote, and what it goes on to write
  local status=0
  wait "$ahead" || status=$?
  ahead=
  return $status
}

test_it() { # number of the configuration
  local runner words
  [ "${arguments[$1]}" != none ] || return 0
  read -ra runner <<< "${runners[$1]}"
  read -ra words <<< "${arguments[$1]}"
  echo "== ${presets[$1]}: test =="
  "${runner[@]}" ctest --test-dir "build/${presets[$1]}" --output-on-failure --no-tests=error "${words[@]}"
}

# A configuration that fails is remembered, and the next one begins.
carry_out() {
  local number at built
  [ ${#presets[@]} -ne 0 ] || return 0
  for number in "${!presets[@]}"; do
    at=$SECONDS built=yes
    if [ "$number" = 0 ]; then
      build "${presets[0]}" "${targets[0]}" || built=
    else
      finish_build_ahead "$number" || built=
    fi
    echo "== ${presets[$number]}: waited $((SECONDS - at)) s for its build =="
    build_ahead $((number + 1))
    at=$SECONDS
    if [ -z "$built" ]; then failed+=("${presets[$number]}: build"); continue; fi
    test_it "$number" || failed+=("${presets[$number]}")
    echo "== ${presets[$number]}: tested in $((SECONDS - at)) s =="
  done
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
  echo "== libraries of file formats for Windows =="
  if ! scripts/build_libraries.sh windows formats; then
    leave_out mingw "the libraries of file formats could not be built"
    return
  fi
  if [ "${OCTANE_BUILD_WINDOWS_LIBRARIES:-}" = 1 ]; then
    scripts/build_libraries.sh windows network || failed+=("libraries for Windows")
  fi
  scripts/build_libraries.sh windows network --where > /dev/null ||
    echo "note: the Windows programs have no TLS here (scripts/build_libraries.sh windows network)"
  if ! command -v wine > /dev/null || ! wine_works; then
    leave_out "running Windows programs" "no Wine that works"
    plan mingw "octane_tests_windows $programs" "" none
  else
    plan mingw "octane_tests_windows $programs" "" '-L ^windows$'
    other_programs+=(--other-master "wine build/mingw/bin/octane_master.exe"
      --other-slave "wine build/mingw/bin/octane_slave.exe")
  fi
}

sanitizer_runs() { # names for -fsanitize, what to call it through
  echo 'int main() {}' > "$scratch/empty.cpp"
  clang++ "-fsanitize=$1" "$scratch/empty.cpp" -o "$scratch/empty" &> "$scratch/output" &&
    $2 "$scratch/empty" &> "$scratch/output"
}

sanitizers() {
  local variable unplaced=
  for variable in ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS; do  # lines of code, through binutils where LLVM's tool is absent
    export $variable="allow_addr2line=1:print_stacktrace=1:${!variable:-}"
  done
  if sanitizer_runs address,undefined ""; then
    plan_group asan borders "octane_master octane_slave octane_daemon"
    other_programs+=(--other-master build/asan/bin/octane_master --other-slave build/asan/bin/octane_slave)
  else
    leave_out asan "no sanitizer runtime"
  fi
  # Kernels that place memory more randomly than the thread sanitizer expects make it give up at start.
  if setarch -R true 2> /dev/null; then unplaced="setarch -R"; fi
  if sanitizer_runs thread "$unplaced"; then
    plan_group tsan threads "" "$unplaced"
  else
    leave_out tsan "no sanitizer runtime, or it does not start"
  fi
}

across_builds() {
  if [ ${#other_programs[@]} -eq 0 ]; then leave_out "the same film from every build" "there is one build"; return; fi
  echo "== the same film from every build =="
  python3 tests/system/across_builds.py --master build/release/bin/octane_master "${other_programs[@]}" ||
    failed+=("across builds")
}

# Without them the programs want shared libraries, which the tests of a release folder say and skip.
static_formats() {
  echo "== libraries of file formats =="
  scripts/build_libraries.sh linux formats || leave_out "static programs" "the libraries of file formats could not be built"
}

other_programs=()
[ "$mode" = --sanitize ] || static_formats
case $mode in
  --quick) plan release all "" "" ;;
  --sanitize) sanitizers ;;
  *)
    if all; then plan release all "" "-C slow"; else plan release all "" ""; fi
    windows
    plan_group clang kernels
    ! all || plan debug all "" "-C slow"
    sanitizers
    ;;
esac
carry_out
case $mode in "" | --all) across_builds ;; esac

echo
echo "All configurations took $((SECONDS - started)) s."
for what in "${left_out[@]}"; do echo "note: left out: $what"; done
if [ ${#failed[@]} -ne 0 ]; then
  printf -v list '%s, ' "${failed[@]}"
  echo "error: failed: ${list%, }" >&2
  exit 1
fi
echo "All tests passed."
