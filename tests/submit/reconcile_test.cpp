#define BOOST_TEST_DYN_LINK
#include <mcbatch/submit/expiry.hpp>
#include <mcbatch/submit/reconcile.hpp>

#include <boost/test/unit_test.hpp>

#include <ostream>

namespace mcbatch::submit {

std::ostream& operator<<(std::ostream& out, identity i) {
  return out << to_string(i);
}

namespace {

using namespace std::chrono_literals;

constexpr wall_time noon{std::chrono::seconds(1705320000)}; // 2024-01-15T12:00:00Z
constexpr auto at_noon = "2024-01-15T12:00:00Z";
constexpr clock_offset agreed{-100ms, 1s + 100ms};

job_key key_of(unsigned char n) {
  job_key key;
  key.bytes[0] = n;
  return key;
}

std::string body_of(const std::string& url) {
  return R"({"job_type":"video","output_url":")" + url + "\"}";
}

/// A job whose only try was lost: sent at noon, given up on two seconds later.
ledger::record lost(unsigned char n, const std::string& url) {
  ledger::record r;
  r.key = key_of(n);
  r.state = job_state::in_doubt;
  r.error = "timed_out";
  r.attempts = 1;
  r.sent_at = noon;
  r.answered_at = noon + 2s;
  r.body = body_of(url);
  return r;
}

api::listed_job listed(std::string id, std::optional<std::string> url, std::string created = at_noon) {
  return {std::move(id), "pending", std::move(url), std::move(created), 150};
}

/// What becomes of the jobs of a ledger that are in doubt.
std::vector<reconciliation::finding> reconcile(const std::vector<ledger::record>& ledger,
                                               std::vector<api::listed_job> list,
                                               std::optional<clock_offset> clock = agreed) {
  recent_jobs recent(noon);
  recent.add(std::move(list), clock);
  std::vector<doubtful_job> doubtful;
  for (const auto& r : ledger)
    if (r.state == job_state::in_doubt) doubtful.push_back(read_doubtful(r, 30s));
  reconciliation held(std::move(doubtful), recent);
  for (const auto& r : ledger)
    held.compare(r);
  return held.findings();
}

const std::string here = "https://out.example.com/1.mp4";
const std::string signed_here = here + "?part=1&X-Amz-Signature=aaaa&X-Amz-Expires=60";

} // namespace

BOOST_AUTO_TEST_SUITE(reconciling)

BOOST_AUTO_TEST_CASE(one_job_and_one_list) {
  struct row {
    const char* what;
    std::string sent;
    std::vector<api::listed_job> list;
    identity expected;
  };
  using enum identity;
  const row rows[] = {
      {"as it was sent", here, {listed("a", here)}, certain},
      {"among others", here, {listed("b", "https://out.example.com/2.mp4"), listed("a", here)}, certain},
      {"as it was sent, signature and all", signed_here, {listed("a", signed_here)}, certain},
      {"with another signature",
       signed_here,
       {listed("a", here + "?part=1&X-Amz-Signature=bbbb&X-Amz-Expires=90")},
       certain},
      {"with its signature dropped", signed_here, {listed("a", here + "?part=1")}, certain},
      {"with more than its signature dropped", signed_here, {listed("a", here)}, not_listed},
      {"with another parameter", signed_here, {listed("a", here + "?part=2&X-Amz-Signature=aaaa")}, not_listed},
      {"in another writing", here, {listed("a", "https://OUT.example.com/1.mp4")}, not_listed},
      {"another path", here, {listed("a", here + "4")}, not_listed},
      {"an empty list", here, {}, urls_hidden},
      {"no URLs", here, {listed("a", std::nullopt), listed("b", std::nullopt)}, urls_hidden},
      {"empty URLs", here, {listed("a", "")}, urls_hidden},
      {"twice", here, {listed("a", here), listed("b", here)}, several},
      {"twice, once at another time", here, {listed("a", here), listed("b", here, "2024-01-14T12:00:00Z")}, several},
      {"twice the same", here, {listed("a", here), listed("a", here)}, certain}, // it stood on two pages
      {"no time", here, {listed("a", here, "")}, time_unknown},
      {"a time that cannot be read", here, {listed("a", here, "yesterday")}, time_unknown},
  };
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.what) {
      const auto found = reconcile({lost(1, row.sent)}, row.list);
      BOOST_TEST_REQUIRE(found.size() == 1u);
      BOOST_TEST(found[0].what == row.expected);
      if (row.expected == certain) BOOST_TEST(found[0].listed.value().id == "a");
    }
}

