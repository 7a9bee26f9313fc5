#include "probes/vantage.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "probes/files.hpp"
#include "probes/files_support.hpp"
#include "probes/http.hpp"
#include "probes/in_root.hpp"
#include "probes/postgres.hpp"
#include "probes/resolv_conf.hpp"
#include "probes/tcp.hpp"
#include "support/catch.hpp"
#include "support/network_space.hpp"
#include "support/postgres_server.hpp"
#include "support/scripted_server.hpp"

using namespace std::chrono_literals;
using doctor::Deadline;
using doctor::FailureKind;
using doctor::Outcome;
using doctor::ResolveAnswer;
using doctor::test::NameServer;
using doctor::test::NetworkSpace;
using doctor::test::soon;
namespace probes = doctor::probes;
namespace test = doctor::test;

namespace {

constexpr const char* place = "container lab";

bool may_enter() {
  if (NetworkSpace::available()) return true;
  WARN("skipped: network namespaces need root");
  return false;
}

/// A root directory with these hosts and resolv.conf, and a network in which it is "/".
struct Container {
  explicit Container(const std::string& resolv_conf, const std::string& hosts = {}) {
    std::filesystem::create_directory(folder / "etc");
    folder.write("etc/resolv.conf", resolv_conf);
    folder.write("etc/hosts", hosts);
  }

  Outcome<ResolveAnswer> resolve(const std::string& name, std::chrono::milliseconds span = 5s) {
    return probes::ResolveProbe{vantages}.ask({name, place}, Deadline::after(span));
  }
  Outcome<doctor::TcpAnswer> dial(const std::string& to, std::uint16_t port) {
    return probes::TcpProbe{vantages}.ask({to, port, place}, soon());
  }

  test::TemporaryDirectory folder;
  NetworkSpace space{folder.path()};
  probes::Resolver host;
  probes::Vantages vantages{host, {{place, space.inhabitant()}}};
};

/// A server inside.
std::unique_ptr<test::ScriptedServer> serve(NetworkSpace& space, test::Behaviour behaviour) {
  std::unique_ptr<test::ScriptedServer> server;
  space.inside([&] { server = std::make_unique<test::ScriptedServer>(behaviour); });
  return server;
}

std::unique_ptr<NameServer> serve_names(NetworkSpace& space, std::map<std::string, std::string> names,
                                        int otherwise = 3) {
  std::unique_ptr<NameServer> server;
  space.inside([&] { server = std::make_unique<NameServer>(std::move(names), otherwise); });
  return server;
}

constexpr const char* local = "nameserver 127.0.0.1\n";

}  // namespace

TEST_CASE("a loopback address is that of the vantage", "[vantage]") {
  if (!may_enter()) return;
  Container container{local};
  const auto server = serve(container.space, test::silent());
  CHECK(container.dial("127.0.0.1", server->port()).has_value());
  probes::TcpProbe tcp{container.vantages};
  CHECK(tcp.ask({"127.0.0.1", server->port(), std::string{doctor::host_vantage}}, soon()).error().kind ==
        FailureKind::refused);
  // And the other way round: what listens on the host does not listen there.
  const test::ScriptedServer outside{test::silent()};
  CHECK(container.dial("127.0.0.1", outside.port()).error().kind == FailureKind::refused);
  CHECK(container.dial("192.0.2.1", 80).error().kind == FailureKind::unreachable);
}

TEST_CASE("names are those of the container's hosts file, then of its name server", "[vantage]") {
  if (!may_enter()) return;
  Container container{"search lab.example\noptions ndots:0\nnameserver 127.0.0.1\n",
                      "127.0.0.1 localhost\n127.0.0.9 Gateway gw # 127.0.0.8 gw\n"};
  const auto names = serve_names(container.space, {{"postgres", "10.0.0.5"}, {"redis.lab.example", "10.0.0.6"}});
  CHECK(container.resolve("gateway").value().addresses == std::vector<std::string>{"127.0.0.9"});
  CHECK(container.resolve("GW.").value().addresses == std::vector<std::string>{"127.0.0.9"});
  CHECK(names->asked().empty());
  CHECK(container.resolve("postgres").value().addresses == std::vector<std::string>{"10.0.0.5"});
  CHECK(container.resolve("redis").value().addresses == std::vector<std::string>{"10.0.0.6"});
  const auto unknown = container.resolve("elsewhere");
  REQUIRE(!unknown);
  CHECK(unknown.error().kind == FailureKind::name_not_resolved);
  CHECK(unknown.error().code == "NXDOMAIN");
  CHECK(unknown.error().phase == "resolve");
  CHECK(unknown.error().address == "127.0.0.1:53");
}

