#include "bundle/tape_redaction.hpp"
#include "probes/recorder_template.hpp"
#include "support/catch.hpp"
#include "util/serialise.hpp"

using namespace doctor;

namespace {

constexpr const char* secret = "Xq7-unguessable";

const redact::Redactor& redactor() {
  static const redact::Redactor made{{{"DB_PASSWORD", secret}, {"ODD", "modified"}, {"WEAK", "17"}}};
  return made;
}

template <class Question>
void write(probes::Tape& tape, const Question& question, const Outcome<typename Question::Answer>& outcome) {
  tape.write(probes::canonical_key(question), probes::encoded(outcome));
}

template <class Question>
Outcome<typename Question::Answer> answer(const probes::Tape& tape, const Question& question) {
  probes::ReplayingProbes replaying{tape, [](const std::string& text) { return redact::Redactor{}.redact(text); }};
  return replaying.probes().ask(question, Deadline::after(std::chrono::seconds{1}));
}

bundle::Missing missing(const bundle::RedactedTape& tape) {
  REQUIRE(tape.missing.size() == 1);
  CHECK(tape.missing.front().path == "answers/tape.json");
  CHECK(!tape.missing.front().reason.empty());
  return tape.missing.front();
}

}  // namespace

TEST_CASE("every text of questions and answers is redacted and the form stays", "[tape]") {
  probes::Tape tape;
  write(tape, TextQuestion{std::string{"/srv/"} + secret + "/log"}, TextAnswer{std::string{"a \""} + secret + "\"\n"});
  HttpAnswer page;
  page.status = 200;
  page.headers = {{"set-cookie", std::string{"sid="} + secret}};
  page.body = std::string{"{\"password\": \""} + secret + "\"}";
  HttpQuestion request;
  request.url = "http://127.0.0.1/";
  write(tape, request, page);
  ProbeFailure refused;
  refused.kind = FailureKind::refused;
  refused.detail = std::string{"no "} + secret;
  write(tape, TcpQuestion{"db", 5432}, Failed{refused});
  const auto result = bundle::redacted(tape, redactor());
  CHECK(result.missing.empty());
  CHECK(result.tape.to_json().find("unguessable") == std::string::npos);
  const auto text = answer(result.tape, TextQuestion{"/srv/[redacted:DB_PASSWORD]/log"});
  REQUIRE(text);
  CHECK(text->text == "a \"[redacted:DB_PASSWORD]\"\n");
  const auto read = answer(result.tape, request);
  REQUIRE(read);
  CHECK(read->status == 200);
  REQUIRE(read->headers.size() == 1);
  CHECK(util::Json::parse(read->body).at("password") == "[redacted:DB_PASSWORD]");
  const auto failure = answer(result.tape, TcpQuestion{"db", 5432});
  REQUIRE(!failure);
  CHECK(failure.error().kind == FailureKind::refused);
  CHECK(failure.error().detail == "no [redacted:DB_PASSWORD]");
}

TEST_CASE("names of fields, numbers and words of doctor's own are not redacted", "[tape]") {
  probes::Tape tape;
  FileAnswer file;
  file.kind = "file";
  file.modified = 17;
  write(tape, FileQuestion{"/srv/app/.env"}, file);
  const auto read = answer(bundle::redacted(tape, redactor()).tape, FileQuestion{"/srv/app/.env"});
  REQUIRE(read);
  CHECK(read->kind == "file");
  CHECK(read->modified == 17);
}

TEST_CASE("a question of doctor's own words finds its answer although a pattern changed it", "[tape]") {
  PostgresRowsQuestion question;
  question.session.source = "setting:app/DATABASE_URL";
  question.sql = "SELECT 1 FROM t WHERE password = 'hunter2hunter2'";
  probes::Tape tape;
  PostgresRowsAnswer rows;
  rows.rows = {{std::string{"1"}}};
  write(tape, question, rows);
  const auto result = bundle::redacted(tape, redactor());
  CHECK(result.tape.to_json().find("hunter2hunter2") == std::string::npos);
  const auto read = answer(result.tape, question);
  REQUIRE(read);
  CHECK(read->rows == rows.rows);
}

TEST_CASE("two questions that become one have no answer unless it is the same", "[tape]") {
  const redact::Redactor both;  // a pattern gives both passwords one name
  probes::Tape tape;
  FileAnswer file;
  file.kind = "file";
  write(tape, FileQuestion{"redis://u:first-secret-1@db"}, file);
  SECTION("different answers") {
    file.kind = "missing";
    write(tape, FileQuestion{"redis://u:other-secret-2@db"}, file);
    const auto result = bundle::redacted(tape, both);
    CHECK(result.tape.size() == 0);
    CHECK(missing(result).source.find("redis://u:[redacted:url-password]@db") != std::string::npos);
  }
  SECTION("the same answer") {
    write(tape, FileQuestion{"redis://u:other-secret-2@db"}, file);
    const auto result = bundle::redacted(tape, both);
    CHECK(result.missing.empty());
    CHECK(answer(result.tape, FileQuestion{"redis://u:[redacted:url-password]@db"}).has_value());
  }
}

