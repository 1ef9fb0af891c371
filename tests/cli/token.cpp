// Where the token goes, and what becomes of a run whose token is renewed.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/peers.hpp"
#include "cli/support.hpp"

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

template <class Condition>
bool wait_until(Condition reached) {
  for (int i = 0; i < 10'000 && !reached(); ++i)
    std::this_thread::sleep_for(2ms); // another process or thread does it
  return reached();
}

void write_token(const std::string& path, const std::string& content) {
  write_file(path, content);
  ::chmod(path.c_str(), 0600);
}

/// A service whose good token can be changed while it runs, with a program that submits to it.
struct rotating {
  explicit rotating(std::string first = "mc_test_first-canary") : good(std::move(first)) {
    write_file(dir / "peer.pem", peer.ca_pem());
    write_token(file, good + "\n");
    environment["XDG_STATE_HOME"] = dir / "state";
  }

  void revoke_for(const std::string& next) {
    const std::lock_guard lock(mutex);
    good = next;
  }
  [[nodiscard]] std::unique_ptr<mcbatch_process> submit(const std::string& manifest, strings more) const {
    strings command{"submit",        manifest,    "--token-file",   file,        "--base-url",
                    peer.base_url(), "--ca-file", dir / "peer.pem", "--summary", "json"};
    command.insert(command.end(), more.begin(), more.end());
    return std::make_unique<mcbatch_process>(std::move(command), environment);
  }
  [[nodiscard]] std::string manifest(std::size_t first, std::size_t last) const {
    const auto path = dir / (std::to_string(first) + ".jsonl");
    write_file(path, entries(first, last));
    return path;
  }

  temp_dir dir;
  std::string file = dir / "token";
  mcbatch_process::variables environment;
  std::mutex mutex;
  std::string good;
  std::atomic<int> accepted = 0, refused = 0;
  std::atomic<int> latency_ms = 0;
  tls_peer peer{[this](const std::string& request) {
    std::this_thread::sleep_for(std::chrono::milliseconds(latency_ms));
    const std::lock_guard lock(mutex);
    if (request.find("Authorization: Bearer " + good + "\r\n") == std::string::npos) {
      ++refused;
      return http_answer("401 Unauthorized", R"({"error":"unauthorized","message":"Invalid or expired API token"})");
    }
    return http_answer("201 Created", "{\"id\":\"job_" + std::to_string(++accepted) + "\"}");
  }};
};

BOOST_AUTO_TEST_SUITE(cli_token)

/// By `mv`, with many requests in flight that all come back with 401.
BOOST_AUTO_TEST_CASE(a_token_that_is_renewed_by_mv_does_not_stop_the_run) {
  rotating r;
  r.latency_ms = 20;
  const auto p = r.submit(r.manifest(0, 120), {"--limit", "100000/1s", "--max-in-flight", "8"});
  BOOST_TEST_REQUIRE(wait_until([&] { return r.accepted >= 20; }));
  write_token(r.dir / "next", "mc_test_second-canary\n");
  std::filesystem::rename(r.dir / "next", r.file);
  r.revoke_for("mc_test_second-canary");
  const auto e = p->wait();
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(e.json()["jobs"]["submitted"] == 120);
  BOOST_TEST(e.json()["requests"]["by_status"]["401"] == r.refused.load());
  BOOST_TEST(r.refused >= 1);
  BOOST_TEST(r.refused <= 24); // those of the old token, and no others
  BOOST_TEST((e.out + e.err).find("canary") == std::string::npos);
}

/// By `command > file`: the file is empty until the command has fetched the token, and half of it may be there first.
BOOST_AUTO_TEST_CASE(a_token_file_that_is_just_being_written_does_not_stop_the_run) {
  rotating r;
  r.latency_ms = 5;
  const auto p = r.submit(r.manifest(0, 100), {"--limit", "100000/1s", "--max-in-flight", "4"});
  BOOST_TEST_REQUIRE(wait_until([&] { return r.accepted >= 10; }));
  write_token(r.file, "");
  r.revoke_for("mc_test_second-canary");
  BOOST_TEST_REQUIRE(wait_until([&] { return r.refused >= 1; }));
  write_token(r.file, "mc_test_sec");
  const int before = r.refused;
  BOOST_TEST_REQUIRE(wait_until([&] { return r.refused > before; })); // the half was tried
  write_token(r.file, "mc_test_second-canary\n");
  const auto e = p->wait();
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(e.json()["jobs"]["submitted"] == 100);
  BOOST_TEST(r.refused <= 24); // nothing goes out while it is known to be no good
}

BOOST_AUTO_TEST_CASE(a_token_that_stays_refused_stops_the_run) {
  rotating r;
  r.revoke_for("mc_test_other");
  const auto unchanged = r.submit(r.manifest(0, 5), {"--limit", "1000/1s"})->wait();
  BOOST_TEST(unchanged.code == 77, unchanged.err);
  BOOST_TEST(unchanged.json()["stop_reason"] == "unauthorized");
  BOOST_TEST(unchanged.json()["jobs"]["pending"] == 5);
  BOOST_TEST(r.refused == 1); // one goes first

  // What was read at the start is refused, and by then there is nothing to take its place.
  r.latency_ms = 1000;
  const auto p = r.submit(r.manifest(5, 10), {"--limit", "1000/1s"});
  BOOST_TEST_REQUIRE(wait_until([&] { return r.peer.requests() >= 2; }));
  write_token(r.file, "");
  const auto emptied = p->wait();
  BOOST_TEST(emptied.code == 77, emptied.err);
  BOOST_TEST(emptied.json()["jobs"]["pending"] == 5);
  BOOST_TEST(emptied.err.find("it is empty") != std::string::npos, emptied.err);
}

BOOST_AUTO_TEST_CASE(a_hangup_while_the_file_is_empty_keeps_the_token) {
  rotating r;
  r.latency_ms = 10;
  const auto p = r.submit(r.manifest(0, 60), {"--limit", "100000/1s", "--max-in-flight", "1"});
  BOOST_TEST_REQUIRE(wait_until([&] { return r.accepted >= 5; }));
  write_token(r.file, "");
  p->signal(SIGHUP);
  const auto e = p->wait();
  BOOST_TEST(e.code == 0, e.err);
  BOOST_TEST(e.err.find("The token in use is kept") != std::string::npos, e.err);
}

/// The file that remembers what was spent is named by the token. What was spent under the old one still counts: in the
/// run that saw the change, and in the next.
BOOST_AUTO_TEST_CASE(a_renewed_token_does_not_forget_what_was_spent) {
  rotating r;
  r.latency_ms = 20;
  const strings limit{"--limit", "30/1h", "--max-in-flight", "1", "--max-duration", "3s"};
  const auto p = r.submit(r.manifest(0, 20), limit);
  BOOST_TEST_REQUIRE(wait_until([&] { return r.accepted >= 10; }));
  write_token(r.file, "mc_test_second-canary\n");
  p->signal(SIGHUP);
  r.revoke_for("mc_test_second-canary");
  const auto first = p->wait();
  BOOST_TEST(first.code == 0, first.err);
  const auto second = r.submit(r.manifest(20, 60), limit)->wait();
  BOOST_TEST(second.code == 75, second.err);
  BOOST_TEST(r.accepted + r.refused > 20);
  BOOST_TEST(r.accepted + r.refused <= 30);
  // By the new token from the start, and by a rotation of that.
  const auto third = r.submit(r.manifest(60, 80), {"--limit", "30/1h", "--max-duration", "500ms"})->wait();
  BOOST_TEST(third.code == 75, third.err);
  BOOST_TEST(r.accepted + r.refused <= 30);
}

/// A pipe gives its token once: nothing waits for more of it.
BOOST_AUTO_TEST_CASE(a_token_from_a_pipe_is_taken_and_not_waited_for_again) {
  rotating r;
  const auto command = "exec " MCBATCH_PROGRAM " submit " + r.manifest(0, 3) +
                       " --limit 1000/1s --summary json --base-url " + r.peer.base_url() + " --ca-file " +
                       r.dir / "peer.pem" + " --token-file <(cat " + r.file + ")";
  const auto taken = mcbatch_process::shell(command, r.environment).wait();
  BOOST_TEST(taken.code == 0, taken.err);
  r.revoke_for("mc_test_other");
  std::filesystem::remove(r.dir / "0.jsonl.ledger");
  const auto refused = mcbatch_process::shell(command, r.environment).wait();
  BOOST_TEST(refused.code == 77, refused.err);
}

// Where it goes

/// A service that says where else to go is not followed, by no call.
BOOST_AUTO_TEST_CASE(the_token_stays_with_its_origin) {
  const tls_peer elsewhere([](const std::string&) { return http_answer("201 Created", R"({"id":"j"})"); });
  for (const auto* status : {"301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"}) {
    rotating r;
    const tls_peer redirecting(
        [&](const std::string&) { return http_answer(status, "", "Location: " + elsewhere.base_url() + "\r\n"); });
    write_file(r.dir / "ca.pem", redirecting.ca_pem() + elsewhere.ca_pem());
    for (const auto& command : {strings{"submit", r.manifest(0, 3), "--summary", "json"}, strings{"account"}}) {
      auto whole = command;
      whole.insert(whole.end(),
                   {"--token-file", r.file, "--base-url", redirecting.base_url(), "--ca-file", r.dir / "ca.pem"});
      const auto e = mcbatch_process(whole, r.environment).wait();
      BOOST_TEST(e.code == 69, e.err);
      if (command.front() == "submit") BOOST_TEST(e.json()["stop_reason"] == "redirected");
    }
    BOOST_TEST(redirecting.requests() == 2);
  }
  BOOST_TEST(elsewhere.connections() == 0);
}

BOOST_AUTO_TEST_CASE(a_proxy_hears_nothing_but_tls) {
  rotating r;
  proxy_peer proxy("HTTP/1.1 200 Established\r\nX-Echo: none\r\n\r\n", r.peer.port());
  r.environment["HTTPS_PROXY"] = "http://me:pr0xycanary@127.0.0.1:" + proxy.port();
  const auto e = r.submit(r.manifest(0, 3), {"--limit", "1000/1s", "--log-level", "debug"})->wait();
  BOOST_TEST(e.code == 0, e.err);
  const auto heard = proxy.heard();
  BOOST_TEST(heard.starts_with("CONNECT 127.0.0.1:" + r.peer.port()));
  BOOST_TEST(heard.find("Proxy-Authorization: Basic ") != std::string::npos); // the proxy's own, and nobody else's
  for (const auto* secret : {"canary", "Bearer", "conversion_jobs", "in.example.com"})
    BOOST_TEST(heard.find(secret) == std::string::npos, secret);
  BOOST_TEST((e.out + e.err).find("pr0xycanary") == std::string::npos);
}

/// The version that a TLS client finds that takes any.
std::string spoken_version(const std::string& port) {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  std::string version = "none";
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
    SSL_set_fd(ssl.get(), socket);
    if (SSL_connect(ssl.get()) == 1) version = SSL_get_version(ssl.get());
  }
  ::close(socket);
  return version;
}