TEST_CASE("what a name server answers instead of an address", "[vantage]") {
  if (!may_enter()) return;
  Container container{local};
  const auto code_of = [&](int answer) {
    const auto names = serve_names(container.space, {}, answer);
    return container.resolve("name-" + std::to_string(answer) + ".example").error();
  };
  CHECK(code_of(2).code == "SERVFAIL");
  CHECK(code_of(3).code == "NXDOMAIN");
  CHECK(code_of(5).code == "REFUSED");
  for (const int answer : {2, 3, 5}) CHECK(code_of(answer).kind == FailureKind::name_not_resolved);

  const auto none = container.resolve("nobody.example");
  CHECK(none.error().kind == FailureKind::name_not_resolved);
  CHECK(none.error().code == "ECONNREFUSED");
}

TEST_CASE("a name server that never answers costs three seconds", "[vantage]") {
  if (!may_enter()) return;
  Container container{local};
  const auto names = serve_names(container.space, {}, NameServer::silence);
  const auto started = Deadline::Clock::now();
  const auto answer = container.resolve("slow.example", 8s);
  REQUIRE(!answer);
  CHECK(answer.error().kind == FailureKind::timed_out);
  CHECK(answer.error().phase == "resolve");
  CHECK(Deadline::Clock::now() - started < 3500ms);
  CHECK(answer.error().waited > 2s);
}

TEST_CASE("a second name server is asked when the first is dead", "[vantage]") {
  if (!may_enter()) return;
  Container container{"nameserver 127.0.0.7\nnameserver 127.0.0.1\n"};
  const auto names = serve_names(container.space, {{"postgres", "10.0.0.5"}});
  CHECK(container.resolve("postgres").has_value());
}

TEST_CASE("links of a container's files stay inside, and only files are read", "[vantage]") {
  if (!may_enter()) return;
  Container container{local};
  const auto names = serve_names(container.space, {{"a.example", "10.0.0.1"}, {"b.example", "10.0.0.2"}});
  std::filesystem::create_directory(container.folder / "run");
  container.folder.write("run/hosts", "10.9.9.9 linked\n");
  std::filesystem::remove(container.folder / "etc/hosts");
  std::filesystem::create_symlink("/run/hosts", container.folder / "etc/hosts");
  CHECK(container.resolve("linked").value().addresses == std::vector<std::string>{"10.9.9.9"});

  // A link that leads out finds nothing: this host has such a file.
  std::filesystem::remove(container.folder / "etc/hosts");
  std::filesystem::create_symlink("../../../../../../etc/hostname", container.folder / "etc/hosts");
  CHECK(container.resolve("a.example").has_value());

  std::filesystem::remove(container.folder / "etc/hosts");
  REQUIRE(mkfifo((container.folder / "etc/hosts").c_str(), 0600) == 0);
  CHECK(container.resolve("b.example").value().addresses == std::vector<std::string>{"10.0.0.2"});
}

