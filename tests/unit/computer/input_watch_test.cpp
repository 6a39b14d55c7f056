#include "computer/input_watch.hpp"

#include <fstream>
#include <string>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#if !defined(_WIN32)
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#endif

using namespace oct;

namespace {

Instant at(double after_s) {
  return Instant(std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1000 + after_s)));
}

}  // namespace

TEST_CASE("the watch of this very computer can be asked", "[computer]") {
  InputWatch watch;
  const auto first = watch.idle(at(0));
  const auto second = watch.idle(at(10));
  CHECK(first.has_value() == second.has_value());
  if (second) CHECK(*second <= seconds(10));
}

#if !defined(_WIN32)

namespace {

/// A made-up /proc, /sys and /dev.
class MadeUpComputer {
 public:
  void write(const std::string& name, const std::string& content) const {
    const std::filesystem::path path = folder_.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << content;
  }
  void device(const std::string& bus, const std::string& phys, const std::string& sysfs,
              const std::string& handlers) {
    devices_ += "I: Bus=" + bus + " Vendor=046d Product=c31c Version=0110\nN: Name=\"x\"\nP: Phys=" + phys +
                "\nS: Sysfs=" + sysfs + "\nU: Uniq=\nH: Handlers=" + handlers + " \nB: PROP=0\n\n";
    write("proc/bus/input/devices", devices_);
  }
  /// A device with two interfaces, the first of this protocol, the second of this class.
  void usb(const std::string& name, const std::string& other_class = "03",
           const std::string& protocol = "00") {
    const std::string folder = "sys/devices/usb1/" + name + "/";
    write(folder + "urbnum", "100\n");
    write(folder + name + ":1.0/bInterfaceClass", "03\n");
    write(folder + name + ":1.0/bInterfaceProtocol", protocol + "\n");
    write(folder + name + ":1.1/bInterfaceClass", other_class + "\n");
    device("0003", "usb-1/input0", "/devices/usb1/" + name + "/" + name + ":1.0/0003:1/input/input5",
           "sysrq kbd event3 leds");
  }
  void terminal(const std::string& name, int seconds_ago) const {
    write("dev/" + name, "");
    const timespec times[2] = {{::time(nullptr) - seconds_ago, 0}, {0, UTIME_OMIT}};
    REQUIRE(utimensat(AT_FDCWD, (folder_.path() / "dev" / name).c_str(), times, 0) == 0);
  }
  std::optional<Duration> idle(double after_s) { return watch_.idle(at(after_s)); }

 private:
  test::TempDir folder_;
  std::string devices_;
  InputWatch watch_{folder_.path()};
};

}  // namespace

TEST_CASE("what a USB keyboard sends is seen", "[computer]") {
  MadeUpComputer computer;
  computer.usb("1-2");
  CHECK(computer.idle(0) == Duration::zero());  // somebody may have been there a moment ago
  CHECK(computer.idle(300) == seconds(300));
  computer.write("sys/devices/usb1/1-2/urbnum", "101\n");
  CHECK(computer.idle(305) == Duration::zero());
  CHECK(computer.idle(315) == seconds(10));
}

TEST_CASE("the sound of a headset with buttons is not seen", "[computer]") {
  MadeUpComputer computer;
  computer.usb("1-2");
  computer.usb("1-3", "01");
  computer.idle(0);
  computer.write("sys/devices/usb1/1-3/urbnum", "900\n");
  CHECK(computer.idle(300) == seconds(300));
}

TEST_CASE("a keyboard with a socket for a headset is seen", "[computer]") {
  MadeUpComputer computer;
  computer.usb("1-4", "01", "01");
  computer.idle(0);
  computer.write("sys/devices/usb1/1-4/urbnum", "101\n");
  CHECK(computer.idle(300) == Duration::zero());
}

TEST_CASE("PS/2 keyboards, touchpads and keyboards of virtual machines are seen by their interrupts",
          "[computer]") {
  MadeUpComputer computer;
  const auto interrupts = [&](int keyboard, int touchpad, int disk, int virtual_keyboard) {
    computer.write("proc/interrupts",
                   "           CPU0       CPU1\n  1:      0  " + std::to_string(keyboard) +
                       "  IO-APIC   1-edge      i8042\n 14:  5  " + std::to_string(disk) +
                       "  IO-APIC  14-edge      ahci[0000:00:17.0]\n109:  " + std::to_string(touchpad) +
                       "  0  intel-gpio  18  SYNA2393:00\n 40: 1 " + std::to_string(virtual_keyboard) +
                       "  PCI-MSI 2-edge  virtio5-events\nNMI:  7  7  Non-maskable\n");
  };
  computer.device("0011", "isa0060/serio0/input0", "/devices/platform/i8042/serio0/input/input0",
                  "sysrq kbd event0 leds");
  computer.device("0018", "i2c-SYNA2393:00", "/devices/pci0000:00/i2c-1/i2c-SYNA2393:00/input/input9",
                  "mouse0 event9");
  computer.device("0006", "virtio5/input0", "/devices/pci0000:00/virtio5/input/input4", "kbd event4");
  interrupts(50, 7, 3, 1);
  computer.idle(0);
  interrupts(50, 7, 9999, 1);
  CHECK(computer.idle(100) == seconds(100));
  interrupts(51, 7, 9999, 1);
  CHECK(computer.idle(105) == Duration::zero());
  interrupts(51, 8, 9999, 1);
  CHECK(computer.idle(110) == Duration::zero());
  interrupts(51, 8, 9999, 2);
  CHECK(computer.idle(115) == Duration::zero());
  CHECK(computer.idle(120) == seconds(5));
}

TEST_CASE("a Bluetooth keyboard is seen where its adapter is a USB device", "[computer]") {
  MadeUpComputer computer;
  computer.device("0005", "aa:bb:cc:dd:ee:ff", "/devices/virtual/misc/uhid/0005:1/input/input7",
                  "kbd event7");
  CHECK_FALSE(computer.idle(0).has_value());
  computer.write("sys/bus/usb/devices/1-5/bDeviceClass", "e0\n");
  computer.write("sys/bus/usb/devices/1-5/urbnum", "5\n");
  computer.idle(10);
  CHECK(computer.idle(100) == seconds(90));
  computer.write("sys/bus/usb/devices/1-5/urbnum", "6\n");
  CHECK(computer.idle(110) == Duration::zero());
}

TEST_CASE("keys in terminals count, also over SSH", "[computer]") {
  MadeUpComputer computer;
  computer.idle(0);
  computer.terminal("tty2", 5000);
  computer.terminal("pts/3", 40);
  computer.terminal("pts/ptmx", 0);
  computer.terminal("tty0", 0);
  computer.terminal("ttyS0", 0);
  const auto idle = computer.idle(3000);
  REQUIRE(idle.has_value());
  CHECK(*idle >= seconds(39));
  CHECK(*idle < seconds(200));
  computer.terminal("tty2", -500);  // a clock that was set back
  CHECK(computer.idle(3000) == Duration::zero());
}

TEST_CASE("a computer without keyboard and mouse has nobody at them", "[computer]") {
  MadeUpComputer computer;
  computer.device("0019", "LNXPWRBN/button/input0", "/devices/LNXSYSTM:00/LNXPWRBN:00/input/input0",
                  "kbd event0");
  computer.device("0003", "py-evdev", "/devices/virtual/input/input20", "kbd event20");
  computer.idle(0);
  CHECK(computer.idle(600) == seconds(600));
}

#endif
