// Secrets are planted wherever they may stand, and everything that the program leaves is searched for them; and for
// what would act on a terminal.
#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include "cli/peers.hpp"
#include "cli/support.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <thread>

#include <sqlite3.h>
#include <sys/stat.h>

namespace mcbatch::tests {
namespace {

using namespace std::chrono_literals;
using strings = std::vector<std::string>;

constexpr std::string_view signature = "5e11ca11ab1e5e11ca11ab1e";
constexpr std::string_view token_part = "canary-token";
constexpr std::string_view url_password = "pa55canary";
constexpr std::string_view session_token = "FwoGcanarySession";
constexpr std::string_view proxy_password = "pr0xycanary";
constexpr std::array canaries{token_part, signature, url_password, session_token, proxy_password};

/// What a hostile name or message is made of: ESC, BEL, C1, DEL, a bidi override, a line separator.
const std::string acting = "\x1b[31m\x1b]0;owned\x07\xc2\x9b"
                           "31m\x7f\xe2\x80\xae\xe2\x80\xa8";
/// And as JSON has it.
const std::string acting_json = R"(\u001b[31m\u001b]0;owned\u0007\u009b31m\u007f\u202e\u2028\r\n)";

std::string presigned(const std::string& url) {
  return url +
         "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20990101T000000Z&X-Amz-Expires=604800&X-Amz-Credential=AKIA&X-"
         "Amz-Security-Token=" +
         std::string(session_token) + "&X-Amz-SignedHeaders=host&X-Amz-Signature=" + std::string(signature);
}

std::string signed_entry(int n, const std::string& input) {
  return R"({"job_type":"video","input_format":"mov","output_format":"mp4","input_url":")" + presigned(input) +
         R"(","output_url":")" +
         presigned("https://me:" + std::string(url_password) + "@out.example.com/" + std::to_string(n)) + "\"}\n";
}

std::string signed_entry(int n) {
  return signed_entry(n, "https://in.example.com/" + std::to_string(n));
}

/// Where in `text` something stands that a terminal would act upon; a line end is none.
std::size_t find_acting(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    const bool c1 = byte == 0xc2 && next >= 0x80 && next < 0xa0;
    const bool mark = text.compare(i, 2, "\xe2\x80") == 0 && i + 2 < text.size() &&
                      static_cast<unsigned char>(text[i + 2]) >= 0xa8 &&
                      static_cast<unsigned char>(text[i + 2]) <= 0xae;
    if ((byte < 0x20 && byte != '\n') || byte == 0x7f || c1 || mark) return i;
  }
  return std::string::npos;
}

/// What stands around a place in a text, for the message of a test.
std::string around(const std::string& text, std::size_t at) {
  if (at == std::string::npos) return {};
  return text.substr(std::max<std::size_t>(at, 200) - 200, 300);
}

void expect_secretless(const std::string& where, const std::string& text) {
  for (const auto canary : canaries) {
    const auto at = text.find(canary);
    BOOST_TEST(at == std::string::npos, canary << " is in " << where << ": " << around(text, at));
  }
}

/// Neither a secret, nor what acts on a terminal.
void expect_clean(const std::string& where, const std::string& text) {
  expect_secretless(where, text);
  const auto at = find_acting(text);
  BOOST_TEST(at == std::string::npos, where << " has a raw control at " << at << ": " << around(text, at));
}

