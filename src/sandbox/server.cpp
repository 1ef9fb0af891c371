#include <mcbatch/sandbox/server.hpp>

#include "sandbox/journal.hpp"
#include "sandbox/session.hpp"
#include "sandbox/webhook_sender.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <exception>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <fcntl.h>

namespace mcbatch::sandbox {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

now_pair read_clocks() {
  return {std::chrono::steady_clock::now(), std::chrono::floor<wall_time::duration>(std::chrono::system_clock::now())};
}

/// The server's side of TLS 1.2 or newer, once for each certificate that it can show.
class tls_contexts {
public:
  boost::system::error_code set_up(const identity& tls) {
    boost::system::error_code ec = load(good_, tls.certificate_pem, tls.key_pem);
    if (!ec) ec = load(expired_, tls.expired_pem, tls.key_pem);
    if (!ec) ec = load(wrong_host_, tls.wrong_host_pem, tls.key_pem);
    if (!ec) ec = load(self_signed_, tls.self_signed_pem, tls.key_pem);
    return ec;
  }

  asio::ssl::context& for_connection(std::optional<connection_fault> f) {
    if (f == connection_fault::expired) return expired_;
    if (f == connection_fault::wrong_host) return wrong_host_;
    if (f == connection_fault::self_signed) return self_signed_;
    return good_;
  }

private:
  static boost::system::error_code load(asio::ssl::context& context, const std::string& certificate,
                                        const std::string& key) {
    boost::system::error_code ec;
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    context.use_certificate_chain(asio::buffer(certificate), ec);
    if (!ec) context.use_private_key(asio::buffer(key), asio::ssl::context::pem, ec);
    return ec;
  }

  asio::ssl::context good_{asio::ssl::context::tls_server};
  asio::ssl::context expired_{asio::ssl::context::tls_server};
  asio::ssl::context wrong_host_{asio::ssl::context::tls_server};
  asio::ssl::context self_signed_{asio::ssl::context::tls_server};
};

/// Takes the port, and refuses who connects until it listens. A child process would go on listening for us.
boost::system::error_code bind_to(tcp_acceptor& acceptor, const tcp::endpoint& at) {
  boost::system::error_code ec;
  acceptor.open(at.protocol(), ec);
  if (!ec && ::fcntl(acceptor.native_handle(), F_SETFD, FD_CLOEXEC) != 0)
    ec.assign(errno, boost::system::system_category());
  if (!ec) acceptor.set_option(tcp_acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(at, ec);
  return ec;
}

boost::system::error_code listen_at(tcp_acceptor& acceptor) {
  boost::system::error_code ec;
  acceptor.listen(tcp_acceptor::max_listen_connections, ec);
  return ec;
}

failure cannot_listen(std::string_view address, unsigned short port, std::string_view why) {
  return {
      errc::bad_setting,
      fmt::format("The sandbox cannot listen on {} port {}: {}. Name an IP address of this machine and a free port.",
                  address, port, why)};
}

std::string sentence(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return fmt::format("The sandbox stopped because of a bug: {}.", e.what());
  }
}

} // namespace

class server::impl : public answerer, public webhook_source {
public:
  impl(service s, server_options options, journal record)
      : service_(std::move(s)), journal_(std::move(record)), bounds_{options.max_body, options.idle},
        sender_(io_, *this, options.webhook_patience) {}

  ~impl() override { stop(); }

  std::optional<failure> listen(const server_options& options) {
    boost::system::error_code ec = tls_.set_up(options.tls);
    if (ec) return failure{errc::bad_setting, "The sandbox's certificate or key cannot be used: " + ec.message() + "."};
    const auto address = asio::ip::make_address(options.address, ec);
    if (!ec) ec = bind_to(acceptor_, {address, options.port});
    if (!ec) ec = listen_at(acceptor_);
    if (ec) return cannot_listen(options.address, options.port, ec.message());
    bound_ = acceptor_.local_endpoint();
    return std::nullopt;
  }

