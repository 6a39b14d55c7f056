#include "octane_master/jobs_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/escaped.hpp"
#include "base/file.hpp"
#include "common/command_line.hpp"
#include "master/frame_list.hpp"
#include "octane_master/options.hpp"
#include "preferences/json_lines.hpp"

namespace oct {
namespace {

using Json = nlohmann::ordered_json;
using Options = std::map<std::string, std::string>;  // by long name; "" where one takes no value

constexpr std::uint64_t kLargestFile = 16 << 20;
constexpr const char* kExample =
    R"({"schema":"octane.jobs/1","jobs":[{"name":"a","scene":"a.glb","frames":"1-24","output-exr":"out/a.####.exr"}]})";

bool is_among(const std::string& word, const std::vector<std::string>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_path(const std::string& key) {
  constexpr std::array<std::string_view, 6> kPaths{"output-png",    "output-png16", "output-exr",
                                                   "output-exr-tm", "checkpoint",   "environment"};
  return std::find(kPaths.begin(), kPaths.end(), key) != kPaths.end();
}

/// Many programs write whole numbers as 2.0 or 1e2.
std::string number_text(const Json& value) {
  constexpr double kMostWhole = 1e15;
  const double number = value.get<double>();
  const bool is_whole =
      value.is_number_float() && std::abs(number) < kMostWhole && number == std::floor(number);
  return is_whole ? fmt::format("{:.0f}", number) : value.dump();
}

/// As it would be typed; "" for true. Nothing for what no option can have.
std::optional<std::string> text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return number_text(value);
  if (value.is_boolean()) return std::string();
  if (!value.is_array()) return std::nullopt;
  std::string list;
  for (const Json& item : value) {
    if (!item.is_string() && !item.is_number()) return std::nullopt;
    list += (list.empty() ? "" : ",") + *text_of(item);
  }
  return list;
}

/// Reads one file, and knows where in it what is wrong stands.
class JobsReader {
 public:
  JobsReader(std::string_view text, const std::string& path, const Preferences& preferences)
      : text_(text), path_(path), preferences_(preferences) {}

  Result<std::vector<RenderJob>> read(const Options& options);

 private:
  Unexpected wrong(const std::string& place, const std::string& what, std::string help) const;
  Result<Json> parse();
  Result<void> check_document(const Json& json) const;
  Result<void> add_options(const Json& object, const std::string& place, const std::string& who,
                           Options& options) const;
  Result<Options> read_defaults(const Json& json) const;
  Result<void> check_together(const std::vector<RenderJob>& jobs) const;
  Result<RenderJob> read_job(const Json& json, std::size_t index, Options options, const Options& last) const;
  std::string beside(const std::string& path) const;

