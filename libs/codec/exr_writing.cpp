#include <ImfChannelList.h>
#include <ImfDoubleAttribute.h>
#include <ImfFrameBuffer.h>
#include <ImfIntAttribute.h>
#include <ImfMatrixAttribute.h>
#include <ImfOutputFile.h>
#include <ImfRationalAttribute.h>
#include <ImfStandardAttributes.h>
#include <ImfStringAttribute.h>
#include <ImfThreading.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <optional>
#include <type_traits>

#include "codec/exr.hpp"
#include "codec/exr_library.hpp"

namespace oct {
namespace {

/// Bytes that were written over earlier ones, from `offset` on: the table of the blocks' places.
struct Table {
  std::uint64_t offset = 0;
  Bytes bytes;
};

/// A sink as the library's file. It writes forward, and returns once to fill in the table. A sink that cannot
/// overwrite is given the table of an earlier run in the first place.
class SinkStream : public Imf::OStream {
 public:
  /// sink    null: bytes are only counted
  /// known   what the table will be; empty: not known yet
  SinkStream(ByteSink* sink, Table known) : Imf::OStream(""), sink_(sink), known_(std::move(known)) {}

  void write(const char* bytes, int count) override {
    const ByteView view = std::as_bytes(std::span(bytes, static_cast<std::size_t>(count)));
    if (position_ < end_) {
      if (table_.bytes.empty()) table_.offset = position_;
      table_.bytes.insert(table_.bytes.end(), view.begin(), view.end());
    } else {
      append(view);
      end_ += view.size();
    }
    position_ += view.size();
  }
  std::uint64_t tellp() override { return position_; }
  void seekp(std::uint64_t position) override { position_ = position; }

  /// Sends what is left. The first error of the sink, if there was one.
  Result<void> finish() {
    flush();
    if (error_) return fail(*error_);
    if (sink_ != nullptr && known_.bytes.empty()) return sink_->overwrite(table_.offset, table_.bytes);
    return {};
  }
  Table take_table() { return std::move(table_); }
  bool failed() const { return error_.has_value(); }

 private:
  static constexpr std::size_t kPiece = 64 * 1024;

  void append(ByteView view) {
    if (sink_ == nullptr || error_) return;
    if (pending_.size() + view.size() > kPiece) flush();
    const std::size_t start = pending_.size();
    pending_.insert(pending_.end(), view.begin(), view.end());
    const std::uint64_t first = std::max(known_.offset, end_);
    const std::uint64_t last = std::min(known_.offset + known_.bytes.size(), end_ + view.size());
    for (std::uint64_t at = first; at < last; ++at)
      pending_[start + (at - end_)] = known_.bytes[at - known_.offset];
  }

  void flush() {
    if (sink_ == nullptr || error_ || pending_.empty()) return;
    const Result<void> written = sink_->write(pending_);
    if (!written) error_ = written.error();
    pending_.clear();
  }

