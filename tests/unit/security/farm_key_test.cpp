#include "security/farm_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "base/hash.hpp"
#include "support/catch.hpp"
#include "support/random.hpp"

namespace oct {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kFirstSymbol = 5;  // behind "OCT1-"

/// A key whose text, farm and derived bytes are fixed for ever: they are in every farm's files.
constexpr const char* kGoldenText = "OCT1-008J4-CT4AN-K7F24-SNAXW-SQFEZ-WEG09";

std::vector<std::size_t> symbol_places(const std::string& text) {
  std::vector<std::size_t> places;
  for (std::size_t i = kFirstSymbol; i < text.size(); ++i)
    if (text[i] != '-') places.push_back(i);
  return places;
}

ByteView bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

TEST_CASE("a key's text has the form that people are shown, and reads back as the key", "[security]") {
  for (int i = 0; i < 50; ++i) {
    const FarmKey key = FarmKey::generate();
    const std::string text = key.text();
    REQUIRE(text.size() == 40);
    CHECK(text.substr(0, 5) == "OCT1-");
    for (std::size_t place = 0; place < text.size(); ++place) {
      if (place % 6 == 4) CHECK(text[place] == '-');
      if (place >= kFirstSymbol && place % 6 != 4)
        CHECK(kAlphabet.find(text[place]) != std::string_view::npos);
    }
    const auto parsed = FarmKey::parse(text);
    REQUIRE(parsed);
    CHECK(*parsed == key);
  }
}

TEST_CASE("what people do to a key while typing it is forgiven", "[security]") {
  const FarmKey key = FarmKey::generate();
  const std::string text = key.text();
  std::string small = text, bare, sloppy = text;
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  for (const char c : text)
    if (c != '-') bare += c;
  std::replace(sloppy.begin(), sloppy.end(), '0', 'O');
  std::replace(sloppy.begin(), sloppy.end(), '1', 'l');
  const std::string blanks = fmt::format("  {} \r\n", text);
  const std::string apart = fmt::format("\t{} - {}", bare.substr(0, 9), bare.substr(9));
  for (const std::string& typed : {small, bare, sloppy, blanks, apart}) {
    const auto parsed = FarmKey::parse(typed);
    REQUIRE(parsed);
    CHECK(*parsed == key);
  }
}

TEST_CASE("every single wrong symbol and every swap of two is found", "[security]") {
  for (int i = 0; i < 8; ++i) {
    const std::string text = FarmKey::generate().text();
    const auto places = symbol_places(text);
    REQUIRE(places.size() == 30);
    std::size_t substitutions = 0, swaps = 0;
    for (const std::size_t place : places) {
      for (const char c : kAlphabet) {
        if (c == text[place]) continue;
        std::string wrong = text;
        wrong[place] = c;
        substitutions += FarmKey::parse(wrong) ? 0 : 1;
      }
    }
    CHECK(substitutions == 30 * 31);
    for (std::size_t a = 0; a < places.size(); ++a) {
      for (std::size_t b = a + 1; b < places.size(); ++b) {
        std::string wrong = text;
        std::swap(wrong[places[a]], wrong[places[b]]);
        swaps += wrong == text || !FarmKey::parse(wrong) ? 1 : 0;
      }
    }
    CHECK(swaps == 30 * 29 / 2);
  }
}

TEST_CASE("up to four wrong symbols are found", "[security]") {
  const std::uint64_t seed = Catch::rngSeed();
  INFO("seed " << seed);
  test::Random random(seed);
  const std::string text = FarmKey::generate().text();
  const auto places = symbol_places(text);
  std::size_t accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string wrong = text;
    const std::size_t count = random.between(2, 4);
    for (std::size_t change = 0; change < count; ++change)
      wrong[places[random.below(places.size())]] = kAlphabet[random.below(kAlphabet.size())];
    if (wrong != text && FarmKey::parse(wrong)) ++accepted;
  }
  CHECK(accepted == 0);
}

