#!/usr/bin/env python3
"""Collects the licences of everything that is linked into the programs of a release, as one text.

    scripts/collect_notices.py --system linux|windows --output FILE [--libraries FOLDER ...] [--cuda FOLDER]

--libraries  what scripts/build_libraries.sh built and the programs contain; their texts lie there in notices/
--cuda       the CUDA Toolkit whose runtime library is in the programs

The texts are those of the packages that the programs were built from (/usr/share/doc/*/copyright), and the licences of
/usr/share/common-licenses that they refer to. A package whose text is missing is an error: a release says what is in it.
"""
import argparse
import re
import subprocess
import sys
from pathlib import Path

DOC = Path("/usr/share/doc")
COMMON = Path("/usr/share/common-licenses")
RULE = "=" * 100

# What the programs contain: its name, and the package that it came from.
BOTH = [("Asio", "libasio-dev"), ("cxxopts", "libcxxopts-dev"), ("fmt", "libfmt-dev"), ("JSON for Modern C++", "nlohmann-json3-dev"),
        ("spdlog", "libspdlog-dev"), ("stb", "libstb-dev")]
LINUX = [("Draco", "libdraco-dev"), ("GNU C++ library", "libstdc++-{gcc}-dev"), ("libjpeg-turbo", "libjpeg-dev"),
         ("libpng", "libpng-dev"), ("libwebp", "libwebp-dev"), ("LZ4", "liblz4-dev"), ("OpenSSL", "libssl-dev"),
         ("utf8proc", "libutf8proc-dev"), ("zlib", "zlib1g-dev"), ("Zstandard", "libzstd-dev")]
WINDOWS = [("GNU C++ library", "gcc-mingw-w64-x86-64-posix-runtime"), ("mingw-w64 runtime", "mingw-w64-x86-64-dev"),
           ("zlib", "libz-mingw-w64-dev")]
BUILT = {"draco": "Draco", "imath": "Imath", "libjpeg-turbo": "libjpeg-turbo", "libpng1.6": "libpng", "libwebp": "libwebp",
         "libzstd": "Zstandard", "lz4": "LZ4", "meshoptimizer": "meshoptimizer", "openexr": "OpenEXR", "openssl": "OpenSSL",
         "tiff": "libtiff", "utf8proc": "utf8proc"}


def gcc_version():
    return subprocess.run(["g++", "-dumpversion"], check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout.split(".")[0].strip()


def installed_version(package):
    return subprocess.run(["dpkg-query", "-W", "-f=${Version}", package], check=True, stdout=subprocess.PIPE,
                          encoding="utf-8").stdout


def of_package(name, package):
    file = DOC / package / "copyright"
    if not file.is_file():
        raise FileNotFoundError(f"{file} is missing: the licence of {name}")
    return name, f"Debian package {package} {installed_version(package)}", file.read_text(encoding="utf-8", errors="replace")


def built_libraries(folder):
    versions = (folder / "versions.txt").read_text(encoding="utf-8").split()
    for file in sorted((folder / "notices").iterdir()):
        source = next(version for version in versions if version.startswith(file.name + "_"))
        yield BUILT[file.name], f"Debian source package {source.removesuffix('.dsc')}", file.read_text(encoding="utf-8")


def cuda_text(toolkit):
    """Toolkits of some sources come without their licence."""
    file = toolkit / "EULA.txt"
    said = ("This software contains source code provided by NVIDIA Corporation. The CUDA runtime library is redistributed under the "
            "CUDA Toolkit End User License Agreement, https://docs.nvidia.com/cuda/eula/, Attachment A.\n\n")
    return said + (file.read_text(encoding="utf-8", errors="replace") if file.is_file() else "")


def sections(options):
    chosen = {}
    for name, package in BOTH + (LINUX if options.system == "linux" else WINDOWS):
        chosen[name] = of_package(name, package.format(gcc=gcc_version()))
    for folder in options.libraries:
        for section in built_libraries(folder):
            chosen[section[0]] = section
    if options.cuda:
        chosen["CUDA runtime"] = ("CUDA runtime", "NVIDIA CUDA Toolkit", cuda_text(options.cuda))
    return [chosen[name] for name in sorted(chosen, key=str.casefold)]


def common_licences(texts):
    names = set()
    for text in texts:
        for name in re.findall(r"/usr/share/common-licenses/([A-Za-z0-9.+-]+)", text):
            names.add(name.rstrip("."))
    return [(name, COMMON / name) for name in sorted(names) if (COMMON / name).is_file()]


def whole_text(options):
    parts = sections(options)
    lines = ["The programs of this folder contain the code of others. These are their licences, as the packages state them that the "
             "programs were built from.", "", *(f"  {name}: {origin}" for name, origin, _ in parts), ""]
    for name, origin, text in parts:
        lines += [RULE, f"{name} ({origin})", RULE, "", text.rstrip(), ""]
    for name, file in common_licences([text for _, _, text in parts]):
        lines += [RULE, f"The licence {name}, to which texts above refer", RULE, "", file.read_text(encoding="utf-8").rstrip(), ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--system", choices=["linux", "windows"], required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--libraries", type=Path, action="append", default=[])
    parser.add_argument("--cuda", type=Path)
    options = parser.parse_args()
    try:
        options.output.write_text(whole_text(options), encoding="utf-8")
    except (OSError, subprocess.CalledProcessError, StopIteration, KeyError) as error:
        sys.exit(f"error: the licences of the libraries could not be collected: {error}\n"
                 "help: build on a system whose packages are those of scripts/setup.sh")


if __name__ == "__main__":
    main()
