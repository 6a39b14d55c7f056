#include "wire/document.hpp"

#include <initializer_list>

#include "support/catch.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

Bytes bytes(std::initializer_list<int> values) {
  Bytes result;
  for (const int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

/// `depth` arrays of one element around the number 0.
Bytes nested(std::size_t depth) {
  Bytes result(depth, std::byte{0x81});
  result.push_back(std::byte{0});
  return result;
}

TEST_CASE("documents of maps, lists, texts and unsigned numbers pass", "[wire]") {
  CHECK(check_document(bytes({0xa0})).has_value());                          // {}
  CHECK(check_document(bytes({0xa1, 0x61, 'a', 0x01})).has_value());         // {"a": 1}
  CHECK(check_document(bytes({0x82, 0x18, 200, 0x42, 1, 2})).has_value());   // [200, h'0102']
  CHECK(check_document(bytes({0xa1, 0x60, 0x82, 0x80, 0xa0})).has_value());  // {"": [[], {}]}
  CHECK(check_document(nested(kMaxNesting)).has_value());
}

TEST_CASE("documents that are cut short, too long, too deep or of other kinds are refused", "[wire]") {
  const auto refused = [](const Bytes& document) {
    const auto result = check_document(document);
    return !result.has_value() && result.error().kind == ErrorKind::protocol;
  };
  CHECK(refused({}));
  CHECK(refused(bytes({0xa1})));             // a map without its entry
  CHECK(refused(bytes({0xa1, 0x61, 'a'})));  // a key without its value
  CHECK(refused(bytes({0x19, 1})));          // a number without its second byte
  CHECK(refused(bytes({0x62, 'a'})));        // a text longer than the document
  CHECK(refused(bytes({0x5b, 255, 255, 255, 255, 255, 255, 255, 255})));
  CHECK(refused(bytes({0x9b, 128, 0, 0, 0, 0, 0, 0, 0})));  // a list of 2^63 entries
  CHECK(refused(bytes({0xbb, 128, 0, 0, 0, 0, 0, 0, 0})));  // a map of 2^63 entries
  CHECK(refused(bytes({0x9f, 0x00, 0xff})));                // indefinite length
  CHECK(refused(bytes({0x1c})));                            // reserved
  CHECK(refused(bytes({0xa0, 0x00})));                      // something behind it
  CHECK(refused(bytes({0x20})));                            // a negative number
  CHECK(refused(bytes({0xc0, 0x00})));                      // a tag
  CHECK(refused(bytes({0xf5})));                            // true
  CHECK(refused(bytes({0xfb, 0, 0, 0, 0, 0, 0, 0, 0})));    // a float
  CHECK(refused(nested(kMaxNesting + 1)));
  CHECK(refused(nested(60'000)));  // would overflow a recursive parser's stack
  Bytes many = bytes({0x99, 0x40, 0x00});
  many.resize(many.size() + 0x4000);
  CHECK(refused(many));  // more items than any message has
  CHECK(refused(Bytes(kMaxDocumentBytes + 1)));
}

}  // namespace
}  // namespace oct
