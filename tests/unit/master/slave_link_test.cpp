#include "master/slave_link.hpp"

#include "report/words.hpp"
#include "support/catch.hpp"

using namespace oct;

namespace {

struct LinkRig {
  LinkRig() {
    config.master_name = "DESK";
    config.kernel_hash = sha256(bytes_of_value(1));
    chunk = chunk_id_of(bytes_of_value(2));
    scene.bytes = 1000;
    scene.chunks.insert(chunk);
    hello.name = "WS-07";
    hello.kernel_hash = config.kernel_hash;
    hello.devices.resize(2);
  }
  LinkConfig config;
  ServedScene scene;
  ChunkId chunk;
  SlaveHello hello;
};

template <class Message>
const Message* sent(const LinkActions& actions) {
  for (const RenderMessage& message : actions.send) {
    if (const auto* found = std::get_if<Message>(&message)) return found;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a slave of this version and these kernels is welcome", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, rig.scene, "10.0.0.17");
  const LinkActions actions = link.on(rig.hello, false, false);
  CHECK(sent<MasterWelcome>(actions) != nullptr);
  CHECK(actions.established);
  CHECK(link.accepted());
}

TEST_CASE("a slave that cannot give the same bits is refused, with both sides named", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, rig.scene, "10.0.0.17");
  bool full = false, stopping = false;
  RefusalReason reason{};
  SECTION("version") {
    rig.hello.version = 999002;
    reason = RefusalReason::other_version;
  }
  SECTION("kernels") {
    rig.hello.kernel_hash = sha256({});
    reason = RefusalReason::other_kernels;
  }
  SECTION("full") {
    full = true;
    reason = RefusalReason::full;
  }
  SECTION("stopping") {
    stopping = true;
    reason = RefusalReason::stopping;
  }
  const LinkActions actions = link.on(rig.hello, full, stopping);
  const auto* refusal = sent<MasterRefusal>(actions);
  REQUIRE(refusal != nullptr);
  CHECK(refusal->reason == reason);
  CHECK(refusal->master_version == kVersion);
  CHECK(refusal->slave_version == rig.hello.version);
  CHECK(actions.finish);
  CHECK_FALSE(actions.established);
  CHECK(link.refused());
  if (reason == RefusalReason::other_version) {
    REQUIRE(actions.notice);
    CHECK(phrase(*actions.notice).text ==
          "WS-07 (10.0.0.17): refused, slave version 999002, this master is 1000000");
  }
}

TEST_CASE("a slave that breaks the conversation is sent away", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, rig.scene, "10.0.0.17");
  LinkActions actions;
  SlaveFault::Kind kind = SlaveFault::Kind::no_hello;
  SECTION("no hello") {
    actions = link.on(Heartbeat{}, false, false);
  }
  SECTION("two hellos") {
    kind = SlaveFault::Kind::second_hello;
    link.on(rig.hello, false, false);
    actions = link.on(rig.hello, false, false);
  }
  SECTION("no device") {
    kind = SlaveFault::Kind::no_device;
    rig.hello.devices.clear();
    actions = link.on(rig.hello, false, false);
  }
  SECTION("a chunk of another scene") {
    kind = SlaveFault::Kind::foreign_chunk;
    link.on(rig.hello, false, false);
    ChunkRequest request;
    request.scene = 1;
    request.chunks = {chunk_id_of(bytes_of_value(3))};
    actions = link.on(request, false, false);
  }
  SECTION("too much at once") {
    kind = SlaveFault::Kind::too_much_at_once;
    link.on(rig.hello, false, false);
    ChunkRequest request;
    request.scene = 1;
    request.chunks.assign(kMaxChunksAhead, rig.chunk);
    CHECK(link.on(request, false, false).send_chunks.size() == kMaxChunksAhead);
    actions = link.on(request, false, false);
  }
  SECTION("a device that it does not have") {
    kind = SlaveFault::Kind::foreign_device;
    link.on(rig.hello, false, false);
    actions = link.on(DeviceReport{1, 2, DeviceState::ready, {}}, false, false);
  }
  SECTION("a message of masters") {
    kind = SlaveFault::Kind::foreign_message;
    link.on(rig.hello, false, false);
    actions = link.on(LeaseRecall{1}, false, false);
  }
  const auto* goodbye = sent<Goodbye>(actions);
  REQUIRE(goodbye != nullptr);
  CHECK(goodbye->reason == GoodbyeReason::rejected);
  REQUIRE(actions.notice);
  const auto* told = std::get_if<notice::SlaveDisconnected>(&*actions.notice);
  REQUIRE(told != nullptr);
  CHECK(told->fault.kind == kind);
  CHECK(goodbye->text == fault_text(told->fault));
  CHECK(actions.finish);
  CHECK_FALSE(link.accepted());
}

TEST_CASE("a device is ready once, and may fail", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, rig.scene, "10.0.0.17");
  link.on(rig.hello, false, false);
  CHECK(link.on(DeviceReport{1, 1, DeviceState::ready, {}}, false, false).devices_ready ==
        std::vector<std::uint32_t>{1});
  CHECK(link.on(DeviceReport{1, 1, DeviceState::ready, {}}, false, false).devices_ready.empty());
  const LinkActions failed = link.on(DeviceReport{1, 1, DeviceState::failed, "too hot"}, false, false);
  CHECK(failed.devices_failed == std::vector<std::uint32_t>{1});
  REQUIRE(failed.notice);
  CHECK(phrase(*failed.notice).text == "WS-07: too hot");
}
