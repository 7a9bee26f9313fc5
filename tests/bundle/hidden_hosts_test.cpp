// Host names and addresses become tokens, by which everything can still be told that a diagnosis needs.

#include "bundle/hidden_hosts.hpp"

#include <arpa/inet.h>

#include <set>

#include "bundle/address_scan.hpp"
#include "bundle/hidden_addresses.hpp"
#include "bundle/host_words.hpp"
#include "bundle/known_hosts.hpp"
#include "doctor/outside.hpp"
#include "probes/recorder_template.hpp"
#include "redact/leak_scan.hpp"
#include "support/catch.hpp"
#include "support/disguise.hpp"

namespace doctor::bundle {
namespace {

const KnownHosts& known() {
  static const KnownHosts hosts{{"chat.acme.com", "web-07", "db.corpnet", "mail.beta.co.uk"},
                                {"93.184.216.34", "10.1.2.3"},
                                {"postgres", "api.telegram.org"}};
  return hosts;
}

const HiddenHosts& hosts() {
  static const HiddenHosts made{"key", known()};
  return made;
}

std::string hide(const std::string& text) {
  return hosts().hide(text);
}

std::uint32_t number(const std::string& address) {
  in_addr parsed{};
  REQUIRE(inet_pton(AF_INET, address.c_str(), &parsed) == 1);
  return ntohl(parsed.s_addr);
}

int common_bits(std::uint32_t a, std::uint32_t b) {
  int count = 0;
  while (count < 32 && (a >> (31 - count) & 1U) == (b >> (31 - count) & 1U)) ++count;
  return count;
}

}  // namespace

TEST_CASE("an address becomes another one that is like it", "[hide]") {
  const HiddenAddresses addresses{"key"};
  const std::vector<std::string> all{"10.1.2.3",       "10.1.2.4",    "10.1.77.1",     "10.200.0.1",    "172.18.0.2",
                                     "172.31.255.1",   "192.168.1.1", "192.168.1.99",  "100.64.3.1",    "100.128.0.1",
                                     "169.254.7.7",    "8.8.8.8",     "93.184.216.34", "93.184.216.35", "203.0.113.9",
                                     "172.15.255.255", "172.32.0.1",  "11.0.0.1"};
  std::set<std::string> others;
  for (const auto& one : all) {
    CAPTURE(one);
    const auto other = addresses.of_v4(one);
    CHECK(addresses.of_v4(one) == other);
    CHECK(is_private_host(one) == is_private_host(other));
    CHECK(others.insert(other).second);
    for (const auto& next : all)
      CHECK(common_bits(number(one), number(next)) == common_bits(number(other), number(addresses.of_v4(next))));
  }
  CHECK(others.count("93.184.216.34") == 0);
  CHECK(HiddenAddresses{"another key"}.of_v4("93.184.216.34") != addresses.of_v4("93.184.216.34"));
}

TEST_CASE("an address that is the same everywhere stays", "[hide]") {
  const HiddenAddresses addresses{"key"};
  for (const std::string one : {"127.0.0.1", "127.0.0.53", "0.0.0.0", "172.17.0.1", "172.17.0.9", "8.8.8.8", "1.1.1.1",
                                "224.0.0.1", "255.255.255.255"})
    CHECK(addresses.of_v4(one) == one);
  for (const std::string one : {"::1", "::", "ff02::1"}) CHECK(addresses.of_v6(one) == one);
  for (const std::string bad : {"1.2.3", "1.2.3.256", "x", "", "01.2.3.4x"}) CHECK(addresses.of_v4(bad).empty());
}

TEST_CASE("an IPv6 address keeps what it is, and what is embedded in it", "[hide]") {
  const HiddenAddresses addresses{"key"};
  CHECK(addresses.of_v6("fe80::1").starts_with("fe"));
  CHECK(is_private_host(addresses.of_v6("fe80::1")));
  CHECK(is_private_host(addresses.of_v6("fd12:3456::1")));
  CHECK_FALSE(is_private_host(addresses.of_v6("2001:db8::1")));
  CHECK(addresses.of_v6("2001:db8::1") != "2001:db8::1");
  CHECK(addresses.of_v6("::ffff:93.184.216.34") == "::ffff:" + addresses.of_v4("93.184.216.34"));
  CHECK(addresses.of_ethernet("02:42:ac:11:00:02") != "02:42:ac:11:00:02");
  CHECK(addresses.of_ethernet("02:42:AC:11:00:02") == addresses.of_ethernet("02:42:ac:11:00:02"));
  CHECK(addresses.of_ethernet("10:12:05").empty());
}

TEST_CASE("a network holds the hidden addresses of what it held", "[hide]") {
  const HiddenAddresses addresses{"key"};
  const auto network = addresses.of_v4("10.1.2.0", 24);
  CHECK(network.ends_with(".0"));
  CHECK(common_bits(number(network), number(addresses.of_v4("10.1.2.3"))) >= 24);
  CHECK(addresses.of_v4("0.0.0.0", 0) == "0.0.0.0");
}

TEST_CASE("hosts are told by what is known and by their form", "[hide]") {
  for (const std::string text : {"connect to chat.acme.com:443",
                                 "https://chat.acme.com/x?y=1",
                                 "CHAT.ACME.COM",
                                 "on web-07 since",
                                 "db.corpnet refused",
                                 "to other.acme.com",
                                 "root@mail.beta.co.uk",
                                 "http%3A%2F%2Fchat.acme.com%2Fx",
                                 R"({"a":"x\nchat.acme.com"})",
                                 "/etc/nginx/chat.acme.com.conf",
                                 "backup_chat.acme.com_7",
                                 "unknown.gamma.de answered",
                                 "10.1.2.3",
                                 "10.1.2.3:5432",
                                 "from 93.184.216.34.",
                                 "x\\n93.184.216.34\\n",
                                 "[2001:db8::7]:443",
                                 "peer 2001:db8::7",
                                 "10.1.2.3-10.1.2.9",
                                 "postgres://u@db.somewhere/x",
                                 "02:42:ac:11:00:02",
                                 "logs of shop.delta.it here",
                                 "ops@epsilon.me",
                                 "https://zeta.app/x"}) {
    CAPTURE(text);
    const auto hidden = hide(text);
    CHECK(hidden != text);
    for (const std::string part : {"acme", "web-07", "corpnet", "beta", "gamma", "10.1.2.3", "93.184", "db8",
                                   "somewhere", "ac:11", "delta", "epsilon", "zeta"})
      CHECK(hidden.find(part) == std::string::npos);
  }
}

TEST_CASE("what is no host stays", "[hide]") {
  for (const std::string text : {"version 1.2.3 of 2026-03-01T10:12:05Z",
                                 "server.log",
                                 "docker-compose.yml:14",
                                 "user.id is 7",
                                 "16.4-alpine",
                                 "v1.2.3.4",
                                 "1.3.6.1.4.1.311",
                                 "std::string::npos",
                                 "crate::db::Pool",
                                 "kubernetes.io/ingress.class",
                                 "docker.io/library/redis:7",
                                 "localhost:8080",
                                 "http://postgres:5432",
                                 "127.0.0.1",
                                 "0.0.0.0:80",
                                 "example.com",
                                 "api.telegram.org",
                                 "sha256:0123abcd",
                                 "a finished sentence.It goes on",
                                 "deploy.sh",
                                 "[redacted:DB_PASSWORD]",
                                 "socket.io",
                                 "at 10:12:05.123",
                                 "image@sha256:00ff",
                                 "app.models.user",
                                 "6.1.0-13-amd64",
                                 "java.io.IOException",
                                 "host.docker.internal",
                                 "1.5 of 3.0"}) {
    CAPTURE(text);
    CHECK(hide(text) == text);
  }
}

TEST_CASE("the same host has the same token, and a name below another is below it still", "[hide]") {
  const auto chat = hide("chat.acme.com");
  const auto other = hide("other.acme.com");
  CHECK(chat.ends_with(".com"));
  CHECK(chat.substr(chat.find('.')) == other.substr(other.find('.')));
  CHECK(chat != other);
  CHECK(hide("https://CHAT.acme.com/") == "https://" + chat + "/");
  CHECK(hide("*.acme.com") == "*" + chat.substr(chat.find('.')));
  CHECK(hide("www.acme.com") == "www" + chat.substr(chat.find('.')));
  CHECK(hide("web-07.acme.com").substr(0, hide("web-07").size()) == hide("web-07"));
  CHECK(hide("mail.beta.co.uk").ends_with(".co.uk"));
  CHECK(hide(chat) == chat);
  const HiddenHosts foreign{"another key", known()};
  CHECK(foreign.hide("chat.acme.com") != chat);
}

TEST_CASE("a known host is found in every disguise", "[hide]") {
  const redact::Redactor none;
  redact::LeakScan scan{none, hosts().forbidden()};
  for (const std::string host : {"chat.acme.com", "93.184.216.34"})
    for (const auto& [name, text] : test::disguises(host)) {
      CAPTURE(host, name, text);
      CHECK_FALSE(scan.scan("before " + text + " after").empty());
      CHECK(scan.scan(hide("before " + text + " after")).empty());
    }
}

TEST_CASE("an address that is left is found in every spelling, in pieces of any size", "[hide]") {
  HiddenAddresses addresses{"key"};
  for (const std::string one : {"2001:db8::7", "fd00:1::2", "10.1.2.3", "127.0.0.1", "::1", "nothing"})
    addresses.watch(one);
  CHECK(addresses.unused().size() == 3);  // the others stay as they are
  AddressScan scan{addresses.unused()};
  const auto finds = [&](const std::string& text, std::size_t size) {
    for (std::size_t at = 0; at < text.size(); at += size) scan.write(std::string_view{text}.substr(at, size));
    return scan.finish();
  };
  for (const std::string text :
       {"2001:db8::7", "from 2001:DB8:0:0::7.", "[2001:0db8:0000:0000:0000:0000:0000:0007]:443", "addr:2001:db8::7,",
        "10.1.2.3", "a 10.1.2.3:5432 b", "10.1.2.3.", "::ffff:10.1.2.3", "10.1.2.3/24", "FD00:1::2%eth0",
        "x=fd00:1::2;"})
    for (const std::size_t size : {1UL, 5UL, 100UL}) {
      CAPTURE(text, size);
      CHECK(finds(text, size));
    }
  for (const std::string text : {"10.1.2.30", "110.1.2.3", "v10.1.2.3", "10.1.2.3.4", "2001:db8::70", "db8::7", "::1",
                                 "127.0.0.1", "10:12:05", "", "fd00:1::2x"}) {
    CAPTURE(text);
    CHECK_FALSE(finds(text, 3));
  }
}

TEST_CASE("an address that stands for another one is not told to be left", "[hide]") {
  HiddenAddresses addresses{"key"};
  const auto other = addresses.of_v4("10.1.2.3");
  addresses.watch(other);
  CHECK(addresses.unused().size() == 1);
  CHECK(addresses.of_v4("10.1.2.3") == other);
  CHECK(addresses.unused().empty());
}

TEST_CASE("a stream in pieces comes to the same as the whole", "[hide]") {
  std::string text;
  for (int i = 0; i < 300; ++i)
    text += "line " + std::to_string(i) + " of chat.acme.com from 10.1.2." + std::to_string(i % 256) + "\n";
  text += "Y2hhdC5hY21\nlLmNvbSE/\nend\n";  // chat.acme.com!?
  CHECK(hide(text).find("lLmNvb") == std::string::npos);
  const std::string long_line(600'000, 'x');
  for (const std::size_t size : {1UL, 7UL, 4096UL}) {
    HidingStream stream{hosts()};
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size) out += stream.write(text.substr(at, size));
    out += stream.finish();
    CHECK((out == hide(text)));
  }
  HidingStream stream{hosts()};
  auto out = stream.write(long_line);
  CHECK_FALSE(out.empty());
  out += stream.write("\n10.1.2.3");
  out += stream.finish();
  CHECK((out == long_line + "\n" + hide("10.1.2.3")));
}

TEST_CASE("the hosts of a deployment are read from its fields and answers", "[hide]") {
  Deployment deployment;
  deployment.project = "shop.io";
  Service service;
  service.name = "api";
  deployment.services.push_back(service);
  DataSource source;
  source.host = "dbserver1";
  source.dial.host = "10.9.8.7";
  deployment.data_sources.push_back(source);
  deployment.upstreams.emplace_back();
  deployment.upstreams.back().rule.url = "https://api.giphy.com/v1";
  Setting setting;
  setting.name = "DOMAIN";
  setting.configured = Value::plain("chat.acme.it");
  deployment.settings.push_back(setting);
  probes::Tape tape;
  tape.write(R"(tls {"host":"mail.acme.de","port":443})",
             R"({"answer":{"names":["*.intern.acme.de"],"peer":"2001:db8::9"}})");
  const auto hosts = known_hosts(deployment, tape, "web-07.acme.de\n");
  for (const auto* name : {"dbserver1", "chat.acme.it", "mail.acme.de", "intern.acme.de", "web-07.acme.de", "web-07"}) {
    CAPTURE(name);
    CHECK(hosts.names.count(name) == 1);
  }
  CHECK(hosts.addresses.count("2001:db8::9") == 1);
  CHECK(hosts.addresses.count("10.9.8.7") == 1);
  CHECK(hosts.kept.count("api.giphy.com") == 1);
  CHECK(hosts.kept.count("shop.io") == 1);
  const HiddenHosts hidden{"key", hosts};
  CHECK(hidden.hide("https://api.giphy.com/v1 shop.io") == "https://api.giphy.com/v1 shop.io");
  CHECK(hidden.hide("on dbserver1").find("dbserver1") == std::string::npos);
}

TEST_CASE("common suffixes and names that are everybody's", "[hide]") {
  CHECK(domain_begin("chat.acme.com") == 5);
  CHECK(domain_begin("chat.acme.co.uk") == 5);
  CHECK(domain_begin("acme.com") == 0);
  CHECK(domain_begin("db.corpnet") == 0);
  CHECK(is_everybodys("registry-1.docker.io"));
  CHECK_FALSE(is_everybodys("notdocker.io"));
}

}  // namespace doctor::bundle
