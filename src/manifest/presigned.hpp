#ifndef MCBATCH_MANIFEST_PRESIGNED_HPP
#define MCBATCH_MANIFEST_PRESIGNED_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace mcbatch::manifest {

/// One way of signing a URL in its query. Facts are the vendors': "Authenticating Requests: Using Query Parameters
/// (AWS Signature Version 4)" and "Signing and authenticating REST requests" (version 2) of Amazon S3, "V4 signing
/// process" and "V2 signing process" of Google Cloud Storage, "Create a service SAS", "account SAS" and "user
/// delegation SAS" of Azure Storage, "Use signed URLs" of CloudFront.
struct signing_scheme {
  std::string_view signature; ///< the parameter whose presence, with `companion`, shows the scheme
  std::string_view companion; ///< tells schemes apart whose signature parameters are named alike; empty: not needed
  bool any_case;              ///< whether parameter names compare without regard to case
  std::span<const std::string_view> parameters; ///< all that change with each signing, or go with a signature

  /// Whether a parameter's name, once it is decoded, is `wanted`.
  [[nodiscard]] bool same(std::string_view decoded, std::string_view wanted) const;
  /// Whether a parameter's `name`, as it stands in the query, is `wanted`.
  [[nodiscard]] bool named(std::string_view name, std::string_view wanted) const;
  [[nodiscard]] bool owns(std::string_view name) const;
};

/// Where they stand in `signing_schemes`.
enum class vendor : std::uint8_t { aws_v4, aws_v2, google_v4, google_v2, azure, cloudfront };

inline constexpr std::size_t vendors = 6;

/// Whether `url` has a query, in which alone a signature stands; a quick first look.
inline bool may_be_signed(std::string_view url) {
  return url.find('?') != std::string_view::npos;
}

extern const std::array<signing_scheme, vendors> signing_schemes;

/// Which schemes signed a URL with that query.
std::array<bool, vendors> signers_of(std::string_view query);

/// `url` without the parameters of the schemes that signed it; the order of the others is kept. The answer is `url`
/// itself, where nothing signed it, or is written to `buffer`.
std::string_view without_signature(std::string_view url, std::string& buffer);

/// What counts of the text of a job's member `name`: of an http or https URL what is no signature. The answer is `text`
/// itself or is written to `buffer`.
std::string_view what_counts(std::string_view name, std::string_view text, std::string& buffer);

} // namespace mcbatch::manifest

#endif