BOOST_AUTO_TEST_CASE(what_is_older_than_tls_1_2_is_refused) {
  const auto answer = [](const std::string&) { return http_answer("201 Created", R"({"id":"j"})"); };
  struct row {
    int newest;
    const char* name;
    int code;
  };
  for (const auto& [newest, name, code] :
       {row{TLS1_1_VERSION, "TLSv1.1", 69}, row{TLS1_2_VERSION, "TLSv1.2", 0}, row{TLS1_3_VERSION, "TLSv1.3", 0}}) {
    BOOST_TEST_CONTEXT(name) {
      rotating r;
      const tls_peer old(answer, {newest});
      BOOST_TEST(spoken_version(old.port()) == name);
      write_file(r.dir / "old.pem", old.ca_pem());
      const auto e = mcbatch_process({"submit", r.manifest(0, 3), "--token-file", r.file, "--base-url", old.base_url(),
                                      "--ca-file", r.dir / "old.pem", "--max-outage", "300ms", "--summary", "json"},
                                     r.environment)
                         .wait();
      BOOST_TEST(e.code == code, e.err);
      BOOST_TEST(e.json()["jobs"][code == 0 ? "submitted" : "pending"] == 3);
      BOOST_TEST(e.json()["stop_reason"] == (code == 0 ? "done" : "outage"));
      if (code != 0)
        BOOST_TEST(e.json()["problem"].get<std::string>().find("TLS handshake") != std::string::npos, e.out);
      BOOST_TEST(old.requests() == (code == 0 ? 3 : 0));
    }
  }
}

