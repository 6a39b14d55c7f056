#!/usr/bin/env bash
# Builds libraries that the distribution does not have as released programs want them, as static libraries, from Debian's source
# packages, in two groups:
#
#   scripts/build_libraries.sh linux|windows [all|network|formats]
#
#   network   linux: a current OpenSSL, whose AES-GCM is nearly three times as fast as that of Debian 12; windows: the same, zstd and
#             lz4. 2 to 12 minutes of CPU time, once
#   formats   picture and geometry formats. linux: OpenEXR, libtiff and meshoptimizer, which Debian has as shared libraries alone, or
#             with half a dozen others behind them; windows: these, libpng, libjpeg-turbo, libwebp,
#             Draco and utf8proc, which compares names of files. 2 to 4 minutes
#     --force     builds all of it again (after security updates)
#     --where     prints the folders and exits; status 1 if one of them is not built
#
# The results lie outside the tree, in the folders linux-x86_64 and linux-x86_64-formats (or windows-...) of OCTANE_LIBRARIES or else of
# ${XDG_CACHE_HOME:-~/.cache}/octane. Release and Windows builds use them when they are there. Without `network`, programs for Linux take
# the distribution's OpenSSL, and Windows programs say `no TLS`. Without `formats`, programs for Linux take shared libraries, and
# those for Windows cannot be built.
#
# Sources come through apt with the signatures of the distribution checked. Neither root nor a change of the system's
# list of sources is needed: a list of its own, with deb-src in place of deb, lies in the build folder.
set -euo pipefail

current=trixie  # the release of Debian whose OpenSSL is taken, where the system is Debian and has its keys
jobs=${CMAKE_BUILD_PARALLEL_LEVEL:-$(nproc)}
force=

usage() {
  echo "error: $1" >&2
  echo "help: scripts/build_libraries.sh linux|windows [all|network|formats] [--force|--where]" >&2
  exit 2
}

system=${1:-}
case $system in
  linux) prefix="" cc=gcc cxx=g++ openssl_target=linux-x86_64 ;;
  windows) prefix=x86_64-w64-mingw32- cc=gcc-posix cxx=g++-posix openssl_target=mingw64 ;;
  *) usage "unknown target \"$system\"" ;;
esac
shift
groups=(network formats)
where=
while [ $# -gt 0 ]; do
  case $1 in
    all) ;;
    network | formats) groups=("$1") ;;
    --force) force=yes ;;
    --where) where=yes ;;
    *) usage "unknown argument $1" ;;
  esac
  shift
done

folder_of() {  # group
  local base=${OCTANE_LIBRARIES:-${XDG_CACHE_HOME:-$HOME/.cache}/octane}/$system-x86_64
  case $1 in network) echo "$base" ;; formats) echo "$base-formats" ;; esac
}

packages_of() {  # group
  case $system-$1 in
    linux-network) echo openssl ;;
    windows-network) echo lz4 libzstd openssl ;;
    linux-formats) echo imath openexr tiff meshoptimizer ;;
    windows-formats) echo imath openexr libjpeg-turbo libpng1.6 libwebp tiff draco meshoptimizer utf8proc ;;
  esac
}

is_built() {  # group
  local versions package
  versions=$(folder_of "$1")/versions.txt
  [ -f "$versions" ] || return 1
  for package in $(packages_of "$1"); do grep -q "^${package}_" "$versions" || return 1; done
}

missing=()
for group in "${groups[@]}"; do
  if [ -n "$force" ] || ! is_built "$group"; then missing+=("$group"); fi
  if [ -n "$where" ] || is_built "$group"; then folder_of "$group"; fi
