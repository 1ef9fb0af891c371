#include "cli/http_client.hpp"

#include <array>
#include <cstdlib>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace mcbatch::tests {

http_client::http_client(unsigned short port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval patience{10, 0};
  for (const int direction : {SO_RCVTIMEO, SO_SNDTIMEO})
    ::setsockopt(socket_, SOL_SOCKET, direction, &patience, sizeof patience);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  at.sin_port = htons(port);
  connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0;
}

http_client::~http_client() {
  ::close(socket_);
}

bool http_client::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool http_client::read_more() {
  std::array<char, 16384> some{};
  const auto got = ::recv(socket_, some.data(), some.size(), 0);
  if (got <= 0) return false;
  text_.append(some.data(), static_cast<std::size_t>(got));
  return true;
}

http_reply http_client::receive() {
  http_reply reply;
  std::size_t head = 0;
  while ((head = text_.find("\r\n\r\n")) == std::string::npos)
    if (!read_more()) return {};
  reply.head = text_.substr(0, head + 2);
  const std::string_view field = "\r\nContent-Length: ";
  const auto at = reply.head.find(field);
  const auto length = at == std::string::npos ? 0 : std::strtoul(reply.head.c_str() + at + field.size(), nullptr, 10);
  while (text_.size() < head + 4 + length)
    if (!read_more()) return {};
  reply.body = text_.substr(head + 4, length);
  text_.erase(0, head + 4 + length);
  reply.status = std::atoi(reply.head.c_str() + reply.head.find(' '));
  return reply;
}

http_reply http_get(unsigned short port, const std::string& target, const std::string& host) {
  return http_client(port).ask("GET " + target + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
}

} // namespace mcbatch::tests
