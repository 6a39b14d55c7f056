#include "security/key_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace oct {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";  // no I, L, O, U
constexpr std::string_view kMark = "OCT1";
constexpr std::size_t kDataSymbols = 26, kCheckSymbols = 4, kSymbols = kDataSymbols + kCheckSymbols;
constexpr std::size_t kGroup = 5;
using Symbols = Secret<kSymbols>;

/// Product in GF(32), polynomials over GF(2) modulo x^5 + x^2 + 1.
constexpr std::uint8_t multiply(std::uint8_t a, std::uint8_t b) {
  std::uint8_t product = 0;
  for (int bit = 0; bit < 5; ++bit) {
    if ((b >> bit & 1) != 0) product = static_cast<std::uint8_t>(product ^ a);
    a = static_cast<std::uint8_t>(a << 1);
    if ((a & 32) != 0) a = static_cast<std::uint8_t>(a ^ 0b100101);
  }
  return product;
}

/// Coefficients of (x - 2)(x - 4)(x - 8)(x - 16), the highest (which is 1) left out.
constexpr std::array<std::uint8_t, kCheckSymbols> kGenerator = [] {
  std::array<std::uint8_t, kCheckSymbols + 1> polynomial{1};
  std::uint8_t root = 1;
  for (std::size_t degree = 1; degree <= kCheckSymbols; ++degree) {
    root = multiply(root, 2);
    for (std::size_t i = degree; i > 0; --i)
      polynomial[i] = static_cast<std::uint8_t>(polynomial[i] ^ multiply(polynomial[i - 1], root));
  }
  std::array<std::uint8_t, kCheckSymbols> tail{};
  std::copy(polynomial.begin() + 1, polynomial.end(), tail.begin());
  return tail;
}();

/// The remainder of the data symbols, taken as a polynomial times x^4, modulo the generator.
std::array<std::uint8_t, kCheckSymbols> check_symbols(std::span<const std::uint8_t> data) {
  std::array<std::uint8_t, kCheckSymbols> remainder{};
  for (const std::uint8_t symbol : data) {
    const auto lead = static_cast<std::uint8_t>(symbol ^ remainder[0]);
    for (std::size_t i = 0; i < kCheckSymbols; ++i) {
      const std::uint8_t next = i + 1 < kCheckSymbols ? remainder[i + 1] : std::uint8_t{0};
      remainder[i] = static_cast<std::uint8_t>(next ^ multiply(lead, kGenerator[i]));
    }
  }
  return remainder;
}

/// Bit `index` of the key, the highest of the first byte first; 0 behind the end.
unsigned bit_of(std::span<const std::uint8_t> bytes, std::size_t index) {
  return index / 8 < bytes.size() ? bytes[index / 8] >> (7 - index % 8) & 1u : 0u;
}

Symbols symbols_of(const Secret<16>& key) {
  Symbols symbols;
  for (std::size_t i = 0; i < kDataSymbols; ++i) {
    unsigned value = 0;
    for (std::size_t bit = 0; bit < 5; ++bit) value = value << 1 | bit_of(key.bytes(), 5 * i + bit);
    symbols.bytes()[i] = static_cast<std::uint8_t>(value);
  }
  const auto check = check_symbols(symbols.bytes().first(kDataSymbols));
  std::copy(check.begin(), check.end(), symbols.bytes().begin() + kDataSymbols);
  return symbols;
}

Secret<16> key_of(const Symbols& symbols) {
  Secret<16> key;
  for (std::size_t bit = 0; bit < 128; ++bit) {
    const unsigned value = symbols.bytes()[bit / 5] >> (4 - bit % 5) & 1u;
    key.bytes()[bit / 8] = static_cast<std::uint8_t>(key.bytes()[bit / 8] << 1 | value);
  }
  return key;
}

char canonical(char c) {
  if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
}

bool is_separator(char c) {
  return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

Unexpected no_key(std::string reason) {
  return fail(ErrorKind::invalid_input, "not a farm key: " + std::move(reason),
              "octane_master activate --show   prints it on a computer of the farm");
}

/// The symbols behind the mark, each checked to be one of the alphabet's.
Result<Symbols> read_symbols(std::string_view text) {
  Symbols symbols;
  std::size_t mark = 0, count = 0;
  for (const char typed : text) {
    if (is_separator(typed)) continue;
    const char c = canonical(typed);
    if (mark < kMark.size()) {
      if (c != canonical(kMark[mark++])) return no_key("it does not begin with OCT1");
      continue;
    }
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos)
      return no_key(fmt::format("place {} holds a character that no key has", count + 1));
    if (count < kSymbols) symbols.bytes()[count] = static_cast<std::uint8_t>(value);
    ++count;
  }
  if (mark < kMark.size()) return no_key("it does not begin with OCT1");
  if (count != kSymbols)
    return no_key(fmt::format("behind OCT1 stand {} letters and digits, here {}", kSymbols, count));
  return symbols;
}

}  // namespace

std::string key_text(const Secret<16>& key) {
  const Symbols symbols = symbols_of(key);
  std::string text;
  text.reserve(kMark.size() + kSymbols + kSymbols / kGroup + 1);  // and a line end: no copy stays behind
  text = kMark;
  for (std::size_t i = 0; i < kSymbols; ++i) {
    if (i % kGroup == 0) text += '-';
    text += kAlphabet[symbols.bytes()[i]];
  }
  return text;
}

Result<Secret<16>> parse_key_text(std::string_view text) {
  OCT_TRY_ASSIGN(const Symbols symbols, read_symbols(text));
  const Secret<16> key = key_of(symbols);
  if (!(symbols_of(key) == symbols)) return no_key("its check digits do not match, so something is mistyped");
  return key;
}

}  // namespace oct
