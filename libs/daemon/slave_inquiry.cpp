#include "daemon/slave_inquiry.hpp"

#include <algorithm>
#include <utility>

namespace oct {

bool SlaveInquiry::is_wanted_for(const DaemonMessage& request, FileStamp slave_file, Instant now) const {
  const bool retry = std::holds_alternative<RetryDaemon>(request);
  const bool asks = retry || std::holds_alternative<DescribeDaemon>(request) ||
                    std::holds_alternative<OccupyDaemon>(request);
  if (!asks) return false;
  if (asking_) return true;
  return retry || !answer_ || slave_file != file_ || now - answered_at_ >= config_.facts_age;
}

bool SlaveInquiry::begin() {
  if (std::exchange(asking_, true)) return false;
  next_try_.reset();
  return true;
}

SlaveInquiry::Answer SlaveInquiry::came(FactsCame&& event, Instant now) {
  asking_ = false;
  Answer answer;
  answer.is_news = !answer_ || answer_->has_value() != event.facts.has_value() ||
                   (event.facts && event.facts->version != answer_->value().version);
  answer.is_other_program = event.facts && event.slave_file != file_;
  answer_ = std::move(event.facts);
  file_ = event.slave_file;
  answered_at_ = now;
  plan_next_try(now);
  return answer;
}

/// Without a working slave: 10, 20, 40 ... 600 s.
void SlaveInquiry::plan_next_try(Instant now) {
  if (facts() != nullptr) {
    try_pause_ = config_.first_try;
    return next_try_.reset();
  }
  next_try_ = now + try_pause_;
  try_pause_ = std::min(2 * try_pause_, config_.facts_age);
}

std::vector<DeviceInfo> SlaveInquiry::devices() const {
  if (facts() == nullptr) return {};
  std::vector<DeviceInfo> gpus, others;
  for (const DeviceInfo& device : facts()->devices) {
    const bool gpu = device.kind == DeviceKind::cuda;
    const bool chosen = config_.gpus.empty() || std::find(config_.gpus.begin(), config_.gpus.end(),
                                                          device.index) != config_.gpus.end();
    if (!gpu || chosen) (gpu ? gpus : others).push_back(device);
  }
  if (gpus.empty() || config_.cpu) gpus.insert(gpus.end(), others.begin(), others.end());
  return gpus;
}

}  // namespace oct
