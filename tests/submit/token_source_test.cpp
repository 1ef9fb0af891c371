#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/submit/token_source.hpp>

namespace mcbatch::submit {
namespace {

using namespace std::chrono_literals;

constexpr instant start{1h};

api::token token(const std::string& text) {
  return api::token::from(text, "a test").value();
}

/// A token file, as far as it matters: what it holds, or nothing that can be read.
struct fixture {
  std::optional<std::string> content = "old";
  token_source source{token("old"), [this]() -> result<api::token> {
                        if (!content) return failure{errc::bad_setting, "it is empty"};
                        return token(*content);
                      }};
};

BOOST_FIXTURE_TEST_SUITE(token_sources, fixture)

BOOST_AUTO_TEST_CASE(one_that_did_not_change_is_refused) {
  BOOST_TEST((source.on_refused(0, start) == token_fate::refused));
  BOOST_TEST(!source.look_again_at());
}

BOOST_AUTO_TEST_CASE(one_that_changed_takes_its_place_and_old_refusals_do_not_count) {
  content = "new";
  BOOST_TEST((source.on_refused(0, start) == token_fate::replaced));
  BOOST_TEST(source.current().secret() == "new");
  BOOST_TEST(source.serial() == 1U);
  // Of what was in flight with the old one.
  for (int i = 0; i < 64; ++i)
    BOOST_TEST((source.on_refused(0, start + 1s) == token_fate::replaced));
  BOOST_TEST(source.serial() == 1U);
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_read_is_looked_at_again_for_five_seconds) {
  content.reset();
  for (auto now = start; now < start + 5s; now += 500ms) {
    BOOST_TEST((source.on_refused(0, now) == token_fate::awaited));
    BOOST_TEST((source.look_again_at() == now + 500ms));
    BOOST_TEST(source.problem()->what == "it is empty");
  }
  BOOST_TEST((source.on_refused(0, start + 5s) == token_fate::refused));
}

BOOST_AUTO_TEST_CASE(one_that_can_be_read_again_is_used) {
  content.reset();
  BOOST_TEST((source.on_refused(0, start) == token_fate::awaited));
  content = "old"; // put back, perhaps for a moment
  BOOST_TEST((source.on_refused(0, start + 500ms) == token_fate::awaited));
  content = "new";
  BOOST_TEST((source.on_refused(0, start + 1s) == token_fate::replaced));
  BOOST_TEST(!source.look_again_at());
  BOOST_TEST(!source.problem());
}

BOOST_AUTO_TEST_CASE(half_of_a_token_is_no_reason_to_stop) {
  content = "ne";
  BOOST_TEST((source.on_refused(0, start) == token_fate::replaced));
  BOOST_TEST((source.on_refused(1, start + 1s) == token_fate::awaited));
  content = "new";
  BOOST_TEST((source.on_refused(1, start + 2s) == token_fate::replaced));
  // Long after that it is a token like any other.
  BOOST_TEST((source.on_refused(2, start + 1h) == token_fate::refused));
}

BOOST_AUTO_TEST_CASE(who_asks_for_another_reading_keeps_what_is_in_use_where_there_is_none) {
  content.reset();
  BOOST_TEST(source.reload(start).has_error());
  BOOST_TEST(source.current().secret() == "old");
  content = "old";
  BOOST_TEST(!source.reload(start).value());
  content = "new";
  BOOST_TEST(source.reload(start).value());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::submit
