#include "doctor/format/pem.hpp"

#include <algorithm>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "support/catch.hpp"

using doctor::formats::lint_pem;

namespace {

/// A key made by OpenSSL for this run.
std::string make_pem(const char* algorithm, bool is_private) {
  EVP_PKEY* key = std::string{algorithm} == "RSA" ? EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048})
                                                  : EVP_PKEY_Q_keygen(nullptr, nullptr, algorithm);
  BIO* bio = BIO_new(BIO_s_mem());
  if (is_private)
    PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  else
    PEM_write_bio_PUBKEY(bio, key);
  char* data = nullptr;
  const auto length = BIO_get_mem_data(bio, &data);
  std::string text{data, static_cast<std::size_t>(length)};
  BIO_free(bio);
  EVP_PKEY_free(key);
  return text;
}

const std::string& ed25519() {
  static const std::string pem = make_pem("ED25519", true);
  return pem;
}
const std::string& rsa() {
  static const std::string pem = make_pem("RSA", true);
  return pem;
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  return text;
}

std::string problem(const std::string& text) {
  return lint_pem(text).problem;
}

/// The offset where a line (1-based) begins.
std::size_t line_start(const std::string& text, int line) {
  std::size_t at = 0;
  for (int i = 1; i < line; ++i) at = text.find('\n', at) + 1;
  return at;
}

