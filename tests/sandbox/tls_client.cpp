#include "sandbox/tls_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <charconv>

namespace mcbatch::sandbox::tests {

struct tls_client::state {
  int socket = -1;
  SSL_CTX* context = nullptr;
  SSL* tls = nullptr;
  std::string surplus; // read beyond the last answer
  std::string why_not;

  ~state() {
    SSL_free(tls);
    SSL_CTX_free(context);
    if (socket >= 0) ::close(socket);
  }

  int read(std::array<char, 16384>& into) { return SSL_read(tls, into.data(), static_cast<int>(into.size())); }
};

namespace {

int connect_to(unsigned short port) {
  const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{10, 0};
  ::setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(s, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) return s;
  ::close(s);
  return -1;
}

void trust(SSL_CTX* context, const std::string& ca_pem) {
  BIO* memory = BIO_new_mem_buf(ca_pem.data(), static_cast<int>(ca_pem.size()));
  X509* ca = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
  X509_free(ca);
  BIO_free(memory);
}

std::size_t declared_length(std::string_view head) {
  constexpr std::string_view name = "Content-Length: ";
  const auto at = head.find(name);
  std::size_t length = 0;
  if (at != std::string_view::npos) std::from_chars(head.data() + at + name.size(), head.data() + head.size(), length);
  return length;
}

} // namespace

int tls_client::outcome::status() const {
  return text.size() > 12 ? std::stoi(text.substr(9, 3)) : 0;
}

std::string tls_client::outcome::body() const {
  const auto end = text.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : text.substr(end + 4);
}

tls_client::tls_client(unsigned short port, const std::string& ca_pem, std::string_view host,
                       std::optional<int> max_tls_version)
    : state_(std::make_unique<state>()) {
  state_->socket = connect_to(port);
  if (state_->socket < 0) {
    state_->why_not = "refused";
    return;
  }
  state_->context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_security_level(state_->context, 0); // so that a refusal of old versions is the server's, not ours
  if (max_tls_version) SSL_CTX_set_max_proto_version(state_->context, *max_tls_version);
  SSL_CTX_set_verify(state_->context, SSL_VERIFY_PEER, nullptr);
  trust(state_->context, ca_pem);
  state_->tls = SSL_new(state_->context);
  X509_VERIFY_PARAM* verify = SSL_get0_param(state_->tls);
  if (X509_VERIFY_PARAM_set1_ip_asc(verify, std::string(host).c_str()) != 1)
    X509_VERIFY_PARAM_set1_host(verify, host.data(), host.size());
  SSL_set_fd(state_->tls, state_->socket);
  if (SSL_connect(state_->tls) == 1) return;
  const long verdict = SSL_get_verify_result(state_->tls);
  state_->why_not = verdict == X509_V_OK ? "handshake" : X509_verify_cert_error_string(verdict);
  ERR_clear_error();
}

tls_client::tls_client(tls_client&&) noexcept = default;
tls_client::~tls_client() = default;

bool tls_client::connected() const {
  return state_->why_not.empty();
}
const std::string& tls_client::why_not() const {
  return state_->why_not;
}

bool tls_client::send(std::string_view bytes) {
  return SSL_write(state_->tls, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
}

tls_client::outcome tls_client::receive() {
  outcome seen;
  std::string& all = state_->surplus;
  std::array<char, 16384> some{};
  for (;;) {
    const auto head = all.find("\r\n\r\n");
    if (head != std::string::npos) {
      const std::size_t size = head + 4 + declared_length(std::string_view(all).substr(0, head));
      if (all.size() >= size) {
        seen.text = all.substr(0, size);
        seen.whole = true;
        all.erase(0, size);
        return seen;
      }
    }
    const int n = state_->read(some);
    if (n <= 0) break;
    all.append(some.data(), static_cast<std::size_t>(n));
  }
  seen.text = std::move(all);
  all.clear();
  ERR_clear_error();
  return seen;
}

bool tls_client::ended() {
  std::array<char, 16384> some{};
  const int n = state_->read(some);
  const bool timed_out = n <= 0 && SSL_get_error(state_->tls, n) == SSL_ERROR_WANT_READ;
  ERR_clear_error();
  return n <= 0 && !timed_out;
}

} // namespace mcbatch::sandbox::tests