TEST_CASE("HTTP is asked from the vantage, three times from each", "[vantage]") {
  if (!may_enter()) return;
  Container container{local, "127.0.0.1 chatalot\n"};
  const auto server =
      serve(container.space, test::answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"));
  probes::HttpProbe probe{container.vantages};
  doctor::HttpQuestion question;
  question.url = "http://chatalot:" + std::to_string(server->port()) + "/";
  question.vantage = place;
  for (int i = 0; i < 3; ++i) CHECK(probe.ask(question, soon()).value().body == "ok");
  CHECK(probe.ask(question, soon()).error().code == "not-allowed");
  question.vantage = std::string{doctor::host_vantage};
  CHECK(probe.ask(question, soon()).error().code != "not-allowed");
}

TEST_CASE("a PostgreSQL session lives in the namespace, its cancel too", "[vantage]") {
  if (!may_enter()) return;
  if (!test::PostgresServer::available().ok) return;
  Container container{local, "127.0.0.1 database\n"};
  std::unique_ptr<test::PostgresServer> server;
  container.space.inside([&] {
    server = std::make_unique<test::PostgresServer>();
    server->sql("CREATE ROLE app LOGIN PASSWORD 'secret'");
  });
  const auto url = "postgres://app:secret@database:" + std::to_string(server->port()) + "/postgres";
  probes::PostgresBroker broker{container.vantages,
                                [&](const std::string&) { return std::optional{doctor::Value::secret(url)}; }};
  doctor::PostgresSessionQuestion question;
  question.source = "setting:app/DATABASE_URL";
  question.vantage = place;
  CHECK(broker.session(question, soon()).value().address == "127.0.0.1:" + std::to_string(server->port()));
  CHECK(broker.rows({question, "SELECT 1", {}}, soon()).value().rows.size() == 1);

  CHECK(broker.rows({question, "SELECT pg_sleep(4)", {}}, soon(500ms)).error().kind == FailureKind::timed_out);
  std::string left;
  for (int i = 0; i < 30 && left != "0"; ++i) {  // without a cancel the statement would run on
    usleep(20'000);
    container.space.inside([&] {
      left = server->sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(4)'");
      left = left.substr(0, left.find('\n'));
    });
  }
  CHECK(left == "0");
  CHECK(broker.rows({question, "SELECT 2", {}}, soon()).has_value());  // a new session, from there again

  question.vantage = std::string{doctor::host_vantage};
  CHECK(!broker.session(question, soon()));
  container.space.inside([&] { server.reset(); });
}

TEST_CASE("places where doctor cannot stand", "[vantage]") {
  probes::Resolver host;
  probes::Vantages vantages{host, {{"container gone", 2'000'000'000}, {"container stopped", 0}}};
  const auto work = [](probes::Resolver&) -> Outcome<int> { return 1; };
  for (const auto* name : {"container gone", "container stopped", "container unheard-of\x1b[31m"}) {
    const auto answer = vantages.at<int>(name, work);
    REQUIRE(!answer);
    CHECK(answer.error().kind == FailureKind::permission_denied);
    CHECK(answer.error().detail.find('\x1b') == std::string::npos);
  }
  CHECK(vantages.at<int>(std::string{doctor::host_vantage}, work).value() == 1);
  CHECK(probes::Vantages::why_not(2'000'000'000)->code == "ESRCH");
}

TEST_CASE("a process that has ended meanwhile is no other process of that number", "[vantage]") {
  if (!may_enter()) return;
  Container container{local};
  const auto work = [](probes::Resolver&) -> Outcome<int> { return 1; };
  CHECK(container.vantages.at<int>(place, work).has_value());
  CHECK(!probes::Vantages::why_not(container.space.inhabitant()));
  container.space.evict();
  CHECK(container.vantages.at<int>(place, work).error().code == "ESRCH");
}

TEST_CASE("only root enters a container", "[vantage]") {
  if (!may_enter()) return;
  Container container{local};
  std::optional<doctor::ProbeFailure> failure;
  REQUIRE(seteuid(65534) == 0);
  failure = container.vantages.at<int>(place, [](probes::Resolver&) -> Outcome<int> { return 1; }).error();
  REQUIRE(seteuid(0) == 0);
  CHECK(failure->kind == FailureKind::permission_denied);
  CHECK((failure->code == "EPERM" || failure->code == "EACCES"));
}

TEST_CASE("an exception of the work reaches the caller", "[vantage]") {
  if (!may_enter()) return;
  Container container{local};
  const auto throwing = [](probes::Resolver&) -> Outcome<int> { throw std::logic_error{"a bug"}; };
  CHECK_THROWS_AS(container.vantages.at<int>(place, throwing), std::logic_error);
}

TEST_CASE("a resolv.conf as libc reads it", "[vantage]") {
  const auto read = probes::parse_resolv_conf(
      "# by hand\n; too\nnameserver 10.0.0.1 # first\nnameserver\t::1\r\nnameserver not.an.address\nnameserver "
      "10.0.0.3\n"
      "nameserver 10.0.0.4\ndomain old.example\nsearch a.example b.example\noptions timeout:1 ndots:99\n");
  REQUIRE(read.servers.size() == 3);
  CHECK(read.servers[1].address == "::1");
  CHECK(read.servers[2].address == "10.0.0.3");
  CHECK(read.search == std::vector<std::string>{"a.example", "b.example"});
  CHECK(read.dots == 15);
  CHECK(probes::parse_resolv_conf("").servers.front().address == "127.0.0.1");

  probes::ResolvConf configuration;
  configuration.search = {"lan"};
  CHECK(probes::candidates("db", configuration) == std::vector<std::string>{"db.lan", "db"});
  CHECK(probes::candidates("db.example", configuration) == std::vector<std::string>{"db.example", "db.example.lan"});
  CHECK(probes::candidates("db.", configuration) == std::vector<std::string>{"db"});
}

TEST_CASE("paths below a process's root", "[vantage][files]") {
  CHECK(probes::rooted("/proc/12/root/etc/hosts")->path == "/etc/hosts");
  CHECK(probes::rooted("/proc/12/root/etc/hosts")->root == "/proc/12/root");
  CHECK(probes::rooted("/proc/12/root")->path == "/");
  for (const auto* path :
       {"/proc/12/rootless/x", "/proc/self/root/x", "/proc//root/x", "/proc/12/fd/0", "/etc/hosts", ""})
    CHECK(!probes::rooted(path));
}

TEST_CASE("files of a container are looked at without a way out of it", "[vantage][files]") {
  if (!may_enter()) return;
  const auto helper = std::shared_ptr<probes::Helper>{probes::Helper::start()};
  Container container{local};
  std::filesystem::create_directories(container.folder / "run/secrets");
  container.folder.write("run/secrets/key", "inside\n", 0640);
  std::filesystem::create_symlink("/run/secrets/key", container.folder / "etc/key");
  std::filesystem::create_symlink("../../../../../../etc/hostname", container.folder / "etc/out");
  REQUIRE(chown((container.folder / "run/secrets/key").c_str(), 1000, 1000) == 0);
  const auto root = "/proc/" + std::to_string(container.space.inhabitant()) + "/root";

  CHECK(probes::TextProbe{helper}.ask({root + "/etc/key"}, soon()).value().text == "inside\n");
  CHECK(probes::TextProbe{helper}.ask({root + "/etc/out"}, soon()).error().kind == FailureKind::not_found);
  CHECK(probes::FileProbe{helper}.ask({root + "/etc/key"}, soon()).value().uid == 1000);
  CHECK(probes::FileProbe{helper}.ask({root + "/etc/out"}, soon()).value().kind == "missing");
  const auto listed = probes::DirectoryProbe{helper}.ask({root + "/etc", "sha384"}, soon()).value();
  REQUIRE(listed.entries.size() == 3);  // hosts, key, resolv.conf; the link that leads out leads nowhere
  CHECK(listed.entries[1].size == 7);
  CHECK(!listed.entries[1].digest.empty());

  probes::AccessProbe access{helper};
  CHECK(access.ask({root + "/etc/key", "read", 1000, {}}, soon()).value().allowed);
  const auto refused = access.ask({root + "/etc/key", "read", 1001, {}}, soon()).value();
  CHECK(refused.reason == "mode");
  CHECK(refused.blocked_at == "/run/secrets/key");
  CHECK(access.ask({root + "/etc/out", "read", 0, {}}, soon()).value().reason == "missing");
  CHECK(probes::FileSystemProbe{helper}.ask({root + "/run"}, soon()).value().total > 0);
  CHECK(probes::UsageProbe{helper}.ask({root + "/run"}, soon()).value().largest.size() == 1);
}
