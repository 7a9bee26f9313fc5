#include "support/postgres_server.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/server_process.hpp"

namespace doctor::test {
namespace {

namespace fs = std::filesystem;

constexpr auto start_limit = std::chrono::seconds{60};

/// Who runs the server: PostgreSQL refuses root.
std::optional<Account> find_account() {
  const passwd* entry = geteuid() == 0 ? getpwnam("postgres") : getpwuid(geteuid());
  if (entry == nullptr) return std::nullopt;
  return Account{entry->pw_uid, entry->pw_gid};
}

/// Asked for once: getpwnam(3) is not thread-safe.
const std::optional<Account>& account() {
  static const auto found = find_account();
  return found;
}

/// The newest directory of server programs, or "".
std::string find_binaries() {
  std::vector<std::pair<int, std::string>> found;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator{"/usr/lib/postgresql", ignored}) {
    const auto bin = version.path() / "bin";
    if (fs::exists(bin / "postgres") && fs::exists(bin / "initdb"))
      found.emplace_back(std::atoi(version.path().filename().c_str()), bin.string());
  }
  if (found.empty()) return {};
  return std::max_element(found.begin(), found.end())->second;
}

pid_t start_as_owner(const std::vector<std::string>& command, int output, const std::string& directory) {
  return spawn(command, output, directory, geteuid() == 0 ? account() : std::nullopt, SIGQUIT);
}

std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const auto count = read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

struct Finished {
  bool ok = false;
  std::string output;
};

Finished run(const std::vector<std::string>& command, const std::string& directory) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error{"pipe failed"};
  const pid_t pid = start_as_owner(command, ends[1], directory);
  close(ends[1]);
  Finished finished;
  finished.output = read_all(ends[0]);
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  finished.ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  return finished;
}

std::string contents(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Writes a file of the account's, readable by it alone.
void write_private(const std::string& path, const std::string& text) {
  std::ofstream{path, std::ios::binary} << text;
  chmod(path.c_str(), 0600);
  if (const auto owner = account(); owner && geteuid() == 0 && chown(path.c_str(), owner->uid, owner->gid) != 0)
    throw std::runtime_error{"chown failed"};
}

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) out += c == '\'' ? std::string{"''"} : std::string{c};
  return out + "'";
}

}  // namespace

PostgresServer::Availability PostgresServer::available() {
  if (find_binaries().empty()) return {false, "no PostgreSQL server below /usr/lib/postgresql"};
  if (!account()) return {false, "no system user postgres to run the server"};
  return {true, {}};
}

PostgresServer::PostgresServer() : PostgresServer{Options{}} {}

PostgresServer::PostgresServer(Options options) : options_{std::move(options)}, binaries_{find_binaries()} {
  if (const auto here = available(); !here.ok) throw std::runtime_error{here.reason};
  initialise();
  configure();
  start();
}

PostgresServer::~PostgresServer() {
  stop();
  std::error_code ignored;
  fs::remove_all(directory_, ignored);
}

void PostgresServer::initialise() {
  std::string pattern = (fs::temp_directory_path() / "doctor-postgres-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp failed"};
  directory_ = pattern;
  if (const auto owner = account(); geteuid() == 0 && chown(directory_.c_str(), owner->uid, owner->gid) != 0)
    throw std::runtime_error{"chown failed"};
  const auto done = run({binaries_ + "/initdb", "-D", directory_ + "/data", "-U", "postgres", "--auth-local=trust",
                         "--auth-host=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"},
                        directory_);
  if (!done.ok) throw std::runtime_error{"initdb failed: " + done.output};
}

void PostgresServer::configure() const {
  const auto data = directory_ + "/data/";
  std::ostringstream settings;
  settings << "listen_addresses = '127.0.0.1'\nunix_socket_directories = '" << directory_ << "'\n"
           << "max_connections = " << options_.max_connections << "\nfsync = off\nshared_buffers = 16MB\n"
           << "log_line_prefix = '%m %a '\n";
  if (!options_.certificate.empty()) {
    write_private(data + "server.crt", options_.certificate);
    write_private(data + "server.key", options_.key);
    settings << "ssl = on\n";
  }
  for (const auto& [name, value] : options_.settings) settings << name << " = " << quoted(value) << '\n';
  std::ofstream{data + "postgresql.conf", std::ios::app} << settings.str();

  std::string hba;
  for (const auto& line : options_.hba) hba += line + "\n";
  std::ofstream{data + "pg_hba.conf"} << "local all postgres trust\n"
                                      << hba
                                      << "local all all scram-sha-256\nhost all all 127.0.0.1/32 scram-sha-256\n";
}

void PostgresServer::start() {
  if (pid_ > 0) return;
  if (port_ == 0) port_ = free_port();
  const auto log_path = directory_ + "/log";
  const int output = open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output < 0) throw std::runtime_error{"the log cannot be opened"};
  pid_ = start_as_owner({binaries_ + "/postgres", "-D", directory_ + "/data", "-p", std::to_string(port_)}, output,
                        directory_);
  close(output);
  wait_until_ready();
}

void PostgresServer::wait_until_ready() {
  const auto limit = std::chrono::steady_clock::now() + start_limit;
  while (std::chrono::steady_clock::now() < limit) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error{"PostgreSQL ended at once: " + log()};
    }
    if (run({binaries_ + "/pg_isready", "-q", "-h", directory_, "-p", std::to_string(port_)}, directory_).ok) return;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  throw std::runtime_error{"PostgreSQL does not start: " + log()};
}

void PostgresServer::stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGINT);  // fast shutdown: sessions are ended
  for (int i = 0; i < 200; ++i) {
    if (waitpid(pid_, nullptr, WNOHANG) == pid_) {
      pid_ = -1;
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  kill(pid_, SIGQUIT);  // immediate shutdown
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string PostgresServer::sql(const std::string& text, const std::string& database) const {
  const auto done = run({binaries_ + "/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory_, "-p",
                         std::to_string(port_), "-U", "postgres", "-d", database, "-c", text},
                        directory_);
  if (!done.ok) throw std::runtime_error{"psql: " + done.output};
  auto output = done.output;
  while (!output.empty() && output.back() == '\n') output.pop_back();
  return output;
}

std::string PostgresServer::log() const {
  return contents(directory_ + "/log");
}

std::string PostgresServer::url(const std::string& user, const std::string& password,
                                const std::string& database) const {
  return "postgres://" + user + ":" + password + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

}  // namespace doctor::test
