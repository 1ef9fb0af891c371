#ifndef MCBATCH_CORE_HTTP_HPP
#define MCBATCH_CORE_HTTP_HPP

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mcbatch {

/// One header field. Names compare without regard to case (RFC 9110, section 5.1).
struct header {
  std::string_view name;
  std::string_view value;
};

/// Header fields in the order in which they were sent, in one piece of memory.
class headers {
public:
  void add(std::string_view name, std::string_view value);

  /// The value of the first field of that name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

  /// Its header lasts as long as nothing is added.
  class iterator {
  public:
    using value_type = header;
    using difference_type = std::ptrdiff_t;
    header operator*() const;
    iterator& operator++();
    iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const iterator& a, const iterator& b) { return a.index_ == b.index_; }

  private:
    friend class headers;
    const headers* all_ = nullptr;
    std::size_t index_ = 0, at_ = 0;
  };
  [[nodiscard]] iterator begin() const;
  [[nodiscard]] iterator end() const;

private:
  struct sizes {
    std::uint32_t name, value;
  };
  std::string text_; // each name and its value, one behind the other
  std::vector<sizes> sizes_;
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
