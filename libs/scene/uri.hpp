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
/// not always encoded. "file:" becomes an absolute name; a zero byte, or a scheme such as http, is an error.
Result<std::string> decode_uri(std::string_view uri);

}  // namespace oct