/// Sent at noon, ended at 12:00:02. What is created in a second may have been so in any part of it.
BOOST_AUTO_TEST_CASE(it_was_created_within_the_try) {
  struct row {
    const char* created;
    clock_offset clock;
    identity expected;
  };
  using enum identity;
  constexpr clock_offset exact{0s, 0s};
  constexpr clock_offset two_hours_ahead{2h, 2h + 1s};
  const row rows[] = {
      {"2024-01-15T11:59:58Z", exact, other_time},
      {"2024-01-15T11:59:59Z", exact, other_time},
      {"2024-01-15T12:00:00Z", exact, certain},
      {"2024-01-15T12:00:02Z", exact, certain},
      {"2024-01-15T12:00:03Z", exact, other_time},
      {"2024-01-15T13:00:02+01:00", exact, certain},
      {"2024-01-15T12:00:00Z", two_hours_ahead, other_time},
      {"2024-01-15T14:00:00Z", two_hours_ahead, certain},
      {"2024-01-15T14:00:03Z", two_hours_ahead, certain}, // the clocks agree to a second only
      {"2024-01-15T14:00:05Z", two_hours_ahead, other_time},
      {"2024-01-15T09:00:01Z", {-3h - 100ms, -3h + 1s}, certain},
      {"2024-01-14T12:00:00Z", exact, other_time},
  };
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.created << ", row " << &row - rows)
  BOOST_TEST(reconcile({lost(1, here)}, {listed("a", here, row.created)}, row.clock).at(0).what == row.expected);
  BOOST_TEST(reconcile({lost(1, here)}, {listed("a", here)}, std::nullopt).at(0).what == time_unknown);
}

BOOST_AUTO_TEST_CASE(the_doubt_is_about_a_try_whose_time_is_known) {
  struct row {
    const char* what;
    int http_status;
    std::string error;
    const char* created;
    identity expected;
  };
  using enum identity;
  const auto later = "2024-01-15T12:00:20Z";
  const row rows[] = {
      {"500", 500, "internal_error", at_noon, certain},
      {"502", 502, "server_error", at_noon, certain},
      {"2xx without an id", 200, "unclear_success", at_noon, certain},
      {"a killed run", 0, std::string(ledger::interrupted), at_noon, certain},
      {"a killed run, to the end of --timeout", 0, std::string(ledger::interrupted), later, certain},
      {"a killed run, beyond", 0, std::string(ledger::interrupted), "2024-01-15T12:00:40Z", other_time},
      {"ended before", 0, "timed_out", later, other_time},
      {"refused when tried again", 422, "invalid", at_noon, earlier_try},
      {"put off when tried again until it was given up", 503, "unavailable", at_noon, earlier_try},
      {"expired before it was tried again", 0, std::string(expired_unsent), at_noon, earlier_try},
  };
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.what) {
      auto job = lost(1, here);
      job.http_status = row.http_status;
      job.error = row.error;
      BOOST_TEST(reconcile({job}, {listed("a", here, row.created)}).at(0).what == row.expected);
    }
  auto clock_set_back = lost(1, here);
  clock_set_back.answered_at = noon - 1h;
  BOOST_TEST(reconcile({clock_set_back}, {listed("a", here)}).at(0).what == earlier_try);
}

/// The second try is the one that is known. That the first was accepted cannot be excluded, nor shown.
BOOST_AUTO_TEST_CASE(a_job_that_was_tried_again_is_settled_by_its_last_try_alone) {
  auto job = lost(1, here);
  job.attempts = 2;
  BOOST_TEST(reconcile({job}, {listed("a", here)}).at(0).what == identity::certain);
  BOOST_TEST(reconcile({job}, {listed("a", here, "2024-01-15T11:50:00Z")}).at(0).what == identity::other_time);
  BOOST_TEST(reconcile({job}, {listed("b", here), listed("a", here, "2024-01-15T11:50:00Z")}).at(0).what ==
             identity::several);
}

