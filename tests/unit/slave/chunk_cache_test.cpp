#include "slave/chunk_cache.hpp"

#include <algorithm>
#include <fstream>
#include <memory>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"
#include "wire/limits.hpp"

#if !defined(_WIN32)
#include <sys/stat.h>
#include <unistd.h>
#endif

using namespace oct;
using test::TempDir;

namespace {

namespace fs = std::filesystem;

Bytes content_of(std::uint32_t number, std::size_t size = 1000) {
  Bytes content(size);
  for (std::size_t i = 0; i < size; ++i)
    content[i] = static_cast<std::byte>((number * 31 + i * (number + 7)) & 255);
  return content;
}

ChunkFolder opened(const TempDir& folder, const std::string& farm = "open") {
  auto made = ChunkFolder::open(folder.file("cache"), farm);
  REQUIRE(made.has_value());
  return *std::move(made);
}

fs::path file_of(const TempDir& folder, const ChunkId& id) {
  return folder.path() / "cache" / "octane-chunks-open" / id.hex();
}

/// A cache that has written everything once it is gone.
struct Kept {
  Kept(const TempDir& folder, std::uint64_t max_bytes) : max(max_bytes), place(folder) {}
  void keep(const std::vector<Bytes>& contents) {
    ChunkCache cache(opened(place), max, [this](const std::string& why) { complaints.push_back(why); });
    for (const Bytes& content : contents) cache.keep(chunk_id_of(content), content);
  }
  std::uint64_t max;
  const TempDir& place;
  std::vector<std::string> complaints;
};

}  // namespace

TEST_CASE("a chunk comes back from its file, named by its hash", "[slave]") {
  TempDir folder;
  const Bytes content = content_of(1);
  const ChunkId id = chunk_id_of(content);
  const ChunkFolder chunks = opened(folder);
  CHECK_FALSE(chunks.read(id).has_value());
  REQUIRE(chunks.write(id, content).has_value());
  CHECK(chunks.read(id) == content);
  CHECK(fs::file_size(file_of(folder, id)) == content.size());
  REQUIRE(chunks.write(id, content).has_value());  // somebody else was faster
  CHECK(chunks.entries().size() == 1);
  chunks.remove(id);
  CHECK_FALSE(chunks.read(id).has_value());
  chunks.remove(id);
}

TEST_CASE("farms do not share their chunks, but the bound", "[slave]") {
  TempDir folder;
  const Bytes content = content_of(1);
  const ChunkId id = chunk_id_of(content);
  const ChunkFolder ours = opened(folder, "7F3AC2"), theirs = opened(folder, "77C0D3");
  REQUIRE(ours.write(id, content).has_value());
  CHECK_FALSE(theirs.read(id).has_value());
  CHECK(theirs.entries().size() == 1);
}

TEST_CASE("what is no chunk in the folder is neither read nor counted nor removed", "[slave]") {
  TempDir folder;
  const ChunkFolder chunks = opened(folder);
  const ChunkId id = chunk_id_of(content_of(1));
  const fs::path place = file_of(folder, id).parent_path();
  std::ofstream(place / "notes.txt") << "mine";
  std::ofstream(folder.path() / "cache" / id.hex()) << "not of a farm";
  SECTION("a folder") {
    fs::create_directory(place / id.hex());
  }
  SECTION("too large a file") {
    std::ofstream(place / id.hex());
    fs::resize_file(place / id.hex(), kMaxChunkBytes + 1);
  }
#if !defined(_WIN32)
  SECTION("a link") {
    std::ofstream(folder.path() / "secret") << "do not touch";
    fs::create_symlink(folder.path() / "secret", place / id.hex());
  }
  SECTION("a FIFO") {
    REQUIRE(mkfifo((place / id.hex()).c_str(), 0600) == 0);
  }
#endif
  CHECK_FALSE(chunks.read(id).has_value());
  Kept(folder, 3000).keep({content_of(2), content_of(3), content_of(4), content_of(5)});
  CHECK(fs::exists(place / "notes.txt"));
}

