#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace oct {

/// "RENDER1, render2 and WS-07"; behind `most` of them "RENDER1, render2 and 54 others".
std::string name_list(const std::vector<std::string>& names, std::size_t most);

}  // namespace oct
