#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "computer/input_signs.hpp"

namespace oct {
namespace {

namespace fs = std::filesystem;

// Buses as /proc/bus/input/devices names them (linux/input.h).
constexpr std::string_view kUsb = "0003", kBluetooth = "0005", kVirtual = "0006", kPs2 = "0011",
                           kI2c = "0018";
constexpr const char* kHumanInterface = "03";            // USB class of keyboards, mice, tablets
constexpr const char *kKeyboard = "01", *kMouse = "02";  // its protocols
constexpr const char* kWirelessController = "e0";        // of Bluetooth adapters

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string first_word(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error))
    entries.push_back(i->path());
  return entries;
}

/// A block of /proc/bus/input/devices.
struct InputDevice {
  std::string bus, phys, sysfs, handlers;
};

std::string behind(const std::string& line, std::string_view key) {
  const std::size_t found = line.find(key);
  return found == std::string::npos ? std::string() : line.substr(found + key.size());
}

std::vector<InputDevice> input_devices(const fs::path& root) {
  std::vector<InputDevice> devices;
  std::ifstream stream(root / "proc/bus/input/devices");
  bool open = false;
  for (std::string line; std::getline(stream, line);) {
    if (line.empty()) open = false;
    if (line.size() < 3) continue;
    if (!open) devices.emplace_back();
    open = true;
    InputDevice& device = devices.back();
    switch (line.front()) {
      case 'I': device.bus = behind(line, "Bus=").substr(0, kUsb.size()); break;
      case 'P': device.phys = behind(line, "Phys="); break;
      case 'S': device.sysfs = behind(line, "Sysfs="); break;
      case 'H': device.handlers = behind(line, "Handlers="); break;
      default: break;
    }
  }
  return devices;
}

bool is_keyboard_or_pointer(const InputDevice& device) {
  std::istringstream words(device.handlers);
  for (std::string word; words >> word;) {
    if (word == "kbd" || word.starts_with("mouse")) return true;
  }
  return false;
}

/// The folder of the USB device that has this input device, or an empty path.
fs::path usb_device_of(const fs::path& root, const InputDevice& device) {
  std::error_code ignored;
  const fs::path top = root / "sys";
  for (fs::path folder = top / fs::path(device.sysfs).relative_path();
       folder.has_relative_path() && folder != top; folder = folder.parent_path()) {
    if (fs::exists(folder / "urbnum", ignored)) return folder;
  }
  return {};
}

/// Whether what it sends is input. A headset's or camera's buttons are input devices, too, but it sends sound and pictures
/// all the time; a keyboard that also has a socket for a headset counts.
bool sends_input(const fs::path& usb_device) {
  bool any = false, only_human = true;
  for (const fs::path& entry : entries_of(usb_device)) {
    const std::string kind = first_word(entry / "bInterfaceClass");
    const std::string protocol = first_word(entry / "bInterfaceProtocol");
    if (kind == kHumanInterface && (protocol == kKeyboard || protocol == kMouse)) return true;
    any = any || !kind.empty();
    only_human = only_human && (kind.empty() || kind == kHumanInterface);
  }
  return any && only_human;
}

/// What counts the input of some devices: files of USB devices, and names of interrupts.
struct Counters {
  std::set<fs::path> files;
  std::set<std::string> interrupts;
  bool empty() const { return files.empty() && interrupts.empty(); }
};

void add_bluetooth_adapters(Counters& counters, const fs::path& root) {
  for (const fs::path& device : entries_of(root / "sys/bus/usb/devices")) {
    if (first_word(device / "bDeviceClass") == kWirelessController) counters.files.insert(device / "urbnum");
  }
}

/// "virtio5" of ".../virtio5/input/input6".
std::string virtio_of(const InputDevice& device) {
  for (const fs::path& part : fs::path(device.sysfs)) {
    if (const std::string name = part.string(); name.starts_with("virtio")) return name;
  }
  return {};
}

void add_counter(Counters& counters, const fs::path& root, const InputDevice& device) {
  if (device.bus == kUsb) {
    const fs::path usb = usb_device_of(root, device);
    if (!usb.empty() && sends_input(usb)) counters.files.insert(usb / "urbnum");
  } else if (device.bus == kBluetooth) {
    add_bluetooth_adapters(counters, root);
  } else if (device.bus == kPs2) {
    counters.interrupts.insert("i8042");
  } else if (device.bus == kI2c && device.phys.starts_with("i2c-")) {
    counters.interrupts.insert(device.phys.substr(4));
  } else if (const std::string virtio = virtio_of(device); device.bus == kVirtual && !virtio.empty()) {
    counters.interrupts.insert(virtio + "-events");
  }
}

/// Whether somebody could use it here: not a power button, a lid, or what a program has made.
bool is_of_a_person(const InputDevice& device) {
  const bool made = device.bus != kBluetooth && device.sysfs.starts_with("/devices/virtual/");
  const bool known = device.bus == kUsb || device.bus == kBluetooth || device.bus == kPs2 ||
                     device.bus == kI2c || device.bus == kVirtual;
  return known && !made && is_keyboard_or_pointer(device);
}

/// " 1:  0  9  IO-APIC  1-edge  i8042": of all processors, if a name is wanted.
std::uint64_t count_in_line(const std::string& line, const std::set<std::string>& wanted) {
  std::istringstream words(line);
  std::string word;
  words >> word;  // its number
  std::uint64_t sum = 0;
  bool counting = true, is_wanted = false;
  while (words >> word) {
    counting = counting && is_number(word);
    if (counting) sum += number_of(word);
    if (word.back() == ',') word.pop_back();
    is_wanted = is_wanted || (!counting && wanted.contains(word));
  }
  return is_wanted ? sum : 0;
}

std::uint64_t sum_of(const Counters& counters, const fs::path& root) {
  std::uint64_t sum = 0;
  for (const fs::path& file : counters.files) sum += number_of(first_word(file));
  if (counters.interrupts.empty()) return sum;
  std::ifstream stream(root / "proc/interrupts");
  for (std::string line; std::getline(stream, line);) sum += count_in_line(line, counters.interrupts);
  return sum;
}

/// Consoles and pseudo-terminals: what is typed there is read from them, and sets the time of the last access.
std::vector<fs::path> terminals(const fs::path& root) {
  std::vector<fs::path> found;
  for (const fs::path& entry : entries_of(root / "dev")) {
    const std::string name = entry.filename().string();
    if (name != "tty0" && name.starts_with("tty") && is_number(name.substr(3))) found.push_back(entry);
  }
  for (const fs::path& entry : entries_of(root / "dev/pts")) {
    if (is_number(entry.filename().string())) found.push_back(entry);
  }
  return found;
}

std::optional<Duration> since_last_key(const fs::path& root) {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  std::optional<Duration> shortest;
  for (const fs::path& terminal : terminals(root)) {
    struct stat state {};
    if (stat(terminal.c_str(), &state) != 0) continue;
    const Duration since = std::chrono::duration_cast<Duration>(wall) - seconds(state.st_atime);
    shortest = std::min(since, shortest.value_or(since));
  }
  return shortest;
}

}  // namespace

InputSigns read_input_signs(const fs::path& root) {
  InputSigns signs;
  Counters counters;
  bool any = false;
  for (const InputDevice& device : input_devices(root)) {
    if (!is_of_a_person(device)) continue;
    any = true;
    add_counter(counters, root, device);
  }
  signs.is_blind = any && counters.empty();
  signs.count = sum_of(counters, root);
  signs.since_last = since_last_key(root);
  return signs;
}

}  // namespace oct
