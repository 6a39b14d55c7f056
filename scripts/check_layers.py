#!/usr/bin/env python3
"""Checks who includes whom: modules in one direction, and a few third-party headers in few places.

    scripts/check_layers.py [ROOT]       prints each forbidden include; exit status 1 if there is one
    scripts/check_layers.py --self-test  proves that forbidden includes are found and allowed ones are not
"""
import fnmatch
import re
import sys
import tempfile
from pathlib import Path

# What a module may include besides itself. An entry allows the module named and all that it may include; "kernels/data"
# is the plain data of kernels/ (with hd.hpp and what data/ itself includes), "kernels" all of it; another path allows
# one file or folder.
ALLOWED = {
    # device code: copied as it is into other compilers' worlds
    "kernels": [],
    # errors, logs, bytes, hashes: below everything
    "base": [],
    # the vocabulary of the processes; every module may speak it, so it knows none of them
    "wire": ["base", "kernels/data"],
    # the libraries of picture and geometry formats: bytes to pixels and back
    "codec": ["base"],
    # what the user meant; nothing of devices or of compiled data. Its placements are computed by the contract's math
    "scene": ["base", "codec", "kernels/data", "kernels/math"],
    # flat arrays and their chunks
    "render_data": ["wire", "kernels"],
    # sums, pictures, picture files
    "film": ["wire", "codec", "kernels"],
    # the only bridge from scene to render data
    "compile": ["scene", "render_data"],
    # takes render data, gives contributions; no sockets, no scenes
    "device": ["render_data", "film"],
    # threads around devices
    "render": ["device"],
    # the farm key: its text, what is derived from it, where it is kept
    "security": ["base"],
    # packets over sockets; nothing of scenes or pictures
    "net": ["wire", "security"],
    # what the user wants, in a file
    "preferences": ["wire"],
    # what people and programs are told of a render: values, words, sinks
    "report": ["wire", "device/device_info.hpp", "device/device_plan.hpp"],
    # the daemons of the network, as a master sees and asks them; nothing of scenes or pictures
    "farm": ["net", "preferences", "report"],
    # children; waits on the event loop of net
    "process": ["base", "net/asio.hpp", "net/asio_descriptor.hpp", "net/event_loop.hpp"],
    # the computer as its person has it: whether it sleeps, whether somebody is there
    "computer": ["process"],
    # decides about and drives a whole render
    "master": ["scene", "compile", "render", "film", "farm", "computer"],
    # lends devices; never sees a scene
    "slave": ["render", "net", "computer", "report/device_words.hpp", "report/name_list.hpp"],
    # finds and starts; no renderer
    "daemon": ["net", "process", "computer"],
    "apps/octane_master": ["master", "apps/device_options"],
    "apps/octane_slave": ["slave", "apps/device_options"],
    "apps/octane_daemon": ["daemon", "apps/common"],
    # options of the programs that render
    "apps/device_options": ["render", "apps/common"],
    # what all programs share: main(), the form of a command line, and the farm key
    "apps/common": ["base", "security", "net/address.hpp", "kernels/launch/compiler_name.hpp"],
}

# Third-party headers, and the only files that may include them.
EXTERNAL = [
    (r"asio(/|\.hpp$)|boost/asio", ["libs/net/*", "libs/process/*", "*_app.cpp", "apps/common/build_report.cpp"], "Asio"),
    (r"cuda\w*(\.h$|/)|nv\w+\.h$|device_launch_parameters\.h$", ["*/device/cuda_*", "*.cu"], "CUDA"),
    (r"cxxopts", ["apps/*"], "cxxopts"),
    (r"Imf|Iex|Imath|OpenEXR|png\.h$|jpeglib|jerror|jconfig|webp/|tiff|stb_image|draco/|meshoptimizer",
     ["libs/codec/*", "tests/*", "apps/common/build_report.cpp"], "a library of file formats"),
]

