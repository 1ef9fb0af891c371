#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <mcbatch/report/wait_notes.hpp>

namespace mcbatch::report {
namespace {

using namespace std::chrono_literals;
using submit::waiting;

const instant start{1h};
const wall_time noon{std::chrono::seconds(1705320000)};
const std::vector<quota::limit> pro{{200, 1min}, {10000, 1h}};

now_pair after(duration d) {
  return {start + d, noon + std::chrono::duration_cast<wall_time::duration>(d)};
}

BOOST_AUTO_TEST_SUITE(notes_of_waits)

BOOST_AUTO_TEST_CASE(a_long_wait_is_noted_once_and_taken_back_where_it_ends_early) {
  wait_notes notes;
  const submit::wait_state hour{waiting::window, start + 600s, 1h};
  BOOST_TEST(notes.update(hour, pro, after(0s)));
  BOOST_TEST((notes.note() == ledger::wait_note{"window", "10000/1h", noon + 600s}));
  BOOST_TEST(!notes.update(hour, pro, after(30s)));
  BOOST_TEST(notes.update({waiting::answers, {}, {}}, pro, after(40s)));
  BOOST_TEST(!notes.note().has_value());
  BOOST_TEST(!notes.update({waiting::answers, {}, {}}, pro, after(50s)));
}

BOOST_AUTO_TEST_CASE(a_wait_that_is_over_needs_no_word) {
  wait_notes notes;
  BOOST_TEST(notes.update({waiting::window, start + 10s, 1min}, pro, after(0s)));
  BOOST_TEST(!notes.update({waiting::answers, {}, {}}, pro, after(10s)));
}

BOOST_AUTO_TEST_CASE(short_waits_and_those_without_an_end_are_not_noted) {
  wait_notes notes;
  for (const auto& wait :
       {submit::wait_state{waiting::window, start + 2s, 1min}, submit::wait_state{waiting::window, {}, 1min},
        submit::wait_state{waiting::backoff, start + 60s, {}}, submit::wait_state{}})
    BOOST_TEST(!notes.update(wait, pro, after(0s)));
}

BOOST_AUTO_TEST_CASE(there_is_a_write_a_second_at_most_and_the_last_word_comes) {
  wait_notes notes;
  int writes = 0;
  for (int tick = 0; tick < 40; ++tick)
    writes += notes.update({waiting::window, start + 60s + tick * 1s, 1min}, pro, after(tick * 250ms)) ? 1 : 0;
  BOOST_TEST(writes == 10);
  BOOST_TEST(notes.update({waiting::pause, start + 90s, {}}, pro, after(10s)));
  BOOST_TEST((notes.note() == ledger::wait_note{"pause", "", noon + 90s}));
  BOOST_TEST(!notes.update({waiting::outage, start + 95s, {}}, pro, after(10s + 900ms)));
  BOOST_TEST(notes.update({waiting::outage, start + 95s, {}}, pro, after(11s)));
  BOOST_TEST(notes.note()->what == "outage");
}

BOOST_AUTO_TEST_CASE(a_window_that_is_no_limit_s_goes_by_its_length) {
  wait_notes notes;
  BOOST_TEST(notes.update({waiting::window, start + 60s, 1h}, {{1000, 1min}}, after(0s)));
  BOOST_TEST(notes.note()->window == "1h");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::report
