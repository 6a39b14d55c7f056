#include "wire/preamble.hpp"

#include "support/catch.hpp"

namespace oct {
namespace {

ByteView view(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST_CASE("a preamble is 64 bytes that say who asks for what", "[wire]") {
  const Preamble preamble{.conversation = Conversation::daemon,
                          .version = 2000002,
                          .word = PreambleWord::other_farm,
                          .farm = 0x7f3ac2,
                          .name = "RENDER1"};
  const auto bytes = encode_preamble(preamble);
  const auto decoded = decode_preamble(bytes);
  REQUIRE(decoded.has_value());
  CHECK(*decoded == preamble);
}

TEST_CASE("a name too long is cut, and one with tricks is made clean", "[wire]") {
  const auto long_name = decode_preamble(encode_preamble({.name = std::string(50, 'n')}));
  CHECK(long_name->name == std::string(kPreambleNameBytes, 'n'));
  auto bytes = encode_preamble({.name = "name"});
  bytes[kPreambleBytes - kPreambleNameBytes] = std::byte{0x1b};
  CHECK(decode_preamble(bytes)->name == "?ame");
}

TEST_CASE("what is no preamble is told by what it looks like", "[wire]") {
  const auto says = [](ByteView bytes) {
    const auto result = decode_preamble(bytes);
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().kind == ErrorKind::protocol);
    return result.error().message;
  };
  CHECK(says(view("GET / HTTP/1.1\r\nHost: x\r\n\r\n")).find("HTTP request") != std::string::npos);
  CHECK(says(view("HTTP/1.1 200 OK\r\n")).find("web server") != std::string::npos);
  CHECK(says(view("SSH-2.0-OpenSSH_9.2")).find("SSH") != std::string::npos);
  CHECK(says(view(std::string_view("\x16\x03\x01\x00", 4))).find("TLS") != std::string::npos);
  CHECK(says({}).find("nothing") != std::string::npos);
  const auto whole = encode_preamble({});
  CHECK(says(ByteView(whole).first(40)).find("middle") != std::string::npos);
  CHECK(says(view("\x1b[2Jrubbish")).find("\x1b") == std::string::npos);
  auto later = whole;
  later[8] = std::byte{9};
  CHECK(says(later).find("conversation 9") != std::string::npos);
  later = whole;
  later[16] = std::byte{77};
  CHECK(says(later).find("word 77") != std::string::npos);
}

TEST_CASE("the first bytes show early that a peer is a stranger", "[wire]") {
  const auto whole = encode_preamble({});
  for (std::size_t count = 0; count <= whole.size(); ++count)
    CHECK(may_be_preamble(ByteView(whole).first(count)));
  CHECK_FALSE(may_be_preamble(view("G")));
  CHECK_FALSE(may_be_preamble(view("\x89PNG")));
}

TEST_CASE("only a browser gets an answer", "[wire]") {
  CHECK(answer_to_stranger(view("POST /x HTTP/1.1\r\n")).starts_with("HTTP/1.1 400 "));
  CHECK(answer_to_stranger(view("SSH-2.0")).empty());
  CHECK(answer_to_stranger({}).empty());
}

}  // namespace
}  // namespace oct
