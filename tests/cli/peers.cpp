#include "cli/peers.hpp"

#include <openssl/pem.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mcbatch::tests {
namespace {

void need(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("the test's peer cannot ") + what);
}

sockaddr_in loopback(unsigned short port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

const sockaddr* as_address(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool write_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

using bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

bio in_memory(const std::string& pem) {
  return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
}

std::shared_ptr<SSL_CTX> make_context(const sandbox::identity& identity, const tls_peer::options& o) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  const auto certificate_pem = in_memory(identity.certificate_pem);
  const auto key_pem = in_memory(identity.key_pem);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      PEM_read_bio_X509(certificate_pem.get(), nullptr, nullptr, nullptr), X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(key_pem.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
  // What is older than TLS 1.2 is spoken only at security level 0.
  need(SSL_CTX_set_cipher_list(context.get(), "ALL:@SECLEVEL=0") == 1, "choose ciphers");
  need(SSL_CTX_use_certificate(context.get(), certificate.get()) == 1, "use its certificate");
  need(SSL_CTX_use_PrivateKey(context.get(), key.get()) == 1, "use its key");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_VERSION);
  if (o.newest_version != 0) SSL_CTX_set_max_proto_version(context.get(), o.newest_version);
  if (o.asks_to_renegotiate) SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  return context;
}

/// One request, as far as its Content-Length says; empty where the client is gone.
std::string read_request(SSL* ssl) {
  std::string request;
  std::array<char, 8192> chunk{};
  for (;;) {
    const auto head = request.find("\r\n\r\n");
    const auto length_at = request.find("Content-Length: ");
    const auto length = length_at < head ? std::strtoul(request.c_str() + length_at + 16, nullptr, 10) : 0;
    if (head != std::string::npos && request.size() >= head + 4 + length) return request;
    const int got = SSL_read(ssl, chunk.data(), static_cast<int>(chunk.size()));
    if (got <= 0) return {};
    request.append(chunk.data(), static_cast<std::size_t>(got));
  }
}

} // namespace

listener::listener(conversation talk)
    : talk_(std::move(talk)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  auto address = loopback(0);
  need(::bind(socket_, as_address(address), sizeof address) == 0 && ::listen(socket_, SOMAXCONN) == 0, "listen");
  socklen_t size = sizeof address;
  need(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "tell its port");
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { accept_all(); });
}

void listener::accept_all() {
  // A client that is gone ends a conversation, not the test. The threads below inherit it; programs that are run do
  // not.
  sigset_t gone;
  ::sigemptyset(&gone);
  ::sigaddset(&gone, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &gone, nullptr);
  for (;;) {
    const int client = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return; // it was shut down
    ++connections_;
    const std::lock_guard lock(mutex_);
    open_.push_back(client);
    talking_.emplace_back([this, client] {
      talk_(client);
      ::shutdown(client, SHUT_RDWR);
    });
  }
}

listener::~listener() {
  ::shutdown(socket_, SHUT_RDWR);
  accepting_.join();
  for (const int client : open_)
    ::shutdown(client, SHUT_RDWR);
  for (auto& thread : talking_)
    thread.join();
  for (const int client : open_)
    ::close(client);
  ::close(socket_);
}

tls_peer::tls_peer(answerer answer, options o)
    : identity_(sandbox::make_identity().value()), answer_(std::move(answer)), options_(o),
      context_(make_context(identity_, o)) {
  SSL_CTX_set_msg_callback(context_.get(), &tls_peer::look);
  SSL_CTX_set_msg_callback_arg(context_.get(), this);
  listener_ = std::make_unique<listener>([this](int socket) { serve(socket); });
}

void tls_peer::look(int is_ours, int, int type, const void* bytes, std::size_t size, SSL*, void* self) {
  auto& peer = *static_cast<tls_peer*>(self);
  const auto* message = static_cast<const unsigned char*>(bytes);
  if (type == SSL3_RT_HANDSHAKE && size > 0 && is_ours == 0 && message[0] == SSL3_MT_CLIENT_HELLO) ++peer.hellos_;
  if (type == SSL3_RT_HANDSHAKE && size > 0 && is_ours == 1 && message[0] == SSL3_MT_HELLO_REQUEST) ++peer.asked_again_;
  if (type == SSL3_RT_ALERT && size > 1 && is_ours == 0 && message[1] == SSL_AD_NO_RENEGOTIATION) ++peer.declined_;
}

void tls_peer::serve(int socket) {
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context_.get()), SSL_free);
  SSL_set_fd(ssl.get(), socket);
  if (SSL_accept(ssl.get()) != 1) return;
  for (;;) {
    const auto request = read_request(ssl.get());
    if (request.empty()) return;
    ++requests_;
    if (options_.asks_to_renegotiate && (SSL_renegotiate(ssl.get()) != 1 || SSL_do_handshake(ssl.get()) != 1)) return;
    const auto answer = answer_(request);
    if (answer.empty() || SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size())) <= 0) return;
  }
}

proxy_peer::proxy_peer(std::string answer, std::string target_port)
    : answer_(std::move(answer)), target_port_(std::move(target_port)),
      listener_(std::make_unique<listener>([this](int client) { serve(client); })) {}

std::string proxy_peer::heard() {
  const std::lock_guard lock(mutex_);
  return heard_;
}

std::string proxy_peer::hear(int from) {
  std::array<char, 8192> chunk{};
  const auto got = ::recv(from, chunk.data(), chunk.size(), 0);
  if (got <= 0) return {};
  const std::string bytes(chunk.data(), static_cast<std::size_t>(got));
  const std::lock_guard lock(mutex_);
  heard_ += bytes;
  return bytes;
}

bool proxy_peer::relay(int from, int to) {
  const auto bytes = hear(from);
  return !bytes.empty() && write_all(to, bytes);
}

void proxy_peer::serve(int client) {
  std::string asked;
  while (asked.find("\r\n\r\n") == std::string::npos) {
    const auto more = hear(client);
    if (more.empty()) return;
    asked += more;
  }
  if (!write_all(client, answer_) || !answer_.starts_with("HTTP/1.1 200")) return;
  const int target = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(static_cast<unsigned short>(std::stoi(target_port_)));
  bool up = ::connect(target, as_address(address), sizeof address) == 0;
  while (up) {
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{target, POLLIN, 0}};
    if (::poll(ends.data(), ends.size(), -1) < 0) break;
    if (ends[0].revents != 0) up = relay(client, target);
    if (up && ends[1].revents != 0) up = relay(target, client);
  }
  ::close(target);
}

std::string http_answer(const std::string& status, const std::string& body, const std::string& more_fields) {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more_fields + "\r\n" +
         body;
}

} // namespace mcbatch::tests
