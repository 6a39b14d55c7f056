#pragma once

namespace oct {

/// The value of a key in a map; nullptr where it is absent.
template <class Map, class Key>
auto* find_in(Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

}  // namespace oct
