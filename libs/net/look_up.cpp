#include "net/look_up.hpp"

#include <algorithm>

#include "net/asio.hpp"
#include "net/stream.hpp"

namespace oct {
namespace {

using OnFound = std::function<void(std::vector<std::string>)>;

struct Question : std::enable_shared_from_this<Question> {
  Question(asio::io_context& context, OnFound call) : resolver(context), on_found(std::move(call)) {}

  void ask(const std::string& host) {
    resolver.async_resolve(host, "", [self = shared_from_this()](IoError, const auto& results) {
      std::vector<std::string> addresses;
      for (const auto& entry : results) {
        std::string address = endpoint_of(entry.endpoint()).address;
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end())
          addresses.push_back(std::move(address));
      }
      if (self->wanted) self->on_found(std::move(addresses));
    });
  }

  tcp::resolver resolver;
  OnFound on_found;
  bool wanted = true;
};

class LookUpHandle final : public LookUp {
 public:
  explicit LookUpHandle(std::shared_ptr<Question> question) : question_(std::move(question)) {}
  ~LookUpHandle() override {
    question_->wanted = false;
    question_->resolver.cancel();
  }

 private:
  std::shared_ptr<Question> question_;
};

}  // namespace

std::unique_ptr<LookUp> look_up(EventLoop& loop, const std::string& host, OnFound on_found) {
  auto question = std::make_shared<Question>(loop.context(), std::move(on_found));
  question->ask(host);
  return std::make_unique<LookUpHandle>(std::move(question));
}

}  // namespace oct
