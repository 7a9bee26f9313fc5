// What carries secrets in real deployments, in whichever way it is written, and what only looks like it.

#include <algorithm>

#include "redact/redactor.hpp"
#include "support/catch.hpp"
#include "support/disguise.hpp"

using doctor::redact::Redactor;
using doctor::test::base64;
using doctor::test::url_alphabet;

namespace {

const std::string password = R"(p@s/s w"o'r$d%é\7!)";

std::string redact(const std::string& text) {
  return Redactor{}.redact(text);
}

}  // namespace

TEST_CASE("a known value goes in every disguise, and what stands around it stays") {
  for (const std::string& value : {password, std::string{"correct-horse-battery"}, std::string{"a1b2c3d4e5f6a7b8c9d0"},
                                   std::string{"Zm9vYmFyL2Jhei9xdXV4"}, std::string{"50%41 off & \"more\" = yes"}}) {
    const Redactor redactor{{{"S", value}}};
    auto all = doctor::test::disguises(value);
    for (auto& one : doctor::test::far_disguises(value)) all.push_back(one);
    for (const auto& [name, text] : all) {
      const auto out = redactor.redact("before\n# " + text + " #\nafter\n");
      CAPTURE(value, name, text, out);
      CHECK(doctor::test::readable_in(out, {value}).empty());
      CHECK(out.starts_with("before\n#"));
      CHECK(out.ends_with("#\nafter\n"));
      CHECK(redactor.redact(out) == out);
      CHECK(redactor.find_known(out).empty());
    }
  }
}

TEST_CASE("bytes that a key stands for go in other notations") {
  const std::string bytes{"\x01\x9f\x7a\xe2 key of raw bytes \xff\x10"};
  const auto parted = [&] {
    std::string out;
    for (const char c : bytes) out += (out.empty() ? "" : ":") + doctor::test::hexadecimal(std::string(1, c), true);
    return out;
  }();
  for (const auto& value : {doctor::test::hexadecimal(bytes), base64(bytes), url_alphabet(base64(bytes))}) {
    const Redactor redactor{{{"KEY", value}}};
    for (const auto& text : {doctor::test::hexadecimal(bytes), doctor::test::hexadecimal(bytes, true), base64(bytes),
                             base64("x" + bytes), parted}) {
      CAPTURE(value, text);
      CHECK(redactor.redact("<" + text + ">").find("[redacted:KEY]") != std::string::npos);
    }
  }
}

TEST_CASE("what looks encoded and holds nothing stays") {
  const Redactor redactor{{{"DB_PASSWORD", "correct-horse-battery"}, {"TOTP_KEY", "a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6"}}};
  for (const std::string text : {"GET /x%20y?q=a%2Fb%3Dc&amp;d=1",
                                 "caf\\u00e9 \\n \\x41 \\101",
                                 "5e:f6:a7:b8:c9:d0",
                                 "02:42:ac:11:00:02",
                                 "2026-03-01 10:12:05.123 12 44",
                                 "788758fe-e8ee-4cbf-adac-00e7c73d0638",
                                 "[104, 117, 110, 116, 101, 114]",
                                 "SHA256:uNiVztksCsDhcc0u9e8BgrJXVGPnDwFdBGeKS7nZ8RY",
                                 "=3D=3D a=20b",
                                 "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXo=",
                                 "&#65;&#x42;&lt;",
                                 "fe80::42:acff:fe11:2/64",
                                 "%",
                                 "\\",
                                 "&",
                                 "=",
                                 "&#;",
                                 "\\u{",
                                 "%4",
                                 "[1,",
                                 "[1,2,3,4,5,6"}) {
    CAPTURE(text);
    CHECK(redactor.redact(text) == text);
  }
}

