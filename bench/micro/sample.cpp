#include "micro/sample.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace mcbatch::bench {

std::string body_of(std::uint64_t number) {
  const auto size = std::to_string(1'000'000'000 + number);
  const auto name = "0" + size.substr(1);
  return R"({"id":"job-)" + name + R"(","job_type":"video","input_url":"https://ingest.example.com/masters/season/)" +
         name + R"(/master.mov","output_url":"https://delivery.example.com/renditions/season/)" + name +
         R"(/1080p.mp4","input_format":"mov","output_format":"mp4","input_size_bytes":)" + size +
         R"(,"webhook_url":"https://hooks.example.com/conversions"})";
}

job_key key_source::next() {
  const std::uint64_t halves[] = {random_(), random_()};
  job_key key;
  static_assert(sizeof halves == sizeof key.bytes);
  std::memcpy(key.bytes.data(), halves, sizeof halves);
  return key;
}

scratch_folder::scratch_folder() {
  auto name = (std::filesystem::current_path() / "scratch-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace mcbatch::bench
