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
    hello.canaries.resize(2);
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
  SlaveLink link(rig.config, "10.0.0.17");
  link.announce(1, rig.scene);
  const LinkActions actions = link.on(rig.hello, false, false);
  CHECK(sent<MasterWelcome>(actions) != nullptr);
  CHECK(actions.established);
  CHECK(link.accepted());
}

TEST_CASE("a slave that cannot give the same bits is refused, with both sides named", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, "10.0.0.17");
  link.announce(1, rig.scene);
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
  SlaveLink link(rig.config, "10.0.0.17");
  link.announce(1, rig.scene);
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
  SECTION("not a canary for each device") {
    kind = SlaveFault::Kind::no_canary;
    rig.hello.canaries.pop_back();
    actions = link.on(rig.hello, false, false);
  }
  SECTION("a chunk of another scene") {
    kind = SlaveFault::Kind::foreign_chunk;
    link.on(rig.hello, false, false);
    ChunkRequest request;
    request.frame = 1;
    request.chunks = {chunk_id_of(bytes_of_value(3))};
    actions = link.on(request, false, false);
  }
  SECTION("too much at once") {
    kind = SlaveFault::Kind::too_much_at_once;
    link.on(rig.hello, false, false);
    ChunkRequest request;
    request.frame = 1;
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

TEST_CASE("a device is ready once for each frame, and may fail", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, "10.0.0.17");
  link.announce(1, rig.scene);
  link.announce(2, rig.scene);
  link.on(rig.hello, false, false);
  const auto report = [&](FrameId frame, DeviceState state, const std::string& text = {}) {
    return link.on(DeviceReport{frame, 1, state, text}, false, false);
  };
  const LinkActions first = report(1, DeviceState::ready);
  REQUIRE(first.devices_ready.size() == 1);
  CHECK(first.devices_ready[0].frame == 1);
  CHECK(first.devices_ready[0].device == 1);
  CHECK(report(1, DeviceState::ready).devices_ready.empty());
  const LinkActions second = report(2, DeviceState::ready);
  REQUIRE(second.devices_ready.size() == 1);
  CHECK(second.devices_ready[0].frame == 2);

  const LinkActions failed = report(2, DeviceState::failed, "too hot");
  REQUIRE(failed.devices_failed.size() == 1);
  CHECK(failed.devices_failed[0].frame == 2);
  CHECK(failed.devices_failed[0].device == 1);
  REQUIRE(failed.notice);
  CHECK(phrase(*failed.notice).text == "WS-07: too hot");
  CHECK(report(2, DeviceState::ready).devices_ready.empty());  // failed for good
}

TEST_CASE("what a slave still says of a frame that has ended is ignored", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, "10.0.0.17");
  link.announce(1, rig.scene);
  link.on(rig.hello, false, false);
  link.frame_ended(1);
  ChunkRequest request;
  request.frame = 1;
  request.chunks = {rig.chunk};
  const LinkActions asked = link.on(request, false, false);
  CHECK(asked.send_chunks.empty());
  CHECK(asked.send.empty());
  CHECK(link.on(DeviceReport{1, 1, DeviceState::ready, {}}, false, false).devices_ready.empty());
  CHECK(link.on(DeviceReport{1, 1, DeviceState::failed, "hot"}, false, false).devices_failed.empty());
  link.on(UpdateReport{1, 500, 1000}, false, false);
  CHECK(link.bytes_total() == 0);
  CHECK(link.accepted());
}

TEST_CASE("what a slave lacks is counted for each frame", "[master]") {
  LinkRig rig;
  SlaveLink link(rig.config, "10.0.0.17");
  CHECK_FALSE(link.has_frame());
  link.announce(1, rig.scene);
  link.announce(2, rig.scene);
  link.on(rig.hello, false, false);
  CHECK(link.has_frame());
  CHECK(link.bytes_missing() == 2000);
  CHECK(link.on(UpdateReport{1, 0, 1000}, false, false).progress);
  CHECK(link.bytes_missing_first() == 0);
  CHECK(link.bytes_missing() == 1000);
  CHECK_FALSE(link.on(UpdateReport{2, 1000, 1000}, false, false).progress);
  link.frame_ended(1);
  CHECK(link.bytes_missing_first() == 1000);
  CHECK(link.bytes_total() == 1000);
}
