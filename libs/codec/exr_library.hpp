#pragma once
#include <Iex.h>
#include <ImfIO.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <new>

#include "base/bytes.hpp"

// Between the OpenEXR library and the rest: bytes for its files, results for its exceptions. For exr_*.cpp
// alone.

namespace oct::exr {

/// Bytes in memory as a file.
class ByteStream : public Imf::IStream {
 public:
  explicit ByteStream(ByteView bytes) : Imf::IStream(""), bytes_(bytes) {}

  bool read(char* out, int count) override {
    const auto size = static_cast<std::uint64_t>(std::max(count, 0));
    if (position_ > bytes_.size() || size > bytes_.size() - position_) {
      ran_out_ = true;
      throw Iex::InputExc("end of file");
    }
    std::memcpy(out, bytes_.data() + position_, size);
    position_ += size;
    return position_ < bytes_.size();
  }
  std::uint64_t tellg() override { return position_; }
  void seekg(std::uint64_t position) override { position_ = position; }
  /// Whether somebody asked for bytes behind the last one.
  bool ran_out() const { return ran_out_; }

 private:
  ByteView bytes_;
  std::uint64_t position_ = 0;
  bool ran_out_ = false;
};

/// Runs `work`, which returns a Result and may throw what the library throws; fault(exception) is the result
/// then. The one place where its exceptions end.
template <class Work, class Fault>
auto guarded(Work&& work, Fault&& fault) -> decltype(work()) {
  try {
    return work();
  } catch (const std::bad_alloc&) {
    throw;  // as everywhere: whoever asked for the memory is told
  } catch (const std::exception& error) {
    return fault(error);
  }
}

}  // namespace oct::exr
