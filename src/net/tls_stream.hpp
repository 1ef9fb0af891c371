#ifndef MCBATCH_NET_TLS_STREAM_HPP
#define MCBATCH_NET_TLS_STREAM_HPP

#include "socket_bio.hpp"

#include <mcbatch/loop/event_loop.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace mcbatch::net {

/// TLS on a TCP socket. OpenSSL works on the socket itself: what can be read or written is, without a copy between and
/// without a turn of the event loop; only what has to wait is a coroutine.
class tls_stream {
public:
  using error_code = boost::system::error_code;

  tls_stream(const io_executor& executor, boost::asio::ssl::context& context);
  tls_stream(const tls_stream&) = delete; // OpenSSL points into it
  tls_stream& operator=(const tls_stream&) = delete;

  /// To be connected before the handshake.
  tcp_socket& socket() { return socket_; }
  /// Closes the socket: whatever waits or is tried later fails.
  void close();
  SSL* native_handle() { return ssl_.get(); }

  awaitable<error_code> handshake();

  /// Writes what can be written, and says how much: less than all where the rest has to wait (would_block), or the
  /// connection failed.
  std::size_t try_write(std::string_view all, error_code& error);

  /// Reads what has arrived, and says how much: nothing where that would have to wait (would_block), the peer ended
  /// orderly (eof) or without a word (stream_truncated), or the socket failed.
  std::size_t try_read(std::span<char> into, error_code& error);

  /// Whether it holds bytes that have arrived and were not read.
  [[nodiscard]] bool holds_input() const { return SSL_has_pending(ssl_.get()) == 1; }

  /// Whether the peer has sent nothing that was not read, and has not closed either. Asks the socket alone.
  [[nodiscard]] bool is_quiet() const;

  // To be awaited at once. Deferred, so that the waiting takes no coroutine of its own. They give a tuple of the error.

  /// Waits until what would have had to wait last may be tried again.
  auto ready() {
    const auto what =
        wants_ == SSL_ERROR_WANT_WRITE ? boost::asio::socket_base::wait_write : boost::asio::socket_base::wait_read;
    return socket_.async_wait(what, boost::asio::as_tuple(boost::asio::deferred));
  }

  /// Waits until something arrives, or the connection ends.
  auto arrival() {
    wants_ = SSL_ERROR_WANT_READ;
    return ready();
  }

private:
  error_code begin();
  error_code failure_of(int returned);

  struct freed {
    void operator()(SSL* ssl) const {
      // No closing alert is sent (see connection::close); for its lack OpenSSL would give up the session as well.
      SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
      SSL_free(ssl);
    }
  };
  tcp_socket socket_;
  bio_socket below_;
  std::unique_ptr<SSL, freed> ssl_;
  int wants_ = SSL_ERROR_WANT_READ; // what the last operation waits for
};

} // namespace mcbatch::net

#endif
