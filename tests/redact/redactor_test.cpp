#include "redact/redactor.hpp"

#include <ctime>

#include "redact/encodings.hpp"
#include "redact/key_values.hpp"
#include "support/catch.hpp"
#include "support/disguise.hpp"

using doctor::redact::is_secret_name;
using doctor::redact::KnownSecret;
using doctor::redact::Redactor;
using doctor::test::base64;
using doctor::test::url_alphabet;

namespace {

const std::string password = R"(p@s/s w"o'r$d%é\7!)";

std::string redact(const std::string& text) {
  return Redactor{}.redact(text);
}

std::string without_padding(std::string text) {
  while (text.ends_with('=')) text.pop_back();
  return text;
}

}  // namespace

TEST_CASE("a known value goes in each of its forms") {
  const Redactor redactor{{{"DB_PASSWORD", password}}};
  for (const std::string& form : {
           password,
           std::string{"p%40s%2Fs%20w%22o%27r%24d%25%C3%A9%5C7%21"},  // everything encoded
           std::string{"p%40s%2fs%20w%22o%27r%24d%25%c3%a9%5c7%21"},  // lower case
           std::string{"p%40s%2Fs+w%22o%27r%24d%25%C3%A9%5C7%21"},    // a form
           std::string{"p%40s%2Fs%20w%22o'r%24d%25%C3%A9%5C7!"},      // encodeURIComponent
           std::string{"p@s%2Fs%20w%22o'r$d%25%C3%A9%5C7!"},          // userinfo
           std::string{R"(p@s/s w\"o'r$d%é\\7!)"},                    // JSON
           std::string{R"(p@s\/s w\"o'r$d%\u00e9\\7!)"},              // JSON in ASCII, slashes escaped
           std::string{R"(p@s/s w\\\"o'r$d%é\\\\7!)"},                // JSON in JSON
           std::string{R"(p@s/s w"o'\''r$d%é\7!)"},                   // single quotes of a shell
           std::string{R"(p@s/s w\"o'r\$d%é\\7!)"},                   // double quotes of a shell
           std::string{R"(p@s/s\ w\"o\'r\$d%é\\7\!)"},                // printf %q
           std::string{R"(p@s/s w"o'r$$d%é\7!)"},                     // Compose
           std::string{R"(p@s/s w&quot;o&#39;r$d%é\7!)"},             // HTML
           std::string{"7040732f732077226f277224642"
                       "5c3a95c3721"},  // hexadecimal
           std::string{"7040732F732077226F277224642"
                       "5C3A95C3721"},
       }) {
    CAPTURE(form);
    CHECK(redactor.redact("before " + form + " after") == "before [redacted:DB_PASSWORD] after");
    CHECK(redactor.find_known("x" + form + "x") == "DB_PASSWORD");
  }
}

TEST_CASE("base64 at every alignment, padded or not, in both alphabets") {
  for (const std::string& value :
       {password, std::string{"tiny77"}, std::string{"hunter2hunter2"}, std::string{"\xfb\xff\xbe\xfb\xff\xbe\xfb"}}) {
    const Redactor redactor{{{"S", value}}};
    for (const std::string before : {"", "a", "ab", "abc", "user:"})
      for (const std::string after : {"", "x", "xy", "xyz"})
        for (const bool padded : {true, false}) {
          const auto encoded = base64(before + value + after);
          const auto text = padded ? encoded : without_padding(encoded);
          for (const auto& form : {text, url_alphabet(text)}) {
            CAPTURE(value, before, after, form);
            const auto out = redactor.redact(form);
            CHECK(out.find("[redacted:S]") != std::string::npos);
            // What is left of the text are the neighbours' characters.
            CHECK(out.size() <= std::string{"[redacted:S]"}.size() + base64(before).size() + base64(after).size() + 4);
          }
        }
  }
}

TEST_CASE("without secrets ordinary text passes as it is") {
  const std::string text = "line one\nline two\r\n\n\xff\xfe\x00binary";
  CHECK(redact(text) == text);
  CHECK(redact("") == "");
  CHECK(Redactor{{{"EMPTY", ""}, {"BLANK", "  \n"}}}.redact(text) == text);
  CHECK(Redactor{}.find_known(text).empty());
}

TEST_CASE("values that overlap leave nothing of either") {
  const Redactor redactor{{{"A", "abcdefgh"}, {"B", "fghijklm"}, {"C", "abcdefghijkl"}}};
  CHECK(redactor.redact("abcdefghijklm") == "[redacted:C]");
  CHECK(redactor.redact("abcdefgh fghijklm") == "[redacted:A] [redacted:B]");
  CHECK(redactor.redact("abcdefghabcdefgh") == "[redacted:A][redacted:A]");
}

TEST_CASE("short and common values go only beside their key") {
  const Redactor redactor{{{"DB_PASSWORD", "postgres"}, {"PIN_CODE", "4711"}, {"APP_NAME_X", "chatalot"}},
                          {"chatalot"}};
  CHECK(redactor.redact("service postgres listens on 4711, chatalot is up") ==
        "service postgres listens on 4711, chatalot is up");
  CHECK(redactor.redact("PIN_CODE=4711") == "PIN_CODE=[redacted:PIN_CODE]");
  CHECK(redactor.redact("{\"PIN_CODE\": \"4711\"}") == "{\"PIN_CODE\": \"[redacted:PIN_CODE]\"}");
  CHECK(redactor.redact("PIN_CODE=47112") == "PIN_CODE=47112");
  CHECK(redactor.redact("APP_NAME_X: chatalot") == "APP_NAME_X: [redacted:APP_NAME_X]");
  CHECK(redactor.redact("DB_PASSWORD=postgres") == "DB_PASSWORD=[redacted:DB_PASSWORD]");
  CHECK(redactor.redact("postgres://postgres:postgres@postgres:5432/postgres") ==
        "postgres://postgres:[redacted:url-password]@postgres:5432/postgres");
}

TEST_CASE("of a known URL the password is the secret") {
  const Redactor redactor{{{"DATABASE_URL", "postgres://app:s3cr3t%2Fpart@db:5432/app"}}};
  CHECK(redactor.redact("cannot use s3cr3t/part or s3cr3t%2Fpart") ==
        "cannot use [redacted:DATABASE_URL] or [redacted:DATABASE_URL]");
  CHECK(redactor.redact("connecting to postgres://app:s3cr3t%2Fpart@db:5432/app") ==
        "connecting to postgres://app:[redacted:DATABASE_URL]@db:5432/app");
}

TEST_CASE("placeholders of samples go only beside their key") {
  const Redactor redactor{
      {{"TUNNEL_TOKEN", "your_tunnel_token_here"}, {"DB_PASSWORD", "change_me_to_a_strong_password"}}};
  const std::string guide = "`change_me_to_a_strong_password` and `your_tunnel_token_here` are samples";
  CHECK(redactor.redact(guide) == guide);
  CHECK(redactor.redact("TUNNEL_TOKEN=your_tunnel_token_here") == "TUNNEL_TOKEN=[redacted:TUNNEL_TOKEN]");
}

TEST_CASE("credentials inside a value of JSON are known too") {
  const Redactor redactor{{{"ICE_SERVERS", R"([{"urls":"turn:h","username":"u1","credential":"relay-pw-99"}])"}}};
  CHECK(redactor.redact("turnserver --user=u1:relay-pw-99") == "turnserver --user=u1:[redacted:ICE_SERVERS]");
}

TEST_CASE("each line of a value of several lines is known") {
  const std::string key =
      "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIFakeFakeFakeFake\nSecondLineOfTheKey==\n-----END PRIVATE "
      "KEY-----\n";
  const Redactor redactor{{{"JWT_PRIVATE_KEY", key}}};
  CHECK(redactor.redact("x SecondLineOfTheKey== y") == "x [redacted:JWT_PRIVATE_KEY] y");
  CHECK(redactor.redact(key).find("Fake") == std::string::npos);
  CHECK(redactor.redact("-----BEGIN CERTIFICATE-----") == "-----BEGIN CERTIFICATE-----");
}

TEST_CASE("a value longer than a needle is found by its parts") {
  std::string value;
  for (unsigned i = 0; i < 9000; ++i) value += static_cast<char>('!' + (i * i + i / 7) % 90);
  const Redactor redactor{{{"LONG", value}}};
  const auto out = redactor.redact("<" + value + ">");
  CHECK(out.find(value.substr(100, 50)) == std::string::npos);
  CHECK(out.find(value.substr(8900, 50)) == std::string::npos);
  CHECK(out.front() == '<');
}

TEST_CASE("passwords of URLs go, ports and paths stay") {
  CHECK(redact("postgres://u:hunter22@db:5432/x?sslmode=disable") ==
        "postgres://u:[redacted:url-password]@db:5432/x?sslmode=disable");
  CHECK(redact("redis://:onlypw@cache:6379/0") == "redis://:[redacted:url-password]@cache:6379/0");
  CHECK(redact("amqp://u:p@ss@h/v") == "amqp://u:[redacted:url-password]@h/v");
  CHECK(redact("postgres://u:p/w?x#y@db/x") == "postgres://u:[redacted:url-password]@db/x");
  for (const std::string& url :
       {std::string{"http://host:8080/path?mail=a@b.example"}, std::string{"https://example.org/@user:x"},
        std::string{"git://user@host:22/x"}, std::string{"http://[::1]:80/a@b"}, std::string{"ws://h:80"},
        std::string{"postgres://u:${DB_PASSWORD}@db/x"}, std::string{"postgres://u:[redacted:DB_PASSWORD]@db/x"},
        std::string{"postgres://u:***@db/x"}, std::string{"://"}, std::string{"a://:@"}}) {
    CAPTURE(url);
    CHECK(redact(url) == url);
  }
}

TEST_CASE("private keys go, whole, cut or on one line") {
  const std::string body =
      "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\nabcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOP\n";
  const std::string begin = "-----BEGIN PRIVATE KEY-----\n";
  const std::string end = "-----END PRIVATE KEY-----";
  CHECK(redact("a\n" + begin + body + end + "\nb") == "a\n[redacted:private-key]\nb");
  CHECK(redact("a\n" + begin + body) == "a\n[redacted:private-key]\n");
  CHECK(redact(begin + body + "the next line of the log\n") == "[redacted:private-key]\nthe next line of the log\n");
  CHECK(redact(R"({"k":"-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ\n-----END RSA PRIVATE KEY-----\n"})") ==
        R"({"k":"[redacted:private-key]\n"})");
  const std::string shared = "-----BEGIN PUBLIC KEY-----\n" + body + "-----END PUBLIC KEY-----\n";
  CHECK(redact(shared) == shared);
  CHECK(redact("app | " + begin + "app | " + body.substr(0, 53) + "app | started on port 80\n") ==
        "app | [redacted:private-key]\napp | started on port 80\n");
}

TEST_CASE("tokens that show what they are") {
  CHECK(redact("Authorization: Bearer abc123DEF456") == "Authorization: Bearer [redacted:token]");
  CHECK(redact("authorization: Basic dXNlcjpwYXNz") == "authorization: Basic [redacted:authorization]");
  CHECK(redact("{\"Authorization\":\"Bearer abc123DEF456\"}") == "{\"Authorization\":\"Bearer [redacted:token]\"}");
  CHECK(redact("sent bearer 0123456789abcdef") == "sent bearer [redacted:token]");
  CHECK(redact("t=eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl x") == "t=[redacted:jwt] x");
  CHECK(redact("Cookie: sid=abc123; theme=dark") == "Cookie: [redacted:cookie]");
  CHECK(redact("push ghp_" + std::string(36, 'a') + " ok") == "push [redacted:token] ok");
  CHECK(redact("POST /api/webhooks/execute/AbCdEf123?x=1") == "POST /api/webhooks/execute/[redacted:webhook]?x=1");
  CHECK(redact("turnserver --user=relay:pw-of-relay") == "turnserver --user=relay:[redacted:password]");
}

TEST_CASE("values beside names that say secret") {
  CHECK(redact("DB_PASSWORD=hunter") == "DB_PASSWORD=[redacted:DB_PASSWORD]");
  CHECK(redact("export API_KEY='a b c'") == "export API_KEY='[redacted:API_KEY]'");
  CHECK(redact("a\nMY_SECRET=with blanks in it\nb") == "a\nMY_SECRET=[redacted:MY_SECRET]\nb");
  CHECK(redact("host=db password=pw1 dbname=x") == "host=db password=[redacted:password] dbname=x");
  CHECK(redact("GET /x?access_token=abc&page=2 HTTP/1.1") ==
        "GET /x?access_token=[redacted:access_token]&page=2 HTTP/1.1");
  CHECK(redact(R"({"password":"a\"b","user":"u"})") == R"({"password":"[redacted:password]","user":"u"})");
  CHECK(redact(R"({\"clientSecret\":\"abc\"})") == R"({\"clientSecret\":\"[redacted:clientSecret]\"})");
  CHECK(redact("  POSTGRES_PASSWORD: hunter") == "  POSTGRES_PASSWORD: [redacted:POSTGRES_PASSWORD]");
  CHECK(redact("URL: postgres://u:${DB_PASSWORD:-fallback1}@db/x") ==
        "URL: postgres://u:${DB_PASSWORD:-[redacted:DB_PASSWORD]}@db/x");
  CHECK(redact("Config { password: \"abc\", port: 1 }") == "Config { password: \"[redacted:password]\", port: 1 }");
  CHECK(redact("X-Api-Key: 12ab34cd") == "X-Api-Key: [redacted:X-Api-Key]");
  CHECK(redact("tool --db-password hunter2 run") == "tool --db-password [redacted:db-password] run");
  CHECK(redact("tool --token=abcdef run") == "tool --token=[redacted:token] run");
  CHECK(redact("Config { db_password=Some(\"abc1\"), port: 1 }") ==
        "Config { db_password=Some(\"[redacted:db_password]\"), port: 1 }");
}

TEST_CASE("names that hold a secret and names that do not") {
  for (const auto* name :
       {"PASSWORD", "DB_PASSWORD", "dbPassword", "smtp.password", "PGPASSWORD", "SECRET_KEY_BASE", "api-key", "apiKey",
        "X-Api-Key", "TOTP_ENCRYPTION_KEY", "VAPID_PRIVATE_KEY", "GITHUB_API_TOKEN", "DB_PASS", "client_secret",
        "refresh_token", "PASSWORD_OLD", "MINIO_ROOT_PASSWORD2", "AWS_SECRET_ACCESS_KEY"})
    CHECK(is_secret_name(name));
  for (const auto* name : {"JWT_PRIVATE_KEY_PATH",
                           "PASSWORD_FILE",
                           "key",
                           "primary_key",
                           "public_key",
                           "VAPID_PUBLIC_KEY",
                           "tokens",
                           "max_tokens",
                           "TOKEN_TYPE",
                           "secretary",
                           "keyboard",
                           "monkey",
                           "pass",
                           "bypass",
                           "compass",
                           "user",
                           "passwordless",
                           "next_token",
                           "cache_key",
                           "KEY_ID",
                           ""}) {
    CAPTURE(name);
    CHECK_FALSE(is_secret_name(name));
  }
}

TEST_CASE("ordinary output stays as it is") {
  const std::vector<std::string> lines{
      "2026-03-01 10:12:05.123 UTC [71] FATAL:  password authentication failed for user \"chatalot\"",
      "2026-03-01 10:12:05.123 UTC [71] DETAIL:  Connection matched pg_hba.conf line 100: \"host all all all "
      "scram-sha-256\"",
      "2026-03-01T10:12:05Z  INFO chatalot_server: Listening on 0.0.0.0:8080",
      "2026-03-01T10:12:05Z ERROR sqlx::postgres: error returned from database: duplicate key value violates unique "
      "constraint",
      "DETAIL:  Key (user_id)=(550e8400-e29b-41d4-a716-446655440000) already exists.",
      "10.0.0.7 - - [01/Mar/2026:10:12:05 +0000] \"GET /api/keys?page=2&key=abc HTTP/1.1\" 200 512 \"-\" "
      "\"curl/7.88.1\"",
      "Error: TOTP_ENCRYPTION_KEY must be set (hex-encoded 256-bit key)",
      "WARN unexpected token: expected `,` or `}` at line 3 column 7",
      "token expired",
      "DB_PASSWORD: must be set before the start",
      "error: invalid token: signature mismatch",
      "Password: required",
      "JWT_PRIVATE_KEY_PATH=/run/secrets/jwt_private_key",
      "JWT_SECRET_FILE=/run/secrets/jwt",
      "secret: /run/secrets/jwt_private_key",
      "image: ghcr.io/example/chatalot:0.22.6@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "container 3f4e8a6d1c2b started, restart count 14",
      "DATABASE_URL=postgres://chatalot:${DB_PASSWORD}@postgres:5432/chatalot",
      "POSTGRES_PASSWORD: ${DB_PASSWORD:?set it}",
      "DB_PASSWORD=",
      "      .env:1  DB_PASSWORD=[redacted]",
      "POSTGRES_PASSWORD: [redacted], JWT_SECRET=\"[redacted]\"",
      "DB_PASSWORD=$DB_PASSWORD",
      "password=<hidden> token=null secret=None",
      "tokens=512 max_tokens=4096 token_type=bearer key=17",
      "pass=12 fail=0 skip=3",
      "uses bearer authentication with basic auth",
      "Authorization: required",
      "Cookie: none",
      "see https://example.org/docs/secrets#password and user@example.org",
      "docker run --user 999:999 --user=1000:1000 --tmpfs /tmp",
      "commit 1b2f3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d Fix: password reset token: never reuse",
      "x-request-id: 7f3c2a1b-0000-4000-8000-00805f9b34fb etag: \"5e8f-abc\"",
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfake operator@host",
      "-----BEGIN PUBLIC KEY-----",
      "keyboard layout: us, monkey: 3, turkey=4",
      "Primary key: id (uuid)",
      "kernel: [    0.000000] secureboot: Secure boot disabled",
      "sshd[812]: Accepted publickey for deploy from 10.0.0.5 port 51514 ssh2: ED25519 SHA256:abcDEF123",
      "level=info msg=\"rotating key\" key_id=7 path=/srv/keys/7.pem",
      "health: {\"status\":\"ok\",\"db_healthy\":true,\"version\":\"0.22.6\"}",
      "time=\"2026-03-01T10:12:05Z\" level=warning msg=\"The \\\"DB_PASSWORD\\\" variable is not set.\"",
      "at com.example.TokenFilter.doFilter(TokenFilter.java:42)",
      "Set-Cookie: SameSite=Lax",
  };
  for (const auto& line : lines) CHECK(redact(line) == line);
}

TEST_CASE("redacting twice changes nothing more") {
  const Redactor redactor{{{"DB_PASSWORD", password}}};
  for (const std::string& text :
       {std::string{"DB_PASSWORD=" + password}, std::string{"postgres://u:hunter22@db/x"},
        std::string{"Authorization: Bearer abc123DEF456"}, std::string{"Cookie: sid=abc123; x=1"},
        std::string{"--user=relay:pw-of-relay"}, std::string{"X-Api-Key: 12ab34cd"},
        std::string{"{\"password\": \"abc\"}"}, std::string{"/api/webhooks/execute/AbC"}}) {
    const auto once = redactor.redact(text);
    CAPTURE(once);
    CHECK(once != text);
    CHECK(redactor.redact(once) == once);
  }
}

TEST_CASE("what a replaced secret brings to light goes too") {
  const std::string value = "tr0ub4dor&3/Zq+x";
  const Redactor redactor{{{"DB_PASSWORD", value}, {"SHORT", "abc"}}};
  for (const auto& [text, expected] : std::vector<std::pair<std::string, std::string>>{
           {"AWS_SECRET_ACC" + value + "ESS_KEY: \"a b c\"",
            "AWS_SECRET_ACC[redacted:DB_PASSWORD]ESS_KEY: \"[redacted:ESS_KEY]\""},
           {"SHORT=abc" + value + " abc", "SHORT=[redacted:SHORT][redacted:DB_PASSWORD] abc"},
           {"one\nx" + value + "API_KEY=12a\nAPI_KEY=34b\nend",
            "one\nx[redacted:DB_PASSWORD]API_KEY=[redacted:secret]\nAPI_KEY=[redacted:API_KEY]\nend"},
       }) {
    CAPTURE(text);
    const auto out = redactor.redact(text);
    CHECK(out == expected);
    CHECK(redactor.find_known(out).empty());
    CHECK(redactor.redact(out) == out);
  }
}

TEST_CASE("markers are opaque, and what only looks like one hides nothing") {
  const Redactor redactor{{{"A_PASSWORD", "redacted"}, {"B_PASSWORD", "A_PASSWORD"}, {"C_PASSWORD", "hunter2hunter2"}}};
  CHECK(redactor.redact("x hunter2hunter2 y") == "x [redacted:C_PASSWORD] y");
  CHECK(redactor.redact("A_PASSWORD=redacted").find("=redacted") == std::string::npos);
  CHECK(redactor.redact("[redacted:hunter2hunter2]") == "[redacted:[redacted:C_PASSWORD]]");
  CHECK(redactor.redact("password=[redactedhunter3") == "password=[redacted:password]");
  CHECK(redactor.redact("postgres://u:[redactedpw@db/x") == "postgres://u:[redacted:url-password]@db/x");
  // A name that holds a secret names nothing.
  const auto out = redactor.redact("xhunter2hunter2.API_PASSWORD=other1");
  CHECK(out.find("hunter2") == std::string::npos);
  CHECK(out.find("other1") == std::string::npos);
  for (const std::string text : {"x hunter2hunter2 y", "A_PASSWORD=redacted", "[redacted:hunter2hunter2]",
                                 "xhunter2hunter2.API_PASSWORD=other1", "[redacted:B_PASSWORD]", "A_PASSWORD"}) {
    const auto once = redactor.redact(text);
    CAPTURE(once);
    CHECK(redactor.find_known(once).empty());
    CHECK(redactor.redact(once) == once);
  }
}

TEST_CASE("a part of a known value may begin at a line break") {
  const std::string value = std::string(2000, 'k') + "7\n" + std::string(2094, 'm') + "\n" + std::string(50, 'n') + "8";
  const Redactor redactor{{{"LONG", value}}};
  CHECK(redactor.redact("a\n" + value + "\nb\n") == "a\n[redacted:LONG][redacted:LONG]\nb\n");
  const auto tail = value.substr(4096);
  CHECK(tail.front() == '\n');
  CHECK(redactor.redact("hunter=x" + tail + "\nb\n") == "hunter=x[redacted:LONG]\nb\n");
}

TEST_CASE("hostile text neither crashes nor takes long") {
  const Redactor redactor{{{"A", "aaaaaaaaaaaaaaab"}, {"B", std::string(3000, 'a')}}};
  const std::size_t size = 500'000;
  for (const std::string unit :
       {"a", "://", "a:", "password=", "\"", "--token ", "eyJ", "-----BEGIN PRIVATE KEY-----", "=", "\\\"",
        "://a:", "Some(", "bearer ", "%", "Cookie: a=", "--", "-", "a://", "eyJaaaaaaaaaa."}) {
    std::string text;
    while (text.size() < size) text += unit;
    const std::clock_t begun = std::clock();  // CPU time: the machine may be busy
    const auto out = redactor.redact(text);
    CAPTURE(unit);
    CHECK_FALSE(out.empty());
    CHECK((std::clock() - begun) / CLOCKS_PER_SEC < 5);
  }
}

TEST_CASE("doctor's own words are spared where only known values are looked for", "[redact]") {
  const Redactor redactor{{{"DB_PASSWORD", "correct-horse-battery"}}};
  const std::string guide = "ALTER ROLE chatalot PASSWORD :'pw';\n";
  CHECK(redactor.redact_known(guide) == guide);
  CHECK(redactor.redact_known("x correct-horse-battery y") == "x [redacted:DB_PASSWORD] y");
  CHECK(redactor.redact_known("Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5") == "[redacted:DB_PASSWORD]");
}
