#pragma once
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

// Names that a scene file gives to other files (RFC 3986 references, RFC 2397 data URIs). Errors hold the
// reason alone.

namespace oct {

bool is_data_uri(std::string_view uri);

/// The bytes of a base64 data URI of any media type. Padding may be missing; anything else wrong is an error.
Result<Bytes> decode_data_uri(std::string_view uri);

/// "wood grain.png" of "wood%20grain.png". A percent sign that starts no escape stays: files in the wild are
/// not always encoded. A zero byte, or a scheme such as http, is an error.
Result<std::string> decode_uri(std::string_view uri);

/// The path of a file named by `name`, relative to `folder` ("" = current). Back slashes count as slashes.
std::string resolve_path(std::string_view folder, std::string_view name);

/// A file that a scene names; `name` as shown to people. Only regular files are read. The reasons:
/// `file not found (looked in FOLDER)`, `is not a file`, what the system says, `is empty`.
Result<Bytes> read_named_file(const std::string& folder, const std::string& name);

}  // namespace oct
