"""Reads the machine code that nvcc put into an object file: code size, registers and stack of each kernel."""
import re
import struct

FATBIN_MAGIC = 0xBA55ED50
KIND_CODE = 2  # of an entry of a fat binary: machine code; 1 is PTX
COMPRESSED = 0xA000  # flags
FRAME_SIZE = 0x11  # attribute of .nv.info
INSTRUCTION_BYTES = 16
LOAD_LOCAL, STORE_LOCAL = 0x183, 0x187  # the low 9 bits of an instruction


class Unreadable(Exception):
    """The file is not what is expected; says why."""


def sections(elf):
    """(name, offset, size, info, link) of a 64-bit ELF file."""
    if elf[:4] != b"\x7fELF":
        raise Unreadable("not an ELF file")
    table, = struct.unpack_from("<Q", elf, 40)
    entry_size, count, names_index = struct.unpack_from("<HHH", elf, 58)
    headers = [struct.unpack_from("<IIQQQQIIQQ", elf, table + i * entry_size) for i in range(count)]
    names = headers[names_index][4]

    def text(offset):
        return elf[names + offset:elf.index(b"\0", names + offset)].decode()

    return [(text(h[0]), h[4], h[5], h[7], h[6]) for h in headers]


def symbol_names(elf):
    for name, offset, size, _, link in sections(elf):
        if name == ".symtab":
            strings = sections(elf)[link][1]
            count = size // 24
            starts = [struct.unpack_from("<I", elf, offset + 24 * i)[0] for i in range(count)]
            return [elf[strings + s:elf.index(b"\0", strings + s)].decode() for s in starts]
    return []


def frames(elf):
    """Stack bytes of each function's own frame."""
    names = symbol_names(elf)
    found = {}
    for section, offset, size, _, _ in sections(elf):
        if section != ".nv.info":
            continue
        at = offset
        while at + 4 <= offset + size:
            form, attribute, length = struct.unpack_from("<BBH", elf, at)
            if form == 4 and attribute == FRAME_SIZE:
                symbol, stack = struct.unpack_from("<II", elf, at + 4)
                found[names[symbol]] = stack
            at += 4 + (length if form == 4 else 0)
    return found


def machine_codes(object_file):
    """(architecture, cubin) of each piece of machine code in an object file."""
    for name, offset, size, _, _ in sections(object_file):
        if name != ".nv_fatbin":
            continue
        at = offset
        while at + 16 <= offset + size:
            magic, _, header, length = struct.unpack_from("<IHHQ", object_file, at)
            if magic != FATBIN_MAGIC:
                raise Unreadable("the section of device code does not begin as one")
            yield from entries(object_file, at + header, at + header + length)
            at += header + length


def entries(data, at, end):
    while at + 64 <= end:
        kind, _, header, size = struct.unpack_from("<HHIQ", data, at)
        architecture, = struct.unpack_from("<I", data, at + 28)
        flags, = struct.unpack_from("<Q", data, at + 40)
        if kind == KIND_CODE:
            if flags & COMPRESSED:
                raise Unreadable("its machine code is compressed")
            yield architecture, data[at + header:at + header + size]
        at += header + size


def kernel_name(mangled):
    """"TracePaths" of run_kernel<TracePaths>, "TracePaths<0>" of run_kernel<TracePaths<false>>; none for others."""
    found = re.search(r"run_\w+?IN(?:S\w*_)(\d+)", mangled)
    if not found:
        return None
    end = found.end() + int(found[1])
    arguments = re.match(r"I((?:L[a-z]\d+E)+)E", mangled[end:])
    values = re.findall(r"L[a-z](\d+)E", arguments[1]) if arguments else []
    return mangled[found.end():end] + (f"<{','.join(values)}>" if values else "")


def resources(object_bytes, architecture):
    """kernel name -> registers, stack_bytes, code_bytes, local_instructions of this architecture (75 for sm_75)."""
    result = {}
    for found, elf in machine_codes(object_bytes):
        if found != architecture:
            continue
        stack = frames(elf)
        for section, offset, size, info, _ in sections(elf):
            mangled = section.removeprefix(".text.")
            name = kernel_name(mangled) if mangled != section else None
            if not name:
                continue
            words = struct.unpack_from(f"<{size // 8}Q", elf, offset)[::INSTRUCTION_BYTES // 8]
            result[name] = {
                "registers": info >> 24,
                "stack_bytes": stack.get(mangled, 0),
                "code_bytes": size,
                "local_instructions": sum(1 for word in words if word & 0x1FF in (LOAD_LOCAL, STORE_LOCAL)),
            }
    return result
