#include "socket_bio.hpp"

#include <cerrno>
#include <sys/socket.h>
#include <sys/types.h>

namespace mcbatch::net {
namespace {

bio_socket& socket_of(BIO* bio) {
  return *static_cast<bio_socket*>(BIO_get_data(bio));
}

bool is_in_the_way(int reason) {
  return reason == EAGAIN || reason == EINTR; // EWOULDBLOCK is EAGAIN on Linux
}

int write(BIO* bio, const char* bytes, int size) {
  auto& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  const auto sent = ::send(socket.descriptor, bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<int>(sent);
  socket.reason = errno;
  if (is_in_the_way(socket.reason)) BIO_set_retry_write(bio);
  return -1;
}

int read(BIO* bio, char* bytes, int size) {
  auto& socket = socket_of(bio);
  BIO_clear_retry_flags(bio);
  const auto received = ::recv(socket.descriptor, bytes, static_cast<std::size_t>(size), 0);
  if (received > 0) return static_cast<int>(received);
  socket.ended = received == 0;
  socket.reason = socket.ended ? 0 : errno;
  if (!socket.ended && is_in_the_way(socket.reason)) BIO_set_retry_read(bio);
  return socket.ended ? 0 : -1;
}

long control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return socket_of(bio).ended ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0; // OpenSSL asks for it; nothing is held back
}

BIO_METHOD* method() {
  static BIO_METHOD* const made = [] {
    auto* const m = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (m == nullptr) return m;
    BIO_meth_set_write(m, write);
    BIO_meth_set_read(m, read);
    BIO_meth_set_ctrl(m, control);
    return m;
  }();
  return made;
}

} // namespace

BIO* new_socket_bio(bio_socket& socket) {
  auto* const bio = method() == nullptr ? nullptr : BIO_new(method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &socket);
  BIO_set_init(bio, 1);
  return bio;
}

} // namespace mcbatch::net