/// Every table and column of the ledger but that of the bodies.
std::string ledger_but_bodies(const std::string& path) {
  std::string all;
  const auto keep = [](void* to, int columns, char** values, char** names) {
    for (int i = 0; i < columns; ++i)
      if (values[i] != nullptr)
        static_cast<std::string*>(to)->append(names[i]).append("=").append(values[i]).append("\n");
    return 0;
  };
  sqlite3* db = nullptr;
  BOOST_TEST_REQUIRE(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  std::string names;
  const auto name = [](void* to, int, char** values, char**) {
    static_cast<std::string*>(to)->append(values[0]).append("\n");
    return 0;
  };
  sqlite3_exec(
      db, "SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table'",
      name, &names, nullptr);
  int columns = 0;
  for (std::size_t at = 0; at < names.size(); at = names.find('\n', at) + 1) {
    const auto column = names.substr(at, names.find('\n', at) - at);
    if (column == "entries.body") continue;
    const auto dot = column.find('.');
    const auto sql =
        "SELECT CAST(" + column.substr(dot + 1) + " AS TEXT) AS \"" + column + "\" FROM " + column.substr(0, dot);
    BOOST_TEST_REQUIRE(sqlite3_exec(db, sql.c_str(), keep, &all, nullptr) == SQLITE_OK, sql);
    ++columns;
  }
  sqlite3_close(db);
  BOOST_TEST(columns > 25); // else the schema was not found
  return all;
}

/// All that commands tell of a ledger, and all files in its folder.
void expect_clean_ledger(const world& w, const std::string& ledger, const std::vector<strings>& commands) {
  for (auto command : commands) {
    command.insert(command.begin() + 1, ledger);
    const auto run = w.run(command);
    BOOST_TEST(run.code == 0, run.err);
    auto text = run.out + run.err;
    std::erase(text, '\r'); // CSV's line ends
    expect_clean(command.front() + " " + command.back(), text);
  }
  expect_secretless("the ledger", ledger_but_bodies(ledger));
  for (const auto& file : std::filesystem::recursive_directory_iterator(w.dir.path())) {
    const auto path = file.path().string();
    if (!file.is_regular_file() || path.ends_with(".jsonl")) continue;
    const auto content = read_file(path);
    BOOST_TEST(content.find(token_part) == std::string::npos, "the token is in " << path);
    if (path.find(".ledger") != std::string::npos) continue; // bodies lie there
    path.find("/state/") == std::string::npos ? expect_clean(path, content) : expect_secretless(path, content);
  }
}

/// The program against a peer of the test's.
struct against {
  explicit against(const tls_peer& p) : peer(p) { write_file(w.dir / "peer.pem", p.ca_pem()); }

  [[nodiscard]] strings with_peer(strings command) const {
    for (const auto& a : {std::string("--base-url"), peer.base_url(), std::string("--ca-file"), w.dir / "peer.pem"})
      command.push_back(a);
    return command;
  }
  [[nodiscard]] ended run(strings command) const {
    return mcbatch_process(with_peer(std::move(command)), w.environment).wait();
  }

  const tls_peer& peer;
  world w;
};

struct hostile_answer {
  const char* name;
  const char* status;
  std::string body;
  std::string fields = {};
  const char* state = "rejected"; ///< of the job
};

/// What a service may say that knows no better than to tell back what it was told.
std::vector<hostile_answer> hostile_answers() {
  const std::string token = world::token;
  const auto url = presigned("https://me:" + std::string(url_password) + "@in.example.com/0");
  const std::string bare(signature);
  const auto says = [](const std::string& error, const std::string& message) {
    return R"({"error":")" + error + R"(","message":")" + message + "\"}";
  };
  std::string in_html = url;
  for (auto at = in_html.find('&'); at != std::string::npos; at = in_html.find('&', at + 1))
    in_html.replace(at, 1, "&amp;");
  return {
      {"a message", "422 No", says("bad " + token, acting_json + "Bearer " + token + " cannot read " + url)},
      {"a bare signature", "422 No",
       says("signature " + bare, "got '" + bare + "', expected another; query was X-Amz-Security-Token=" +
                                     std::string(session_token) + "&X-Amz-Signature=" + bare)},
      {"an XML within", "400 No", says("S3", "<Error><SignatureProvided>" + bare + "</SignatureProvided></Error>")},
      {"HTML", "200 OK", "<html>" + acting + "<a href=\"" + in_html + "\">" + token + "</a></html>", {}, "in_doubt"},
      {"no id",
       "201 Created",
       R"({"input_url":")" + url + R"(","output_url":")" + url + R"(","token":")" + token + "\"}",
       {},
       "in_doubt"},
      {"an id",
       "201 Created",
       R"({"id":"job_)" + acting_json + token + R"(","status":")" + url + "\"}",
       {},
       "submitted"},
      {"Location", "307 Elsewhere", "", "Location: " + url + "&token=" + token + "\r\n", "pending"},
      {"401", "401 No", says("unauthorized", token + " is no good"), {}, "pending"},
      {"402", "402 No", says("payment", acting_json + token + " pays nothing for " + url), {}, "pending"},
      {"403", "403 No", says("forbidden", token + " may not " + url), {}, "rejected"},
      {"500", "500 Oops", says("oops", "at " + url + " with " + token + acting_json), {}, "in_doubt"},
      {"503", "503 Later", says("later", "at " + url + " with " + token), {}, "pending"},
      {"a header", "404 No", says("no", "no"), "X-Echo: " + token + " " + url + "\r\n"},
      {"a broken header", "404 No", "", "Bearer " + token + " " + url + "\r\n", "in_doubt"},
      {"a cut body", "422 No", "{\"error\":\"" + token + url, {}},
      {"no UTF-8", "422 No", "{\"error\":\"e\",\"message\":\"\xff" + token + "\"}"},
  };
}

