#include <mcbatch/web/server.hpp>

#include "web/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <cerrno>
#include <chrono>
#include <exception>
#include <list>
#include <utility>

#include <fcntl.h>

namespace mcbatch::web {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto as_result = asio::as_tuple(use_awaitable);
constexpr duration moment = std::chrono::milliseconds(10);

/// A child process would go on listening for us.
boost::system::error_code listen_at(tcp_acceptor& acceptor, const tcp::endpoint& at) {
  boost::system::error_code ec;
  acceptor.open(at.protocol(), ec);
  if (!ec && ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC) != 0)
    ec.assign(errno, boost::system::system_category());
  if (!ec) acceptor.set_option(tcp_acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(at, ec);
  if (!ec) acceptor.listen(tcp_acceptor::max_listen_connections, ec);
  return ec;
}

result<void> load(asio::ssl::context& context, const tls_files& files) {
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  boost::system::error_code ec;
  // Nobody may be there to be asked.
  context.set_password_callback([](std::size_t, asio::ssl::context::password_purpose) { return std::string(); }, ec);
  context.use_certificate_chain_file(files.certificate.string(), ec);
  if (ec)
    return failure{errc::bad_setting, "the certificate in " + files.certificate.string() + " cannot be used: " +
                                          ec.message() + ". It is a PEM file, the server's own certificate first"};
  context.use_private_key_file(files.key.string(), asio::ssl::context::pem, ec);
  if (ec)
    return failure{errc::bad_setting, "the key in " + files.key.string() + " cannot be used with the certificate in " +
                                          files.certificate.string() + ": " + ec.message() +
                                          ". It is a PEM file without a passphrase"};
  return {};
}

} // namespace

class server::impl : public std::enable_shared_from_this<impl> {
public:
  impl(io_executor executor, server_settings settings, handler answers, std::function<void(const std::string&)> problem)
      : executor_(executor), settings_(std::move(settings)), acceptor_(executor), pause_(executor),
        connections_(settings_.connections_per_second), parts_{settings_.max_body, settings_.patience,
                                                               rate_bound(settings_.requests_per_second),
                                                               std::move(answers), std::move(problem)} {}

  result<void> listen() {
    if (settings_.tls)
      if (const auto loaded = load(tls_.emplace(asio::ssl::context::tls_server), *settings_.tls); !loaded)
        return loaded;
    boost::system::error_code ec;
    const auto address = asio::ip::make_address(settings_.address, ec);
    if (!ec) ec = listen_at(acceptor_, {address, settings_.port});
    if (ec)
      return failure{errc::bad_setting, "cannot listen on " + settings_.address + " port " +
                                            std::to_string(settings_.port) + ": " + ec.message() +
                                            ". Name an IP address of this machine and a free port"};
    bound_ = acceptor_.local_endpoint(ec);
    asio::co_spawn(executor_, accept(shared_from_this()),
                   [self = shared_from_this()](std::exception_ptr error) { self->on_end(error); });
    return {};
  }

  void close() {
    boost::system::error_code ignored; // closed is closed
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& s : sessions_)
      s->close();
  }

  [[nodiscard]] const tcp::endpoint& bound() const { return bound_; }
  [[nodiscard]] bool has_tls() const { return tls_.has_value(); }

private:
  static awaitable<void> accept(std::shared_ptr<impl> self) {
    while (self->acceptor_.is_open()) {
      auto [ec, socket] = co_await self->acceptor_.async_accept(as_result);
      if (!self->acceptor_.is_open()) break;
      if (!ec) self->begin(std::move(socket));
      // Too many at once, or out of file descriptors: not a spin.
      while (self->acceptor_.is_open() && (ec || !self->connections_.admit(std::chrono::steady_clock::now()))) {
        ec = {};
        self->pause_.expires_after(moment);
        co_await self->pause_.async_wait(as_result);
      }
    }
  }

  void begin(tcp_socket socket) {
    if (sessions_.size() >= settings_.max_connections && !make_room()) return; // the new one is closed
    boost::system::error_code ignored; // it has ended already: its session will see that
    socket.set_option(tcp::no_delay(true), ignored);
    const auto s = tls_ ? make_session(std::move(socket), *tls_, parts_) : make_session(std::move(socket), parts_);
    const auto place = sessions_.insert(sessions_.end(), s);
    asio::co_spawn(executor_, s->run(), [self = shared_from_this(), place](std::exception_ptr error) {
      self->sessions_.erase(place);
      self->on_end(error);
    });
  }

  /// Who waits for a request, lets one wait for its end, or follows a feed (a browser comes back by itself) gives way:
  /// who has done so for longest first.
  bool make_room() {
    session* longest = nullptr;
    for (const auto& s : sessions_)
      if (s->idle_since() && (!longest || *s->idle_since() < *longest->idle_since())) longest = s.get();
    if (longest) longest->close();
    return longest != nullptr;
  }

  void on_end(const std::exception_ptr& error) const {
    if (!error) return;
    try {
      std::rethrow_exception(error);
    } catch (const std::exception& e) {
      parts_.problem(std::string("A connection to the listener here ended because of a bug: ") + e.what());
    }
  }

  io_executor executor_;
  server_settings settings_;
  std::optional<asio::ssl::context> tls_;
  tcp_acceptor acceptor_;
  tcp::endpoint bound_;
  steady_timer pause_;
  rate_bound connections_;
  session_parts parts_;
  std::list<std::shared_ptr<session>> sessions_;
};

result<std::unique_ptr<server>> server::listen(io_executor executor, server_settings settings, handler answers,
                                               std::function<void(const std::string&)> problem) {
  auto i = std::make_shared<impl>(executor, std::move(settings), std::move(answers), std::move(problem));
  if (const auto listening = i->listen(); !listening) return listening.error();
  return std::unique_ptr<server>(new server(std::move(i)));
}

server::server(std::shared_ptr<impl> i) : impl_(std::move(i)) {}

server::~server() {
  impl_->close();
}

void server::close() {
  impl_->close();
}

unsigned short server::port() const {
  return impl_->bound().port();
}

std::string server::origin() const {
  const auto address = impl_->bound().address();
  const auto host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return (impl_->has_tls() ? "https://" : "http://") + host + ":" + std::to_string(port());
}

} // namespace mcbatch::web
