#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "device/device.hpp"
#include "device/unit_stream.hpp"

namespace oct {

/// Renders leases of one scene by the queues of a device, each beginning as the paths of the former one end. They are
/// answered in the order in which they came. One thread.
class LeaseStream {
 public:
  LeaseStream(QueueMachine& machine, const RenderSettings& settings, LeaseSource& source,
              ProgressCounter& progress, RoundsAhead rounds = RoundsAhead());

  /// Returns when the source has no more and all leases are answered; earlier after an error of the machine, with which
  /// all leases under way are answered, at least one.
  void run();

  /// Batches that the host has waited for.
  std::uint64_t batch_count() const { return stream_.batch_count(); }

 private:
  struct OpenLease {
    LeaseJob job;
    std::size_t next_unit = 0;   ///< to be added
    std::size_t missing = 0;     ///< units that have not gone to the sink
    std::vector<bool> is_sent;   ///< which have
    std::optional<Error> error;  ///< nothing more comes of it
  };

  bool take_lease();
  void open(LeaseJob job);
  bool add_unit();
  void feed();
  void send(const FinishedUnit& unit);
  Result<void> end_cancelled();
  void answer_in_turn();
  void answer_all(const Error& error);

  RenderSettings settings_;
  UnitStream stream_;
  LeaseSource& source_;
  ProgressCounter& progress_;
  std::deque<OpenLease> open_;      ///< in the order in which they came
  std::uint32_t first_number_ = 0;  ///< of the first of them
};

/// A single lease as a source, and its answer.
class OneLease final : public LeaseSource {
 public:
  OneLease(Lease lease, std::stop_token stop, ContributionSink sink)
      : lease_(std::move(lease)), stop_(std::move(stop)), sink_(std::move(sink)) {}
  OneLease(const OneLease&) = delete;
  OneLease& operator=(const OneLease&) = delete;

  std::optional<LeaseJob> next() override;
  /// Once it has been rendered.
  const Result<void>& result() const { return result_; }

 private:
  Lease lease_;
  std::stop_token stop_;
  ContributionSink sink_;
  bool is_taken_ = false;
  Result<void> result_ = fail(ErrorKind::internal, "the device has left the lease without an answer");
};

/// Device::render by a device that has render_leases.
Result<void> render_one(Device& device, std::uint32_t slot, const Lease& lease, std::stop_token stop,
                        ProgressCounter& progress, const ContributionSink& sink);

}  // namespace oct
