#pragma once
#include "base/bytes.hpp"
#include "base/result.hpp"

namespace oct {

/// Where an encoder puts its bytes, in order and piece by piece, so that no file need lie in memory as a whole.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual Result<void> write(ByteView bytes) = 0;
};

}  // namespace oct