/// A server that asks for another handshake in the middle gets none: the exchange goes on, or ends in doubt.
BOOST_AUTO_TEST_CASE(renegotiation_is_declined) {
  const tls_peer asking([](const std::string&) { return http_answer("201 Created", R"({"id":"j"})"); },
                        {.asks_to_renegotiate = true});
  rotating r;
  write_file(r.dir / "asking.pem", asking.ca_pem());
  const auto e = mcbatch_process({"submit", r.manifest(0, 4), "--token-file", r.file, "--base-url", asking.base_url(),
                                  "--ca-file", r.dir / "asking.pem", "--timeout", "20s", "--max-in-flight", "1",
                                  "--limit", "1000/1s", "--summary", "json"},
                                 r.environment)
                     .wait();
  BOOST_TEST((e.code == 0 || e.code == 1), e.err);
  const auto jobs = e.json()["jobs"];
  BOOST_TEST(jobs["submitted"].get<int>() + jobs["in_doubt"].get<int>() == 4);
  BOOST_TEST(jobs["submitted"].get<int>() >= 1);
  BOOST_TEST(e.json()["elapsed_s"].get<double>() < 15);
  BOOST_TEST(asking.asked_again() >= 1);
  BOOST_TEST(asking.declined() >= 1);
  BOOST_TEST(asking.hellos() == asking.connections());
}

