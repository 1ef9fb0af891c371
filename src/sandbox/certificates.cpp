#include <mcbatch/sandbox/certificates.hpp>

#include <fmt/format.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <ctime>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace mcbatch::sandbox {

namespace {

template <auto Free>
struct freed_by {
  template <class T>
  void operator()(T* p) const {
    Free(p);
  }
};

using key_ptr = std::unique_ptr<EVP_PKEY, freed_by<EVP_PKEY_free>>;
using certificate_ptr = std::unique_ptr<X509, freed_by<X509_free>>;
using bio_ptr = std::unique_ptr<BIO, freed_by<BIO_free>>;
using number_ptr = std::unique_ptr<BIGNUM, freed_by<BN_free>>;
using extension_ptr = std::unique_ptr<X509_EXTENSION, freed_by<X509_EXTENSION_free>>;

constexpr const char* ca_name = "mcbatch sandbox CA";
constexpr long day = 24L * 60 * 60;

failure openssl_failure(std::string_view doing) {
  std::array<char, 256> words{};
  ERR_error_string_n(ERR_get_error(), words.data(), words.size());
  ERR_clear_error();
  return {errc::tls_failed, fmt::format("OpenSSL could not {}: {}.", doing, words.data())};
}

/// Who signs; nobody, for a certificate that signs itself.
struct signer {
  X509* certificate = nullptr;
  EVP_PKEY* key = nullptr;
};

/// What a certificate is to say. Times are in seconds from now.
struct certificate_terms {
  const char* common_name;
  long not_before;
  long not_after;
  std::array<std::pair<int, const char*>, 4> extensions; // by NID; the identifiers of the keys come by themselves
};

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const extension_ptr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool add_random_serial(X509* certificate) {
  const number_ptr serial(BN_new());
  return serial && BN_rand(serial.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_names(X509* certificate, const char* common_name, X509* issuer) {
  X509_NAME* subject = X509_get_subject_name(certificate);
  const auto* name = reinterpret_cast<const unsigned char*>(common_name);
  return X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, name, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1;
}

bool set_validity(X509* certificate, const certificate_terms& terms) {
  return X509_gmtime_adj(X509_getm_notBefore(certificate), terms.not_before) != nullptr &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), terms.not_after) != nullptr;
}

bool add_extensions(X509* certificate, X509* issuer, const certificate_terms& terms) {
  for (const auto& [nid, value] : terms.extensions)
    if (value != nullptr && !add_extension(certificate, issuer, nid, value)) return false;
  // The authority's identifier is read from the issuer's own, so this order matters in one that signs itself.
  return add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
         add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always");
}

/// A certificate for `key`. Null where OpenSSL refuses.
certificate_ptr issue(EVP_PKEY* key, const certificate_terms& terms, signer by) {
  certificate_ptr made(X509_new());
  if (!made) return nullptr;
  X509* issuer = by.certificate != nullptr ? by.certificate : made.get();
  const bool complete = X509_set_version(made.get(), X509_VERSION_3) == 1 && add_random_serial(made.get()) &&
                        X509_set_pubkey(made.get(), key) == 1 && set_names(made.get(), terms.common_name, issuer) &&
                        set_validity(made.get(), terms) && add_extensions(made.get(), issuer, terms) &&
                        X509_sign(made.get(), by.key != nullptr ? by.key : key, EVP_sha256()) != 0;
  return complete ? std::move(made) : nullptr;
}

std::string contents(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string to_pem(X509* certificate) {
  const bio_ptr memory(BIO_new(BIO_s_mem()));
  return PEM_write_bio_X509(memory.get(), certificate) == 1 ? contents(memory.get()) : std::string();
}

std::string to_pem(EVP_PKEY* key) {
  const bio_ptr memory(BIO_new(BIO_s_mem()));
  const bool written = PEM_write_bio_PrivateKey(memory.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1;
  return written ? contents(memory.get()) : std::string();
}

certificate_ptr certificate_from_pem(const std::string& pem) {
  const bio_ptr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return certificate_ptr(PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr));
}

key_ptr key_from_pem(const std::string& pem) {
  const bio_ptr memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  return key_ptr(PEM_read_bio_PrivateKey(memory.get(), nullptr, nullptr, nullptr));
}

key_ptr new_key() {
  return key_ptr(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
}

certificate_terms ca_terms() {
  return {ca_name,
          -2 * day,
          365 * day,
          {{{NID_basic_constraints, "critical,CA:TRUE"}, {NID_key_usage, "critical,keyCertSign,cRLSign"}}}};
}

certificate_terms leaf_terms() {
  return {"localhost",
          -2 * day,
          365 * day,
          {{{NID_basic_constraints, "critical,CA:FALSE"},
            {NID_key_usage, "critical,digitalSignature"},
            {NID_ext_key_usage, "serverAuth"},
            {NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"}}}};
}

certificate_terms expired_terms() {
  auto terms = leaf_terms();
  terms.not_after = -day;
  return terms;
}

certificate_terms wrong_host_terms() {
  auto terms = leaf_terms();
  terms.common_name = "elsewhere.invalid";
  terms.extensions.back().second = "DNS:elsewhere.invalid";
  return terms;
}

// ---- on disk

struct identity_file {
  const char* name;
  std::string identity::*text;
  mode_t mode = 0644;
};

/// In the order in which they are written.
constexpr std::array identity_files{
    identity_file{"server.key", &identity::key_pem, 0600},
    identity_file{"server.pem", &identity::certificate_pem},
    identity_file{"expired.pem", &identity::expired_pem},
    identity_file{"wrong-host.pem", &identity::wrong_host_pem},
    identity_file{"self-signed.pem", &identity::self_signed_pem},
    identity_file{"ca.pem", &identity::ca_pem},
};

failure unusable(const std::filesystem::path& path, std::string_view why) {
  return {errc::bad_setting,
          fmt::format("The sandbox's TLS files cannot be used: {}: {}. Remove the file or name another directory.",
                      path.string(), why)};
}

/// The whole file; nothing where there is none.
result<std::optional<std::string>> read_if_there(const std::filesystem::path& path) {
  std::error_code ec;
  if (!std::filesystem::exists(path, ec)) {
    if (ec) return unusable(path, ec.message());
    return std::optional<std::string>();
  }
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || !text) return unusable(path, "it cannot be read");
  return std::optional(std::move(text).str());
}

/// Puts a whole file in place of `path`, readable as `mode` says from its first byte.
std::optional<failure> write_whole(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const std::filesystem::path fresh = path.string() + ".new";
  ::unlink(fresh.c_str()); // left by a run that was killed
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (file < 0) return unusable(fresh, std::generic_category().message(errno));
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool closed = ::close(file) == 0;
  if (!written || !closed) return unusable(fresh, "it cannot be written");
  std::error_code ec;
  std::filesystem::rename(fresh, path, ec);
  if (ec) return unusable(path, ec.message());
  return std::nullopt;
}

std::optional<failure> write_identity(const identity& made, const std::filesystem::path& dir) {
  for (const auto& [name, text, mode] : identity_files)
    if (auto f = write_whole(dir / name, made.*text, mode)) return f;
  return std::nullopt;
}

bool is_ours(X509* ca) {
  std::array<char, 64> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(ca), NID_commonName, name.data(), static_cast<int>(name.size()));
  return std::string_view(name.data()) == ca_name;
}

bool has_more_than_a_day(X509* certificate) {
  std::time_t tomorrow = std::time(nullptr) + day;
  return X509_cmp_time(X509_get0_notAfter(certificate), &tomorrow) > 0;
}

/// What the files say; nothing where there are none, one that no client should take is missing, or their time is nearly
/// over.
result<std::optional<identity>> load_identity(const std::filesystem::path& dir) {
  identity loaded;
  const char* there = nullptr;
  for (const auto& [name, text, mode] : identity_files) {
    auto found = read_if_there(dir / name);
    if (!found) return found.error();
    if (!*found) continue;
    there = name;
    loaded.*text = std::move(**found);
  }
  if (there == nullptr) return std::optional<identity>();
  if (loaded.ca_pem.empty() || loaded.certificate_pem.empty() || loaded.key_pem.empty())
    return unusable(dir / there, "it stands there without ca.pem, server.pem or server.key");

  const auto ca = certificate_from_pem(loaded.ca_pem);
  if (!ca || !is_ours(ca.get())) return unusable(dir / "ca.pem", "it is no certificate of the sandbox's own CA");
  const auto certificate = certificate_from_pem(loaded.certificate_pem);
  if (!certificate || X509_verify(certificate.get(), X509_get0_pubkey(ca.get())) != 1)
    return unusable(dir / "server.pem", "it is no certificate that the CA beside it has signed");
  const auto key = key_from_pem(loaded.key_pem);
  if (!key || X509_check_private_key(certificate.get(), key.get()) != 1)
    return unusable(dir / "server.key", "it is not the key of the certificate beside it");

  bool complete = true;
  for (const auto& [name, text, mode] : identity_files) {
    complete = complete && !(loaded.*text).empty();
    if (text == &identity::ca_pem || text == &identity::key_pem || (loaded.*text).empty()) continue;
    const auto other = certificate_from_pem(loaded.*text);
    if (!other || X509_check_private_key(other.get(), key.get()) != 1)
      return unusable(dir / name, "it is no certificate of the key in server.key");
  }
  if (!complete || !has_more_than_a_day(certificate.get())) return std::optional<identity>();
  return std::optional(std::move(loaded));
}

/// Makes `dir`, for its owner alone; one that is there stays as it is.
std::optional<failure> make_private_directory(const std::filesystem::path& dir) {
  std::error_code ec;
  const bool made = std::filesystem::create_directories(dir, ec);
  if (!ec && made) std::filesystem::permissions(dir, std::filesystem::perms::owner_all, ec);
  if (ec) return unusable(dir, ec.message());
  return std::nullopt;
}

} // namespace

result<identity> make_identity() {
  const auto ca_key = new_key();
  const auto leaf_key = new_key();
  if (!ca_key || !leaf_key) return openssl_failure("make a key");
  const auto ca = issue(ca_key.get(), ca_terms(), {});
  if (!ca) return openssl_failure("make a CA");

  const signer by_ca{ca.get(), ca_key.get()};
  const auto certificate = [&](const certificate_terms& terms, signer by) {
    const auto made = issue(leaf_key.get(), terms, by);
    return made ? to_pem(made.get()) : std::string();
  };
  identity made;
  made.ca_pem = to_pem(ca.get());
  made.key_pem = to_pem(leaf_key.get());
  made.certificate_pem = certificate(leaf_terms(), by_ca);
  made.expired_pem = certificate(expired_terms(), by_ca);
  made.wrong_host_pem = certificate(wrong_host_terms(), by_ca);
  made.self_signed_pem = certificate(leaf_terms(), {});
  for (const auto& file : identity_files)
    if ((made.*file.text).empty()) return openssl_failure("make a certificate");
  return made;
}

result<identity> make_or_load_identity(const std::filesystem::path& dir) {
  if (auto f = make_private_directory(dir)) return *f;
  auto loaded = load_identity(dir);
  ERR_clear_error(); // what OpenSSL noted of a file that is no PEM
  if (!loaded) return loaded.error();
  if (*loaded) return std::move(**loaded);

  auto made = make_identity();
  if (!made) return made.error();
  if (auto f = write_identity(*made, dir)) return *f;
  return made;
}

} // namespace mcbatch::sandbox
