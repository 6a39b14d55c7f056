#pragma once
#include <string>
#include <vector>

#include "slave/slave_news.hpp"

namespace oct {

/// The words of the slave. `master`: "10.0.0.103:21000".
std::string words_of(const SlaveNews& news, const std::string& master);

/// Without what is done about it: "Not reached: connection refused."
std::string words_of(const MasterMissed& missed, const std::string& master);

/// What master and user are told of a device that is not used.
///   others  that the slave goes on with, "GPU 0", "the CPU"; none: it ends, and says no more than why
std::string left_out_text(const std::string& why, const std::string& device,
                          const std::vector<std::string>& others);

}  // namespace oct
