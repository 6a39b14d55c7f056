#include "wire/compression.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/check.hpp"

#if defined(OCT_HAVE_LZ4)
#include <lz4.h>
#endif
#if defined(OCT_HAVE_ZSTD)
#include <zstd.h>
#endif

namespace oct {
namespace {

#if defined(OCT_HAVE_LZ4)
// Sizes are at most a payload's, far below the 2 GB that LZ4 counts in.
std::size_t compress_lz4(ByteView raw, Bytes& packed) {
  const int size =
      LZ4_compress_default(reinterpret_cast<const char*>(raw.data()), reinterpret_cast<char*>(packed.data()),
                           static_cast<int>(raw.size()), static_cast<int>(packed.size()));
  return size > 0 ? static_cast<std::size_t>(size) : 0;
}

bool decompress_lz4(ByteView packed, Bytes& raw) {
  return LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()),
                             reinterpret_cast<char*>(raw.data()), static_cast<int>(packed.size()),
                             static_cast<int>(raw.size())) == static_cast<int>(raw.size());
}
#endif

#if defined(OCT_HAVE_ZSTD)
// Faster than 1 Gbit/s by a factor of ten; higher levels gain a few percent on our data.
constexpr int kZstdLevel = 1;

struct ZstdDelete {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::size_t compress_zstd(ByteView raw, Bytes& packed) {
  thread_local const std::unique_ptr<ZSTD_CCtx, ZstdDelete> context(ZSTD_createCCtx());
  OCT_CHECK(context != nullptr);
  const std::size_t size =
      ZSTD_compressCCtx(context.get(), packed.data(), packed.size(), raw.data(), raw.size(), kZstdLevel);
  return ZSTD_isError(size) ? 0 : size;
}

bool decompress_zstd(ByteView packed, Bytes& raw) {
  thread_local const std::unique_ptr<ZSTD_DCtx, ZstdDelete> context(ZSTD_createDCtx());
  OCT_CHECK(context != nullptr);
  return ZSTD_decompressDCtx(context.get(), raw.data(), raw.size(), packed.data(), packed.size()) ==
         raw.size();
}
#endif

/// Of any number that a file or a peer may name.
bool can(Compression compression) {
  return compression <= Compression::zstd && (readable_compressions() & compression_bit(compression)) != 0;
}

/// One stride, known to the compiler where it is a usual one (0 = not). Blocks of elements stay in the
/// first-level cache while their bytes are picked apart.
template <std::size_t kStride, bool kForward>
void regroup(const std::byte* from, std::byte* to, std::size_t count, std::size_t run_time_stride) {
  const std::size_t stride = kStride ? kStride : run_time_stride;
  constexpr std::size_t kBlockBytes = 8192;
  const std::size_t block = std::max<std::size_t>(kBlockBytes / stride, 16);
  for (std::size_t begin = 0; begin < count; begin += block) {
    const std::size_t end = std::min(begin + block, count);
    for (std::size_t place = 0; place < stride; ++place) {
      for (std::size_t i = begin; i < end; ++i) {
        if constexpr (kForward)
          to[place * count + i] = from[i * stride + place];
        else
          to[i * stride + place] = from[place * count + i];
      }
    }
  }
}

template <bool kForward>
void regroup_any(std::span<const std::byte> from, std::size_t stride, std::span<std::byte> to) {
  OCT_CHECK(stride >= 1);
  OCT_CHECK_EQ(from.size(), to.size());
  const std::size_t count = from.size() / stride;
  switch (stride) {
    case 4: regroup<4, kForward>(from.data(), to.data(), count, stride); break;
    case 8: regroup<8, kForward>(from.data(), to.data(), count, stride); break;
    case 12: regroup<12, kForward>(from.data(), to.data(), count, stride); break;
    case 16: regroup<16, kForward>(from.data(), to.data(), count, stride); break;
    default: regroup<0, kForward>(from.data(), to.data(), count, stride); break;
  }
  std::copy(from.begin() + static_cast<std::ptrdiff_t>(count * stride), from.end(),
            to.begin() + static_cast<std::ptrdiff_t>(count * stride));
}

}  // namespace

CompressionSet readable_compressions() {
  CompressionSet set = compression_bit(Compression::none);
#if defined(OCT_HAVE_LZ4)
  set |= compression_bit(Compression::lz4);
#endif
#if defined(OCT_HAVE_ZSTD)
  set |= compression_bit(Compression::zstd);
#endif
  return set;
}

Bytes compress(Compression compression, ByteView raw) {
  OCT_CHECK(can(compression));
  if (compression == Compression::none || raw.size() < 2) return {};
  OCT_CHECK(raw.size() <= kMaxPayloadBytes);
  Bytes packed(raw.size() - 1);  // no room for what would not be smaller
  std::size_t size = 0;
#if defined(OCT_HAVE_LZ4)
  if (compression == Compression::lz4) size = compress_lz4(raw, packed);
#endif
#if defined(OCT_HAVE_ZSTD)
  if (compression == Compression::zstd) size = compress_zstd(raw, packed);
#endif
  packed.resize(size);
  return packed;
}

Result<Bytes> decompress(Compression compression, ByteView packed, std::size_t raw_bytes) {
  if (!can(compression))
    return fail(ErrorKind::protocol, fmt::format("compression {} was not agreed on", to_string(compression)));
  OCT_CHECK(raw_bytes <= kMaxPayloadBytes);
  if (packed.size() > kMaxPayloadBytes) return fail(ErrorKind::protocol, "packed data is too large");
  Bytes raw(raw_bytes);
  bool good = false;
  if (compression == Compression::none && packed.size() == raw_bytes) {
    std::copy(packed.begin(), packed.end(), raw.begin());
    good = true;
  }
#if defined(OCT_HAVE_LZ4)
  if (compression == Compression::lz4) good = decompress_lz4(packed, raw);
#endif
#if defined(OCT_HAVE_ZSTD)
  if (compression == Compression::zstd) good = decompress_zstd(packed, raw);
#endif
  if (!good)
    return fail(ErrorKind::protocol, fmt::format("{} packed bytes ({}) do not give {} bytes", packed.size(),
                                                 to_string(compression), raw_bytes));
  return raw;
}

Compression best_compression(CompressionSet peer_reads) {
  for (const Compression compression : {Compression::zstd, Compression::lz4})
    if ((peer_reads & readable_compressions() & compression_bit(compression)) != 0) return compression;
  return Compression::none;
}

PackedBytes pack_bytes(Bytes raw, CompressionSet peer_reads) {
  const Compression compression = best_compression(peer_reads);
  Bytes packed = compress(compression, raw);
  if (packed.empty() || packed.size() > raw.size() / 10 * 9) return {Compression::none, std::move(raw)};
  return {compression, std::move(packed)};
}

void shuffle_bytes(std::span<const std::byte> from, std::size_t stride, std::span<std::byte> to) {
  regroup_any<true>(from, stride, to);
}

void unshuffle_bytes(std::span<const std::byte> from, std::size_t stride, std::span<std::byte> to) {
  regroup_any<false>(from, stride, to);
}

}  // namespace oct