// What else could tell it

/// The program, reading an input that does not end, as some user, and with leave to dump core.
class reading_process {
public:
  explicit reading_process(const temp_dir& dir) {
    const auto program = dir / "mcbatch";
    std::filesystem::copy_file(MCBATCH_PROGRAM, program);
    std::filesystem::permissions(dir.path(), std::filesystem::perms(0777));
    int ends[2];
    BOOST_TEST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    input_ = ends[1];
    pid_ = ::fork();
    if (pid_ == 0) {
      const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
      const bool ready = ::dup2(ends[0], STDIN_FILENO) >= 0 && ::chdir(dir.path().c_str()) == 0 &&
                         (::setrlimit(RLIMIT_CORE, &unlimited) == 0 || true) &&
                         (::geteuid() != 0 || ::setresuid(nobody, nobody, nobody) == 0) &&
                         // Where a sanitizer is built in, it is not to take the signals.
                         ::setenv("ASAN_OPTIONS", "handle_segv=0:handle_abort=0", 1) == 0 &&
                         ::setenv("TSAN_OPTIONS", "handle_segv=0:handle_abort=0", 1) == 0;
      if (ready) ::execl(program.c_str(), "mcbatch", "check", "-", nullptr);
      ::_exit(127);
    }
    ::close(ends[0]);
  }
  reading_process(const reading_process&) = delete;
  reading_process& operator=(const reading_process&) = delete;
  ~reading_process() {
    ::close(input_);
    end(SIGKILL);
  }

  /// How it ended, as waitpid has it.
  int end(int signal) {
    int status = 0;
    if (pid_ <= 0) return status;
    ::kill(pid_, signal);
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return status;
  }
  [[nodiscard]] std::string proc(const std::string& name) const { return "/proc/" + std::to_string(pid_) + "/" + name; }
  [[nodiscard]] uid_t owner_of(const std::string& name) const {
    struct stat facts {};
    return ::stat(proc(name).c_str(), &facts) == 0 ? facts.st_uid : uid_t(-1);
  }

private:
  static constexpr uid_t nobody = 65534;
  pid_t pid_ = -1;
  int input_ = -1;
};

/// What /proc tells of a process is its user's, unless it may not be dumped: then it is root's.
BOOST_AUTO_TEST_CASE(a_process_leaves_no_core_and_is_closed_to_others) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGQUIT}) {
    const temp_dir dir;
    reading_process p(dir);
    const auto has_no_core = [&] { // soft and hard
      const auto limits = read_file(p.proc("limits"));
      const auto core = limits.substr(std::min(limits.find("Max core file size"), limits.size()), 60);
      return std::count(core.begin(), core.end(), '0') == 2;
    };
    BOOST_TEST_REQUIRE(wait_until(has_no_core));
    BOOST_TEST(wait_until([&] { return p.owner_of("environ") == 0; }), "others of the user can read it");
    for (const auto* name : {"mem", "maps", "fd"})
      BOOST_TEST(p.owner_of(name) == 0U, name);
    const auto status = p.end(signal);
    BOOST_TEST((WIFSIGNALED(status) && WTERMSIG(status) == signal));
    BOOST_TEST(!WCOREDUMP(status));
    for (const auto& file : std::filesystem::directory_iterator(dir.path()))
      BOOST_TEST(file.path().filename() == "mcbatch");
  }
}

BOOST_AUTO_TEST_CASE(the_process_listing_holds_no_secret) {
  rotating r;
  r.latency_ms = 300;
  proxy_peer proxy("HTTP/1.1 200 Established\r\n\r\n", r.peer.port());
  r.environment["HTTPS_PROXY"] = "http://me:pr0xycanary@127.0.0.1:" + proxy.port();
  // The shell becomes the program, and tells its number first.
  const auto command = "echo $$; exec " MCBATCH_PROGRAM " submit " + r.manifest(0, 20) +
                       " --limit 1000/1s --token-file " + r.file + " --base-url " + r.peer.base_url() + " --ca-file " +
                       r.dir / "peer.pem";
  auto p = mcbatch_process::shell(command, r.environment);
  BOOST_TEST_REQUIRE(wait_until([&] { return r.peer.requests() >= 1; }));
  const auto pid = std::stoi(p.output_so_far());
  int threads = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    for (const auto* name : {"cmdline", "comm", "stat", "status"}) {
      const auto text = read_file(task.path() / name);
      BOOST_TEST(!text.empty());
      BOOST_TEST(text.find("canary") == std::string::npos, name);
    }
    const auto children = read_file(task.path() / "children");
    BOOST_TEST(children.empty(), "it has children: " << children);
    ++threads;
  }
  BOOST_TEST(threads >= 2);
  p.signal(SIGKILL);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
