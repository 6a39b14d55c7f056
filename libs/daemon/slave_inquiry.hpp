#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/daemon_events.hpp"

namespace oct {

struct SlaveInquiryConfig {
  std::vector<std::uint32_t> gpus;    ///< the slave may use; empty = all
  bool cpu = false;                   ///< lent beside GPUs; without any GPU it is lent anyway
  Duration facts_age = seconds(600);  ///< older ones are asked for again
  Duration first_try = seconds(10);   ///< without a working slave: until it is asked again; doubles
};

/// What the slave program says of this computer, and when it is asked again. Pure; time is a parameter.
class SlaveInquiry {
 public:
  explicit SlaveInquiry(SlaveInquiryConfig config)
      : config_(std::move(config)), try_pause_(config_.first_try) {}

  /// Whether this request is to wait for a fresh answer. `slave_file`: of the program now.
  bool is_wanted_for(const DaemonMessage& request, FileStamp slave_file, Instant now) const;
  /// False when it is being asked already.
  bool begin();
  struct Answer {
    bool is_news = false;
    bool is_other_program = false;
  };
  Answer came(FactsCame&& event, Instant now);
  void plan_next_try(Instant now);
  /// When a program that did not answer is asked again.
  const std::optional<Instant>& next_try() const { return next_try_; }

  /// Nothing = it has never answered.
  const std::optional<Result<SlaveFacts>>& answer() const { return answer_; }
  /// nullptr without a working slave.
  const SlaveFacts* facts() const { return answer_ && *answer_ ? &answer_->value() : nullptr; }
  std::string why_no_slave() const { return answer_ && !*answer_ ? answer_->error().message : std::string(); }
  /// Those that the slave may use.
  std::vector<DeviceInfo> devices() const;

 private:
  SlaveInquiryConfig config_;
  std::optional<Result<SlaveFacts>> answer_;
  FileStamp file_ = 0;
  Instant answered_at_{};
  bool asking_ = false;
  std::optional<Instant> next_try_;
  Duration try_pause_;
};

}  // namespace oct
