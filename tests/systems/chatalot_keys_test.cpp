// Chatalot's key files, broken in the ways in which operators break them. All found without anything running.

#include "lab/files_case.hpp"
#include "support/catch.hpp"

namespace doctor::lab {
namespace {

constexpr const char* private_key = "secrets/jwt_private.pem";
constexpr const char* public_key = "secrets/jwt_public.pem";
constexpr const char* private_subject = "file:secrets/jwt_private.pem";
constexpr const char* public_subject = "file:secrets/jwt_public.pem";

constexpr std::uint32_t image_user = 999;

void put(const FilesCase& files, const char* file, const std::string& text) {
  files.directory().write(file, text, file == private_key ? 0600 : 0644);
  files.directory().owner(file, image_user);
}

std::string openssl(Arguments arguments) {
  arguments.insert(arguments.begin(), "openssl");
  return run_or_throw(arguments);
}

void expect_invalid_private_key(FilesCase& files, const std::string& text, const std::string& code) {
  files.secrets().add_key(text);
  put(files, private_key, text);
  expect_roots(files.check(), {{"chatalot-jwt-key-invalid", code, "jwt", private_subject}}, 1);
}

}  // namespace

TEST_CASE("no key files", "[keys]") {
  FilesCase files;
  files.directory().remove("secrets");
  const auto result = files.check();
  expect_roots(result,
               {{"chatalot-jwt-key-missing", "jwt-key-missing", "jwt", private_subject},
                {"chatalot-jwt-key-missing", "jwt-key-missing", "jwt", public_subject}},
               1);
}

TEST_CASE("no private key", "[keys]") {
  FilesCase files;
  files.directory().remove(private_key);
  expect_roots(files.check(), {{"chatalot-jwt-key-missing", "jwt-key-missing", "jwt", private_subject}}, 1);
}

TEST_CASE("a directory where the private key should be", "[keys]") {
  FilesCase files;
  files.directory().remove(private_key);
  files.directory().make(private_key);
  expect_roots(files.check(), {{"chatalot-jwt-key-missing", "jwt-key-not-a-file", "jwt", private_subject}}, 1);
}

TEST_CASE("a private key without its public half", "[keys]") {
  FilesCase files;
  files.directory().remove(public_key);
  expect_roots(files.check(), {{"chatalot-jwt-key-regeneration-skipped", "jwt-key-missing", "jwt", public_subject}}, 0);
}

TEST_CASE("an empty key file", "[keys]") {
  FilesCase files;
  expect_invalid_private_key(files, "", "jwt-key-invalid");
}

TEST_CASE("a truncated key file", "[keys]") {
  FilesCase files;
  const auto text = files.directory().read(private_key);
  expect_invalid_private_key(files, text.substr(0, 60), "jwt-key-invalid");
}

TEST_CASE("a key in one line with literal line ends", "[keys]") {
  FilesCase files;
  std::string text;
  for (const char c : files.directory().read(private_key)) text += c == '\n' ? std::string{"\\n"} : std::string{c};
  expect_invalid_private_key(files, text, "jwt-key-invalid");
}

TEST_CASE("an RSA key", "[keys]") {
  FilesCase files;
  expect_invalid_private_key(files, openssl({"genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}),
                             "jwt-key-algorithm-unexpected");
}

TEST_CASE("an encrypted key", "[keys]") {
  FilesCase files;
  const auto text = openssl({"pkey", "-in", files.directory().path(private_key), "-aes256", "-passout", "pass:secret"});
  expect_invalid_private_key(files, text, "jwt-key-invalid");
}

TEST_CASE("the key files swapped", "[keys]") {
  FilesCase files;
  const auto first = files.directory().read(private_key);
  const auto second = files.directory().read(public_key);
  put(files, private_key, second);
  put(files, public_key, first);
  expect_roots(files.check(),
               {{"chatalot-jwt-key-invalid", "jwt-key-invalid", "jwt", private_subject},
                {"chatalot-jwt-key-invalid", "jwt-key-invalid", "jwt", public_subject}},
               1);
}

TEST_CASE("a public key of another pair", "[keys]") {
  FilesCase files;
  const FilesCase other;
  put(files, public_key, other.directory().read(public_key));
  expect_roots(files.check(), {{"chatalot-jwt-key-mismatch", "jwt-key-mismatch", "jwt", public_subject}}, 1);
}

TEST_CASE("a private key of the user who ran the script", "[keys]") {
  FilesCase files;
  files.directory().owner(private_key, 1000);
  const auto result = files.check();
  expect_roots(result, {{"chatalot-jwt-key-unreadable", "jwt-key-unreadable", "jwt", private_subject}}, 1);
  CHECK(result.evidence("chatalot-jwt-key-unreadable", "mode") == "0600");
}

TEST_CASE("a private key readable by everybody", "[keys]") {
  FilesCase files;
  files.directory().mode(private_key, 0644);
  expect_roots(files.check(), {{"chatalot-secret-file-exposed", "jwt-key-exposed", "jwt", private_subject}}, 0);
}

}  // namespace doctor::lab
