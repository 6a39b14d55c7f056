#!/usr/bin/env bash
# Builds libraries that the distribution does not have as released programs want them, as static libraries, from Debian's source
# packages. 2 to 12 minutes of CPU time for each target, once.
#
#   scripts/build_libraries.sh linux     a current OpenSSL: its AES-GCM is nearly three times as fast as that of Debian 12
#   scripts/build_libraries.sh windows   the same, zstd, lz4 and utf8proc, none of which is packaged for mingw
#     --force     builds all of it again (after security updates)
#     --where     prints the folder and exits; status 1 if nothing is built there
#
# The result lies outside the tree, in the folder linux-x86_64 or windows-x86_64 of OCTANE_LIBRARIES or else of
# ${XDG_CACHE_HOME:-~/.cache}/octane. Release and Windows builds use it when it is there. Without it, programs for Linux take
# the distribution's OpenSSL, and Windows programs say `no TLS`.
#
# Sources come through apt with the signatures of the distribution checked. Neither root nor a change of the system's
# list of sources is needed: a list of its own, with deb-src in place of deb, lies in the build folder.
set -euo pipefail

current=trixie  # the release of Debian whose OpenSSL is taken, where the system is Debian and has its keys
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
force=

is_built() { [ -f "$target/versions.txt" ]; }

case ${1:-} in
  linux) prefix="" cc=gcc openssl_target=linux-x86_64 packages=(openssl) ;;
  windows) prefix=x86_64-w64-mingw32- cc=gcc-posix openssl_target=mingw64 packages=(lz4 libzstd openssl utf8proc) ;;
  *) echo "error: unknown target \"${1:-}\"" >&2; echo "help: scripts/build_libraries.sh linux or windows" >&2; exit 2 ;;
esac
target=${OCTANE_LIBRARIES:-${XDG_CACHE_HOME:-$HOME/.cache}/octane}/$1-x86_64
case ${2:-} in
  "") ;;
  --force) force=yes ;;
  --where) echo "$target"; is_built; exit ;;
  *) echo "error: unknown option $2" >&2; echo "help: --force or --where" >&2; exit 2 ;;
esac
if is_built && [ -z "$force" ]; then
  echo "$target"
  exit 0
fi
for tool in "$prefix$cc" "${prefix}ar" apt-get dpkg-source make perl; do
  command -v "$tool" > /dev/null && continue
  echo "error: $tool is missing" >&2
  echo "help: scripts/setup.sh $([ "$1" = linux ] && echo release || echo windows)" >&2
  exit 1
done

. /etc/os-release  # VERSION_CODENAME
mkdir -p "$(dirname "$target")"
work=$(mktemp -d "$target.build-XXXXXX")
trap 'rm -rf "$work"' EXIT
log=$work/log.txt

quietly() {  # what it does, command...
  local what=$1 at=$SECONDS
  shift
  "$@" >> "$log" 2>&1 &  # in the background, since `set -e` means nothing inside the condition of an if
  wait $! || {
    tail -n 30 "$log" >&2
    echo "error: failed to $what" >&2
    exit 1
  }
  echo "$what: $((SECONDS - at)) s" >&2
}