# kernels/ uses no library: templates of std would be shared between instruction sets by the linker. Intrinsics leave no
# symbol behind (check_symbols.py).
KERNEL_SYSTEM_HEADERS = {"cstdint", "type_traits", "immintrin.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
SOURCE_SUFFIXES = {".hpp", ".h", ".cpp", ".cu", ".cuh", ".inc"}


def allowed_modules(module):
    """Everything `module` may include, by name or path."""
    found, waiting = set(), [module]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += ALLOWED.get(name, [])
    return found


def module_of(path):
    """path: relative to the root, with slashes."""
    parts = path.split("/")
    if parts[0] == "libs":
        return parts[1]
    if parts[0] == "apps":
        return "/".join(parts[:2]) if len(parts) > 2 else "apps"
    return parts[0]


def resolve(root, includer, name):
    """The file of ours that an include means, relative to the root, or None."""
    for folder in (Path(includer).parent, Path("libs"), Path("kernels"), Path("apps")):
        if (root / folder / name).is_file():
            return (folder / name).as_posix()
    return None


def data_files(root):
    """kernels/data, hd.hpp and what they include in turn."""
    found = set()
    waiting = ["kernels/hd.hpp"] + [p.relative_to(root).as_posix() for p in (root / "kernels/data").glob("*.hpp")]
    while waiting:
        path = waiting.pop()
        if path in found or not (root / path).is_file():
            continue
        found.add(path)
        for _, _, name in includes_of(root / path):
            target = resolve(root, path, name)
            if target:
                waiting.append(target)
    return found


def includes_of(path):
    """(line number, quote, name) of each include."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match[1], match[2]


def external_fault(includer, quote, name):
    for pattern, places, what in EXTERNAL:
        if re.match(pattern, name) and not any(fnmatch.fnmatch(includer, place) for place in places):
            return f"{what} may be included only in {', '.join(places)}"
    if module_of(includer) == "kernels" and quote == "<" and not includer.endswith(".cu"):
        if name not in KERNEL_SYSTEM_HEADERS:
            return f"kernels/ may include only {', '.join(sorted(KERNEL_SYSTEM_HEADERS))} from outside"
    return None


def module_fault(includer, target, data):
    module, other = module_of(includer), module_of(target)
    allowed = allowed_modules(module)
    if other == module or any((target.removeprefix("libs/") + "/").startswith(name + "/") for name in allowed):
        return None
    if other == "kernels" and "kernels/data" in allowed and target in data:
        return None
    return f"{module} may not include {other} (it may: {', '.join(ALLOWED.get(module, []))})"


def check(root):
    """A line for each forbidden include below root."""
    faults, data = [], data_files(root)
    for path in sorted(p for top in ("apps", "kernels", "libs") for p in (root / top).rglob("*")):
        if path.suffix not in SOURCE_SUFFIXES:
            continue
        includer = path.relative_to(root).as_posix()
        if module_of(includer) not in ALLOWED:
            faults.append(f"{includer}: module {module_of(includer)} is not in the table of {Path(__file__).name}")
            continue
        for number, quote, name in includes_of(path):
            target = resolve(root, includer, name) if quote == '"' else None
            if target:
                fault = module_fault(includer, target, data)
            elif quote == '"' and module_of(includer) == "kernels":
                fault = "kernels/ may include nothing outside kernels/"
            else:
                fault = external_fault(includer, quote, name)
            if fault:
                faults.append(f'{includer}:{number}: "{name}": {fault}')
    return faults


def self_test():
    files = {
        "kernels/hd.hpp": "",
        "kernels/data/types.hpp": '#include <cstdint>\n#include "hd.hpp"\n',
        "kernels/shade/bsdf.hpp": '#include "data/types.hpp"\n',
        "libs/base/log.hpp": "#include <string>\n",
        "libs/wire/messages.hpp": '#include "base/log.hpp"\n#include "data/types.hpp"\n',
        "kernels/math/vec.hpp": "#include <immintrin.h>\n",
        "libs/scene/scene.hpp": '#include "base/log.hpp"\n#include "math/vec.hpp"\n',
        "libs/render_data/render_data.hpp": '#include "shade/bsdf.hpp"\n',
        "libs/net/asio.hpp": "#include <asio.hpp>\n",
        "libs/slave/slave_app.cpp": '#include <asio/io_context.hpp>\n#include "net/asio.hpp"\n',
        "libs/device/cuda_device.cpp": "#include <cuda_runtime.h>\n",
        "kernels/launch/queues.cu": "#include <cuda_runtime.h>\n",
        "apps/octane_slave/options.cpp": "#include <cxxopts.hpp>\n",
    }
    forbidden = {
        "libs/base/a.cpp": '#include "wire/messages.hpp"',
        "libs/wire/b.cpp": '#include "shade/bsdf.hpp"',
        "libs/scene/n.cpp": '#include "shade/bsdf.hpp"',
        "libs/scene/c.cpp": '#include "render_data/render_data.hpp"',
        "libs/net/d.cpp": '#include "scene/scene.hpp"',
        "libs/slave/e.cpp": '#include "scene/scene.hpp"',
        "libs/slave/slave_core.cpp": "#include <asio.hpp>",
        "libs/render_data/f.cpp": "  #  include <cuda_runtime.h>",
        "libs/base/g.cpp": "#include <cxxopts.hpp>",
        "kernels/math/h.hpp": '#include "base/log.hpp"',
        "kernels/math/i.hpp": "#include <algorithm>",
        "kernels/math/j.hpp": '#include "somewhere/else.hpp"',
        "libs/process/k.cpp": '#include "wire/messages.hpp"',
        "apps/octane_daemon/l.cpp": '#include "scene/scene.hpp"',
        "libs/unknown/m.cpp": '#include "base/log.hpp"',
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)

        def write(name, text):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")

        for name, text in files.items():
            write(name, text)
        assert check(root) == [], f"allowed includes were refused: {check(root)}"
        for name, text in forbidden.items():
            write(name, text + "\n")
            faults = check(root)
            assert len(faults) == 1 and faults[0].startswith(name), f"{name}: {text}: {faults}"
            (root / name).unlink()
    print(f"{len(forbidden)} forbidden includes found, {len(files)} allowed files accepted")


def main():
    if "--self-test" in sys.argv[1:]:
        self_test()
        return 0
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    faults = check(root)
    print("\n".join(faults) or "all includes point the right way")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
