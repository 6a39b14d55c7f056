#pragma once
#include <string>
#include <vector>

namespace oct::bench {

/// Something that was measured.
struct Figure {
  std::string group;  ///< what was measured together: "micro", "kitchen", "kitchen, 64 samples"
  std::string name;
  double value;  ///< finite
  std::string unit;
};

/// Where it was measured, as pairs of a key and a text, e.g. {"gpu", "NVIDIA H200"}.
using Circumstances = std::vector<std::pair<std::string, std::string>>;

/// What a run has measured and what it had to leave out.
class Figures {
 public:
  /// A value that is not finite is not kept: it comes of a time of zero.
  void add(std::string group, std::string name, double value, std::string unit);
  void leave_out(std::string what, std::string why);
  void set_circumstances(Circumstances circumstances) { circumstances_ = std::move(circumstances); }

  const std::vector<Figure>& all() const { return figures_; }

  /// For people: a heading for each group, in the order in which they were measured.
  std::string table() const;
  /// The same for programs (schema octane.gpu_check/1).
  std::string json() const;

 private:
  struct LeftOut {
    std::string what, why;
  };
  Circumstances circumstances_;
  std::vector<Figure> figures_;
  std::vector<LeftOut> left_out_;
};

}  // namespace oct::bench
