#pragma once
#include <map>
#include <string>

#include "report/render_status.hpp"

namespace oct {

/// Tells from one status of a slave to the next whether there is something new to say. One thread.
class SlaveChanges {
 public:
  /// For programs: each change of what it does or of its network, and each tenth of an update.
  bool is_new_record(const SlaveStatus& status);
  /// For people: the event's text, empty when they know it already or it is not worth a line.
  std::string new_event(const SlaveStatus& status);

 private:
  std::map<LinkId, std::string> records_;
  std::map<LinkId, std::string> events_;
};

}  // namespace oct
