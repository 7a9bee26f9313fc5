#include "redact/token_patterns.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>

#include "redact/encodings.hpp"
#include "util/text.hpp"

namespace doctor::redact {
namespace {

constexpr auto none = std::string_view::npos;

RE2::Options options() {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);  // any byte may stand in a log
  return options;
}

struct Row {
  std::vector<std::string_view> anchors;
  const char* expression;
  std::string_view name;
  Guard guard = Guard::any;
};

/// Headers and what else is about who somebody is.
const std::vector<Row>& headers() {
  static const std::vector<Row> rows{
      {{"eyJ"}, R"re((eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*){0,3}))re", "jwt"},
      {{"eyJhIjoi"}, R"re((eyJhIjoi[\w+/-]{80,}=*))re", "token"},
      {{"bearer"}, R"re((?i:\bbearer)(?:[ \t]+|%20|\+)([\w.~+/-]{8,}=*))re", "token", Guard::digit},
      {{"basic "}, R"re((?i:\bbasic)[ \t]+([\w+/-]{6,}=*))re", "authorization", Guard::basic},
      {{"authorization"},
       R"re((?i:authorization)\\?["']?[ \t]*[:=,][ \t]*\\?["']?(?i:bearer|token|apikey)[ \t]+([^\s"',\[\\]{4,}))re",
       "token"},
      {{"authorization"},
       R"re((?i:authorization)\\?["']?[ \t]*[:=,][ \t]*\\?["']?(?i:basic|digest|negotiate|aws4-hmac-sha256)[ \t]+([^\s"',\[\\]{4,}))re",
       "authorization"},
      {{"authorization"},
       R"re((?i:authorization)\\?["']?[ \t]*[:=][ \t]*\\?["']?([^\s"',\[\\]{6,}))re",
       "authorization",
       Guard::digit},
      {{"cookie"},
       R"re((?i:cookie)\\?["']?[ \t]*[:=][ \t]*\\?["'\[]{0,2}([^\s=;"'\[\\]+=[^\r\n"'\\\]]+))re",
       "cookie",
       Guard::cookie},
      {{"/webhooks/"}, R"re(/webhooks/execute/([^/?\s"'\[]+))re", "webhook"},
      {{"/webhooks/"}, R"re(/webhooks/[0-9]{10,}/([\w-]{20,}))re", "webhook"},
      {{"hooks.slack.com"}, R"re(hooks\.slack\.com/services/([A-Za-z0-9/]+))re", "webhook"},
      {{"--user"}, R"re(--user[= ]["']?[^:\s"']+:([^\s"'\[]*[^\s"'\[0-9][^\s"'\[]*))re", "password"},
      {{"curl "}, R"re(\bcurl\b[^\r\n]*?\s-u\s*["']?[^:\s"']+:([^\s"'\[]+))re", "password"},
      {{"redis-cli"}, R"re(\bredis-cli\b[^\r\n]*?[\s"']-a["']?(?:\s+|,\s*)["']?([^\s"',\[]+))re", "password"},
      {{"sshpass"}, R"re(\bsshpass\s+-p\s*["']?([^\s"'\[]+))re", "password"},
      {{"requirepass", "masterauth"}, R"re((?i:requirepass|masterauth)["']?[ \t]+["']?([^\s"'\[]{4,}))re", "password"},
      {{"auth\" "}, R"re((?i:"auth") (?:"[^"]*" )?"([^"\[]+)")re", "password"},
      {{"identified by"}, R"re((?i:identified by)[ \t]+["']([^"'\[]+)["'])re", "password"},
      {{":543", ":643", ":1543", ":2543", ":5543", ":*:"},
       R"re((?m:^)[^\s:]+:(?:[0-9]{4,5}|\*):[^\s:]+:[^\s:]+:([^\s\[]+))re",
       "password"},
      {{"sig="}, R"re([?&]sig=([\w%+/=-]{16,}))re", "signature"},
      {{"signature="}, R"re((?i:signature)=([\w%+/=-]{16,}))re", "signature"},
      {{"\"kty\""}, R"re("d"\s*:\s*"([\w-]{20,})")re", "private-key"},
      {{"\"sk\""}, R"re("sk"\s*:\s*"([^"\\\[]{8,})")re", "sk"},
  };
  return rows;
}

/// What programs take as an argument, or read from files of their own.
const std::vector<Row>& programs() {
  static const std::vector<Row> rows{
      {{"mysql", "mariadb"},
       R"re(\b(?:mysql|mariadb)[a-z-]*\b[^\r\n]*?[\s"']-p([^\s"',\[]*[A-Za-z_][^\s"',\[]*))re",
       "password"},
      {{"docker login", "podman login"}, R"re(\blogin\b[^\r\n]*?\s-p\s*["']?([^\s"'\[]+))re", "password"},
      {{"--password-stdin"}, R"re(\becho\s+(?:-n\s+)?["']?([^\s"'|$\[]{6,})["']?\s*\|)re", "password"},
      {{"--proxy-user"}, R"re(--proxy-user[= ]["']?[^:\s"']+:([^\s"'\[]+))re", "password"},
      {{"mongo"}, R"re(\bmongo[a-z]*\b[^\r\n]*?\s-p\s+["']?([^\s"'\[]*[A-Za-z][^\s"'\[]*))re", "password"},
      {{" pass:", "=pass:"}, R"re(-pass(?:in|out)?[ =]pass:([^\s"'\[]+))re", "password"},
      {{"openssl enc"}, R"re(openssl enc\b[^\r\n]*?\s-[kK]\s+["']?([^\s"'\[]+))re", "password"},
      {{"htpasswd"}, R"re(\bhtpasswd\s+-[a-zA-Z]*b[a-mo-zA-Z]*\s+\S+\s+\S+\s+["']?([^\s"'\[]+))re", "password"},
      {{"htpasswd"}, R"re(\bhtpasswd\s+-(?:\w*nb|\w*bn)\w*\s+\S+\s+["']?([^\s"'\[]+))re", "password"},
      {{"@tcp(", "@unix("}, R"re([^\s:@"'/=]+:([^\s@"'\[]+)@(?:tcp|unix)\()re", "password"},
      {{"jdbc:oracle:"}, R"re(jdbc:oracle:[a-z]+:[^\s/@"']+/([^\s@"'\[]+)@)re", "password"},
      {{"]:587", "]:465", "]:25"}, R"re(\[[\w.-]+\]:[0-9]+[ \t]+[^:\s]+:([^\s\[]+))re", "password"},
      {{"client-key-data"}, R"re(client-key-data["']?:\s*["']?([\w+/=]{16,}))re", "private-key"},
      {{"\"auth\""}, R"re("auth"\s*:\s*"([\w+/-]{8,}=*)")re", "authorization", Guard::basic},
      {{"response=\""}, R"re(\bresponse="([^"\[]{16,})")re", "authorization"},
      {{"/bot"}, R"re(/bot([0-9]{6,12}:[\w-]{30,}))re", "token"},
      {{"?code=", "&code="}, R"re([?&]code=([\w.~%/+-]{12,}))re", "code", Guard::mixed},
      {{"?auth=", "&auth=", "?key=", "&key="}, R"re([?&](?:auth|key)=([\w.~%/+=-]{10,}))re", "key", Guard::mixed},
  };
  return rows;
}

/// Prefixes that providers have given their keys so that they can be told.
const std::vector<Row>& providers() {
  static const std::vector<Row> rows{
      {{"ghp_", "gho_", "ghu_", "ghs_", "ghr_"}, R"re(\b(gh[pousr]_[A-Za-z0-9]{30,}))re", "token"},
      {{"github_pat_"}, R"re((github_pat_\w{20,}))re", "token"},
      {{"glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glsoat-", "glagent-"},
       R"re((gl[a-z]{2,5}-[\w-]{18,}))re",
       "token"},
      {{"xox"}, R"re(\b(xox[abeprs]-[A-Za-z0-9-]{10,}))re", "token", Guard::digit},
      {{"xapp-"}, R"re(\b(xapp-[A-Za-z0-9-]{20,}))re", "token", Guard::digit},
      {{"sk-"}, R"re(\b(sk-[\w-]{24,}))re", "token", Guard::digit},
      {{"sk_live_", "sk_test_", "rk_live_", "rk_test_"}, R"re(\b([sr]k_(?:live|test)_[A-Za-z0-9]{16,}))re", "token"},
      {{"whsec_"}, R"re(\b(whsec_[\w+/=-]{16,}))re", "token"},
      {{"AKIA", "ASIA", "ABIA"}, R"re(\b(A[KSB]IA[0-9A-Z]{16})\b)re", "token"},
      {{"AKIA", "ASIA"}, R"re(\bA[KS]IA[0-9A-Z]{16}[^A-Za-z0-9/+]{1,30}([A-Za-z0-9/+]{40}=?)(?:[^\w/+]|$))re", "token"},
      {{"AIza"}, R"re(\b(AIza[\w-]{30,}))re", "token"},
      {{"GOCSPX-"}, R"re(\b(GOCSPX-[\w-]{20,}))re", "token"},
      {{"ya29."}, R"re(\b(ya29\.[\w-]{20,}))re", "token"},
      {{"sb_secret_"}, R"re(\b(sb_secret_[\w-]{16,}))re", "token"},
      {{"sbp_"}, R"re(\b(sbp_[A-Za-z0-9_]{20,}))re", "token"},
      {{"mnm_"}, R"re(\b(mnm_[\w-]{12,}))re", "token", Guard::digit},
      {{"npm_"}, R"re(\b(npm_[A-Za-z0-9]{30,}))re", "token"},
      {{"pypi-"}, R"re(\b(pypi-[\w-]{40,}))re", "token"},
      {{"dckr_pat_", "dckr_oat_"}, R"re(\b(dckr_[po]at_[\w-]{16,}))re", "token"},
      {{"SG."}, R"re(\b(SG\.[\w-]{16,}\.[\w-]{16,}))re", "token"},
      {{"SK0", "SK1", "SK2", "SK3", "SK4", "SK5", "SK6", "SK7", "SK8", "SK9", "SKa", "SKb", "SKc", "SKd", "SKe", "SKf"},
       R"re(\b(SK[0-9a-f]{32})\b)re",
       "token"},
      {{"AccountKey=", "AccessKey="}, R"re((?:Account|Access)Key=([A-Za-z0-9+/]{30,}=*))re", "token"},
      {{"AGE-SECRET-KEY-"}, R"re((AGE-SECRET-KEY-[0-9A-Z-]{40,}))re", "private-key"},
      {{":AA"}, R"re(\b([0-9]{8,10}:AA[\w-]{32,}))re", "token"},
      {{"hvs.", "hvb."}, R"re(\b(hv[sb]\.[\w-]{20,}))re", "token"},
      {{"dop_v1_", "doo_v1_"}, R"re(\b(do[op]_v1_[a-f0-9]{60,}))re", "token"},
      {{"hf_"}, R"re(\b(hf_[A-Za-z0-9]{30,}))re", "token"},
      {{"lin_api_"}, R"re(\b(lin_api_[A-Za-z0-9]{30,}))re", "token"},
      {{"tskey-"}, R"re(\b(tskey-[\w-]{16,}))re", "token", Guard::digit},
      {{"dapi"}, R"re(\b(dapi[0-9a-f]{32}))re", "token"},
      {{"shpat_", "shpss_", "shpca_"}, R"re(\b(shp(?:at|ss|ca)_[a-fA-F0-9]{32}))re", "token"},
      {{"glsa_", "glc_"}, R"re(\b(gl(?:sa|c)_[\w+/=-]{24,}))re", "token"},
      {{"NRAK-"}, R"re(\b(NRAK-[A-Z0-9]{20,}))re", "token"},
      {{"pscale_tkn_"}, R"re(\b(pscale_tkn_[\w-]{20,}))re", "token"},
      {{"gsk_"}, R"re(\b(gsk_[A-Za-z0-9]{30,}))re", "token"},
      {{"xai-"}, R"re(\b(xai-[A-Za-z0-9]{40,}))re", "token"},
      {{"key-"}, R"re(\b(key-[0-9a-f]{32})\b)re", "token"},
  };
  return rows;
}

/// What is made of a password and lets it be guessed, and keys within keys.
const std::vector<Row>& hashes() {
  static const std::vector<Row> rows{
      {{"$apr1$"}, R"re((\$\$?apr1\$\$?[^$:\s"',]+\$\$?[\w./]+))re", "password-hash"},
      {{"$2a$", "$2b$", "$2y$"}, R"re((\$\$?2[aby]\$\$?[0-9]{2}\$\$?[\w./]{40,}))re", "password-hash"},
      {{"$5$", "$6$", "$y$"}, R"re((\$(?:5|6|y)\$[\w./=$,]{20,}))re", "password-hash"},
      {{"$argon2"}, R"re((\$argon2(?:id|i|d)\$[\w+/=$,]{20,}))re", "password-hash"},
      {{"{SHA}", "{SSHA}"}, R"re((\{S?SHA\}[A-Za-z0-9+/]{20,}=*))re", "password-hash"},
      {{"SCRAM-SHA-256$"}, R"re((SCRAM-SHA-256\$[0-9]+:[\w+/=$:]{20,}))re", "password-hash"},
      {{"LS0tLS1CRUdJTi"}, R"re((LS0tLS1CRUdJTi[A-Za-z0-9+/_-]{20,}=*))re", "private-key", Guard::key_file},
  };
  return rows;
}

/// The bytes of base64 of either alphabet, as far as it goes.
std::string from_base64(std::string_view text) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_";
  std::string out;
  unsigned bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    auto digit = alphabet.find(c);
    if (digit == none) break;
    if (digit >= 64) digit -= 2;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(static_cast<unsigned char>(bits >> count & 0xFFU));
  }
  return out;
}

bool has_digit(std::string_view group) {
  return std::any_of(group.begin(), group.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_login(std::string_view group) {
  const auto login = from_base64(group);
  const auto colon = login.find(':');
  return colon != std::string::npos && colon > 0 &&
         std::all_of(login.begin(), login.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

bool is_cookie(std::string_view group) {
  static constexpr std::array<std::string_view, 7> attributes{"samesite", "path",   "domain",  "max-age",
                                                              "expires",  "secure", "httponly"};
  const auto equals = group.find('=');
  const auto name = util::lower(group.substr(0, equals));
  const auto value = group.substr(equals + 1, group.find(';', equals) - equals - 1);
  constexpr std::size_t shortest = 4;
  return std::find(attributes.begin(), attributes.end(), name) == attributes.end() && value.size() >= shortest;
}

}  // namespace

TokenPattern::TokenPattern(std::vector<std::string_view> anchors_, const char* expression_, std::string_view name_,
                           Guard guard_)
    : anchors{std::move(anchors_)}, expression{expression_, options()}, name{name_}, guard{guard_} {}

const std::deque<TokenPattern>& token_patterns() {
  static const std::deque<TokenPattern> all = [] {
    std::deque<TokenPattern> list;
    for (const auto* rows : {&headers(), &programs(), &providers(), &hashes()})
      for (const auto& row : *rows) {
        list.emplace_back(row.anchors, row.expression, row.name, row.guard);
        if (!list.back().expression.ok()) throw std::logic_error("a pattern of the redactor does not compile");
      }
    return list;
  }();
  return all;
}

bool passes(Guard guard, std::string_view group) {
  switch (guard) {
    case Guard::any:
      return true;
    case Guard::digit:
      return has_digit(group);
    case Guard::mixed:
      return has_digit(group) && std::any_of(group.begin(), group.end(),
                                             [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
    case Guard::basic:
      return is_login(group);
    case Guard::cookie:
      return is_cookie(group);
    case Guard::key_file:
      return from_base64(group.substr(0, 80)).find("PRIVATE KEY") != std::string::npos;
  }
  return true;
}

}  // namespace doctor::redact
