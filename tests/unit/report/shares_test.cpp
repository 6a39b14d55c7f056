#include "report/shares.hpp"

#include <numeric>

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("percentages are whole and add up to 100", "[report]") {
  CHECK(whole_percentages({{"a", 1}, {"b", 1}, {"c", 1}}) == std::vector<int>{34, 33, 33});
  CHECK(whole_percentages({{"a", 5}, {"b", 995}}) == std::vector<int>{1, 99});
  CHECK(whole_percentages({{"a", 0}, {"b", 7}}) == std::vector<int>{0, 100});
  CHECK(whole_percentages({{"a", 0}, {"b", 0}}) == std::vector<int>{0, 0});
  CHECK(whole_percentages({}).empty());
  std::vector<Share> many;
  for (std::uint64_t i = 0; i < 300; ++i) many.push_back({"x", 1 + i % 7});
  const std::vector<int> all = whole_percentages(many);
  CHECK(std::accumulate(all.begin(), all.end(), 0) == 100);
}

TEST_CASE("what is left of a long list is a number", "[report]") {
  std::vector<Share> shares;
  for (int i = 0; i < 4; ++i) shares.push_back({"PC" + std::to_string(i), 25});
  CHECK(shares_text(shares, 12) == "PC0 25 %, PC1 25 %, PC2 25 %, PC3 25 %");
  CHECK(shares_text(shares, 3) == "PC0 25 %, PC1 25 %, PC2 25 %, PC3 25 %");
  CHECK(shares_text(shares, 2) == "PC0 25 %, PC1 25 % and 2 others 50 %");
}
