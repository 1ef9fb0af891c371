#include <mcbatch/api/token.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <ostream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mcbatch::api {
namespace {

bool is_visible_ascii(char c) {
  return c > ' ' && c < '\x7f';
}

failure unusable(std::string_view origin, std::string_view why, const secret_words& words) {
  return {errc::bad_setting,
          "the " + std::string(words.name) + " in " + std::string(origin) + " cannot be used: " + std::string(why)};
}

class file {
public:
  explicit file(const std::filesystem::path& path) : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~file() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;

  [[nodiscard]] int descriptor() const { return descriptor_; }

private:
  int descriptor_;
};

} // namespace

result<token> token::from(std::string text, std::string_view origin, const secret_words& words) {
  if (text.empty()) return unusable(origin, "it is empty", words);
  if (!std::all_of(text.begin(), text.end(), is_visible_ascii))
    return unusable(origin, "it has a space, a control character or a letter outside ASCII. Copy it again", words);
  return token(std::move(text));
}

std::ostream& operator<<(std::ostream& out, const token&) {
  return out << "***";
}

result<token> token_from_env(std::string_view variable, const net::environment& lookup, const secret_words& words) {
  auto text = lookup(variable);
  if (!text)
    return failure{errc::bad_setting, "there is no " + std::string(words.name) + ": the environment variable " +
                                          std::string(variable) + " is not set. Set it, or name a file with " +
                                          std::string(words.file_option)};
  return token::from(std::move(*text), "the environment variable " + std::string(variable), words);
}

result<token> token_from_file(const std::filesystem::path& path, const secret_words& words) {
  const auto name = "the " + std::string(words.name) + " file " + path.string();
  const auto unreadable = [&] { return failure{errc::bad_setting, name + " cannot be read: " + std::strerror(errno)}; };
  const file source(path);
  struct stat facts {};
  if (source.descriptor() < 0 || ::fstat(source.descriptor(), &facts) != 0) return unreadable();
  if (S_ISDIR(facts.st_mode))
    return failure{errc::bad_setting, name + " is a directory: name the file in it that holds the token"};
  if ((facts.st_mode & 077) != 0)
    return failure{errc::bad_setting, name + " can be used by others than its owner. Run: chmod 600 " + path.string()};

  std::string text;
  std::array<char, 4096> chunk{};
  while (text.find('\n') == std::string::npos) {
    const auto got = ::read(source.descriptor(), chunk.data(), chunk.size());
    if (got < 0) return unreadable();
    if (got == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(got));
    if (text.size() > 16 * chunk.size())
      return failure{errc::bad_setting, name + " has no " + std::string(words.name) + " on its first line"};
  }
  text.resize(std::min(text.find('\n'), text.size()));
  if (text.ends_with('\r')) text.pop_back();
  return token::from(std::move(text), path.string(), words);
}

} // namespace mcbatch::api
