#include "cli/plot.hpp"

#include "cli/child.hpp"

#include <mcbatch/report/metrics.hpp>
#include <mcbatch/submit/quota_file.hpp>

#include <fstream>
#include <iterator>

#include <fcntl.h>

namespace mcbatch::cli {
namespace {

using namespace std::chrono_literals;

constexpr duration longest_drawing = 1min; // it may have to look for fonts first

std::string content_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace

result<void> find_gnuplot() {
  auto asked = child::start({"gnuplot", "--version"}, {});
  if (!asked)
    return failure{errc::cannot_open,
                   "gnuplot draws the plot, and it is not installed: install the package gnuplot-nox"};
  asked->wait(longest_drawing);
  return {};
}

result<void> draw(const std::string& script, const std::filesystem::path& path, const std::filesystem::path& folder) {
  const auto script_path = folder / "plot.gp", picture = folder / "picture", errors = folder / "gnuplot.err";
  std::ofstream(script_path, std::ios::binary) << script;
  const submit::descriptor in(::open(script_path.c_str(), O_RDONLY | O_CLOEXEC));
  const submit::descriptor out(::open(picture.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  const submit::descriptor err(::open(errors.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  auto drawing = child::start({"gnuplot"}, {in.get(), out.get(), err.get()});
  if (!drawing) return drawing.error();
  if (drawing->wait(longest_drawing) != 0)
    return failure{errc::cannot_write, "gnuplot could not draw " + path.string() + ": " + content_of(errors)};
  return report::replace_file(path, content_of(picture));
}

} // namespace mcbatch::cli
