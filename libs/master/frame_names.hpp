#pragma once
#include <cstdint>
#include <string>

namespace oct {

/// The path with each run of # replaced by the frame's number, zero-padded to the run's length: "a.####.exr" of 12 is
/// "a.0012.exr", of -3 "a.-0003.exr"; longer numbers grow. Runs in the names of folders count, too, but not in
/// `folder`, with which the path may begin: nobody typed that.
std::string numbered(const std::string& path, std::int32_t frame, const std::string& folder = {});

/// The path of many frames: one without a # gets ".####" before its extension. FIFOs and devices (/dev/null) stay as they
/// are, since all frames can be written to one.
std::string with_place_for_number(const std::string& path, const std::string& folder = {});

}  // namespace oct
