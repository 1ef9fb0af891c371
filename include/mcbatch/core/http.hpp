#ifndef MCBATCH_CORE_HTTP_HPP
#define MCBATCH_CORE_HTTP_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch {

/// One header field. Names compare without regard to case (RFC 9110, section 5.1).
struct header {
  std::string name;
  std::string value;
};

/// Header fields in the order in which they were sent.
class headers {
public:
  void add(std::string_view name, std::string_view value);

  /// The value of the first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }

private:
  std::vector<header> fields_;
};

/// Whether two names or tokens are equal without regard to ASCII case.
bool iequals(std::string_view a, std::string_view b) noexcept;

enum class verb { get, post };

/// A request, before it knows its host: `target` is an absolute path with its query.
struct request {
  verb method = verb::get;
  std::string target;
  headers fields;
  std::string body;
};

/// A whole answer: it was read to its declared end and was well-formed HTTP.
struct reply {
  int status = 0;
  headers fields;
  std::string body;
};

} // namespace mcbatch

#endif
