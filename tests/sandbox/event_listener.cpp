#include "sandbox/event_listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <set>
#include <thread>

namespace mcbatch::sandbox::tests {
namespace {

std::string hmac_sha256(const std::string& text, const std::string& secret) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
  std::string digest = "SHA256";
  const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
                               OSSL_PARAM_construct_end()};
  const auto* key = reinterpret_cast<const unsigned char*>(secret.data());
  EVP_MAC_init(context, key, secret.size(), params);
  EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  std::array<unsigned char, 32> code{};
  std::size_t size = 0;
  EVP_MAC_final(context, code.data(), &size, code.size());
  EVP_MAC_CTX_free(context);
  EVP_MAC_free(mac);
  std::string hex;
  std::array<char, 3> two{};
  for (const auto byte : code) {
    std::snprintf(two.data(), two.size(), "%02x", static_cast<unsigned>(byte));
    hex += two.data();
  }
  return hex;
}

SSL_CTX* context_of(const identity& tls) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  BIO* certificate = BIO_new_mem_buf(tls.certificate_pem.data(), static_cast<int>(tls.certificate_pem.size()));
  BIO* key = BIO_new_mem_buf(tls.key_pem.data(), static_cast<int>(tls.key_pem.size()));
  X509* x = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
  EVP_PKEY* k = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
  SSL_CTX_use_certificate(context, x);
  SSL_CTX_use_PrivateKey(context, k);
  X509_free(x);
  EVP_PKEY_free(k);
  BIO_free(certificate);
  BIO_free(key);
  return context;
}

/// A connection, with TLS or without.
class peer {
public:
  peer(int socket, SSL_CTX* context) : socket_(socket) {
    if (context == nullptr) return;
    tls_ = SSL_new(context);
    SSL_set_fd(tls_, socket_);
    good_ = SSL_accept(tls_) == 1;
  }
  ~peer() {
    SSL_free(tls_);
    ::close(socket_);
  }
  peer(const peer&) = delete;
  peer& operator=(const peer&) = delete;

  [[nodiscard]] bool good() const { return good_; }

  /// Appends what comes; false at the end.
  bool read(std::string& into) {
    std::array<char, 8192> some{};
    const auto n = tls_ != nullptr ? SSL_read(tls_, some.data(), static_cast<int>(some.size()))
                                   : static_cast<int>(::recv(socket_, some.data(), some.size(), 0));
    if (n <= 0) return false;
    into.append(some.data(), static_cast<std::size_t>(n));
    return true;
  }

  void write(const std::string& text) {
    if (tls_ != nullptr)
      SSL_write(tls_, text.data(), static_cast<int>(text.size()));
    else if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) < 0)
      good_ = false;
  }

private:
  int socket_;
  SSL* tls_ = nullptr;
  bool good_ = true;
};

} // namespace

std::string event_listener::event::target() const {
  const auto begin = head.find(' ') + 1;
  return head.substr(begin, head.find(' ', begin) - begin);
}

std::string event_listener::event::field(std::string_view name) const {
  const auto wanted = "\r\n" + std::string(name) + ": ";
  const auto at = head.find(wanted);
  if (at == std::string::npos) return {};
  const auto begin = at + wanted.size();
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

bool event_listener::event::tells(std::string_view status) const {
  return body.find("\"status\":\"" + std::string(status) + "\"") != std::string::npos;
}

bool event_listener::event::is_signed_by(const std::string& secret) const {
  return field("X-MediaConvert-Signature") == "sha256=" + hmac_sha256(body, secret);
}

struct event_listener::state {
  answer how;
  SSL_CTX* context = nullptr;
  int listening = -1;
  unsigned short port = 0;

  std::mutex mutex; // guards what follows
  std::condition_variable more;
  std::vector<event> events;
  std::set<int> open;
  std::size_t connections = 0, most_open = 0;
  std::vector<std::thread> serving;
  std::thread accepting;

  void accept_all() {
    // OpenSSL would write alerts on connections that have ended. The threads begun here inherit it.
    sigset_t broken_pipe;
    ::sigemptyset(&broken_pipe);
    ::sigaddset(&broken_pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
    for (;;) {
      const int s = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
      if (s < 0) return;
      const std::scoped_lock lock(mutex);
      ++connections;
      open.insert(s);
      most_open = std::max(most_open, open.size());
      serving.emplace_back([this, s] { serve(s); });
    }
  }

  void serve(int s) {
    peer p(s, context);
    std::string text;
    for (std::size_t nth = 0; p.good() && serve_one(p, text, nth); ++nth) {
    }
    const std::scoped_lock lock(mutex); // the number may be another's as soon as the socket is closed
    open.erase(s);
  }

  /// Whether another may follow.
  bool serve_one(peer& p, std::string& text, std::size_t nth) {
    std::size_t head = 0;
    while ((head = text.find("\r\n\r\n")) == std::string::npos)
      if (!p.read(text)) return false;
    event e{text.substr(0, head + 2), {}, 0, nth, {}};
    text.erase(0, head + 4);
    const auto length = std::stoul("0" + e.field("Content-Length"));
    while (text.size() < length)
      if (!p.read(text)) return false;
    e.body = text.substr(0, length);
    text.erase(0, length);
    return answer_to(keep(std::move(e)), p, text);
  }

  event keep(event e) {
    const std::scoped_lock lock(mutex);
    e.nth = events.size();
    e.arrived = std::chrono::steady_clock::now();
    events.push_back(e);
    more.notify_all();
    return e;
  }

  bool answer_to(const event& e, peer& p, std::string& text) const {
    const int status = how ? how(e) : 200;
    if (status == leave) return false;
    if (status == hang) {
      while (p.read(text)) {
      }
      return false;
    }
    p.write("HTTP/1.1 " + std::to_string(status == close ? 200 : status) + " X\r\nContent-Length: 2\r\n\r\nok");
    return status != close;
  }
};

event_listener::event_listener(answer how, const identity* tls) : state_(std::make_unique<state>()) {
  state_->how = std::move(how);
  if (tls != nullptr) state_->context = context_of(*tls);
  state_->listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  ::bind(state_->listening, reinterpret_cast<sockaddr*>(&at), size);
  ::listen(state_->listening, 128);
  ::getsockname(state_->listening, reinterpret_cast<sockaddr*>(&at), &size);
  state_->port = ntohs(at.sin_port);
  state_->accepting = std::thread([s = state_.get()] { s->accept_all(); });
}

event_listener::~event_listener() {
  ::shutdown(state_->listening, SHUT_RDWR);
  state_->accepting.join();
  ::close(state_->listening);
  {
    const std::scoped_lock lock(state_->mutex);
    for (const int s : state_->open)
      ::shutdown(s, SHUT_RDWR);
  }
  for (auto& each : state_->serving)
    each.join();
  SSL_CTX_free(state_->context);
}

unsigned short event_listener::port() const {
  return state_->port;
}

std::vector<event_listener::event> event_listener::wait_for(std::size_t n) const {
  std::unique_lock lock(state_->mutex);
  state_->more.wait_for(lock, std::chrono::seconds(10), [&] { return state_->events.size() >= n; });
  return state_->events;
}

std::size_t event_listener::connections() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->connections;
}

std::size_t event_listener::most_open() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->most_open;
}

} // namespace mcbatch::sandbox::tests