TEST_CASE("secrets that nobody has named go where deployments have them") {
  const std::string v = "Zq7xK2mPw9Rt4Lb1";
  const std::vector<std::string> texts{
      "      test: [\"CMD\", \"redis-cli\", \"-a\", \"" + v + "\", \"ping\"]",
      "      test: [\"CMD-SHELL\", \"mysqladmin ping -h localhost -uroot -p" + v + "\"]",
      "      test: mysqladmin ping -p" + v,
      "      test: [\"CMD\", \"mysqladmin\", \"ping\", \"-uroot\", \"-p" + v + "\"]",
      "mysql -u root -p" + v + " -e 'select 1'",
      "dsn: app:" + v + "@tcp(db:3306)/app?parseTime=true",
      "DSN=sqlserver://sa:" + v + "@db:1433?database=app",
      "Server=db;Database=app;User Id=sa;Pwd=" + v + ";",
      "jdbc:postgresql://db:5432/app?user=app&password=" + v,
      "jdbc:oracle:thin:app/" + v + "@//db:1521/orcl",
      "db.example.org:5432:app:app:" + v,
      "localhost:5433:app:app:" + v,
      "http-request auth; user admin insecure-password " + v,
      "Set-Cookie: connect.sid=s%3A" + v + "." + v + "; Path=/; HttpOnly",
      "session cookie: sid=" + v,
      "machine git.example.org login ci password " + v,
      "machine git.example.org\n  login ci\n  password " + v,
      "default login anonymous password " + v,
      "RUN git clone https://" + v + "@git.example.org/app.git",
      "RUN git clone https://oauth2:" + v + "@git.example.org/app.git",
      "        GIT_REMOTE: https://x-access-token:" + v + "@github.com/acme/app",
      "[remote \"origin\"]\n\turl = https://ci:" + v + "@git.example.org/app.git",
      "[url \"https://" + v + ":x-oauth-basic@github.com/\"]",
      "GET /cb?code=" + v + "&state=xyz HTTP/1.1",
      "GET /reset-password?token=" + v + " HTTP/1.1",
      "GET /?X-Amz-Signature=" + v + v + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F2026",
      "GET /ws?auth=" + v + " HTTP/1.1",
      "GET /ws?jwt=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + v,
      "    token: " + v + "abcd",
      "    client-key-data: " + v + v + v + "==",
      "  - name: admin\n    user:\n      username: admin\n      password: " + v,
      "  JWT_SECRET: >-\n    " + v + "\n    " + v,
      "  JWT_SECRET: |\n    " + v + "\n  OTHER: x",
      "  api_key:\n    " + v,
      "password: &pw " + v,
      "password: !!str " + v,
      "//registry.npmjs.org/:_authToken=" + v,
      "//registry.npmjs.org/:_password=" + v,
      "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = " + v + v,
      "ldap_bind_pw = " + v,
      "bindpw " + v,
      "BIND_PW=" + v,
      "[smtp.example.org]:587 mailer:" + v,
      "ansible_become_pass: " + v,
      "PGPASSWORD=" + v + " psql -h db",
      "wg: PrivateKey = " + v + v + "abcdefghijk=",
      "PresharedKey = " + v + v + "abcdefghijk=",
      "$CONFIG['dbpassword'] = '" + v + "';",
      "define('DB_PASSWORD', '" + v + "');",
      "define( 'AUTH_SALT', '" + v + v + "' );",
      "spring.datasource.password=" + v,
      "-Djavax.net.ssl.keyStorePassword=" + v,
      "java -jar app.jar -Dspring.datasource.password=" + v,
      "docker login -u ci -p " + v + " ghcr.io",
      "echo " + v + " | docker login --password-stdin",
      "wget --http-password=" + v + " http://x",
      "curl -u 'ci:" + v + "' https://x",
      "curl -uci:" + v + " https://x",
      "curl --proxy-user ci:" + v + " https://x",
      "mongo --username app --password " + v,
      "mongosh -u app -p " + v,
      "openssl enc -k " + v,
      "openssl rsa -passin pass:" + v,
      "passphrase: " + v,
      "secretkey=" + v,
      "MINIO_ROOT_PASSWORD=" + v,
      "htpasswd -b /etc/x admin " + v,
      "X-Vault-Token: " + v,
      "Authorization: Token token=" + v,
      "Authorization: Digest username=\"x\", response=\"" + v + v + "\"",
      "https://hooks.example.org/?key=" + v,
      "https://discord.com/api/webhooks/123456789012345678/" + v + v,
      "https://api.telegram.org/bot123456789:AA" + v + v + "abc/sendMessage",
      "SENTRY_DSN=https://" + v + v + "@o1.ingest.sentry.io/1",
      "static-auth-secret=" + v,
      "\"Cmd\": [\"redis-server\", \"--requirepass\", \"" + v + "\"]",
      "command: redis-server --requirepass " + v + " --appendonly yes",
      "-DDB_PASSWORD=" + v,
  };
  for (const auto& text : texts) {
    const auto out = redact(text);
    CAPTURE(text, out);
    CHECK(out.find(v.substr(0, 10)) == std::string::npos);
    CHECK(out.find("[redacted:") != std::string::npos);
    CHECK(std::count(out.begin(), out.end(), '\n') == std::count(text.begin(), text.end(), '\n'));
    CHECK(redact(out) == out);
  }
  CHECK(redact(R"({"auths":{"ghcr.io":{"auth":"dXNlcjpadzd4SzJtUHc5UnQ0TGIx"}}})") ==
        R"({"auths":{"ghcr.io":{"auth":"[redacted:authorization]"}}})");
}

