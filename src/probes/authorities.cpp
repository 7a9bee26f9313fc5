#include "probes/authorities.hpp"

namespace doctor::probes {
namespace {

constexpr std::size_t most_bytes = 4UL * 1024 * 1024;  // the bundle of a distribution has 220 KB

Failed about_authorities(ProbeFailure failure) {
  failure.code = "authorities";
  failure.phase = "authorities";
  return Failed{std::move(failure)};
}

Failed no_certificate() {
  ProbeFailure failure;
  failure.kind = FailureKind::protocol_error;
  failure.detail = "the file holds no certificate (PEM)";
  return about_authorities(std::move(failure));
}

}  // namespace

Outcome<X509_STORE*> Authorities::store(const std::string& vantage, const std::string& file) {
  const auto key = file.empty() ? std::pair<std::string, std::string>{} : std::pair{vantage, file};
  const std::lock_guard guard{mutex_};
  auto found = stores_.find(key);
  if (found == stores_.end()) found = stores_.emplace(key, load(key.first, key.second)).first;
  const auto& store = found->second;
  if (!store) return Failed{store.error()};
  return store->get();
}

Outcome<CertificateStore> Authorities::load(const std::string& vantage, const std::string& file) {
  if (file.empty()) return load_certificate_store();
  auto text = vantages_.text(vantage, file, most_bytes);
  if (!text) return about_authorities(std::move(text.error()));
  auto store = load_certificate_store();
  if (add_certificates(*store, *text) == 0) return no_certificate();
  return store;
}

}  // namespace doctor::probes