TEST_CASE("the least recently used chunks make room", "[slave]") {
  TempDir folder;
  Kept cache(folder, 10'000);
  std::vector<Bytes> contents;
  for (std::uint32_t i = 0; i < 10; ++i) contents.push_back(content_of(i));
  cache.keep(contents);
  const ChunkFolder chunks = opened(folder);
  REQUIRE(chunks.entries().size() == 10);
  const auto now = fs::file_time_type::clock::now();
  for (std::uint32_t i = 0; i < 10; ++i)
    fs::last_write_time(file_of(folder, chunk_id_of(contents[i])), now - std::chrono::minutes(100 - i));
  CHECK(chunks.read(chunk_id_of(contents[0])).has_value());  // used again
  cache.keep({content_of(77), content_of(78)});
  std::uint64_t bytes = 0;
  for (const auto& entry : chunks.entries()) bytes += entry.bytes;
  CHECK(bytes <= 10'000);
  CHECK(chunks.read(chunk_id_of(contents[0])).has_value());
  CHECK_FALSE(chunks.read(chunk_id_of(contents[1])).has_value());
  CHECK(chunks.read(chunk_id_of(contents[9])).has_value());
  CHECK(chunks.read(chunk_id_of(content_of(77))).has_value());
  CHECK(chunks.read(chunk_id_of(content_of(78))).has_value());
  CHECK(cache.complaints.empty());
}

TEST_CASE("several caches on one folder stay within the bound, but for a little", "[slave]") {
  TempDir folder;
  constexpr std::uint64_t kBound = 100'000;
  {
    std::vector<std::unique_ptr<ChunkCache>> caches;
    for (int i = 0; i < 3; ++i)
      caches.push_back(std::make_unique<ChunkCache>(opened(folder), kBound,
                                                    [](const std::string& why) { FAIL_CHECK(why); }));
    for (std::uint32_t i = 0; i < 300; ++i) {
      const Bytes content = content_of(i);
      caches[i % 3]->keep(chunk_id_of(content), content);
      caches[(i + 1) % 3]->discard(chunk_id_of(content_of(i / 2)));  // files vanish under the others
    }
  }
  std::uint64_t bytes = 0;
  const ChunkFolder chunks = opened(folder);
  for (const auto& entry : chunks.entries()) bytes += entry.bytes;
  CHECK(bytes > kBound / 2);
  CHECK(bytes <= kBound * 11 / 10);
}

TEST_CASE("a chunk that is larger than the whole cache is not kept", "[slave]") {
  TempDir folder;
  Kept cache(folder, 999);
  cache.keep({content_of(1)});
  CHECK(opened(folder).entries().empty());
  CHECK(cache.complaints.empty());
}

TEST_CASE("a folder that vanishes costs one complaint, and is tried again with the next scene", "[slave]") {
  TempDir folder;
  std::vector<std::string> complaints;
  const fs::path place = file_of(folder, ChunkId{}).parent_path();
  const ChunkFolder chunks = opened(folder);
  {
    ChunkCache cache(chunks, 100'000, [&](const std::string& why) { complaints.push_back(why); });
    fs::remove_all(place);
    for (std::uint32_t i = 0; i < 5; ++i) cache.keep(chunk_id_of(content_of(i)), content_of(i));
  }
  REQUIRE(complaints.size() == 1);
  CHECK(complaints[0].find("octane-chunks-open") != std::string::npos);
  {
    ChunkCache cache(chunks, 100'000, [&](const std::string&) {});
    cache.begin_scene();
    fs::create_directory(place);
    cache.keep(chunk_id_of(content_of(1)), content_of(1));
  }
  CHECK(chunks.entries().size() == 1);
}

TEST_CASE("a cache folder that cannot be used says why", "[slave]") {
  TempDir folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto made = ChunkFolder::open(folder.file("file"), "open");
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().kind == ErrorKind::output);
  CHECK(made.error().message.find("file") != std::string::npos);
#if !defined(_WIN32)
  fs::create_directory(folder.path() / "elsewhere");
  fs::create_directory(folder.path() / "linked");
  fs::create_directory_symlink(folder.path() / "elsewhere", folder.path() / "linked" / "octane-chunks-open");
  CHECK_FALSE(ChunkFolder::open(folder.file("linked"), "open").has_value());

  fs::create_directory(folder.path() / "shared");
  REQUIRE(chmod(folder.file("shared").c_str(), 0777) == 0);
  const auto shared = ChunkFolder::open(folder.file("shared"), "open");
  REQUIRE_FALSE(shared.has_value());
  CHECK(shared.error().message.find("any user may rename files in it") != std::string::npos);
  REQUIRE(chmod(folder.file("shared").c_str(), 01777) == 0);
  REQUIRE(ChunkFolder::open(folder.file("shared"), "open").has_value());
  REQUIRE(chmod(folder.file("shared/octane-chunks-open").c_str(), 0770) == 0);
  CHECK_FALSE(ChunkFolder::open(folder.file("shared"), "open").has_value());
#endif
}

#if !defined(_WIN32)

TEST_CASE("nobody else may read what is kept", "[slave]") {
  TempDir folder;
  Kept(folder, 100'000).keep({content_of(1)});
  struct stat state {};
  const fs::path file = file_of(folder, chunk_id_of(content_of(1)));
  REQUIRE(stat(file.c_str(), &state) == 0);
  CHECK((state.st_mode & 0777) == 0600);
  REQUIRE(stat(file.parent_path().c_str(), &state) == 0);
  CHECK((state.st_mode & 0777) == 0700);
}

#endif
