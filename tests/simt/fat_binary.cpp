#include "simt/fat_binary.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include "data/types.hpp"
#include "simt/fault.hpp"

namespace oct::simt {
namespace {

constexpr u32 kMagic = 0xba55ed50u;
constexpr u16 kPtx = 1;                       ///< kind of an entry; 2 is machine code
constexpr u64 kZstd = 0x8000, kLz4 = 0x2000;  ///< flags
constexpr u64 kMostText = u64{1} << 28;       ///< bytes

/// What a number of these bytes says; Fault beyond their end.
template <class T>
T number_at(std::string_view bytes, u64 offset) {
  if (offset + sizeof(T) > bytes.size()) throw Fault("a fat binary that ends too early");
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::string_view part_of(std::string_view bytes, u64 offset, u64 size) {
  if (offset > bytes.size() || size > bytes.size() - offset) throw Fault("a fat binary that ends too early");
  return bytes.substr(offset, size);
}

/// The section of this name of a 64-bit ELF file; empty without one.
std::string_view section_of(std::string_view elf, std::string_view wanted) {
  const u64 table = number_at<u64>(elf, 40);
  const u16 size = number_at<u16>(elf, 58), count = number_at<u16>(elf, 60), names = number_at<u16>(elf, 62);
  const u64 strings = number_at<u64>(elf, table + u64{names} * size + 24);
  for (u16 i = 0; i < count; ++i) {
    const u64 header = table + u64{i} * size;
    const std::string_view name = part_of(elf, strings + number_at<u32>(elf, header), wanted.size() + 1);
    if (name.substr(0, wanted.size()) == wanted && name.back() == '\0')
      return part_of(elf, number_at<u64>(elf, header + 24), number_at<u64>(elf, header + 32));
  }
  return {};
}

std::string unpacked(std::string_view payload, u64 flags, u32 packed_size, u64 size) {
  if ((flags & kLz4) != 0) throw Fault("PTX packed by LZ4, as nvcc before 12.8 writes it, is not read");
  std::string text(payload);
  if ((flags & kZstd) != 0) {
    if (size > kMostText) throw Fault("PTX of an impossible size");
    text.resize(size);
    const std::size_t got = ZSTD_decompress(text.data(), size, payload.data(), packed_size);
    if (ZSTD_isError(got) || got != size) throw Fault("PTX that cannot be unpacked");
  }
  return text.substr(0, text.find('\0'));
}

}  // namespace

std::vector<std::string> ptx_of_fat_binary(std::string_view binary) {
  if (number_at<u32>(binary, 0) != kMagic) throw Fault("not device code of nvcc");
  const std::string_view entries = part_of(binary, number_at<u16>(binary, 6), number_at<u64>(binary, 8));
  std::vector<std::string> texts;
  for (u64 at = 0; at + 64 <= entries.size();) {
    const u32 header = number_at<u32>(entries, at + 4);
    const u64 size = number_at<u64>(entries, at + 8);
    const std::string_view payload = part_of(entries, at + header, size);
    if (number_at<u16>(entries, at) == kPtx)
      texts.push_back(unpacked(payload, number_at<u64>(entries, at + 40), number_at<u32>(entries, at + 16),
                               number_at<u64>(entries, at + 56)));
    at += header + size;
  }
  return texts;
}

u64 fat_binary_size(std::string_view beginning) {
  return number_at<u16>(beginning, 6) + number_at<u64>(beginning, 8);
}

std::vector<std::string> embedded_ptx(const std::string& object_file) {
  std::ifstream file(object_file, std::ios::binary);
  std::ostringstream read;
  read << file.rdbuf();
  if (!file) throw Fault(fmt::format("{}: cannot be read", object_file));
  const std::string bytes = read.str();
  std::string_view rest = section_of(bytes, ".nv_fatbin");
  std::vector<std::string> texts;
  try {
    while (rest.size() >= kFatBinaryHeader) {
      const u64 size = fat_binary_size(rest);
      for (std::string& text : ptx_of_fat_binary(rest)) texts.push_back(std::move(text));
      rest.remove_prefix(std::min<u64>(size, rest.size()));
    }
  } catch (const Fault& fault) {
    throw Fault(fmt::format("{}: {}", object_file, fault.what()));
  }
  return texts;
}

}  // namespace oct::simt
