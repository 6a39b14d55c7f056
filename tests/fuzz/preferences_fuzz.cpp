#include "farm/imported_addresses.hpp"
#include "fuzz/fuzz_target.hpp"
#include "net/address_file.hpp"
#include "net/host_port.hpp"
#include "preferences/json_lines.hpp"
#include "preferences/preferences.hpp"
#include "wire/limits.hpp"
#include "wire/text.hpp"

/// Preferences that are read are written and read again the same; whatever is refused or ignored is told in
/// clean words. The same for lists of daemons, and for files with a master's address.
OCT_FUZZ_TARGET(preferences) {
  const std::string_view text(reinterpret_cast<const char*>(input.data()), input.size());
  (void)oct::json_lines(text);
  const auto read = oct::read_preferences(text, "preferences.json");
  if (read) {
    for (const std::string& warning : read->warnings) OCT_CHECK(oct::is_clean_text(warning));
    const auto again = oct::read_preferences(oct::write_preferences(read->preferences, text), "again");
    OCT_CHECK(again.has_value() && again->preferences == read->preferences);
  } else {
    OCT_CHECK(oct::is_clean_text(read.error().message));
  }
  const auto addresses = oct::imported_addresses(text, "farm.json");
  for (const std::string& address : addresses ? *addresses : std::vector<std::string>())
    OCT_CHECK(oct::host_port_from_text(address, oct::kDaemonPort).has_value());
  if (!addresses) OCT_CHECK(oct::is_clean_text(addresses.error().message));
  if (const auto master = oct::address_of_file_text(text)) {
    OCT_CHECK(oct::is_clean_text(master->host));
    const auto again = oct::address_of_file_text(oct::address_file_text(*master));
    OCT_CHECK(again.has_value() && *again == *master);
  }
}
