#include "slave/want_list.hpp"

namespace oct {

void WantList::reset(const std::vector<ChunkId>& chunks) {
  waiting_.clear();
  asked_.clear();
  outstanding_.clear();
  std::unordered_set<ChunkId> seen;
  for (const ChunkId& id : chunks) {
    if (seen.insert(id).second) waiting_.push_back(id);
  }
  total_ = waiting_.size();
}

std::vector<ChunkId> WantList::next_request() {
  std::vector<ChunkId> request;
  // Asked for in batches, so that not every chunk costs a question.
  if (waiting_.empty() || outstanding_.size() > kAhead / 2) return request;
  while (!waiting_.empty() && outstanding_.size() < kAhead) {
    request.push_back(waiting_.front());
    asked_.push_back(waiting_.front());
    outstanding_.insert(waiting_.front());
    waiting_.pop_front();
  }
  return request;
}

bool WantList::arrived(const ChunkId& id) {
  if (outstanding_.erase(id) == 0) return false;
  std::erase(asked_, id);
  return true;
}

void WantList::connection_lost() {
  for (auto id = asked_.rbegin(); id != asked_.rend(); ++id) waiting_.push_front(*id);
  asked_.clear();
  outstanding_.clear();
}

}  // namespace oct
