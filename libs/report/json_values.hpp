#pragma once
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

#include "report/render_outcome.hpp"

// The values that the JSON lines and the report file share.

namespace oct {

using Json = nlohmann::ordered_json;

const char* frame_state_word(FrameState state);
const char* stop_reason_word(StopReason reason);

Json hash_or_null(const std::optional<Digest>& digest);
/// To tenths, rounded down: 100 only when nothing is missing.
double percent_value(double percent);
/// To milliseconds.
double rounded_seconds(double value);
/// Negative ones are 0.
std::uint64_t whole_number(double value);

/// All of one frame, in the order of the documentation.
Json frame_values(const FrameOutcome& frame);

}  // namespace oct
