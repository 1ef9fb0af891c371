#ifndef MCBATCH_NET_ANSWER_PARSER_HPP
#define MCBATCH_NET_ANSWER_PARSER_HPP

#include <mcbatch/core/http.hpp>

#include <boost/beast/http/basic_parser.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mcbatch::net {

/// Beast's parser of answers, which puts what it finds where it is to stand in the end.
class answer_parser : public boost::beast::http::basic_parser<false> {
public:
  answer_parser() { eager(true); }

  reply found;

  /// A transfer coding other than chunked was not asked for, and Beast reads past it: by Content-Length, where one
  /// stands beside it, which the coding overrides (RFC 9112, section 6.3). Beast itself refuses chunked beside
  /// Content-Length.
  [[nodiscard]] bool has_unasked_framing() const { return found.fields.find("Transfer-Encoding") && !chunked(); }

private:
  using string_view = boost::beast::string_view;
  using error_code = boost::beast::error_code;
  static constexpr std::uint64_t most_reserved = 64 * 1024; // a declared length is no body yet

  static std::string_view plain(string_view text) { return {text.data(), text.size()}; }

  void on_request_impl(boost::beast::http::verb, string_view, string_view, int, error_code&) override {}
  void on_response_impl(int code, string_view, int, error_code&) override { found.status = code; }
  void on_field_impl(boost::beast::http::field, string_view name, string_view value, error_code&) override {
    found.fields.add(plain(name), plain(value));
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, error_code&) override {
    if (length) found.body.reserve(static_cast<std::size_t>(std::min(*length, most_reserved)));
  }
  std::size_t on_body_impl(string_view body, error_code&) override {
    found.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code& error) override {
    return on_body_impl(body, error);
  }
  void on_finish_impl(error_code&) override {}
};

} // namespace mcbatch::net

#endif
