#pragma once

namespace oct {

/// Functions for std::visit, one for each alternative; a forgotten one does not compile.
template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace oct
