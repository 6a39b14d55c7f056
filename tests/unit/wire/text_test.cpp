#include "wire/text.hpp"

#include "support/catch.hpp"

namespace oct {
namespace {

TEST_CASE("clean text is valid UTF-8 without control characters", "[wire]") {
  for (const char* text :
       {"", "plain", "Größe 日本 🖥", "\xc2\xa0", "\xef\xbf\xbd", "\xf4\x8f\xbf\xbf"}) {
    INFO(text);
    CHECK(is_clean_text(text));
    CHECK(clean_text(text, 100) == text);
  }
  for (const char* text :
       {"\n", "\x1b", "\x7f", "\xc2\x80", "\xc2\x9f", "\x80", "\xc3", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\x80",
        "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\x80", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xe2\x82", "a\xffz"}) {
    CHECK_FALSE(is_clean_text(text));
    CHECK(is_clean_text(clean_text(text, 100)));
  }
  CHECK_FALSE(is_clean_text(std::string_view("a\0b", 3)));
}

TEST_CASE("text is cut at the border of a character", "[wire]") {
  CHECK(clean_text("aé日🖥", 1) == "a");
  CHECK(clean_text("aé日🖥", 2) == "a");
  CHECK(clean_text("aé日🖥", 5) == "aé");
  CHECK(clean_text("aé日🖥", 6) == "aé日");
  CHECK(clean_text("aé日🖥", 10) == "aé日🖥");
  CHECK(clean_text("x\ny", 10) == "x?y");
}

}  // namespace
}  // namespace oct