TEST_CASE("what is no key is refused with the reason, and none of it is repeated", "[security]") {
  const std::string text = FarmKey::generate().text();
  std::string newer = text, foreign = text, longer = text, twice = text;
  longer += '0';
  twice += text;
  newer[3] = '2';
  foreign[10] = 'U';
  for (const std::string& wrong :
       {std::string(), std::string("OCT"), std::string("OCT1"), text.substr(0, 39), longer, newer, foreign,
        text.substr(5), twice, std::string("\0\0", 2), std::string(5000, '7')}) {
    const auto parsed = FarmKey::parse(wrong);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == ErrorKind::invalid_input);
    CHECK(parsed.error().message.find("not a farm key") != std::string::npos);
    CHECK(parsed.error().message.find(text.substr(5, 5)) == std::string::npos);
    CHECK(parsed.error().help.find("octane_master activate --show") != std::string::npos);
  }
}

TEST_CASE("the meaning of a key's text, its farm and its derived keys never change", "[security]") {
  const auto key = FarmKey::parse(kGoldenText);
  REQUIRE(key);
  CHECK(key->text() == kGoldenText);
  CHECK(farm_text(key->farm()) == "F78413");
  const auto derived = key->derive(FarmRole::render);
  Digest digest;
  std::copy(derived.bytes().begin(), derived.bytes().end(), digest.bytes.begin());
  CHECK(digest.hex() == "f4ed7bdbbf449bd3432749564ec54730719a4eee7d2a2c13e8ac76e181bd4de0");
}

TEST_CASE("roles and keys give different secrets, a key always the same", "[security]") {
  const FarmKey one = FarmKey::generate(), other = FarmKey::generate();
  std::set<std::vector<std::uint8_t>> seen;
  for (const FarmKey* key : {&one, &other}) {
    for (const FarmRole role : {FarmRole::render, FarmRole::daemon, FarmRole::peer, FarmRole::discovery}) {
      const auto derived = key->derive(role);
      CHECK(derived == key->derive(role));
      seen.insert({derived.bytes().begin(), derived.bytes().end()});
    }
  }
  CHECK(seen.size() == 8);
  CHECK_FALSE(one == other);
  CHECK(one.farm() != 0);
  CHECK(one.farm() <= 0xffffff);
  CHECK(farm_text(0x7f3ac2) == "7F3AC2");
  CHECK(farm_text(1) == "000001");
}

TEST_CASE("a datagram's code holds for this message and this key alone", "[security]") {
  const FarmKey key = FarmKey::generate();
  const Mac mac = discovery_mac(key, bytes("probe 1"));
  CHECK(is_discovery_mac(key, bytes("probe 1"), mac));
  CHECK_FALSE(is_discovery_mac(key, bytes("probe 2"), mac));
  CHECK_FALSE(is_discovery_mac(FarmKey::generate(), bytes("probe 1"), mac));
  CHECK_FALSE(is_discovery_mac(key, bytes("probe 1"), ByteView(mac).first(15)));
  CHECK_FALSE(is_discovery_mac(key, bytes("probe 1"), {}));
  for (std::size_t bit = 0; bit < 8 * mac.size(); ++bit) {
    Mac flipped = mac;
    flipped[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    CHECK_FALSE(is_discovery_mac(key, bytes("probe 1"), flipped));
  }
}

TEST_CASE("wiping a secret leaves nothing of it", "[security]") {
  std::string text = "a text long enough to lie on the heap, as keys do";
  const char* memory = text.data();
  const std::size_t capacity = text.capacity();
  cleanse(text);
  CHECK(text.empty());
  REQUIRE(text.capacity() == capacity);
  REQUIRE(text.data() == memory);
  text.resize(capacity, '\0');
  std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
  cleanse(std::span<std::uint8_t>(bytes));
  CHECK(bytes == std::array<std::uint8_t, 4>{});
}

}  // namespace
}  // namespace oct
