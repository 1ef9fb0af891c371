#include <mcbatch/net/proxy.hpp>

#define BOOST_TEST_DYN_LINK
#include <boost/test/unit_test.hpp>

#include <map>

using namespace mcbatch;
using namespace mcbatch::net;

namespace {

environment variables(std::map<std::string, std::string, std::less<>> set) {
  return [set = std::move(set)](std::string_view name) -> std::optional<std::string> {
    const auto found = set.find(name);
    if (found == set.end()) return std::nullopt;
    return found->second;
  };
}

const origin service{"api.example.com", "443"};

} // namespace

BOOST_AUTO_TEST_SUITE(net_proxy)

BOOST_AUTO_TEST_CASE(the_proxy_that_the_environment_names) {
  struct row {
    std::map<std::string, std::string, std::less<>> set;
    std::string at; // empty: none
    std::string authorization;
  };
  const row rows[] = {
      {{}, "", ""},
      {{{"HTTPS_PROXY", ""}}, "", ""},
      {{{"HTTP_PROXY", "http://p:1"}}, "", ""},
      {{{"HTTPS_PROXY", "http://p:3128"}}, "p:3128", ""},
      {{{"HTTPS_PROXY", "HTTP://P:3128/"}}, "p:3128", ""},
      {{{"HTTPS_PROXY", "p:3128"}}, "p:3128", ""},
      {{{"HTTPS_PROXY", "http://p"}}, "p:80", ""},
      {{{"HTTPS_PROXY", "http://[::1]:3128"}}, "[::1]:3128", ""},
      {{{"https_proxy", "http://low:1"}, {"HTTPS_PROXY", "http://up:2"}}, "low:1", ""},
      {{{"https_proxy", ""}, {"HTTPS_PROXY", "http://up:2"}}, "", ""},
      {{{"HTTPS_PROXY", "http://u:p@p:1"}}, "p:1", "Basic dTpw"},
      {{{"HTTPS_PROXY", "http://u@p:1"}}, "p:1", "Basic dTo="},
      {{{"HTTPS_PROXY", "http://u%40h:p%3Aw@p:1"}}, "p:1", "Basic dUBoOnA6dw=="},
      {{{"HTTPS_PROXY", "http://u:100%@p:1"}}, "p:1", "Basic dToxMDAl"},
  };
  for (const auto& row : rows) {
    const auto named = proxy_for(service, variables(row.set)).value();
    BOOST_TEST((named ? to_string(named->at) : "") == row.at);
    BOOST_TEST((named ? named->authorization : "") == row.authorization);
  }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_cannot_be_used_is_named_without_its_password) {
  for (const auto* url : {"https://u:secret@p:1", "socks5://u:secret@p:1", "http://u:secret@p:0", "http://u:secret@",
                          "http://u:secret@p:1/path", "http://u:secret@p:99999", "http://"}) {
    const auto unusable = proxy_for(service, variables({{"HTTPS_PROXY", url}}));
    BOOST_TEST_REQUIRE(unusable.has_error(), url);
    BOOST_TEST((unusable.error().code == errc::bad_setting));
    BOOST_TEST(unusable.error().what.starts_with("HTTPS_PROXY "));
    BOOST_TEST(unusable.error().what.find("secret") == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(who_is_exempt) {
  struct row {
    std::string no_proxy;
    origin peer;
    bool exempt;
  };
  const row rows[] = {
      {"", service, false},
      {"*", service, true},
      {"api.example.com", service, true},
      {"API.Example.COM", service, true},
      {"example.com", service, true},
      {".example.com", service, true},
      {"*.example.com", service, true},
      {"ample.com", service, false},
      {"other.com, example.com", service, true},
      {"other.com example.com", service, true},
      {",,", service, false},
      {"example.com:443", service, true},
      {"example.com:8443", service, false},
      {"x.api.example.com", service, false},
      {"127.0.0.1", {"127.0.0.1", "8443"}, true},
      {"127.0.0.1:8443", {"127.0.0.1", "8443"}, true},
      {"127.0.0.1:1", {"127.0.0.1", "8443"}, false},
      {"0.0.1", {"127.0.0.1", "8443"}, false},
      {"127.0.0.0/8", {"127.0.0.1", "8443"}, true},
      {"10.0.0.0/8", {"127.0.0.1", "8443"}, false},
      {"10.0.0.0/8", service, false},
      {"10.0.0.0/99", {"10.0.0.1", "443"}, false},
      {"::1", {"::1", "443"}, true},
      {"[::1]", {"::1", "443"}, true},
      {"[::1]:443", {"0:0:0:0:0:0:0:1", "443"}, true},
      {"fd00::/8", {"fd12::1", "443"}, true},
      {"fd00::/8", {"fe80::1", "443"}, false},
  };
  for (const auto& row : rows) {
    for (const auto* variable : {"NO_PROXY", "no_proxy"}) {
      const auto set = variables({{"HTTPS_PROXY", "http://p:1"}, {variable, row.no_proxy}});
      BOOST_TEST(proxy_for(row.peer, set).value().has_value() != row.exempt, row.no_proxy << " " << row.peer.host);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