bool openssl_reads(const std::string& text) {
  BIO* bio = BIO_new_mem_buf(text.data(), static_cast<int>(text.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(
      bio, nullptr, [](char*, int, int, void*) { return -1; }, nullptr);
  BIO_free(bio);
  EVP_PKEY_free(key);
  return key != nullptr;
}

}  // namespace

TEST_CASE("keys as OpenSSL writes them have no problem") {
  for (const auto& pem : {ed25519(), rsa(), make_pem("ED25519", false), make_pem("RSA", false)}) {
    const auto report = lint_pem(pem);
    CHECK(report.problem.empty());
    CHECK(report.blocks == 1);
    CHECK(report.line == 0);
    CHECK_FALSE(report.crlf);
  }
  CHECK(lint_pem(ed25519()).label == "PRIVATE KEY");
  CHECK(lint_pem(make_pem("RSA", false)).label == "PUBLIC KEY");
}

TEST_CASE("what OpenSSL tolerates is no problem") {
  const auto body = rsa().find('\n') + 1;
  auto one_line = rsa();
  for (auto at = one_line.find('\n', body); one_line[at + 1] != '-'; at = one_line.find('\n', at))
    one_line.erase(at, 1);
  const auto crlf = replaced(rsa(), "\n", "\r\n");
  for (const auto& text : {crlf, "\xEF\xBB\xBF" + rsa(), "Bag Attributes\n" + rsa(), rsa() + "remark\n", one_line,
                           replaced(rsa(), "\n", "  \n"), rsa().substr(0, rsa().size() - 1),
                           replaced(ed25519(), "KEY-----\nM", "KEY-----\n\nM")}) {
    CHECK(problem(text).empty());
    CHECK(lint_pem(text).label == "PRIVATE KEY");
  }
  CHECK(lint_pem(crlf).crlf);
  CHECK(openssl_reads(one_line));
}

TEST_CASE("every broken file that OpenSSL refuses has a problem of its own") {
  const auto middle = line_start(rsa(), 5);
  auto blank = rsa();
  blank.insert(middle, "\n");
  auto comment = rsa();
  comment.insert(middle, "# comment\n");
  auto cut = rsa();
  cut.erase(middle + 3, 4);
  const auto end = rsa().find("-----END");
  struct Case {
    std::string text;
    std::string problem;
    int line;
  };
  const auto lines = static_cast<int>(std::count(rsa().begin(), rsa().end(), '\n'));
  for (const auto& expected : std::vector<Case>{
           {"", "empty", 0},
           {" \r\n\t\n", "empty", 0},
           {"hello\n", "no PEM block", 0},
           {replaced(ed25519(), "\n", "\\n"), "literal \\n instead of line breaks", 1},
           {replaced(ed25519(), "\n", "\r"), "carriage returns instead of line breaks", 1},
           {replaced(ed25519(), "\n", " "), "line breaks are missing", 1},
           {"  " + rsa(), "blanks before the BEGIN line", 1},
           {"\"" + rsa() + "\"", "a quotation mark before the BEGIN line", 1},
           {"KEY=" + rsa(), "text before the BEGIN line", 1},
           {replaced(rsa(), "-----BEGIN", "----BEGIN"), "the BEGIN line is malformed", 1},
           {replaced(rsa(), "-----END PRIVATE", "-----END PUBLIC"), "the END line does not fit the BEGIN line", lines},
           {replaced(rsa(), "-----END", " -----END"), "the END line is malformed", lines},
           {rsa().substr(0, end), "the END line is missing", lines - 1},
           {rsa().substr(0, middle + 10), "the END line is missing", 5},
           {blank, "a blank line inside the block", 5},
           {comment, "a character outside the base64 alphabet", 5},
           {cut, "the block is cut short", lines},
           {rsa().substr(0, middle) + rsa().substr(end), "the block is cut short", 5},
           {"-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n", "the block is empty", 2},
           {rsa().substr(rsa().find('\n') + 1, 64), "the BEGIN and END lines are missing", 1},
           {"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI op@host\n", "an OpenSSH public key instead of PEM", 1},
           {"{\"kty\":\"OKP\"}", "JSON instead of PEM", 1},
           {std::string("\xFF\xFE-\0", 4), "UTF-16 instead of ASCII text", 1},
           {"text\n" + std::string(1, '\0') + rsa(), "binary content", 2},
           {std::string(64 * 1024 + 1, 'A'), "larger than 64 kB", 0}}) {
    CAPTURE(expected.problem);
    const auto report = lint_pem(expected.text);
    CHECK(report.problem == expected.problem);
    CHECK(report.line == expected.line);
    CHECK_FALSE(openssl_reads(expected.text));
  }
}

TEST_CASE("DER, OpenSSH and encrypted keys are told apart") {
  CHECK(problem(std::string("\x30\x2e\x02\x01\x00\x30\x05", 7)) == "binary content");  // too short for its length
  std::string der("\x30\x82\x01\x22", 4);
  der.resize(0x126, '\x01');
  CHECK(problem(der) == "DER instead of PEM");
  std::string small("\x30\x2e", 2);
  small.resize(48, '\x02');
  CHECK(problem(small) == "DER instead of PEM");
  CHECK(problem("0 is a text\n") == "no PEM block");
  const auto openssh = replaced(ed25519(), "PRIVATE KEY", "OPENSSH PRIVATE KEY");
  CHECK(problem(openssh) == "OpenSSH format instead of PKCS#8");
  CHECK(problem(replaced(ed25519(), "PRIVATE KEY", "ENCRYPTED PRIVATE KEY")) == "encrypted with a passphrase");
  const std::string traditional =
      "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMAA=\n"
      "-----END RSA PRIVATE KEY-----\n";
  const auto report = lint_pem(traditional);
  CHECK(report.problem == "encrypted with a passphrase");
  CHECK(report.line == 2);
}

TEST_CASE("several blocks are a problem unless they belong together") {
  const auto two = lint_pem(ed25519() + make_pem("ED25519", false));
  CHECK(two.problem == "several PEM blocks");
  CHECK(two.blocks == 2);
  CHECK(two.line == 4);
  const std::string certificate = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
  CHECK(problem(certificate + certificate).empty());
  CHECK(problem("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n" + ed25519()).empty());
}

TEST_CASE("a bad character has its column") {
  auto text = ed25519();
  text[text.find('\n') + 11] = '_';
  const auto report = lint_pem(text);
  CHECK(report.problem == "a character outside the base64 alphabet");
  CHECK(report.line == 2);
  CHECK(report.column == 11);
  text = ed25519();
  text[text.find('\n') + 11] = '=';
  CHECK(problem(text).find("\"=\"") != std::string::npos);
}

TEST_CASE("a label from outside is never shown as it is") {
  CHECK(lint_pem("-----BEGIN \x1b[31mKEY-----\nMAA=\n-----END \x1b[31mKEY-----\n").label.empty());
  CHECK(lint_pem("-----BEGIN " + std::string(500, 'A') + "-----\nMAA=\n").label.size() == 64);
}

TEST_CASE("every cut of a key and every changed byte is survived and noticed") {
  const auto& pem = ed25519();
  for (std::size_t i = 0; i + 1 < pem.size(); ++i) CHECK_FALSE(problem(pem.substr(0, i)).empty());
  for (std::size_t i = 0; i < pem.size(); ++i)
    for (const char c : {'\0', '\n', '\r', '=', '-', '\xff'}) {
      auto text = pem;
      text[i] = c;
      const bool noticed = !problem(text).empty();
      if (openssl_reads(text) && text != pem) continue;  // OpenSSL takes it: the linter may too
      if (text != pem) CHECK(noticed);
    }
}
