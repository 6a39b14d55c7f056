#include "wire/supervision.hpp"

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("what daemon and slave say to each other comes back from its line", "[wire]") {
  for (const DaemonWord& word : {DaemonWord(RestWord{}), DaemonWord(MasterWord{1, "10.0.0.1", 21000}),
                                 DaemonWord(MasterWord{77, "fe80::1%eth0", 65535})})
    CHECK(daemon_word_of(line_of(word)) == word);
  for (const SlaveWord& word : {SlaveWord(SlaveProgress{4711}), SlaveWord(SlaveRests{3, 6, std::nullopt}),
                                SlaveWord(SlaveRests{3, 6, 17'000'000'000})})
    CHECK(slave_word_of(line_of(word)) == word);
  CHECK(line_of(SlaveWord(SlaveProgress{0})) == "progress 0");
}

TEST_CASE("other lines are no words of daemon or slave", "[wire]") {
  for (const char* line :
       {"", "rest ", "restart", "master", "master ", "master 1 10.0.0.1", "master 1 10.0.0.1 0",
        "master 1  21000", "master 1 10.0.0.1 65536", "master 1 10.0.0.1 21000 x", "master 10.0.0.1 21000",
        "master -1 10.0.0.1 21000", "progress 1"})
    CHECK_FALSE(daemon_word_of(line).has_value());
  CHECK_FALSE(daemon_word_of("master 1 " + std::string(65, 'a') + " 21000").has_value());
  for (const char* line : {"", "progress", "progress -1", "progress 5 percent", "resting", "resting 1",
                           "resting 1 -1", "rest", "resting 1 1x", "resting 1 0 ", "resting 1 0 -1",
                           "resting 1 0 5 5", "resting x 0", "progress 99999999999999999999999"})
    CHECK_FALSE(slave_word_of(line).has_value());
}
