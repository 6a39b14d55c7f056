#include "wire/document.hpp"

#include <array>

#include "wire/limits.hpp"

namespace oct {
namespace {

enum MajorType : unsigned { unsigned_number = 0, byte_string = 2, text_string = 3, array = 4, map = 5 };

struct Head {
  unsigned major = 0;
  std::uint64_t argument = 0;  ///< the value, or the length
};

/// The head of the next item; moves `bytes` behind it.
Result<Head> read_head(ByteView& bytes) {
  if (bytes.empty()) return fail(ErrorKind::protocol, "document is cut short");
  const unsigned first = std::to_integer<unsigned>(bytes[0]);
  bytes = bytes.subspan(1);
  Head head{first >> 5, first & 31};
  if (head.argument < 24) return head;
  if (head.argument > 27) return fail(ErrorKind::protocol, "document has an item of indefinite length");
  const std::size_t count = std::size_t{1} << (head.argument - 24);
  if (bytes.size() < count) return fail(ErrorKind::protocol, "document is cut short");
  head.argument = 0;
  for (std::size_t i = 0; i < count; ++i)
    head.argument = head.argument << 8 | std::to_integer<std::uint64_t>(bytes[i]);
  bytes = bytes.subspan(count);
  return head;
}

}  // namespace

Result<void> check_document(ByteView bytes) {
  if (bytes.size() > kMaxDocumentBytes) return fail(ErrorKind::protocol, "document is too large");
  std::array<std::uint64_t, kMaxNesting> open_items{};  // items still to come, of each open array or map
  std::size_t depth = 0, items = 0;
  do {
    if (++items > kMaxDocumentItems) return fail(ErrorKind::protocol, "document has too many items");
    OCT_TRY_ASSIGN(const Head head, read_head(bytes));
    if (depth > 0) --open_items[depth - 1];
    switch (head.major) {
      case unsigned_number: break;
      case byte_string:
      case text_string:
        if (head.argument > bytes.size())
          return fail(ErrorKind::protocol, "document has a text longer than itself");
        bytes = bytes.subspan(head.argument);
        break;
      case array:
      case map: {
        const std::uint64_t per_entry = head.major == map ? 2 : 1;
        if (head.argument > bytes.size() / per_entry)
          return fail(ErrorKind::protocol, "document has a list longer than itself");
        if (depth == kMaxNesting) return fail(ErrorKind::protocol, "document is nested too deep");
        open_items[depth++] = head.argument * per_entry;
        break;
      }
      default: return fail(ErrorKind::protocol, "document has an item of a kind that no message uses");
    }
    while (depth > 0 && open_items[depth - 1] == 0) --depth;
  } while (depth > 0);
  if (!bytes.empty()) return fail(ErrorKind::protocol, "document is followed by other bytes");
  return {};
}

}  // namespace oct