BOOST_AUTO_TEST_SUITE(cli_secrets)

/// Hostile answers, by every format of log, summary and export.
BOOST_AUTO_TEST_CASE(what_the_service_tells_back_is_shown_nowhere) {
  hostile_answer current;
  std::mutex mutex; // the test writes `current`, the peer's threads read it
  const tls_peer peer([&](const std::string&) {
    const std::lock_guard lock(mutex);
    return http_answer(current.status, current.body, current.fields);
  });
  const against hostile(peer);
  int number = 0;
  for (const auto& answer : hostile_answers()) {
    BOOST_TEST_CONTEXT(answer.name) {
      {
        const std::lock_guard lock(mutex);
        current = answer;
      }
      for (const bool as_json : {false, true}) {
        const auto format = as_json ? "json" : "text";
        const auto manifest = hostile.w.dir / std::to_string(++number) + ".jsonl";
        write_file(manifest, signed_entry(number));
        // A 503 is tried again until the time is over.
        strings command{"submit",    manifest,      "--limit",    "1000000/1s",   "--max-duration",
                        "700ms",     "--log-level", "debug",      "--log-format", format,
                        "--summary", format,        "--progress", "plain"};
        const strings files{"--metrics-file", hostile.w.dir / "metrics", "--summary-file", hostile.w.dir / "summary",
                            "--log-file",     hostile.w.dir / "log"};
        if (number % 4 >= 2) command.insert(command.end(), files.begin(), files.end());
        const auto run = hostile.run(command);
        BOOST_TEST((run.code == 0 || run.code == 1 || run.code == 69 || run.code == 75 || run.code == 77),
                   run.code << run.err);
        expect_clean("standard output", run.out);
        expect_clean("standard error", run.err);
        expect_clean_ledger(hostile.w, manifest + ".ledger", {{"export", "--format", as_json ? "jsonl" : "csv"}});
        const auto states = hostile.w.run({"status", manifest + ".ledger", "--json"}).json()["jobs"];
        BOOST_TEST(states[answer.state] == 1, states);
      }
    }
  }
  BOOST_TEST(read_file(hostile.w.dir / "log").find("debug") != std::string::npos); // it was written

  const std::string me = R"({"id":"7)" + acting_json + R"(","name":"key )" + std::string(world::token) +
                         R"(","email":")" + presigned("https://a") + "\"}";
  for (const auto& answer :
       {http_answer("200 OK", me), http_answer("401 No", me),
        http_answer("403 No", R"({"message":")" + std::string(world::token) + acting_json + "\"}"),
        http_answer("500 No", me),
        http_answer("307 No", "", "Location: " + presigned("https://a/" + std::string(world::token)) + "\r\n")}) {
    const tls_peer account_peer([&](const std::string&) { return answer; });
    const against asked(account_peer);
    for (const auto& more : {strings{}, strings{"--json"}, strings{"--log-level", "debug", "--log-format", "json"}}) {
      strings command{"account"};
      command.insert(command.end(), more.begin(), more.end());
      const auto run = asked.run(command);
      expect_clean("account", run.out + run.err);
    }
  }
}

