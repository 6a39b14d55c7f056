// Stands in for the programs that the installers call: ours, and those of the system that need rights or a
// service. Its file name says which it is. Every call is a line of calls.txt in the folder OCTANE_STAND_IN;
// NAME.code there is what a call of NAME returns, NAME.out what it prints. A daemon "runs" as long as its
// file daemon.PORT is there, which holds its state. The pauses that scripts make by ping are short.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace {

// Paths are plain text in the code page of this system, as the C library wants them.
using Words = std::vector<std::string>;

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

bool exists(const std::string& file) {
  return std::ifstream(file).good();
}

std::string content(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

bool has(const Words& words, const std::string& word) {
  for (const std::string& one : words)
    if (one == word) return true;
  return false;
}

std::string value_of(const Words& words, const std::string& option, const std::string& otherwise) {
  for (std::size_t i = 0; i + 1 < words.size(); ++i)
    if (words[i] == option) return words[i + 1];
  return otherwise;
}

int fail(int code, const std::string& message) {
  std::cerr << "error: " << message << "\n";
  return code;
}

/// The key that counts: of the configuration folder, else the one beside the program.
std::string stored_key(const std::string& program_folder) {
  const std::string own = first_line(content(variable("OCTANE_CONFIG_DIR") + "/farm.key"));
  return own.empty() ? first_line(content(program_folder + "farm.key")) : own;
}

int activate(const std::string& source) {
  std::string key;
  if (source == "-") {
    std::getline(std::cin, key);
    key = first_line(key);
  } else {
    key = first_line(content(source));
  }
  if (key.rfind("OCT1-", 0) != 0) return fail(8, source + ": not a farm key");
  std::ofstream stored(variable("OCTANE_CONFIG_DIR") + "/farm.key");
  stored << key << "\n";
  return stored.good() ? 0 : fail(4, "farm.key cannot be written");
}

int run_daemon(const std::string& file) {
  if (exists(file)) return fail(6, "port in use");
  std::ofstream(file) << "unbound";
  for (int i = 0; i < 1200 && exists(file); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
  std::remove(file.c_str());
  return 0;
}

int daemon(const std::string& folder, const Words& words) {
  if (has(words, "--version")) {
    std::cout << "octane_daemon 1000000 (1.0.0)\n";
    return 0;
  }
  if (has(words, "--activate")) return activate(value_of(words, "--activate", ""));
  const std::string port = value_of(words, "--port", "48000");
  const std::string file = folder + "/daemon." + port;
  if (has(words, "--stop")) return std::remove(file.c_str()) == 0 ? 0 : 6;
  if (!has(words, "--status")) return run_daemon(file);
  if (!exists(file)) return fail(6, "no daemon answers at port " + port);
  std::cout << "Daemon     a & b 1000000, port " << port << "\nState      " << content(file)
            << ": a reason\n";
  return 0;
}

int master(const std::string& program_folder, const Words& words) {
  if (!has(words, "activate")) return 0;
  const std::string key = stored_key(program_folder);
  if (key.empty()) return fail(8, "this computer is not activated");
  std::cout << "Farm key   " << key << "    (kept in a folder)\nFarm       " << key.substr(5, 6)
            << "    (short name)\n";
  return 0;
}

void record(const std::string& folder, const std::string& name, const Words& words) {
  std::string line = name;
  for (const std::string& word : words) line += " " + word;
  std::ofstream(folder + "/calls.txt", std::ios::app | std::ios::binary) << line << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string program = argv[0];
  const std::size_t slash = program.find_last_of("/\\") + 1;
  const std::string name = program.substr(slash, program.find('.', slash) - slash);
  const Words words(argv + 1, argv + argc);
  const std::string folder = variable("OCTANE_STAND_IN");
  record(folder, name, words);
  std::cout << content(folder + "/" + name + ".out") << std::flush;
  const std::string code = content(folder + "/" + name + ".code");
  if (!code.empty()) return std::atoi(code.c_str());
  if (name == "octane_daemon") return daemon(folder, words);
  if (name == "octane_master") return master(program.substr(0, slash), words);
  if (name == "ping") std::this_thread::sleep_for(std::chrono::milliseconds(200));
  return 0;
}