BOOST_AUTO_TEST_CASE(nothing_else_in_the_ledger_may_be_the_listed_job) {
  struct row {
    const char* what;
    std::string other_url;
    std::string other_id;
    std::string shown;
    identity expected;
  };
  using enum identity;
  const row rows[] = {
      {"another URL", "https://out.example.com/2.mp4", "", here, certain},
      {"the same URL", here, "", here, shared_url},
      {"the same but for the signature", here + "?X-Amz-Signature=cccc", "", here, shared_url},
      {"the same up to a query that the list may have cut off", here + "?part=2", "", here, shared_url},
      {"its id", "https://out.example.com/2.mp4", "a", here, known_id},
      {"another id", "https://out.example.com/2.mp4", "b", here, certain},
  };
  for (const auto& row : rows)
    BOOST_TEST_CONTEXT(row.what) {
      auto other = lost(2, row.other_url);
      other.state = job_state::submitted;
      other.job_id = row.other_id;
      for (const bool first : {true, false}) {
        const auto ledger = first ? std::vector{other, lost(1, here)} : std::vector{lost(1, here), other};
        BOOST_TEST(reconcile(ledger, {listed("a", row.shown)}).at(0).what == row.expected);
      }
    }
  const auto part_two = lost(2, here + "?part=2");
  const auto both = reconcile({lost(1, here + "?part=1"), part_two}, {listed("a", here + "?part=1")});
  BOOST_TEST(both.at(0).what == certain); // the list shows queries
  BOOST_TEST(both.at(1).what == not_listed);
  for (const auto& f : reconcile({lost(1, here), lost(2, here)}, {listed("a", here)}))
    BOOST_TEST(f.what == shared_url);
}

BOOST_AUTO_TEST_CASE(each_job_finds_its_own) {
  const auto url = [](int n) { return "https://out.example.com/" + std::to_string(n) + ".mp4"; };
  const auto found = reconcile({lost(1, url(1)), lost(2, url(2)), lost(3, url(3))},
                               {listed("c", url(3)), listed("x", url(9)), listed("a", url(1))});
  BOOST_TEST_REQUIRE(found.size() == 3u);
  BOOST_TEST(found[0].listed.value().id == "a");
  BOOST_TEST(found[1].what == identity::not_listed);
  BOOST_TEST(found[2].listed.value().id == "c");
  BOOST_TEST((found[2].job.key == key_of(3)));
}

BOOST_AUTO_TEST_CASE(pages_are_asked_for_while_they_may_hold_what_is_looked_for) {
  const auto old = listed("old", here, "2024-01-15T11:00:00Z");
  recent_jobs recent(noon);
  BOOST_TEST(recent.add({listed("a", here), listed("b", here)}, agreed));
  BOOST_TEST(recent.add({listed("b", here), listed("c", here), old}, agreed)); // one came in between
  BOOST_TEST(!recent.add({listed("b", here), listed("c", here)}, agreed));     // the same page again
  BOOST_TEST(!recent.add({}, agreed));
  BOOST_TEST(recent.jobs().size() == 4u);
  BOOST_TEST(!recent_jobs(noon).add({old}, agreed));
  BOOST_TEST(recent_jobs(noon).add({old}, std::nullopt)); // whose clock?
  BOOST_TEST(!recent_jobs(noon).add({listed("a", std::nullopt)}, agreed));
}

BOOST_AUTO_TEST_CASE(the_clocks_are_compared_by_the_date_of_an_answer) {
  headers fields;
  BOOST_TEST(!read_clock_offset(fields, noon, noon).has_value());
  fields.add("Date", "Mon, 15 Jan 2024 14:00:00 GMT");
  const auto offset = read_clock_offset(fields, noon, noon + 300ms);
  BOOST_TEST((offset.value().least == 2h - 300ms));
  BOOST_TEST((offset.value().most == 2h + 1s));
  BOOST_TEST(!read_clock_offset(fields, noon, noon - 1s).has_value()); // set back meanwhile

  recent_jobs recent(noon); // the narrowest tells most
  recent.add({listed("a", here)}, clock_offset{-5s, 5s});
  recent.add({listed("b", here)}, clock_offset{0s, 1s});
  recent.add({listed("c", here)}, clock_offset{-9s, 9s});
  const auto created = recent.created(recent.jobs().front()).value();
  BOOST_TEST((created.from == noon - 1s));
  BOOST_TEST((created.to == noon + 1s));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace mcbatch::submit
