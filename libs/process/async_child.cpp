#include "process/async_child.hpp"

#include "process/async_child_impl.hpp"

namespace oct {

Result<std::unique_ptr<AsyncChild>> AsyncChild::start(EventLoop& loop, ChildCommand command,
                                                      ChildEvents events) {
  command.errors_too = true;
  OCT_TRY_ASSIGN(auto child, ChildProcess::start(command));
  return std::unique_ptr<AsyncChild>(new AsyncChild(watch(loop, std::move(child), std::move(events))));
}

AsyncChild::AsyncChild(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
AsyncChild::~AsyncChild() {
  impl_->abandon();
}
void AsyncChild::say(const std::string& line) {
  impl_->say(line);
}
void AsyncChild::ask_to_leave() {
  impl_->ask_to_leave();
}
void AsyncChild::kill() {
  impl_->kill();
}

}  // namespace oct
