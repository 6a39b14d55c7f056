#pragma once
#include <array>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace oct {

/// A SHA-256 value (FIPS 180-4), used for whatever crosses a machine or is kept in a file.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};
  friend auto operator<=>(const Digest&, const Digest&) = default;

  /// 64 lower-case hexadecimal digits.
  std::string hex() const;
  /// "sha256:" and the first 32 hexadecimal digits: how hashes are shown to people and scripts.
  std::string short_text() const;
};

/// 64 hexadecimal digits; invalid_input otherwise.
Result<Digest> digest_from_hex(std::string_view text);

/// Incremental SHA-256. One thread at a time.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(ByteView bytes);
  void add(std::string_view text);
  /// Ends the computation; the object must not be used any more.
  Digest finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest sha256(ByteView bytes);

}  // namespace oct