  ByteSink* sink_;
  Table known_, table_;
  Bytes pending_;
  std::uint64_t position_ = 0, end_ = 0;
  std::optional<Error> error_;
};

void add_number(Imf::Header& header, const std::string& name, std::int64_t number) {
  using Limits = std::numeric_limits<std::int32_t>;
  if (number >= Limits::min() && number <= Limits::max())
    header.insert(name, Imf::IntAttribute(static_cast<int>(number)));
  else
    header.insert(name, Imf::DoubleAttribute(static_cast<double>(number)));
}

Imf::Header header_of(const ExrDescription& description) {
  Imf::Header header(static_cast<int>(description.width), static_cast<int>(description.height));
  header.compression() = Imf::ZIP_COMPRESSION;
  header.zipCompressionLevel() = 4;  // a third of the time of level 6, files 1 % larger
  for (const char* name : {"A", "B", "G", "R"})
    header.channels().insert(name, Imf::Channel(description.half ? Imf::HALF : Imf::FLOAT));
  Imf::addChromaticities(header, Imf::Chromaticities());  // Rec.709
  for (const auto& [name, number] : description.numbers) add_number(header, name, number);
  for (const auto& [name, text] : description.texts) header.insert(name, Imf::StringAttribute(text));
  for (const ExrMatrix& matrix : description.matrices) {
    Imath::M44f values;
    std::copy(matrix.values.begin(), matrix.values.end(), values[0]);
    header.insert(matrix.name, Imf::M44fAttribute(values));
  }
  const auto [above, below] = description.frames_per_second;
  if (above > 0)
    header.insert("framesPerSecond", Imf::RationalAttribute(Imf::Rational(static_cast<int>(above), below)));
  return header;
}

/// Where the planes A, B, G, R of rows from y0 on lie.
template <class Value>
Imf::FrameBuffer planes_at(std::vector<Value>& planes, std::uint32_t width, std::uint32_t rows,
                           std::uint32_t y0) {
  const Imf::PixelType type = std::is_same_v<Value, float> ? Imf::FLOAT : Imf::HALF;
  Imf::FrameBuffer source;
  std::size_t plane = 0;
  for (const char* name : {"A", "B", "G", "R"}) {
    const std::size_t row_bytes = width * sizeof(Value);
    // counted in whole numbers, since row 0 lies outside the vector
    const auto origin = reinterpret_cast<std::uintptr_t>(planes.data() + plane * width * rows) -
                        static_cast<std::uintptr_t>(y0) * row_bytes;
    source.insert(name, Imf::Slice(type, reinterpret_cast<char*>(origin), sizeof(Value), row_bytes));
    ++plane;
  }
  return source;
}

/// The library compresses by threads of its own, which all files share and which wait when there is nothing to do. They
/// are started when they are first asked for.
int library_threads(const ThreadPool* pool) {
  if (pool == nullptr || pool->thread_count() < 2) return 0;
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  const int wanted = static_cast<int>(pool->thread_count());
  if (Imf::globalThreadCount() < wanted) Imf::setGlobalThreadCount(wanted);
  return wanted;
}

/// Fills the planes of `count` rows from y0 on, block by block, on all threads of the pool if there is one.
template <class Value, class Rows>
void fill_planes(std::vector<Value>& planes, std::uint32_t width, std::uint32_t count, std::uint32_t y0,
                 const Rows& rows, ThreadPool* pool) {
  planes.resize(std::size_t{4} * count * width);
  if (count <= kExrBlockRows) return rows(y0, std::span(planes));
  const auto fill_block = [&](std::size_t index) {
    const auto first = static_cast<std::uint32_t>(index) * kExrBlockRows;
    const std::size_t values = std::size_t{std::min(kExrBlockRows, count - first)} * width;
    std::vector<Value> block(4 * values);
    rows(y0 + first, std::span(block));
    for (std::size_t plane = 0; plane < 4; ++plane) {
      std::copy_n(block.begin() + static_cast<std::ptrdiff_t>(plane * values), values,
                  planes.begin() + static_cast<std::ptrdiff_t>((plane * count + first) * width));
    }
  };
  pool->for_each((count + kExrBlockRows - 1) / kExrBlockRows, fill_block);
}

/// Blocks at a time for each thread: so many that threads seldom wait for each other, and memory holds them.
constexpr std::uint32_t kBlocksEach = 4;

/// All of the file into `stream`.
template <class Value, class Rows>
void write_file(SinkStream& stream, const ExrDescription& description, const Rows& rows, ThreadPool* pool) {
  const int threads = library_threads(pool);
  Imf::OutputFile file(stream, header_of(description), threads);
  const std::uint32_t together =
      threads == 0 ? kExrBlockRows : kExrBlockRows * kBlocksEach * static_cast<std::uint32_t>(threads);
  std::vector<Value> planes;
  for (std::uint32_t y0 = 0; y0 < description.height && !stream.failed();) {
    const std::uint32_t count = std::min(together, description.height - y0);
    fill_planes(planes, description.width, count, y0, rows, pool);
    file.setFrameBuffer(planes_at(planes, description.width, count, y0));
    file.writePixels(static_cast<int>(count));
    y0 += count;
  }
}

template <class Value, class Rows>
Result<void> write_all(ByteSink& sink, const ExrDescription& description, const Rows& rows,
                       ThreadPool* pool) {
  const auto write = [&]() -> Result<void> {
    Table table;
    if (!sink.can_overwrite()) {
      SinkStream counter(nullptr, {});
      write_file<Value>(counter, description, rows, pool);
      table = counter.take_table();
    }
    SinkStream stream(&sink, std::move(table));
    write_file<Value>(stream, description, rows, pool);
    return stream.finish();
  };
  return exr::guarded(write, [](const std::exception& error) {
    return fail(ErrorKind::internal, fmt::format("OpenEXR cannot write the picture ({})", error.what()));
  });
}

}  // namespace

Result<void> write_exr(ByteSink& sink, const ExrDescription& description, const ExrHalfRows& rows,
                       ThreadPool* pool) {
  return write_all<std::uint16_t>(sink, description, rows, pool);
}

Result<void> write_exr(ByteSink& sink, const ExrDescription& description, const ExrFloatRows& rows,
                       ThreadPool* pool) {
  return write_all<float>(sink, description, rows, pool);
}

}  // namespace oct