TEST_CASE("what only resembles a secret stays") {
  const std::vector<std::string> texts{
      "password authentication failed for user \"app\"",
      "POSTGRES_PASSWORD_FILE=/run/secrets/db_password",
      "secrets:\n  db_password:\n    file: ./secrets/db_password",
      "      - \"traefik.http.routers.web.tls.certresolver=le\"",
      "token expired at 2026-03-01T10:12:05Z",
      "key: chat/rooms/12",
      "image: ghcr.io/acme/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
      "git clone https://github.com/acme/app.git",
      "ssh_key_path: /etc/ssh/id_ed25519",
      "ssl_certificate_key /etc/nginx/tls/site.key;",
      "auth_basic_user_file /etc/nginx/.htpasswd;",
      "GET /api/tokens?page=2&sort=key HTTP/1.1",
      "Access-Control-Allow-Headers: Authorization, Content-Type",
      "max_tokens: 4096",
      "tokenizer: cl100k_base",
      "password_encryption = scram-sha-256",
      "POSTGRES_HOST_AUTH_METHOD: scram-sha-256",
      "PasswordAuthentication no",
      "primary key (id)",
      "Key (email)=(x) already exists.",
      "keepalive_timeout 65s;",
      "-p 5432:5432",
      "docker run -p 127.0.0.1:8080:80 app",
      "mysqladmin ping -h localhost",
      "ports:\n  - 8080:8080",
      "chown -R app:app /data",
      "curl -u https",
      "nginx -p /etc/nginx",
      "mkdir -p /var/lib/app",
      "psql -p 5432 -U app",
      "user: 1000:1000",
      "basicauth: admin",
      "cookie: none",
      "X-Forwarded-For: 10.1.2.3",
      "session timeout 30m",
      "sessionid cookie is missing",
      "commit 788758fee8ee4cbfadac00e7c73d0638788758fe",
      "trace_id=4bf92f3577b34da6a3ce929d0e0e4736",
      "etag W/\"5e-Zq7xK2mPw9Rt4Lb1\"",
      "code=404",
      "GET /x?code=500&state=failed",
      "service:5432:ready:ok",
      "api_key:\n  description: the key\n",
      "token:\n  - one\n",
      "secret: |\nnext: x\n",
      "PASSWORD:\n\n  x1x2x3x4x5\n",
      "https://deploy@git.example.org/x",
      "https://application_user_name_01@db/x",
      R"(getenv("DB_PASSWORD"))",
      "mysql -p 3306:3306",
      "docker compose -p proj up",
      "[\"password\", \"token\"]"};
  for (const auto& text : texts) {
    CAPTURE(text);
    CHECK(redact(text) == text);
  }
}
