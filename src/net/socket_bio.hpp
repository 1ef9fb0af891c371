#ifndef MCBATCH_NET_SOCKET_BIO_HPP
#define MCBATCH_NET_SOCKET_BIO_HPP

#include <openssl/bio.h>

namespace mcbatch::net {

/// What OpenSSL reads from and writes to, on a non-blocking socket that someone else owns.
struct bio_socket {
  int descriptor = -1;
  int reason = 0; ///< errno of the last failure; 0 where the peer closed
  bool ended = false;
};

/// A BIO on `socket`, which must outlive it. Other than OpenSSL's own it raises no SIGPIPE where the peer has closed.
/// Null where memory is out.
BIO* new_socket_bio(bio_socket& socket);

} // namespace mcbatch::net

#endif
