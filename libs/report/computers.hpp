#pragma once
#include <vector>

#include "report/render_status.hpp"

namespace oct {

/// One entry for each computer (name and address; or name and devices, where a connection did nothing any more when one
/// with another address came), in the order in which they first came, however often a slave of theirs connected: its work
/// is added up, and how it is now, or how it ended, is told of the last connection, or of one that stands.
std::vector<SlaveStatus> one_for_each_computer(const std::vector<SlaveStatus>& slaves);

}  // namespace oct
