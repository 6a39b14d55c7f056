#!/usr/bin/env bash
# Makes the archives that people unpack: octane-VERSION-linux-x86_64.tar.gz and, where mingw is, the Windows .zip, with
# SHA256SUMS beside them.
#
#   scripts/package.sh [FOLDER]     out/packages unless given
#
# The CUDA device is in the Linux programs where nvcc is found, for all architectures that it knows. Clang compiles the CPU's kernels
# (OCT_KERNEL_COMPILER, scripts/cmake/OctaneKernelCompiler.cmake).
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(realpath -m "${1:-out/packages}")
scripts/setup.sh windows release
mkdir -p "$folder"

package() {  # preset, build folder
  cmake --preset "$1" -B "$2" -DOCT_TESTS=OFF > /dev/null
  cmake --build "$2"
  cpack --config "$2/CPackConfig.cmake" -B "$2/packages" > /dev/null
  cp "$2"/packages/octane-*.* "$folder"
}

scripts/build_libraries.sh linux formats  # an archive whose programs want libraries is not one
scripts/build_libraries.sh linux network ||
  echo "warning: the programs for Linux get the distribution's OpenSSL: slower, where that is 3.0" >&2
package release build/package
if command -v x86_64-w64-mingw32-g++-posix > /dev/null; then
  scripts/build_libraries.sh windows formats
  scripts/build_libraries.sh windows network || echo "warning: the Windows programs will have no TLS" >&2
  package mingw build/package_windows
else
  echo "note: no mingw here: the archive for Windows is left out"
fi
(cd "$folder" && sha256sum octane-*.* > SHA256SUMS)
ls -l "$folder"
