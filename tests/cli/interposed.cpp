// Preloaded into the program by tests: a machine whose name service and file systems are as the test says.
//
// MCBATCH_TEST_STATFS=TYPE   every file system is of this type, a number as in statfs(2)
// MCBATCH_TEST_DNS=FILE      FILE says what a lookup finds: an address, "fail", or "hang" for five minutes

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include <dlfcn.h>
#include <netdb.h>
#include <sys/statfs.h>
#include <unistd.h>

namespace {

template <class Function>
Function real(const char* name) {
  return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

} // namespace

extern "C" int statfs(const char* path, struct statfs* about) noexcept {
  const int result = real<int (*)(const char*, struct statfs*)>("statfs")(path, about);
  if (const auto* type = std::getenv("MCBATCH_TEST_STATFS"))
    about->f_type = static_cast<__fsword_t>(std::strtoul(type, nullptr, 0));
  return result;
}

extern "C" int getaddrinfo(const char* host, const char* port, const addrinfo* hints, addrinfo** found) {
  const auto ask = real<int (*)(const char*, const char*, const addrinfo*, addrinfo**)>("getaddrinfo");
  const auto* path = std::getenv("MCBATCH_TEST_DNS");
  std::FILE* file = path != nullptr ? std::fopen(path, "re") : nullptr;
  if (file == nullptr) return ask(host, port, hints, found);
  char answer[64] = "";
  const bool read = std::fscanf(file, "%63s", answer) == 1;
  std::fclose(file);
  if (!read || std::strcmp(answer, "fail") == 0) return EAI_AGAIN;
  if (std::strcmp(answer, "hang") == 0) {
    ::sleep(300);
    return EAI_AGAIN;
  }
  return ask(answer, port, hints, found);
}
