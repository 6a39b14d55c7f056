#include "base/hash.hpp"

#include "support/catch.hpp"

using namespace oct;

TEST_CASE("SHA-256 of the published vectors", "[base]") {
  // FIPS 180-4 examples
  Sha256 hash;
  hash.add(std::string_view("a"));
  hash.add(std::string_view("bc"));
  CHECK(hash.finish().hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256({}).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_CASE("a digest survives its text", "[base]") {
  const Digest digest = sha256(bytes_of_value(12345));
  CHECK(*digest_from_hex(digest.hex()) == digest);
  CHECK(digest.short_text() == "sha256:" + digest.hex().substr(0, 32));
  CHECK_FALSE(digest_from_hex("abc").has_value());
  CHECK_FALSE(digest_from_hex(std::string(64, 'g')).has_value());
}
