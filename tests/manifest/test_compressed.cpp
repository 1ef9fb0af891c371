#define BOOST_TEST_DYN_LINK
#include "manifest/support.hpp"

#include <boost/test/unit_test.hpp>

namespace mcbatch::manifest::test {
namespace {

std::string lines(int n) {
  std::string text;
  for (int i = 0; i < n; ++i)
    text += job(",\"n\":" + std::to_string(i)) + '\n';
  return text;
}

using packer = std::string (*)(std::string_view);
constexpr packer packers[] = {gzipped, zstd_packed};

} // namespace

BOOST_AUTO_TEST_SUITE(compressed)

BOOST_AUTO_TEST_CASE(gzip_and_zstd_are_known_by_their_content) {
  for (const auto pack : packers) {
    const auto all = read_all(pack(lines(3)));
    BOOST_TEST(all.outline() == "1 ok | 2 ok | 3 ok");
    BOOST_TEST(all.good(2).body == job(",\"n\":2"));
  }
}

BOOST_AUTO_TEST_CASE(members_and_frames_follow_each_other) {
  const auto text = lines(3);
  for (const auto pack : packers)
    for (const std::size_t block : {1u, 7u, 4096u}) {
      const auto packed = pack(text.substr(0, 200)) + pack("") + pack(text.substr(200));
      const auto all = read_all(packed, {}, {.block = block});
      BOOST_TEST(all.outline() == "1 ok | 2 ok | 3 ok");
    }
}

BOOST_AUTO_TEST_CASE(a_skippable_frame_is_skipped) {
  using namespace std::string_literals;
  const auto skippable = "\x5a\x2a\x4d\x18\x03\0\0\0abc"s;
  BOOST_TEST(read_all(skippable + zstd_packed(lines(1)) + skippable).outline() == "1 ok");
}

BOOST_AUTO_TEST_CASE(zeros_after_gzip_are_padding_and_other_bytes_are_not) {
  BOOST_TEST(read_all(gzipped(lines(1)) + std::string(600, '\0')).outline() == "1 ok");
  BOOST_TEST(read_all(gzipped(lines(1)) + "tail").outline() == "1 ok | broken");
  BOOST_TEST(read_all(zstd_packed(lines(1)) + "tail").outline() == "1 ok | broken");
}

BOOST_AUTO_TEST_CASE(a_stream_cut_short_anywhere_is_no_clean_end) {
  const auto text = lines(40);
  for (const auto pack : packers) {
    const auto whole = pack(text);
    for (std::size_t n = 4; n < whole.size(); ++n) {
      const auto all = read_all(whole.substr(0, n));
      BOOST_TEST_REQUIRE(all.broken.has_value(), n);
      BOOST_TEST((all.broken->code == errc::unusable_input));
      BOOST_TEST(all.broken->what.find("cut short") != std::string::npos, all.broken->what);
      for (std::size_t i = 0; i < all.items.size(); ++i)
        BOOST_TEST(all.good(i).line == i + 1); // an entry cut in two is not handed out
    }
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_stream_fails_and_names_file_and_line) {
  for (const auto pack : packers) {
    auto packed = pack(lines(1)) + pack(lines(1)).substr(0, 12) + std::string(40, '\xff');
    const auto all = read_all(packed);
    BOOST_TEST(all.outline() == "1 ok | broken");
    BOOST_TEST(all.broken->what.find("manifest, line 2: ") != std::string::npos, all.broken->what);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::manifest::test