/// The service is as it should be; what is hostile is the manifest: its problems, and its name.
BOOST_AUTO_TEST_CASE(manifests_and_names_are_shown_without_what_is_secret_or_acts) {
  const world w({.faults = "422@1,drop@2"});
  const auto manifest = w.dir / ("m" + acting + "\n=cmd.jsonl");
  std::string text;
  for (int n = 0; n < 3; ++n)
    text += signed_entry(n);
  text += signed_entry(3, "ftp://in.example.com/wrong-scheme");
  text += signed_entry(4, "https://in.example.com/has a space");
  text += signed_entry(5, "https:/in.example.com/one-slash");
  text += R"({"job_type":"video","input_url":"X-Amz-Signature=)" + std::string(signature) + "\"}\n";
  text += R"({"job_type":")" + acting_json + R"(","input_url":")" + acting_json + R"(","input_url":"x"})" + "\n";
  text += R"({"input_url":"https://in.example.com/)" + acting_json + R"(","input_size_bytes":")" +
          presigned("https://x") + "\"}\n";
  text += "{ " + presigned("https://no.json") + "\n";
  write_file(manifest, text);
  const strings submit{"submit", manifest,      "--limit", "1000000/1s", "--max-in-flight",
                       "1",      "--log-level", "debug",   "--progress", "bar"};
  for (const auto* format : {"text", "json"}) {
    auto command = submit;
    command.insert(command.end(), {"--log-format", format, "--summary", format});
    const auto run = w.run(command);
    BOOST_TEST(run.code == 1, run.err);
    auto err = run.err;
    for (auto at = err.find("\r\x1b[K"); at != std::string::npos; at = err.find("\r\x1b[K"))
      err.erase(at, 4); // the bar's own
    expect_clean("standard error", err);
    expect_clean("standard output", run.out);
  }
  for (const auto& command : {strings{"check", manifest},
                              {"check", manifest, "--json"},
                              {"check", w.dir / ("no" + acting)},
                              {"status", w.dir / ("no" + acting)},
                              {"export", w.dir / ("no" + acting)},
                              {"submit", w.dir / ("no" + acting)},
                              {"frob" + acting}}) {
    const auto run = w.run(command);
    BOOST_TEST(run.code != 0);
    expect_clean(command.front(), run.out + run.err);
    BOOST_TEST((run.out + run.err).size() > 20);
  }
  expect_clean_ledger(w, manifest + ".ledger",
                      {{"export"},
                       {"export", "--format", "csv"},
                       {"status"},
                       {"status", "--json"},
                       {"retry", "--key", std::string(32, '0')}});
  // The one output that is to hold them.
  BOOST_TEST(w.run({"export", manifest + ".ledger", "--as-manifest"}).out.find(signature) != std::string::npos);
}