  std::string_view text_;
  const std::string& path_;
  const Preferences& preferences_;
  std::map<std::string, std::size_t> lines_;
  std::vector<std::string> job_names_ = job_option_names();
  std::vector<std::string> render_names_ = render_option_names();
};

Unexpected JobsReader::wrong(const std::string& place, const std::string& what, std::string help) const {
  const auto line = lines_.find(place);
  const std::string where =
      line == lines_.end() ? escaped(path_) : fmt::format("{}, line {}", escaped(path_), line->second);
  return fail(ErrorKind::invalid_input, fmt::format("{}: {}", where, what), std::move(help));
}

Result<Json> JobsReader::parse() {
  if (is_nested_too_deep(text_)) return wrong("", "is not a jobs file", kExample);
  try {
    Json json = Json::parse(text_.begin(), text_.end());
    lines_ = json_lines(text_);
    return json;
  } catch (const Json::parse_error& error) {
    const std::size_t place = std::min<std::size_t>(error.byte, text_.size());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(place), '\n');
    return fail(ErrorKind::invalid_input, fmt::format("{}, line {}: this is not JSON", escaped(path_), line),
                kExample);
  } catch (const Json::exception&) {  // a number that no double holds
    return wrong("", "holds a number that is too large", kExample);
  }
}

Result<void> JobsReader::check_document(const Json& json) const {
  if (!json.is_object() || !json.contains("schema") || json["schema"] != "octane.jobs/1")
    return wrong("schema", "is not a jobs file: \"schema\" must be \"octane.jobs/1\"", kExample);
  for (const auto& [key, value] : json.items()) {
    if (key != "schema" && key != "defaults" && key != "jobs")
      return wrong(key, fmt::format("unknown key \"{}\"", escaped(key)),
                   "the keys are schema, defaults and jobs");
  }
  if (json.contains("defaults") && !json["defaults"].is_object())
    return wrong("defaults", "\"defaults\" must be {...}", kExample);
  if (!json.contains("jobs") || !json["jobs"].is_array() || json["jobs"].empty())
    return wrong("jobs", "\"jobs\" must be a list of at least one job", kExample);
  return {};
}

Result<void> JobsReader::add_options(const Json& object, const std::string& place, const std::string& who,
                                     Options& options) const {
  for (const auto& [key, value] : object.items()) {
    if (key == "name" || key == "scene") continue;
    const std::string where = place + "." + key;
    if (!is_among(key, job_names_) || key == "help" || key == "version") {
      if (is_among(key, render_names_) && key != "help" && key != "version")
        return wrong(where, fmt::format("{}\"{}\" is one for the whole run", who, key),
                     fmt::format("give --{} on the command line", key));
      const auto near = nearest(key, job_names_);
      return wrong(where, fmt::format("{}unknown key \"{}\"", who, escaped(key)),
                   near ? fmt::format("did you mean \"{}\"?", *near)
                        : "keys are the long names of options, without dashes");
    }
    if (value.is_array() && value.empty())
      return wrong(where, fmt::format("{}\"{}\" is empty", who, key),
                   "leave it out, or \"frames\": \"1-24\"");
    const auto text = text_of(value);
    if (text && text->find('\0') != std::string::npos)
      return wrong(where, fmt::format("{}\"{}\" holds a character that no name can have", who, key),
                   kExample);
    if (!text)
      return wrong(where, fmt::format("{}\"{}\" must be a text, a number, true or false", who, key),
                   "as it would be typed: \"samples\": 500");
    if (value.is_boolean() && !value.get<bool>())
      options.erase(key);
    else
      options[key] = is_path(key) ? beside(*text) : *text;
  }
  return {};
}

Result<RenderJob> JobsReader::read_job(const Json& json, std::size_t index, Options options,
                                       const Options& last) const {
  const std::string place = fmt::format("jobs.{}", index);
  const std::string number = fmt::format("job {}", index + 1);
  if (!json.is_object()) return wrong(place, number + " must be {...}", kExample);
  for (const char* key : {"name", "scene"}) {
    if (json.contains(key) && (!json[key].is_string() || json[key].get<std::string>().empty()))
      return wrong(place + "." + key, fmt::format("{}: \"{}\" must be a text", number, key), kExample);
  }
  const std::string name = json.value("name", number);
  const std::string who =
      json.contains("name") ? fmt::format("{} \"{}\": ", number, escaped(name)) : number + ": ";
  if (!json.contains("scene")) return wrong(place, who + "has no \"scene\"", kExample);
  OCT_TRY(add_options(json, place, who, options));
  for (const auto& [key, value] : last) options[key] = value;
  const std::string scene = beside(json["scene"].get<std::string>());
  std::vector<std::string> arguments = {scene.starts_with('-') ? "./" + scene : scene};
  for (const auto& [key, value] : options)
    arguments.push_back(value.empty() ? "--" + key : fmt::format("--{}={}", key, value));
  auto job = parse_job(arguments, preferences_);
  if (!job) return wrong(place, who + job.error().message, job.error().help);
  job->name = name;
  job->folder = beside("");
  if (job->outputs.empty()) job->outputs.push_back({beside(file_stem(job->scene.path) + ".png")});
  return job;
}

/// The path as seen from here, of one that is relative to the file.
std::string JobsReader::beside(const std::string& path) const {
  return utf8_from_path(path_from_utf8(folder_of(path_)) / path_from_utf8(path));
}

Result<Options> JobsReader::read_defaults(const Json& json) const {
  Options defaults;
  if (!json.contains("defaults")) return defaults;
  for (const char* key : {"name", "scene"}) {
    if (json["defaults"].contains(key))
      return wrong(std::string("defaults.") + key,
                   fmt::format("defaults: each job has a \"{}\" of its own", key), kExample);
  }
  OCT_TRY(add_options(json["defaults"], "defaults", "defaults: ", defaults));
  return defaults;
}

/// What no job can know of the others.
Result<void> JobsReader::check_together(const std::vector<RenderJob>& jobs) const {
  std::set<std::string> names;
  std::size_t frames = 0;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const std::string place = fmt::format("jobs.{}", i);
    frames += std::max<std::size_t>(1, jobs[i].frames.numbers.size());
    if (frames > kMostFrames)
      return wrong(
          place,
          fmt::format("job {}: with it these are more than {} frames; one run renders at most so many", i + 1,
                      kMostFrames),
          "make several files of it");
    if (!names.insert(jobs[i].name).second)
      return wrong(place + ".name",
                   fmt::format("job {}: another job is called \"{}\", too", i + 1, escaped(jobs[i].name)),
                   "give each job a name of its own");
  }
  return {};
}

Result<std::vector<RenderJob>> JobsReader::read(const Options& options) {
  OCT_TRY_ASSIGN(const Json json, parse());
  OCT_TRY(check_document(json));
  OCT_TRY_ASSIGN(const Options defaults, read_defaults(json));
  std::vector<RenderJob> jobs;
  for (std::size_t i = 0; i < json["jobs"].size(); ++i) {
    OCT_TRY_ASSIGN(RenderJob job, read_job(json["jobs"][i], i, defaults, options));
    jobs.push_back(std::move(job));
  }
  OCT_TRY(check_together(jobs));
  return jobs;
}

}  // namespace

Result<std::vector<RenderJob>> jobs_from_text(std::string_view text, const std::string& path,
                                              const Options& options, const Preferences& preferences) {
  return JobsReader(text, path, preferences).read(options);
}

Result<std::vector<RenderJob>> read_jobs(const std::string& path, const Options& options,
                                         const Preferences& preferences) {
  OCT_TRY_ASSIGN(const Bytes bytes, read_file(path, kLargestFile));
  return jobs_from_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, options,
                        preferences);
}

}  // namespace oct
