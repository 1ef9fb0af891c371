#ifndef MCBATCH_SANDBOX_CERTIFICATES_HPP
#define MCBATCH_SANDBOX_CERTIFICATES_HPP

#include <mcbatch/core/error.hpp>

#include <filesystem>
#include <string>

namespace mcbatch::sandbox {

/// What a TLS server shows, and what its clients have to trust. All PEM.
struct identity {
  std::string ca_pem;          ///< the CA's certificate; its key is thrown away once it has signed
  std::string key_pem;         ///< the server's private key, of each of its certificates
  std::string certificate_pem; ///< for localhost, 127.0.0.1 and ::1, signed by the CA, for a year

  // What no client should take: as the certificate, but

  std::string expired_pem;     ///< its time ended yesterday
  std::string wrong_host_pem;  ///< for elsewhere.invalid alone
  std::string self_signed_pem; ///< signed by itself
};

/// Makes an identity in memory: EC P-256, X.509 v3. Fails with errc::tls_failed and OpenSSL's words.
result<identity> make_identity();

/// The identity that `dir` holds in `ca.pem`, `server.pem` and `server.key`, and in `expired.pem`, `wrong-host.pem` and
/// `self-signed.pem`; makes the directory (0700) and the files (the key 0600) where there are none, and makes them anew
/// where they are the sandbox's own and have a day left or less, or the last three are not there. Fails where other
/// files than the sandbox's own have those names, or the directory cannot be used.
result<identity> make_or_load_identity(const std::filesystem::path& dir);

} // namespace mcbatch::sandbox

#endif