/// A command that fails says why without what it was given in confidence, or by mistake.
BOOST_AUTO_TEST_CASE(failing_commands_quote_no_secret) {
  world w;
  write_file(w.manifest(), signed_entry(0));
  const std::string token = world::token;
  const auto private_file = [&](const std::string& name, const std::string& content, mode_t mode = 0600) {
    write_file(w.dir / name, content);
    ::chmod((w.dir / name).c_str(), mode);
    return w.dir / name;
  };
  const auto good = private_file("token", token + "\n");
  const auto crlf = private_file("crlf", token + "\rX-Evil: 1\n");
  const auto nul = private_file("nul", token + std::string(1, '\0') + "\n");
  const auto open = private_file("open", token + "\n", 0644);
  const std::string echo = "\r\nX-Echo: " + std::string(proxy_password) + "\r\n\r\n" + acting;
  const proxy_peer refusing("HTTP/1.1 403 " + std::string(proxy_password) + echo, "1");
  const proxy_peer asking(
      "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"" + std::string(proxy_password) + '"' + echo, "1");
  const proxy_peer babbling(acting + std::string(proxy_password), "1");
  const auto by_proxy = [](const std::string& port) {
    return "http://me:" + std::string(proxy_password) + "@127.0.0.1:" + port;
  };

  struct row {
    strings command;
    int code;
    mcbatch_process::variables more = {};
    const char* says = "";
  };
  const auto submit = [&](strings more) {
    strings command{"submit", w.manifest(), "--max-outage", "100ms"};
    command.insert(command.end(), more.begin(), more.end());
    return command;
  };
  const row rows[] = {
      {submit({"--token", token}), 64},
      {submit({"--token=" + token}), 64},
      {submit({"--no-such=" + token}), 64},
      {submit({"--timeout", token}), 64},
      {submit({"--log-level", token}), 64},
      {submit({"--env", token}), 64},
      {submit({"--tier", token}), 64},
      {submit({"--limit", token}), 64},
      {submit({"--token-env", token}), 78},
      {submit({"--token-file", token}), 78},
      {submit({"--token-file", crlf}), 78, {}, "control character"},
      {submit({"--token-file", nul}), 78, {}, "control character"},
      {submit({"--token-file", open}), 78, {}, "chmod 600"},
      {submit({"--token-file", w.dir.path().string()}), 78, {}, "is a directory"},
      {submit({}), 78, {{"MEDIACONVERT_API_TOKEN", token + "\r\nX-Evil: 1"}}, "control character"},
      {submit({}), 78, {{"MEDIACONVERT_API_TOKEN", token + "\n"}}, "control character"},
      {submit({"--ca-file", good}), 78, {}, "no certificate"},
      {submit({"--base-url", "http://127.0.0.1:1/"}), 78, {}, "only https"},
      {submit({}), 78, {{"MEDIACONVERT_BASE_URL", "http://127.0.0.1:1/"}}, "only https"},
      {submit({"--base-url", "https://me:" + std::string(url_password) + "@127.0.0.1:1/"}), 78, {}, "user name"},
      {submit({}),
       78,
       {{"MEDIACONVERT_BASE_URL", "https://" + std::string(url_password) + "@127.0.0.1:1/"}},
       "user name"},
      {submit({"--base-url", "https://127.0.0.1:1/?" + token}), 78, {}, "query"},
      {submit({"--base-url", "https://127.0.0.1:1/" + acting}), 78, {}, "percent-encoded"},
      {submit({}), 78, {{"HTTPS_PROXY", "socks5://me:" + std::string(proxy_password) + "@127.0.0.1:1"}}, "HTTPS_PROXY"},
      {submit({}), 78, {{"https_proxy", "http://me:" + std::string(proxy_password) + "@:x"}}, "https_proxy"},
      {submit({}), 69, {{"HTTPS_PROXY", by_proxy("1")}}, "127.0.0.1:1"},
      {submit({}), 69, {{"HTTPS_PROXY", by_proxy(refusing.port())}}, "403"},
      {submit({}), 69, {{"HTTPS_PROXY", by_proxy(asking.port())}}, "407"},
      {submit({}), 69, {{"HTTPS_PROXY", by_proxy(babbling.port())}}, "HTTP"},
      {{"account", "--token", token}, 64},
      {{"account"}, 69, {{"HTTPS_PROXY", by_proxy(refusing.port())}}},
      {{"submit", good, "--ledger", w.dir / "l"}, 65}, // whoever confuses the two
      {{"check", good}, 65},
      {{"status", good}, 66},
      {{"retry", good, "--rejected"}, 74},
      {{"retry", w.ledger(), "--key", token}, 64},
      {{"export", w.ledger(), "--state", token}, 64},
      {{"submit", token}, 66},
      {{token}, 64},
  };
  for (const auto& r : rows) {
    auto environment = w.environment;
    for (const auto& [name, value] : r.more)
      environment[name] = value;
    const auto run = mcbatch_process(r.command, environment).wait();
    const auto what = r.command.front() + " " + r.command.back();
    BOOST_TEST(run.code == r.code, what << ": " << run.code << " " << run.err);
    expect_clean(what, run.out + run.err);
    BOOST_TEST((run.out + run.err).find(r.says) != std::string::npos,
               what << " does not say " << r.says << ": " << run.out);
    BOOST_TEST((run.out + run.err).find("Evil") == std::string::npos);
  }
}

/// Files that hold bodies or tell of them can be read by their owner alone, whatever the umask says.
BOOST_AUTO_TEST_CASE(files_are_their_owners_alone) {
  const world w({.faults = "hang@2"});
  write_file(w.manifest(), signed_entry(0) + signed_entry(1));
  const auto command = [&](const std::string& arguments) { return "umask 0; exec " MCBATCH_PROGRAM " " + arguments; };
  const auto expect_private = [](const std::string& path) {
    struct stat facts {};
    BOOST_TEST(::stat(path.c_str(), &facts) == 0, path);
    BOOST_TEST((facts.st_mode & 0777) == 0600U, path << " has mode " << std::oct << (facts.st_mode & 0777));
  };
  {
    auto p = mcbatch_process::shell(command("submit " + w.manifest() +
                                            " --limit 1000/1s --max-in-flight 1 --log-file " + w.dir / "log" +
                                            " --base-url " + w.server().base_url() + " --ca-file " + w.dir / "ca.pem"),
                                    w.environment);
    while (w.server().accepted() < 2) // the second hangs: the run stands, its files with it
      std::this_thread::sleep_for(5ms);
    for (const auto* suffix : {"", "-wal", "-shm", ".lock"})
      expect_private(w.ledger() + suffix);
    expect_private(w.dir / "log");
    int state_files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(w.dir / "state"))
      if (file.is_regular_file()) {
        expect_private(file.path().string());
        ++state_files;
      }
    BOOST_TEST(state_files >= 2);
    p.signal(SIGKILL);
    p.wait();
  }
  expect_private(w.ledger() + "-wal"); // what a run left that was killed
  const auto exported = [&](const std::string& arguments, const std::string& file) {
    BOOST_TEST(mcbatch_process::shell(command("export " + w.ledger() + " -o " + file + arguments), w.environment)
                   .wait()
                   .code == 0);
  };
  exported("", w.dir / "export");
  expect_private(w.dir / "export");
  exported(" --as-manifest", w.dir / "entries");
  expect_private(w.dir / "entries");
  write_file(w.dir / "was-there", "x");
  ::chmod((w.dir / "was-there").c_str(), 0644);
  exported(" --as-manifest", w.dir / "was-there");
  expect_private(w.dir / "was-there");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace mcbatch::tests
