#include "path/path_state.hpp"

#include <cstring>
#include <tuple>
#include <vector>

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("a path state goes through columns and back unchanged", "[path]") {
  std::vector<std::vector<unsigned char>> memory;
  PathColumns columns{};
  PathState shape{};
  PathState::each(columns, shape, [&memory](auto*& column, auto& value) {
    memory.emplace_back(sizeof value * 3);
    column = reinterpret_cast<std::remove_reference_t<decltype(column)>>(memory.back().data());
  });

  PathState states[3];
  for (unsigned i = 0; i < 3; ++i) {
    unsigned char bytes[sizeof(PathState)];
    for (unsigned b = 0; b < sizeof bytes; ++b) bytes[b] = static_cast<unsigned char>(b * 7 + i * 31 + 1);
    std::memcpy(&states[i], bytes, sizeof bytes);
    store_path(columns, i, states[i]);
  }
  for (unsigned i = 0; i < 3; ++i) {
    const PathState loaded = load_path(columns, i);
    CHECK(std::memcmp(&loaded, &states[i], sizeof loaded) == 0);
  }
}
