#include "master/inbox_guard.hpp"

#include <fmt/format.h>

#include "data/unit.hpp"
#include "wire/limits.hpp"

namespace oct {
namespace {

/// Of one unit range: all sums of a tile, 8 bytes each.
constexpr std::size_t kMaxRangeBytes =
    std::size_t{kTileSize} * kTileSize * kFilmChannels * sizeof(std::int64_t);

const FilmContributions* contributions_in(const Result<RenderMessage>& message) {
  return message ? std::get_if<FilmContributions>(&*message) : nullptr;
}

}  // namespace

void InboxGuard::granted(const LeaseGrant& grant) {
  unanswered_[grant.lease] = grant.units.size();
}

std::optional<std::string> InboxGuard::arrived(const Result<RenderMessage>& message, std::size_t bytes) {
  if (const FilmContributions* answer = contributions_in(message)) return answered(*answer);
  if (message) {
    if (const auto* back = std::get_if<LeaseReturn>(&*message)) unanswered_.erase(back->lease);
  }
  if (packets_ == kMaxInboxPackets || bytes > kMaxInboxBytes - bytes_)
    return "it sends messages faster than they can be read";
  ++packets_;
  bytes_ += bytes;
  return std::nullopt;
}

void InboxGuard::taken(const Result<RenderMessage>& message, std::size_t bytes) {
  if (contributions_in(message) != nullptr) return;
  --packets_;
  bytes_ -= bytes;
}

std::optional<std::string> InboxGuard::answered(const FilmContributions& answer) {
  const auto lease = unanswered_.find(answer.lease);
  if (lease == unanswered_.end())
    return fmt::format("it answered lease {}, which it does not hold", answer.lease);
  if (answer.units.empty() || answer.units.size() > lease->second)
    return fmt::format("it answered {} units of lease {}, which has {} left", answer.units.size(),
                       answer.lease, lease->second);
  if (answer.sums.size() > answer.units.size() * kMaxRangeBytes)
    return fmt::format("it sent {} bytes for {} units", answer.sums.size(), answer.units.size());
  lease->second -= answer.units.size();
  if (lease->second == 0) unanswered_.erase(lease);
  return std::nullopt;
}

}  // namespace oct