# The system's own sources of the distribution (not those of others), for source packages; and on Debian those of the
# release that OpenSSL is taken from, on the same servers.
list_sources() {
  mkdir -p "$work/sources" "$work/lists/partial"
  local file name
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*; do
    [ -f "$file" ] || continue
    name=$(basename "$file")
    case $file in
      *.sources)
        awk 'BEGIN { RS = ""; ORS = "\n\n" } /URIs:[^\n]*\/(debian|debian-security|ubuntu)\/?( |\n|$)/' "$file" |
          sed -E 's/^Types:.*/Types: deb-src/' > "$work/sources/$name" ;;
      *.list)
        sed -nE '/\/(debian|debian-security|ubuntu)\/? /s/^deb(-src)? /deb-src /p' "$file" > "$work/sources/$name" ;;
    esac
  done
  [ -f "/usr/share/keyrings/debian-archive-$current-stable.gpg" ] || return 0
  for file in "$work"/sources/*; do
    case $file in
      *.sources) sed -E "/^Suites:/s/$VERSION_CODENAME/$current/g" "$file" > "${file%.sources}-$current.sources" ;;
      *.list) sed -E "s/$VERSION_CODENAME/$current/g" "$file" > "${file%.list}-$current.list" ;;
    esac
  done
}

apt() {
  local command=$1
  shift
  "$command" -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources" -o Dir::State::Lists="$work/lists" \
    -o Dir::Cache="$work" -o APT::Sandbox::User="$(id -un)" "$@"
}

# The newest version that the distribution's servers still, or already, have: mirrors are not always complete.
fetch_package() {
  local version
  for version in $(apt apt-cache madison "$1" | awk -F'|' '/Sources/ { gsub(/ /, "", $2); print $2 }' | sort -Vru); do
    apt apt-get source "$1=$version" && return
  done
  echo "no source package of $1 could be fetched"
  return 1
}

fetch() {
  list_sources
  apt apt-get update
  cd "$work"
  for package in "${packages[@]}"; do fetch_package "$package"; done
}

# As small as serves: TLS 1.3 with its ciphers and curves, nothing that is loaded at run time.
build_openssl() {
  cd "$work"/openssl-*/
  env CC="$prefix$cc" AR="${prefix}ar" RANLIB="${prefix}ranlib" RC="${prefix}windres" \
    ./Configure $openssl_target no-shared no-tests no-dso no-module no-engine no-legacy no-deprecated no-autoload-config \
    no-ssl3 no-tls1 no-tls1_1 no-dtls no-srp no-srtp no-comp no-ct no-cms no-cmp no-ocsp no-ts no-nextprotoneg no-ui-console \
    no-aria no-bf no-blake2 no-camellia no-cast no-des no-dsa no-gost no-idea no-md4 no-mdc2 no-ocb no-rc2 no-rc4 no-rmd160 \
    no-scrypt no-seed no-siv no-sm2 no-sm3 no-sm4 no-whirlpool -O2 -ffunction-sections -fdata-sections
  make -j"$jobs" build_generated
  make -j"$jobs" libcrypto.a libssl.a
  cp libcrypto.a libssl.a "$work/result/lib"
  cp -r include/openssl "$work/result/include"
  rm -f "$work"/result/include/openssl/*.in
}

build_zstd() {
  cd "$work"/libzstd-*/lib
  make -j"$jobs" libzstd.a CC="$prefix$cc" AR="${prefix}ar" TARGET_SYSTEM=Windows_NT ZSTD_LEGACY_SUPPORT=0 ZSTD_LIB_DICTBUILDER=0
  cp libzstd.a "$work/result/lib"
  cp zstd.h zstd_errors.h "$work/result/include"
}

build_lz4() {
  cd "$work"/lz4-*/lib
  make liblz4.a CC="$prefix$cc" AR="${prefix}ar" BUILD_SHARED=no TARGET_OS=Windows_NT
  cp liblz4.a "$work/result/lib"
  cp lz4.h lz4hc.h lz4frame.h "$work/result/include"
}

build_utf8proc() {
  cd "$work"/utf8proc-*/
  make libutf8proc.a CC="$prefix$cc" AR="${prefix}ar" UCFLAGS="-O2 -std=c99 -DUTF8PROC_STATIC"
  cp libutf8proc.a "$work/result/lib"
  cp utf8proc.h "$work/result/include"
}

mkdir -p "$work/result/lib" "$work/result/include" "$work/result/notices"
quietly "fetch the sources" fetch
for package in "${packages[@]}"; do
  case $package in
    lz4) quietly "build lz4" build_lz4 ;;
    libzstd) quietly "build zstd" build_zstd ;;
    openssl) quietly "build OpenSSL" build_openssl ;;
    utf8proc) quietly "build utf8proc" build_utf8proc ;;
  esac
  cp "$work/$package"-*/debian/copyright "$work/result/notices/$package"
done
(cd "$work" && ls -- *.dsc) > "$work/result/versions.txt"
rm -rf "$target"
mv "$work/result" "$target"
echo "$target"