done
if [ -n "$where" ]; then [ ${#missing[@]} -eq 0 ] && exit 0 || exit 1; fi
[ ${#missing[@]} -ne 0 ] || exit 0
for tool in "$prefix$cc" "$prefix$cxx" "${prefix}ar" apt-get dpkg-source make perl cmake; do
  command -v "$tool" > /dev/null && continue
  echo "error: $tool is missing" >&2
  echo "help: scripts/setup.sh $([ "$system" = linux ] && echo release || echo windows)" >&2
  exit 1
done

. /etc/os-release  # VERSION_CODENAME
mkdir -p "$(dirname "$(folder_of network)")"
work=$(mktemp -d "$(folder_of network).build-XXXXXX")
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

# Versions of a source package on the distribution's servers, the one that is wanted first. Of formats that is the installed one, or
# else the newest of the system's own release: what Linux and Windows programs decode should be the same. Of the
# others it is the newest of all.
versions_of() {  # group, package
  local all
  all=$(apt apt-cache madison "$2" | awk -F'|' '/Sources/ { gsub(/ /, "", $2); print $2, $3 }' | sort -Vru)
  if [ "$1" = formats ]; then
    dpkg-query -W -f='${source:Package} ${source:Version}\n' | awk -v name="$2" '$1 == name { print $2 }' | sort -u
    all=$(grep -v "/$current\| $current" <<< "$all" || true)
  fi
  awk '{ print $1 }' <<< "$all"
}

# Mirrors are not always complete: whatever of it the servers still, or already, have.
fetch_package() {  # group, package
  local version
  for version in $(versions_of "$@"); do
    apt apt-get source "$2=$version" && return
  done
  echo "no source package of $2 could be fetched"
  return 1
}

fetch() {  # groups
  list_sources
  apt apt-get update
  cd "$work"
  local group package
  for group in "$@"; do
    for package in $(packages_of "$group"); do fetch_package "$group" "$package"; done
  done
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
  cp libcrypto.a libssl.a "$result/lib"
  cp -r include/openssl "$result/include"
  rm -f "$result"/include/openssl/*.in
}

build_zstd() {
  cd "$work"/libzstd-*/lib
  make -j"$jobs" libzstd.a CC="$prefix$cc" AR="${prefix}ar" TARGET_SYSTEM=Windows_NT ZSTD_LEGACY_SUPPORT=0 ZSTD_LIB_DICTBUILDER=0
  cp libzstd.a "$result/lib"
  cp zstd.h zstd_errors.h "$result/include"
}

build_lz4() {
  cd "$work"/lz4-*/lib
  make liblz4.a CC="$prefix$cc" AR="${prefix}ar" BUILD_SHARED=no TARGET_OS=Windows_NT
  cp liblz4.a "$result/lib"
  cp lz4.h lz4hc.h lz4frame.h "$result/include"
}

# The formats' libraries all have CMake. Only what the programs call is built, and no tools.
build_with_cmake() {  # folder, targets, options...
  local source=$1 targets=$2 words toolchain=()
  shift 2
  read -ra words <<< "$targets"
  if [ "$system" = windows ]; then
    toolchain=(-DCMAKE_SYSTEM_NAME=Windows -DCMAKE_SYSTEM_PROCESSOR=x86_64 -DCMAKE_RC_COMPILER="${prefix}windres"
      -DCMAKE_FIND_ROOT_PATH="/usr/x86_64-w64-mingw32;$result" -DCMAKE_FIND_ROOT_PATH_MODE_PROGRAM=NEVER
      -DCMAKE_FIND_ROOT_PATH_MODE_LIBRARY=ONLY -DCMAKE_FIND_ROOT_PATH_MODE_INCLUDE=ONLY
      -DCMAKE_FIND_ROOT_PATH_MODE_PACKAGE=BOTH)
  fi
  cmake -S "$source" -B "$source/octane_build" -Wno-dev "${toolchain[@]}" -DCMAKE_C_COMPILER="$prefix$cc" \
    -DCMAKE_CXX_COMPILER="$prefix$cxx" -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_FLAGS_RELEASE="-O2 -DNDEBUG $section_flags" \
    -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG $section_flags" -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DBUILD_SHARED_LIBS=OFF \
    -DCMAKE_PREFIX_PATH="$result" -DCMAKE_INSTALL_PREFIX="$result" -DCMAKE_INSTALL_LIBDIR=lib "$@"
  cmake --build "$source/octane_build" -j"$jobs" --target "${words[@]}"
}
section_flags="-ffunction-sections -fdata-sections"

build_imath() {
  local source
  source=$(echo "$work"/imath-*/)
  build_with_cmake "$source" install -DIMATH_LIB_SUFFIX= -DBUILD_TESTING=OFF -DPYTHON=OFF
}

build_openexr() {
  local source
  source=$(echo "$work"/openexr-*/)
  build_with_cmake "$source" "OpenEXR IlmThread Iex" -DOPENEXR_LIB_SUFFIX= -DILMTHREAD_LIB_SUFFIX= -DIEX_LIB_SUFFIX= \
    -DBUILD_TESTING=OFF -DOPENEXR_BUILD_TOOLS=OFF -DOPENEXR_INSTALL_EXAMPLES=OFF -DOPENEXR_INSTALL_TOOLS=OFF
  find "$source/octane_build" -name 'lib*.a' -exec cp {} "$result/lib" \;
  mkdir -p "$result/include/OpenEXR"
  cp "$source"/src/lib/{OpenEXR,Iex,IlmThread}/*.h "$source"/octane_build/cmake/*.h "$result/include/OpenEXR"
}

# Its assembler code gives the same pixels, and would want NASM.
build_libjpeg_turbo() {
  local source
  source=$(echo "$work"/libjpeg-turbo-*/)
  build_with_cmake "$source" jpeg-static -DENABLE_SHARED=OFF -DWITH_SIMD=OFF -DWITH_TURBOJPEG=OFF
  cp "$source/octane_build/libjpeg.a" "$result/lib"
  cp "$source"/{jpeglib,jmorecfg,jerror}.h "$source/octane_build/jconfig.h" "$result/include"
}

build_libpng() {
  local source
  source=$(echo "$work"/libpng1.6-*/)
  build_with_cmake "$source" png_static -DPNG_SHARED=OFF -DPNG_TESTS=OFF -DPNG_EXECUTABLES=OFF
  cp "$source"/octane_build/libpng16.a "$result/lib/libpng.a"
  cp "$source"/{png,pngconf}.h "$source/octane_build/pnglibconf.h" "$result/include"
}

build_libwebp() {
  local source
  source=$(echo "$work"/libwebp-*/)
  build_with_cmake "$source" webpdecoder -DWEBP_BUILD_ANIM_UTILS=OFF -DWEBP_BUILD_CWEBP=OFF -DWEBP_BUILD_DWEBP=OFF \
    -DWEBP_BUILD_GIF2WEBP=OFF -DWEBP_BUILD_IMG2WEBP=OFF -DWEBP_BUILD_VWEBP=OFF -DWEBP_BUILD_WEBPINFO=OFF \
    -DWEBP_BUILD_WEBPMUX=OFF -DWEBP_BUILD_EXTRAS=OFF
  cp "$source/octane_build/libwebpdecoder.a" "$result/lib/libwebp.a"
  mkdir -p "$result/include/webp"
  cp "$source"/src/webp/{decode,types}.h "$result/include/webp"
}

# Without JPEG and fax inside, and what few files use: deflate, LZW and PackBits are what textures come with.
build_tiff() {
  local source
  source=$(echo "$work"/tiff-*/)
  build_with_cmake "$source" tiff -Djpeg=OFF -Dold-jpeg=OFF -Djbig=OFF -Dlerc=OFF -Dlzma=OFF -Dzstd=OFF -Dwebp=OFF -Dlibdeflate=OFF \
    -Dcxx=OFF -Dtiff-tools=OFF -Dtiff-tests=OFF -Dtiff-contrib=OFF -Dtiff-docs=OFF
  cp "$source/octane_build/libtiff/libtiff.a" "$result/lib"
  cp "$source"/libtiff/{tiff,tiffio,tiffvers}.h "$source"/octane_build/libtiff/tiffconf.h "$result/include"
}

build_draco() {
  local source
  source=$(echo "$work"/draco-*/)
  build_with_cmake "$source" draco_static -DDRACO_TESTS=OFF -DDRACO_TRANSCODER_SUPPORTED=OFF
  cp "$source/octane_build/libdraco.a" "$result/lib"
  (cd "$source/src" && find draco -name '*.h' -exec cp --parents {} "$result/include" \;)
  cp -r "$source"/octane_build/draco "$result/include"
}

build_meshoptimizer() {
  local source
  source=$(echo "$work"/meshoptimizer-*/)
  build_with_cmake "$source" meshoptimizer
  cp "$source/octane_build/libmeshoptimizer.a" "$result/lib"
  cp "$source/src/meshoptimizer.h" "$result/include"
}

build_utf8proc() {
  cd "$work"/utf8proc-*/
  make libutf8proc.a CC="$prefix$cc" AR="${prefix}ar" UCFLAGS="-O2 -std=c99 -DUTF8PROC_STATIC"
  cp libutf8proc.a "$result/lib"
  cp utf8proc.h "$result/include"
}

quietly "fetch the sources" fetch "${missing[@]}"
for group in "${missing[@]}"; do
  result=$work/result-$group
  mkdir -p "$result/lib" "$result/include" "$result/notices"
  for package in $(packages_of "$group"); do
    case $package in
      libzstd) quietly "build zstd" build_zstd ;;
      libpng1.6) quietly "build libpng" build_libpng ;;
      *) quietly "build $package" "build_${package//-/_}" ;;
    esac
    cp "$work/$package"-*/debian/copyright "$result/notices/$package"
    (cd "$work" && ls -- "${package}"_*.dsc) >> "$result/versions.txt"
  done
  target=$(folder_of "$group")
  rm -rf "$target"
  mv "$result" "$target"
  echo "$target"
done
