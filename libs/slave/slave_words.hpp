#pragma once
#include <string>

#include "slave/slave_news.hpp"

namespace oct {

/// The words of the slave. `master`: "10.0.0.103:21000".
std::string words_of(const SlaveNews& news, const std::string& master);

/// Without what is done about it: "Not reached: connection refused."
std::string words_of(const MasterMissed& missed, const std::string& master);

}  // namespace oct
