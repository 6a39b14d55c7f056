#!/usr/bin/env bash
# Copies what tests/gpu needs of libraries from this computer into a folder, to be carried to one without them, of the same
# architecture: the headers of fmt, and zstd and LZ4 as static libraries, which read carried scenes.
#
#   tests/gpu/carry_headers.sh FOLDER
set -euo pipefail
if [ $# -ne 1 ]; then
  echo "usage: tests/gpu/carry_headers.sh FOLDER" >&2
  exit 2
fi
from=${OCT_HOST_INCLUDE:-/usr/include}
if [ ! -e "$from/fmt/format.h" ]; then
  echo "error: $from/fmt/format.h is missing" >&2
  echo "help: scripts/setup.sh installs it; OCT_HOST_INCLUDE names another folder" >&2
  exit 3
fi
mkdir -p "$1/fmt"
cp "$from"/fmt/*.h "$1/fmt/"
for library in zstd lz4; do
  archive=$(find "$from/../lib" -name "lib$library.a" -print -quit 2> /dev/null)
  if [ -e "$from/$library.h" ] && [ -n "$archive" ]; then
    mkdir -p "$1/lib"
    cp "$from/$library.h" "$1/"
    cp "$archive" "$1/lib/"
  else
    echo "note: $library is not here: carried scenes that it compressed cannot be read there" >&2
  fi
done
echo "what tests/gpu needs is in $1"
