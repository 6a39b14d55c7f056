#include "base/escaped.hpp"

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a name becomes one line that commands no terminal", "[base]") {
  CHECK(escaped("") == "");
  CHECK(escaped("C:\\shots\\Käse \xf0\x9f\xa7\x80.gltf") == "C:\\shots\\Käse \xf0\x9f\xa7\x80.gltf");
  CHECK(escaped("a\nerror: b") == "a\\nerror: b");
  CHECK(escaped("a\r\tb\x1b[2J\x7f") == "a\\r\\tb\\x1b[2J\\x7f");
  CHECK(escaped(std::string("a\0b", 3)) == "a\\x00b");
  CHECK(escaped("\xc2\x9b"
                "2J") ==
        "\\xc2\\x9b"
        "2J");  // CSI in one character
  CHECK(escaped("Stra\xdf"
                "e") ==
        "Stra\\xdf"
        "e");                                  // Latin-1
  CHECK(escaped("\xe2\x82") == "\\xe2\\x82");  // cut off
}

TEST_CASE("a text with lines keeps them, and nothing else", "[base]") {
  CHECK(escaped_lines("one\ntwo\r\nthree\x1b") == "one\ntwo\\r\nthree\\x1b");
}
