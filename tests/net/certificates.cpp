#include "certificates.hpp"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace mcbatch::net::test {
namespace {

void need(bool good) {
  if (!good) throw std::runtime_error("OpenSSL could not make a certificate for the test");
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, void (*)(X509_EXTENSION*)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  need(extension && X509_add_ext(certificate, extension.get(), -1) == 1);
}

identity unsigned_identity(const char* name, long seconds_left) {
  static long serial = 1;
  constexpr long day = 24 * 3600;
  identity made;
  made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
  made.certificate.reset(X509_new(), X509_free);
  auto* const certificate = made.certificate.get();
  need(made.key && certificate);
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -2 * day);
  X509_gmtime_adj(X509_getm_notAfter(certificate), seconds_left);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
  need(X509_set_pubkey(certificate, made.key.get()) == 1);
  return made;
}

void sign(const identity& made, const identity& issuer) {
  X509_set_issuer_name(made.certificate.get(), X509_get_subject_name(issuer.certificate.get()));
  need(X509_sign(made.certificate.get(), issuer.key.get(), EVP_sha256()) > 0);
}

} // namespace

identity make_ca(const char* name) {
  auto made = unsigned_identity(name, 3600);
  add_extension(made.certificate.get(), made.certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  sign(made, made);
  return made;
}

identity make_server(const std::string& alternative_name, long seconds_left, const identity* issuer) {
  auto made = unsigned_identity("test server", seconds_left);
  const auto& signer = issuer != nullptr ? *issuer : made;
  add_extension(made.certificate.get(), signer.certificate.get(), NID_subject_alt_name, alternative_name);
  sign(made, signer);
  return made;
}

std::string to_pem(const identity& id) {
  const std::unique_ptr<BIO, int (*)(BIO*)> memory(BIO_new(BIO_s_mem()), BIO_free);
  need(memory && PEM_write_bio_X509(memory.get(), id.certificate.get()) == 1);
  std::string pem(BIO_ctrl_pending(memory.get()), '\0');
  need(BIO_read(memory.get(), pem.data(), static_cast<int>(pem.size())) > 0);
  return pem;
}

} // namespace mcbatch::net::test
