#include "daemon/printer.hpp"

#include <future>
#include <memory>
#include <utility>

#include "base/instant.hpp"

namespace oct {
namespace {

constexpr std::size_t kMostLines = 1000;
constexpr Duration kLastLinesWait = seconds(1);

}  // namespace

void Printer::post(std::function<void()> write) {
  if (writer_.waiting() < kMostLines) writer_.post(std::move(write));
}

void Printer::line(std::string text) {
  post([this, text = std::move(text)] { console_.line(text); });
}
void Printer::warning(std::string text, std::string help) {
  post([this, text = std::move(text), help = std::move(help)] { console_.warning(text, help); });
}
void Printer::error(std::string text, std::string help) {
  post([this, text = std::move(text), help = std::move(help)] { console_.error(text, help); });
}

bool Printer::finish() {
  const auto done = std::make_shared<std::promise<void>>();
  const auto written = done->get_future();
  writer_.post([done] { done->set_value(); });
  return written.wait_for(kLastLinesWait) == std::future_status::ready;
}

}  // namespace oct