TEST_CASE("past the bound the largest answers are left out and named", "[tape]") {
  probes::Tape tape;
  write(tape, TextQuestion{"/srv/small"}, TextAnswer{"small"});
  write(tape, TextQuestion{"/srv/large"}, TextAnswer{std::string(10'000, 'x')});
  write(tape, TextQuestion{"/srv/middle"}, TextAnswer{std::string(1'000, 'y')});
  const auto whole = bundle::redacted(tape, redactor());
  CHECK(whole.missing.empty());
  const auto size = whole.tape.to_json().size();
  CHECK(bundle::redacted(tape, redactor(), size + 100).missing.empty());
  const auto cut = bundle::redacted(tape, redactor(), size - 100);
  CHECK(cut.tape.to_json().size() <= size - 100);
  CHECK(missing(cut).source.find("/srv/large") != std::string::npos);
  CHECK(answer(cut.tape, TextQuestion{"/srv/middle"}).has_value());
  CHECK(answer(cut.tape, TextQuestion{"/srv/large"}).error().kind == FailureKind::not_recorded);
  CHECK(bundle::redacted(tape, redactor(), 0).missing.size() == 3);
}

TEST_CASE("a tape of many megabytes is written and read", "[tape]") {
  probes::Tape tape;
  for (int i = 0; i < 10; ++i)
    write(tape, TextQuestion{"/srv/" + std::to_string(i)}, TextAnswer{std::string(4'000'000, 'x')});
  const auto result = bundle::redacted(tape, redactor());
  CHECK(result.missing.empty());
  const auto read = probes::Tape::from_json(result.tape.to_json());
  REQUIRE(read);
  CHECK(read->size() == 10);
}

TEST_CASE("what is no answer to a question that doctor asks stays out", "[tape]") {
  for (const auto* key : {"", "file", "unknown {}", "file 7", "file {", "file {\"path\":7}"}) {
    INFO(key);
    probes::Tape tape;
    tape.write(key, "{}");
    const auto result = bundle::redacted(tape, redactor());
    CHECK(result.tape.size() == 0);
    missing(result);
  }
}

namespace {

std::string redacted_file(const std::string& path, const std::string& text) {
  probes::Tape tape;
  write(tape, TextQuestion{path}, TextAnswer{text});
  const auto read = answer(bundle::redacted(tape, redactor()).tape, TextQuestion{path});
  REQUIRE(read);
  CHECK(read->text.find("unguessable") == std::string::npos);
  return read->text;
}

}  // namespace

TEST_CASE("base64 in YAML stays base64 of what is left", "[tape]") {
  const std::string before = "data:\n  field: ";
  const auto once = redacted_file("/srv/secret.yaml", before + "WHE3LXVuZ3Vlc3NhYmxl\n");  // Xq7-unguessable
  CHECK(once == before + "W3JlZGFjdGVkOkRCX1BBU1NXT1JEXQ==\n");                            // [redacted:DB_PASSWORD]
  const auto twice = redacted_file("/srv/secret.yml", before + "V0hFM0xYVnVaM1ZsYzNOaFlteGw=\n");
  CHECK(twice == before + "VzNKbFpHRmpkR1ZrT2tSQ1gxQkJVMU5YVDFKRVhRPT0=\n");
  const auto url = redacted_file("/srv/secret.yaml", "data:\n  url: cmVkaXM6Ly86WHE3LXVuZ3Vlc3NhYmxlQGRiOjYzNzk=\n");
  CHECK(url == "data:\n  url: cmVkaXM6Ly86W3JlZGFjdGVkOkRCX1BBU1NXT1JEXUBkYjo2Mzc5\n");  // redis://:[...]@db:6379
  const auto key = redacted_file("/srv/secret.yaml", "data:\n  API_KEY: \"WHE3LXVuZ3Vlc3NhYmxl\"\n");
  CHECK(key == "data:\n  API_KEY: \"W3JlZGFjdGVkOkRCX1BBU1NXT1JEXQ==\"\n");
  const auto other = before + "bm90IGEgc2VjcmV0\nimage: abcdefgh/ijklmnop\nsha: AAAAAAAAAAA=\n";
  CHECK(redacted_file("/srv/secret.yaml", other) == other);
}

TEST_CASE("a scalar of YAML stays a scalar", "[tape]") {
  const auto file = [](const std::string& text) { return redacted_file("/srv/values.yaml", text); };
  CHECK(file("a: Xq7-unguessable\n") == "a: '[redacted:DB_PASSWORD]'\n");
  CHECK(file("a: Xq7-unguessable # b\r\n") == "a: '[redacted:DB_PASSWORD]' # b\r\n");
  CHECK(file("  - Xq7-unguessable") == "  - '[redacted:DB_PASSWORD]'");
  CHECK(file("- a: Xq7-unguessable/it's\n") == "- a: '[redacted:DB_PASSWORD]/it''s'\n");
  CHECK(file("a: \"Xq7-unguessable\"\n\n\nb: x\n") == "a: \"[redacted:DB_PASSWORD]\"\n\n\nb: x\n");
  CHECK(file("a: x-Xq7-unguessable\n") == "a: x-[redacted:DB_PASSWORD]\n");
  CHECK(redacted_file("/srv/nginx.conf", "a: Xq7-unguessable\n") == "a: [redacted:DB_PASSWORD]\n");
}
