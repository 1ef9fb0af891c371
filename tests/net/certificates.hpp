#ifndef MCBATCH_TESTS_NET_CERTIFICATES_HPP
#define MCBATCH_TESTS_NET_CERTIFICATES_HPP

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace mcbatch::net::test {

/// A certificate with its private key.
struct identity {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;
};

/// A CA of its own making.
identity make_ca(const char* name = "test CA");

/// A server's certificate for `alternative_name` ("IP:127.0.0.1", "DNS:a.test"), good until `seconds_left` from now,
/// signed by `issuer`, or by itself where there is none.
identity make_server(const std::string& alternative_name, long seconds_left, const identity* issuer);

std::string to_pem(const identity& id);

} // namespace mcbatch::net::test

#endif
