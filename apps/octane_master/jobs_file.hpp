#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "master/master_config.hpp"
#include "preferences/preferences.hpp"

namespace oct {

/// The jobs of a file of schema octane.jobs/1, which docs/batch.md describes. Paths in it are relative to it.
///   options  of the command line, by long name ("" where one takes no value): they hold for all jobs, whatever the file says
///   errors   invalid_input with the file, the line and the job: not JSON, unknown keys, values that are wrong, a job
///            without a scene, more than kMostFrames frames
Result<std::vector<RenderJob>> jobs_from_text(std::string_view text, const std::string& path,
                                              const std::map<std::string, std::string>& options,
                                              const Preferences& preferences);

/// The same of the file at `path`.
Result<std::vector<RenderJob>> read_jobs(const std::string& path,
                                         const std::map<std::string, std::string>& options,
                                         const Preferences& preferences);

}  // namespace oct
