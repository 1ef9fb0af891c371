// A fuzz target's main where no fuzzer is at hand: each file of the corpus, and a fixed number of mutations that a
// fixed seed makes of them, so that every run is the same.
//
//   fuzz_TARGET FOLDER [MUTATIONS]

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

constexpr int default_mutations = 5000;
constexpr std::size_t longest_input = 4096;

class mutator {
public:
  explicit mutator(const std::vector<std::string>& corpus) : corpus_(corpus) {}

  std::string make() {
    auto text = any();
    for (auto n = below(8) + 1; n > 0; --n)
      mutate(text);
    text.resize(std::min(text.size(), longest_input));
    return text;
  }

private:
  std::size_t below(std::size_t n) { return n == 0 ? 0 : engine_() % n; }
  const std::string& any() { return corpus_[below(corpus_.size())]; }

  void mutate(std::string& text) {
    const auto at = below(text.size() + 1);
    switch (below(6)) {
    case 0: // a byte more
      text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), static_cast<char>(below(256)));
      break;
    case 1: // a byte changed
      if (at < text.size()) text[at] = static_cast<char>(below(256));
      break;
    case 2: // some bytes less
      text.erase(at, below(16));
      break;
    case 3: // a piece of another
    {
      const auto& other = any();
      text.insert(at, other.substr(below(other.size() + 1), below(64)));
      break;
    }
    case 4: // a digit changed
      if (const auto digit = text.find_first_of("0123456789", at); digit != std::string::npos)
        text[digit] = static_cast<char>('0' + below(10));
      break;
    default: // some bytes twice
      text.insert(at, text.substr(at, below(32)));
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 engine_{1};
};

std::vector<std::string> read_all(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  std::vector<std::string> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

std::string kept_in; // where the input goes that breaks a promise
std::string input;   // the one that is on

/// The target aborts where a promise is broken.
void keep_input(int) {
  std::ofstream(kept_in, std::ios::binary) << input;
  std::fprintf(stderr, "the input is in %s\n", kept_in.c_str());
}

void run(std::string next) {
  input = std::move(next);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [MUTATIONS]\n", argv[0]);
    return 2;
  }
  const auto corpus = read_all(argv[1]);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s holds no corpus\n", argv[1]);
    return 2;
  }
  kept_in = std::string(argv[0]) + ".input";
  std::signal(SIGABRT, keep_input);
  for (const auto& text : corpus)
    run(text);
  const auto mutations = argc > 2 ? std::atoi(argv[2]) : default_mutations;
  mutator mutate(corpus);
  for (int i = 0; i < mutations; ++i)
    run(mutate.make());
  std::printf("%zu files and %d mutations\n", corpus.size(), mutations);
}
