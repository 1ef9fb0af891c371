#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/http_client.hpp"
#include "cli/support.hpp"
#include "sandbox/webhook_signature.hpp"

#include <atomic>
#include <csignal>
#include <cstring>
#include <functional>
#include <thread>

#include <sqlite3.h>
#include <sys/stat.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Another process comes to it in its own time.
bool comes_true(const std::function<bool()>& what) {
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (!what()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

strings with_events(const reserved_port& port, const strings& more = {}) {
  strings all{"--track",
              "--webhook-listen",
              port.address(),
              "--webhook-url",
              "http://" + port.address() + "/events",
              "--progress",
              "none"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// A request as the service sends an event, or as somebody else would.
struct event {
  std::string body;
  std::string target = "/events";
  std::string secret = world::webhook_secret;
  std::string method = "POST";
  bool is_signed = true;

  [[nodiscard]] std::string text() const {
    auto t = method + " " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
    if (is_signed) t += "X-MediaConvert-Signature: " + sandbox::webhook_signature(body, secret) + "\r\n";
    return t + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }
};

std::string says(const std::string& job_id, const std::string& status, const std::string& more = "") {
  return R"({"job_id":")" + job_id + R"(","status":")" + status + "\"" + more + "}";
}

int send(const reserved_port& port, const event& e) {
  return http_client(port.number()).ask(e.text()).status;
}

/// A run that follows conversions which take hours, and takes events of them.
struct following_run {
  explicit following_run(std::size_t jobs, std::string faults = "", const strings& more = {})
      : w({.faults = std::move(faults), .conversions = "time=10h"}) {
    write_file(w.manifest(), entries(0, jobs));
    process = w.start(w.submit_command(with_events(port, more)));
    const auto is_settled = [&] {
      if (!std::filesystem::exists(w.ledger())) return false;
      const auto states = w.run({"status", w.ledger(), "--json"});
      if (states.code != 0) return false;
      const auto counts = states.json()["jobs"];
      std::size_t settled = 0;
      for (const auto* state : {"submitted", "in_doubt", "rejected"})
        settled += counts[state].get<std::size_t>();
      return settled == jobs;
    };
    BOOST_TEST_REQUIRE(comes_true(is_settled), process->errors_so_far());
  }

  /// The id that the service gave to what has that output URL.
  [[nodiscard]] std::string id_of(const nlohmann::json& record) const {
    for (const auto& line : w.server().journal_lines()) {
      const auto entry = nlohmann::json::parse(line);
      if (entry["output_url"] == record["output_url"]) return entry["id"];
    }
    return {};
  }
  [[nodiscard]] std::string address_of(const nlohmann::json& record) const {
    const auto key = record["key"].get<std::string>();
    const auto tag = sandbox::webhook_signature(key, address_secret()).substr(std::strlen("sha256="), 32);
    return "/events?mcbatch_key=" + key + "." + tag;
  }

  [[nodiscard]] std::string address_secret() const {
    sqlite3* db = nullptr;
    std::string secret;
    const auto keep = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) = values[0];
      return 0;
    };
    sqlite3_open_v2(w.ledger().c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_exec(db, "SELECT value FROM meta WHERE name = 'address_secret'", keep, &secret, nullptr);
    sqlite3_close(db);
    return secret;
  }

  world w;
  reserved_port port;
  std::unique_ptr<mcbatch_process> process;
};

BOOST_AUTO_TEST_SUITE(cli_listeners)

// What comes as an event

BOOST_AUTO_TEST_CASE(what_is_no_event_of_the_service_s_changes_nothing) {
  following_run run(3);
  const auto& w = run.w;
  const auto before = w.exported();
  const auto first = before[0]["job_id"].get<std::string>(), second = before[1]["job_id"].get<std::string>();
  const auto good = says(first, "completed", R"(,"cost_micros":150)");
  struct refused_event {
    const char* what;
    event sent;
    int status;
  };
  const std::vector<refused_event> all{
      {"a forged one", {.body = good, .secret = "whsec_of_a_forger"}, 401},
      {"an unsigned one", {.body = good, .is_signed = false}, 401},
      {"an oversized one",
       {.body = says(first, "failed", R"(,"error_message":")" + std::string(70'000, 'x') + '"')},
       413},
      {"no JSON", {.body = "completed"}, 400},
      {"half of one", {.body = good.substr(0, good.size() / 2)}, 400},
      {"no job's", {.body = R"({"status":"completed"})"}, 400},
      {"one with a status of its own", {.body = says(first, "eaten")}, 400},
      {"one by GET", {.body = good, .method = "GET"}, 405},
      {"one by PUT", {.body = good, .method = "PUT"}, 405},
      {"one by DELETE", {.body = good, .method = "DELETE"}, 405},
  };
  for (const auto& e : all) {
    const auto status = send(run.port, e.sent);
    BOOST_TEST(status == e.status, e.what << " is answered " << status);
  }
  BOOST_TEST((w.exported() == before), "the ledger says something else than before");

  // A good one counts, once, and for its own job, wherever it is sent and however often.
  BOOST_TEST(send(run.port, {.body = says(first, "processing", R"(,"progress_percentage":40)")}) == 200);
  BOOST_TEST(send(run.port, {.body = good, .target = run.address_of(before[0])}) == 200);
  const auto after = w.exported();
  BOOST_TEST(after[0]["conversion"] == "completed");
  BOOST_TEST(after[0]["final_cost_micros"] == 150);
  const std::vector<event> old{{.body = good},
                               {.body = good, .target = run.address_of(before[1])},
                               {.body = good, .target = "/events?mcbatch_key=00000000000000000000000000000000"},
                               {.body = says(first, "processing", R"(,"progress_percentage":40)")},
                               {.body = says(first, "failed", R"(,"error_code":"LATE")")},
                               {.body = says("job_of_nobody", "completed")}};
  for (const auto& e : old)
    BOOST_TEST(send(run.port, e) == 200);
  BOOST_TEST((w.exported() == after), "an old event changed the ledger");

  for (const auto& record : {after[1], after[2]})
    BOOST_TEST(send(run.port, {.body = says(record["job_id"], "completed", R"(,"cost_micros":151)")}) == 200);
  const auto e = run.process->wait();
  BOOST_TEST(e.code == 0, e.err);
  const auto events = e.json()["following"]["events"];
  BOOST_TEST(events["unproven"] == 2);
  BOOST_TEST(events["malformed"] == 4);
  BOOST_TEST(events["news"] == 4);
  BOOST_TEST(events["no_news"] == 5);
  BOOST_TEST(events["early"] == 1);
  BOOST_TEST(e.json()["following"]["requests"]["sent"] == 0);
}

BOOST_AUTO_TEST_CASE(an_event_with_its_key_proves_a_job_in_doubt) {
  following_run run(4, "lost@2");
  const auto& w = run.w;
  const auto before = w.exported({"--state", "in_doubt"});
  BOOST_TEST_REQUIRE(before.size() == 1);
  const auto id = run.id_of(before[0]);
  BOOST_TEST_REQUIRE(!id.empty());
  // Without the key nothing tells whose it is: it is kept until something does. A key that anyone could write is none.
  const auto key = before[0]["key"].get<std::string>();
  for (const auto& nobody_s :
       {std::string("/events"), "/events?mcbatch_key=" + key, "/events?mcbatch_key=" + key + "." + key})
    BOOST_TEST(send(run.port, {.body = says(id, "processing"), .target = nobody_s}) == 200);
  BOOST_TEST(w.exported({"--state", "in_doubt"}).size() == 1);
  BOOST_TEST(send(run.port, {.body = says(id, "processing"), .target = run.address_of(before[0])}) == 200);
  BOOST_TEST(w.exported({"--state", "in_doubt"}).empty());
  for (const auto& r : w.exported({"--state", "submitted"})) {
    BOOST_TEST(r["job_id"] == run.id_of(r));
    BOOST_TEST(send(run.port, {.body = says(r["job_id"], "completed")}) == 200);
  }
  const auto e = run.process->wait();
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(e.json()["following"]["events"]["proofs"] == 1);
  BOOST_TEST(e.json()["jobs"]["in_doubt"] == 0);
  for (const auto& [url, times] : w.accepted())
    BOOST_TEST(times == 1);
}

// Those who mean no good

BOOST_AUTO_TEST_CASE(seventy_half_requests_do_not_keep_an_event_out) {
  following_run run(1);
  std::vector<std::unique_ptr<http_client>> half;
  for (int n = 0; n < 70; ++n) {
    half.push_back(std::make_unique<http_client>(run.port.number()));
    BOOST_TEST(half.back()->send("POST /events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le"));
  }
  BOOST_TEST(send(run.port, {.body = says(run.w.exported()[0]["job_id"], "completed")}) == 200);
  const auto e = run.process->wait();
  BOOST_TEST(e.code == 0, e.err);
}

BOOST_AUTO_TEST_CASE(a_flood_does_not_stop_submission) {
  constexpr std::size_t jobs = 1000;
  const world w;
  const reserved_port port;
  write_file(w.manifest(), entries(0, jobs));
  std::atomic<bool> over = false;
  std::atomic<int> asked = 0, refused = 0, put_off = 0;
  const auto flood = [&] {
    const auto bad = event{.body = says("job_1", "completed"), .secret = "whsec_of_a_forger"}.text();
    while (!over) {
      http_client c(port.number());
      if (!c.connected()) std::this_thread::sleep_for(1ms); // the program has not come so far, or has ended
      for (int status = 401; c.connected() && status == 401 && !over; ++asked) {
        status = c.ask(bad).status;
        refused += status == 401;
        put_off += status == 503;
      }
    }
  };
  std::vector<std::thread> flooding;
  for (int n = 0; n < 4; ++n)
    flooding.emplace_back(flood);
  // Submission takes a second at least by its limit, so that most of it meets the flood.
  const auto e = w.submit({"--webhook-listen", port.address(), "--limit", "500/1s", "--progress", "none"});
  over = true;
  for (auto& f : flooding)
    f.join();
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(w.server().accepted() == jobs);
  BOOST_TEST_MESSAGE(asked << " requests of the flood, " << refused << " answered 401, " << put_off << " answered 503; "
                           << e.json()["elapsed_s"] << " s");
  BOOST_TEST(refused > 500);
  BOOST_TEST(e.json()["following"]["events"]["unproven"].get<int>() >= refused);
  BOOST_TEST(e.json()["elapsed_s"] < 10.0);
  // A line for each would fill the disk.
  BOOST_TEST(e.err.size() < 5000, e.err.substr(0, 5000));
}

// Where it listens

BOOST_AUTO_TEST_CASE(other_machines_need_tls_and_events_a_secret) {
  world w;
  write_file(w.manifest(), entries(0, 1));
  write_file(w.dir / "secret", std::string(world::webhook_secret) + "\n");
  ::chmod((w.dir / "secret").c_str(), 0644);
  const auto refused = [&](const strings& more, int code, std::string_view because) {
    const auto e = w.submit(more);
    BOOST_TEST(e.code == code, e.err);
    BOOST_TEST(holds(e.err, because), e.err);
    BOOST_TEST(!holds(e.err, world::webhook_secret), e.err);
    BOOST_TEST(w.server().accepted() == 0);
  };
  refused({"--webhook-listen", "0.0.0.0:0"}, 78, "--cert-file");
  refused({"--webhook-listen", "[::]:0"}, 78, "--cert-file");
  refused({"--webhook-listen", "127.0.0.1:0", "--webhook-secret-file", w.dir / "secret"}, 78, "secret");
  refused({"--webhook-listen", "127.0.0.1:0", "--webhook-secret-file", w.dir / "none"}, 78, "none");
  refused({"--webhook-listen", "127.0.0.1:0", "--webhook-secret-env", "NO_SUCH_VARIABLE"}, 78, "NO_SUCH_VARIABLE");
  refused({"--webhook-listen", "example.com:80"}, 64, "example.com:80");
  refused({"--webhook-listen", "127.0.0.1:99999"}, 64, "99999");
  refused({"--webhook-listen", "127.0.0.1:0", "--cert-file", w.dir / "c.pem"}, 64, "--key-file");
  refused({"--webhook-listen", "127.0.0.1:0", "--cert-file", w.dir / "c.pem", "--key-file", w.dir / "k.pem"}, 78,
          "c.pem");
  refused({"--webhook-url", "ftp://example.com/"}, 64, "ftp://example.com/");
  w.environment.erase("MEDIACONVERT_WEBHOOK_SECRET");
  refused({"--webhook-listen", "127.0.0.1:0"}, 78, "MEDIACONVERT_WEBHOOK_SECRET");
  ::chmod((w.dir / "secret").c_str(), 0600);
  const auto e = w.submit({"--webhook-listen", "127.0.0.1:0", "--webhook-secret-file", w.dir / "secret"});
  BOOST_TEST(e.code == 0, e.err);
}

BOOST_AUTO_TEST_CASE(events_come_over_tls) {
  constexpr std::size_t jobs = 30;
  const world w({.conversions = "time=300ms", .webhooks = "twice=0.2"});
  const auto own = sandbox::make_identity().value();
  write_file(w.dir / "cert.pem", own.certificate_pem);
  write_file(w.dir / "key.pem", own.key_pem);
  const reserved_port port;
  write_file(w.manifest(), entries(0, jobs));
  const auto e =
      w.submit({"--track", "--webhook-listen", port.address(), "--cert-file", w.dir / "cert.pem", "--key-file",
                w.dir / "key.pem", "--webhook-url", "https://" + port.address() + "/", "--webhook-grace", "10s"});
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(holds(e.err, "https://" + port.address()), e.err);
  BOOST_TEST(e.json()["conversions"]["completed"] == jobs);
  BOOST_TEST(e.json()["following"]["events"]["news"].get<std::size_t>() +
                 e.json()["following"]["events"]["early"].get<std::size_t>() >=
             jobs);
  BOOST_TEST(w.server().polls() == 0);
}

// The page

std::string link_of(const mcbatch_process& p) {
  const std::string_view words = "the page is at ";
  BOOST_TEST_REQUIRE(comes_true([&] {
                       const auto text = p.errors_so_far();
                       const auto at = text.find(words);
                       return at != std::string::npos && text.find('\n', at) != std::string::npos;
                     }),
                     p.errors_so_far());
  const auto text = p.errors_so_far();
  const auto begin = text.find(words) + words.size();
  return text.substr(begin, text.find('\n', begin) - begin);
}

void check_metrics(const world& w, const std::string& text) {
  write_file(w.dir / "checked.prom", text);
  auto promtool =
      mcbatch_process::shell("exec promtool check metrics < " + (w.dir / "checked.prom"), {{"PATH", "/usr/bin:/bin"}});
  const auto e = promtool.wait();
  BOOST_TEST(e.code == 0, e.err << e.out << text);
  BOOST_TEST(holds(text, "# TYPE mcbatch_jobs gauge\n"));
  BOOST_TEST(holds(text, "# TYPE mcbatch_conversions gauge\n"));
  BOOST_TEST(holds(text, "# TYPE mcbatch_webhook_events_total counter\n"));
}

BOOST_AUTO_TEST_CASE(metrics_pass_prometheus_own_check_while_a_run_goes_on_and_at_its_end) {
  const reserved_port page;
  world metrics_folder;
  const auto file = metrics_folder.dir / "metrics.prom";
  following_run run(3, "422@3", {"--page", page.address(), "--metrics-file", file});
  http_reply during;
  const auto tells_of_conversions = [&] {
    during = http_get(page.number(), "/metrics");
    return holds(during.body, "\nmcbatch_conversions{state=\"pending\"} 2\n");
  };
  BOOST_TEST(comes_true(tells_of_conversions), during.body);
  BOOST_TEST(during.status == 200);
  BOOST_TEST(holds(during.head, "\r\nContent-Type: text/plain; version=0.0.4"), during.head);
  check_metrics(run.w, during.body);
  BOOST_TEST(holds(during.body, "\nmcbatch_jobs{state=\"submitted\"} 2\n"), during.body);
  for (const auto& r : run.w.exported({"--state", "submitted"}))
    BOOST_TEST(send(run.port, {.body = says(r["job_id"], "completed")}) == 200);
  const auto e = run.process->wait();
  BOOST_TEST(e.code == 1, e.err);
  const auto after = read_file(file);
  check_metrics(run.w, after);
  BOOST_TEST(holds(after, "\nmcbatch_conversions{state=\"completed\"} 2\n"), after);
  BOOST_TEST(holds(after, "\nmcbatch_jobs{state=\"rejected\"} 1\n"), after);
  BOOST_TEST(holds(after, "\nmcbatch_webhook_events_total{outcome=\"news\"} 2\n"), after);
}

BOOST_AUTO_TEST_CASE(the_page_of_this_machine_is_shown_under_no_other_name) {
  following_run run(1, "", {"--page", "127.0.0.1:0"});
  const auto link = link_of(*run.process);
  BOOST_TEST(link.starts_with("http://127.0.0.1:"), link);
  const auto port = static_cast<unsigned short>(std::stoi(link.substr(link.rfind(':') + 1)));
  const auto whole = http_get(port, "/");
  BOOST_TEST(whole.status == 200);
  BOOST_TEST(holds(whole.head, "\r\nContent-Type: text/html"), whole.head);
  BOOST_TEST(holds(whole.body, "<html"), whole.body.substr(0, 200));
  for (const auto* host : {"localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080"})
    BOOST_TEST(http_get(port, "/", host).status == 200, host);
  for (const auto* target : {"/", "/metrics", "/events", "/nothing"})
    for (const auto* host : {"evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example"}) {
      const auto seen = http_get(port, target, host);
      BOOST_TEST(seen.status == 421, host << " is shown " << target);
      BOOST_TEST(!holds(seen.body, "m.jsonl"), seen.body);
    }
  BOOST_TEST(http_get(port, "/nothing").status == 404);
  BOOST_TEST(http_client(port).ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n").status == 405);
}

BOOST_AUTO_TEST_CASE(a_page_for_other_machines_is_shown_by_its_secret_link_alone) {
  following_run run(1, "", {"--page", "0.0.0.0:0"});
  const auto link = link_of(*run.process); // "http://NAME:PORT/SECRET/"
  const auto colon = link.rfind(':'), slash = link.find('/', colon);
  const auto port = static_cast<unsigned short>(std::stoi(link.substr(colon + 1)));
  const auto secret = link.substr(slash + 1, link.size() - slash - 2);
  BOOST_TEST(secret.size() >= 32, link);
  BOOST_TEST(holds(run.process->errors_so_far(), "--cert-file")); // who listens to the network learns the link
  const auto wrong = (secret[0] == '0' ? '1' : '0') + secret.substr(1);
  for (const auto& target :
       {std::string("/"), std::string("/metrics"), std::string("/events"), "/" + wrong + "/",
        "/" + secret.substr(0, 31) + "/", "/" + secret.substr(1) + "/metrics", "//" + secret + "/"}) {
    const auto seen = http_get(port, target);
    BOOST_TEST(seen.status == 404, target);
    BOOST_TEST(!holds(seen.body, "m.jsonl"), seen.body);
  }
  for (const auto* host : {"127.0.0.1", "anything.example"}) { // by whatever name the machine is known there
    BOOST_TEST(http_get(port, "/" + secret + "/", host).status == 200);
    BOOST_TEST(http_get(port, "/" + secret + "/metrics", host).status == 200);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