  void run_thread() {
    asio::co_spawn(io_, accept(), [this](std::exception_ptr error) { on_end(error); });
    io_.poll(); // where the first connection is to be refused, nothing listens from now on
    thread_ = std::thread([this] { io_.run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    asio::post(io_, [this] { close_all(); });
    thread_.join();
  }

  // answerer, on the network thread

  handled on_request(const request& r) override {
    auto h = answer(r);
    sender_.look(); // it may have brought events
    return h;
  }

  handled on_unusable(int status) override {
    const std::scoped_lock lock(mutex_);
    return service_.refuse(status, read_clocks());
  }

  // webhook_source, on the network thread

  std::optional<instant> next_due() override {
    const std::scoped_lock lock(mutex_);
    return service_.webhooks().next();
  }

  std::optional<webhook_event> take_due() override {
    const std::scoped_lock lock(mutex_);
    if (problem_) return std::nullopt; // it may tell of a job that the journal does not have
    return service_.webhooks().take(std::chrono::steady_clock::now());
  }

  void on_delivered(const webhook_event& event, const webhook_answer& answer) override {
    const std::scoped_lock lock(mutex_);
    service_.webhooks().on_answer(event, answer, std::chrono::steady_clock::now());
  }

  void on_end(const std::exception_ptr& error) override {
    if (!error) return;
    const std::scoped_lock lock(mutex_);
    give_up({errc::stopped, sentence(error)});
  }

  // from any thread

  template <class Read>
  auto locked(Read read) const {
    const std::scoped_lock lock(mutex_);
    return read(*this);
  }

  [[nodiscard]] const service& of() const { return service_; }
  [[nodiscard]] const journal& record() const { return journal_; }
  [[nodiscard]] const std::optional<failure>& problem() const { return problem_; }
  [[nodiscard]] const tcp::endpoint& bound() const { return bound_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }

private:
  handled answer(const request& r) {
    const std::scoped_lock lock(mutex_);
    handled h = service_.handle(r, read_clocks());
    if (!h.journal_line) return h;
    if (auto failed = journal_.append(std::move(*h.journal_line))) {
      // An answer would claim a job that the journal does not have.
      h.how = delivery::drop;
      give_up(std::move(*failed));
    }
    return h;
  }

  awaitable<void> accept() {
    while (acceptor_.is_open()) {
      const auto f = next_fault();
      if (f == connection_fault::refused)
        co_await refuse();
      else
        co_await accept_one(f);
    }
  }

  std::optional<connection_fault> next_fault() {
    const std::scoped_lock lock(mutex_);
    return service_.next_connection();
  }

  awaitable<void> accept_one(std::optional<connection_fault> f) {
    for (;;) {
      auto [ec, socket] = co_await acceptor_.async_accept(asio::as_tuple(use_awaitable));
      if (!acceptor_.is_open()) co_return;
      if (!ec) co_return begin_session(std::move(socket), f);
      // Out of file descriptors, most likely: wait until sessions have ended, rather than spin.
      co_await wait(std::chrono::milliseconds(100));
    }
  }

  /// The port stays ours, and nothing listens at it for a second.
  awaitable<void> refuse() {
    boost::system::error_code ec;
    acceptor_.close(ec);
    ec = bind_to(acceptor_, bound_);
    if (!ec) co_await wait(std::chrono::seconds(1));
    if (!ec && !acceptor_.is_open()) co_return;
    if (!ec) ec = listen_at(acceptor_);
    if (!ec) co_return;
    const std::scoped_lock lock(mutex_);
    give_up(cannot_listen(bound_.address().to_string(), bound_.port(), ec.message()));
    acceptor_.close(ec);
  }

  awaitable<void> wait(duration d) {
    pause_.expires_after(d);
    co_await pause_.async_wait(asio::as_tuple(use_awaitable));
  }

  void begin_session(tcp_socket socket, std::optional<connection_fault> f) {
    ++connections_;
    boost::system::error_code ignored; // the connection has ended already: its session will see that
    socket.set_option(tcp::no_delay(true), ignored);
    const auto s = std::make_shared<session>(std::move(socket), tls_.for_connection(f), *this, bounds_);
    sessions_.insert(s);
    asio::co_spawn(io_, s->run(f), [this, s](std::exception_ptr error) {
      sessions_.erase(s);
      on_end(error);
    });
  }

  /// Under the mutex. Stops once the caller has returned.
  void give_up(failure why) {
    if (!problem_) problem_ = std::move(why);
    asio::post(io_, [this] { close_all(); });
  }

  void close_all() {
    boost::system::error_code ignored; // closed is closed
    acceptor_.close(ignored);
    pause_.cancel();
    for (const auto& s : sessions_)
      s->close();
    sender_.close();
  }

  mutable std::mutex mutex_; // guards service_, journal_ and problem_
  service service_;
  journal journal_;
  std::optional<failure> problem_;
  std::atomic<std::uint64_t> connections_ = 0;
  tcp::endpoint bound_;
  session_bounds bounds_;

  asio::io_context io_{1};
  tls_contexts tls_;
  tcp_acceptor acceptor_{io_};
  steady_timer pause_{io_};
  std::set<std::shared_ptr<session>> sessions_; // after io_: they go first
  webhook_sender sender_;
  std::thread thread_;
};

result<std::unique_ptr<server>> server::start(service s, server_options options) {
  auto record = journal::open(options.journal);
  if (!record) return record.error();
  auto i = std::make_unique<impl>(std::move(s), options, std::move(*record));
  if (auto failed = i->listen(options)) return *failed;
  i->run_thread();
  return std::unique_ptr<server>(new server(std::move(i)));
}

server::server(std::unique_ptr<impl> i) : impl_(std::move(i)) {}
server::~server() = default;

unsigned short server::port() const {
  return impl_->bound().port();
}

std::string server::base_url() const {
  const auto address = impl_->bound().address();
  const std::string host = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
  return fmt::format("https://{}:{}{}", host, port(), impl_->of().prefix());
}

std::uint64_t server::accepted() const {
  return impl_->locked([](const impl& i) { return i.of().accepted(); });
}

std::uint64_t server::refused() const {
  return impl_->locked([](const impl& i) { return i.of().refused(); });
}

std::uint64_t server::polls() const {
  return impl_->locked([](const impl& i) { return i.of().polls(); });
}

std::unordered_map<std::string, conversion> server::conversions() const {
  return impl_->locked([](const impl& i) { return i.of().conversions(read_clocks()); });
}

webhook_counts server::webhooks() const {
  return impl_->locked([](const impl& i) { return i.of().webhooks().counts(); });
}

std::vector<instant> server::counted() const {
  return impl_->locked([](const impl& i) { return i.of().counted(); });
}

std::uint64_t server::connections() const {
  return impl_->connections();
}

std::vector<std::string> server::journal_lines() const {
  return impl_->locked([](const impl& i) { return i.record().lines(); });
}

std::optional<failure> server::problem() const {
  return impl_->locked([](const impl& i) { return i.problem(); });
}

void server::stop() {
  impl_->stop();
}

} // namespace mcbatch::sandbox
