#include <cstdio>

#include <openssl/evp.h>

#include "probes/files.hpp"
#include "probes/files_support.hpp"
#include "support/catch.hpp"

using namespace doctor;
using test::soon;
using test::TemporaryDirectory;

namespace {

/// The openssl program, as an operator uses it. It must be there: without it nothing here is proved.
void openssl(const TemporaryDirectory& folder, const std::string& arguments) {
  const auto command = "cd " + folder.path() + " && openssl " + arguments + " >/dev/null 2>&1";
  REQUIRE(std::system(command.c_str()) == 0);
}

std::string output_of(const std::string& command) {
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  for (int c = 0; (c = fgetc(pipe)) != EOF;) text += static_cast<char>(c);
  pclose(pipe);
  return text;
}

KeyAnswer key(const std::string& path) {
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  return probes::KeyProbe{helper}.ask({path}, soon()).value();
}

}  // namespace

TEST_CASE("a pair of keys has one fingerprint, that of its public half") {
  const TemporaryDirectory folder;
  openssl(folder, "genpkey -algorithm ed25519 -out private.pem");
  openssl(folder, "pkey -in private.pem -pubout -out public.pem");
  const auto secret = key(folder / "private.pem");
  CHECK(secret.problem.empty());
  CHECK(secret.kind == "private");
  CHECK(secret.label == "PRIVATE KEY");
  CHECK(secret.algorithm == "Ed25519");
  const auto shared = key(folder / "public.pem");
  CHECK(shared.problem.empty());
  CHECK(shared.kind == "public");
  CHECK(shared.label == "PUBLIC KEY");
  CHECK(shared.algorithm == "Ed25519");
  CHECK(secret.fingerprint == shared.fingerprint);
  const auto expected = output_of("openssl pkey -pubin -in " + folder / "public.pem" +
                                  " -outform DER | sha256sum | cut -c1-64 | tr -d '\\n'");
  CHECK(shared.fingerprint == expected);
  openssl(folder, "genpkey -algorithm ed25519 -out other.pem");
  CHECK(key(folder / "other.pem").fingerprint != expected);
}

TEST_CASE("kinds, algorithms and sizes of keys") {
  const TemporaryDirectory folder;
  openssl(folder, "genrsa -traditional -out rsa.pem 2048");
  const auto rsa = key(folder / "rsa.pem");
  CHECK(rsa.label == "RSA PRIVATE KEY");
  CHECK(rsa.algorithm == "RSA");
  CHECK(rsa.bits == 2048);
  openssl(folder, "ecparam -name prime256v1 -genkey -out ec.pem");  // two blocks, as that command writes
  const auto ec = key(folder / "ec.pem");
  CHECK(ec.problem.empty());
  CHECK(ec.kind == "private");
  CHECK(ec.algorithm == "EC");
  CHECK(ec.bits == 256);
  openssl(folder, "req -x509 -key rsa.pem -subj /CN=test -days 1 -out certificate.pem");
  const auto certificate = key(folder / "certificate.pem");
  CHECK(certificate.kind == "certificate");
  CHECK(certificate.fingerprint == rsa.fingerprint);
  openssl(folder, "rsa -in rsa.pem -RSAPublicKey_out -out pkcs1.pem");
  CHECK(key(folder / "pkcs1.pem").kind == "public");
}

TEST_CASE("unusable keys are values with a problem") {
  const TemporaryDirectory folder;
  openssl(folder, "genpkey -algorithm ed25519 -out key.pem");
  openssl(folder, "pkey -in key.pem -outform DER -out key.der");
  CHECK(key(folder / "key.der").problem == "DER instead of PEM");
  openssl(folder, "pkey -in key.pem -aes128 -passout pass:open -out locked.pem");
  const auto locked = key(folder / "locked.pem");
  CHECK(locked.problem == "encrypted with a passphrase");
  CHECK(locked.label == "ENCRYPTED PRIVATE KEY");
  CHECK(locked.kind.empty());
  openssl(folder, "genrsa -traditional -aes128 -passout pass:open -out old.pem 2048");
  CHECK(key(folder / "old.pem").problem == "encrypted with a passphrase");
  openssl(folder, "req -new -key key.pem -subj /CN=test -out request.pem");
  CHECK(key(folder / "request.pem").problem == "neither a key nor a certificate");
  CHECK(key(folder.write("empty.pem", "")).problem == "empty");
  const auto nonsense =
      key(folder.write("nonsense.pem", "-----BEGIN PRIVATE KEY-----\nMAMCAQA=\n-----END PRIVATE KEY-----\n"));
  CHECK(nonsense.problem == "the content is not a valid key");
  CHECK(nonsense.kind.empty());
  CHECK(key(folder.write("large.pem", std::string(70'000, 'A'))).problem == "larger than 64 kB");
  CHECK(key(folder.path()).problem == "a directory instead of a file");
  REQUIRE(mkfifo((folder / "fifo").c_str(), 0600) == 0);
  CHECK(key(folder / "fifo").problem == "a named pipe instead of a file");
}

TEST_CASE("a key that is not there or may not be read is a failure") {
  const TemporaryDirectory folder;
  const std::shared_ptr<probes::Helper> helper = probes::Helper::start();
  CHECK(probes::KeyProbe{helper}.ask({folder / "no.pem"}, soon()).error().kind == FailureKind::not_found);
}

TEST_CASE("no part of a private key leaves the probe") {
  const TemporaryDirectory folder;
  openssl(folder, "genpkey -algorithm ed25519 -out key.pem");
  const auto helper = probes::Helper::start();
  const auto bytes = helper->call("key", "{\"path\":\"" + folder / "key.pem" + "\"}", soon()).value();
  const auto body = output_of("sed -n 2p " + folder / "key.pem");
  REQUIRE(body.size() > 60);
  for (std::size_t i = 20; i + 8 < body.size(); ++i) CHECK(bytes.find(body.substr(i, 8)) == std::string::npos);
}
