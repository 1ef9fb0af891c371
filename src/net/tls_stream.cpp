#include "tls_stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <openssl/err.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>
#include <sys/socket.h>

namespace mcbatch::net {
namespace {

namespace asio = boost::asio;

/// What an earlier call left would be taken for the reason of the next failure. Nearly always nothing is there, and to
/// see that takes a fraction of the clearing.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

} // namespace

tls_stream::tls_stream(const io_executor& executor, asio::ssl::context& context)
    : socket_(executor), ssl_(SSL_new(context.native_handle())) {
  auto* const bio = ssl_ ? new_socket_bio(below_) : nullptr;
  if (bio == nullptr) throw std::bad_alloc();
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_mode(ssl_.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_set_read_ahead(ssl_.get(), 1); // a record by one call to the system, not two
  SSL_set_connect_state(ssl_.get());
}

tls_stream::error_code tls_stream::begin() {
  error_code failed;
  socket_.non_blocking(true, failed);
  below_.descriptor = socket_.native_handle();
  return failed;
}

/// Why an operation of OpenSSL's did not succeed; would_block where it has to wait.
tls_stream::error_code tls_stream::failure_of(int returned) {
  const int why = SSL_get_error(ssl_.get(), returned);
  if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) {
    wants_ = why;
    return asio::error::would_block;
  }
  if (why == SSL_ERROR_ZERO_RETURN) return asio::error::eof;
  const auto detail = ERR_get_error();
  ERR_clear_error();
  if (why == SSL_ERROR_SSL && ERR_GET_REASON(detail) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return asio::ssl::error::stream_truncated;
  if (why == SSL_ERROR_SSL) return {static_cast<int>(detail), asio::error::get_ssl_category()};
  if (below_.reason != 0) return {below_.reason, boost::system::system_category()};
  return asio::ssl::error::stream_truncated;
}

void tls_stream::close() {
  error_code harmless;
  socket_.close(harmless);
  below_.descriptor = -1; // its number may be another socket's soon, and something may still be about to read
}

bool tls_stream::is_quiet() const {
  if (holds_input()) return false;
  char next = 0;
  return ::recv(below_.descriptor, &next, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

awaitable<tls_stream::error_code> tls_stream::handshake() {
  if (const auto failed = begin()) co_return failed;
  for (;;) {
    forget_errors();
    const int done = SSL_do_handshake(ssl_.get());
    if (done == 1) co_return error_code();
    if (const auto failed = failure_of(done); failed != asio::error::would_block) co_return failed;
    if (const auto [failed] = co_await ready(); failed) co_return failed;
  }
}

std::size_t tls_stream::try_write(std::string_view all, error_code& error) {
  error = {};
  std::size_t done = 0;
  while (done < all.size() && !error) {
    forget_errors();
    const int size = static_cast<int>(std::min<std::size_t>(all.size() - done, INT_MAX));
    const int written = SSL_write(ssl_.get(), all.data() + done, size);
    if (written > 0)
      done += static_cast<std::size_t>(written);
    else
      error = failure_of(written);
  }
  return done;
}

std::size_t tls_stream::try_read(std::span<char> into, error_code& error) {
  forget_errors();
  const int size = static_cast<int>(std::min<std::size_t>(into.size(), INT_MAX));
  const int got = SSL_read(ssl_.get(), into.data(), size);
  error = got > 0 ? error_code() : failure_of(got);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

} // namespace mcbatch::net
