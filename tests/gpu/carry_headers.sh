#!/usr/bin/env bash
# Copies the headers that tests/gpu needs from this computer into a folder, to be carried to one without them:
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
echo "fmt is in $1"
