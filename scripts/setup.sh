#!/usr/bin/env bash
# Installs what is missing from the distribution (Debian 12, Ubuntu 24.04 or later), as root or through sudo.
#
#   scripts/setup.sh [build] [test] [windows] [release] [bench]
#
#   build    compiler, CMake and libraries for the three programs (always)
#   test     what the tests need besides
#   windows  the mingw cross compiler, and Wine to run what it builds; failing to get them is not an error
#   release  what scripts/build_libraries.sh builds with, and Clang for the kernels
#   bench    Embree, and Blender for its Cycles, to measure against; what draws the gallery
#
# CUDA is not installed: where nvcc is found, the CUDA device is built.
set -euo pipefail

build=(g++ cmake ninja-build ccache pkg-config libasio-dev libcxxopts-dev nlohmann-json3-dev libfmt-dev libspdlog-dev
  libssl-dev zlib1g-dev libzstd-dev liblz4-dev libutf8proc-dev libstb-dev libopenexr-dev libimath-dev libpng-dev libjpeg-dev
  libwebp-dev libtiff-dev libdraco-dev libmeshoptimizer-dev)
test=(catch2 libtinyexr-dev libmpfr-dev libembree-dev clang python3 iproute2 nftables)
windows=(g++-mingw-w64-x86-64-posix libz-mingw-w64-dev wine wine64 dpkg-dev)
release=(dpkg-dev make perl clang)
bench=(libembree-dev blender python3-numpy python3-pil time)

missing() {  # the packages of the list that are not installed
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_group() {  # name, packages...
  local name=$1
  shift
  local packages
  mapfile -t packages < <(missing "$@")
  [ ${#packages[@]} -eq 0 ] && return 0
  echo "Installing for $name: ${packages[*]}"
  if [ -z "${apt_updated:-}" ]; then
    as_root apt-get update -qq || return 1
    apt_updated=yes
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" > /dev/null
}

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
  echo "error: this script installs with apt-get, which is not here" >&2
  echo "help: install the counterparts of: ${build[*]} ${test[*]}" >&2
  exit 1
fi

# Where clang's sanitizers are a package of their own, which `clang` only recommends.
install_sanitizers() {
  echo 'int main() {}' | clang++ -x c++ -fsanitize=thread - -o /dev/null 2> /dev/null && return
  install_group sanitizers libclang-rt-dev ||
    echo "note: clang's sanitizers could not be installed; what they watch over is left out"
}

groups=(build "$@")
for group in "${groups[@]}"; do
  case $group in
    build) install_group build "${build[@]}" ;;
    test)
      install_group test "${test[@]}"
      install_sanitizers ;;
    release) install_group release "${release[@]}" ;;
    bench) install_group bench "${bench[@]}" ;;
    windows)
      install_group windows "${windows[@]}" ||
        echo "note: mingw or Wine could not be installed; the Windows builds and tests are left out" ;;
    *) echo "error: unknown group \"$group\"; known are build, test, windows, release, bench" >&2; exit 2 ;;
  esac
done
