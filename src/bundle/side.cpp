#include "bundle/side.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "bundle/reader.hpp"
#include "bundle/report_json.hpp"
#include "redact/redactor.hpp"
#include "util/text.hpp"

namespace doctor::bundle {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr std::size_t most_bytes = 16UL * 1024 * 1024;
constexpr std::size_t most_text = 2000;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_{number} {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

Failure failed(int error) {
  return Failure{"it cannot be read: " + std::string{std::strerror(error)}};
}

/// A regular file up to one byte past the bound.
tl::expected<std::string, std::string> content(const std::string& path) {
  // Without waiting for whoever would write to a pipe.
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number() < 0) return failed(errno);
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return failed(errno);
  if (!S_ISREG(status.st_mode)) return Failure{"it is no regular file"};
  std::string text;
  std::array<char, 65536> part{};
  while (text.size() <= most_bytes) {
    const auto count = ::read(file.number(), part.data(), part.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(errno);
    if (count == 0) break;
    text.append(part.data(), static_cast<std::size_t>(count));
  }
  return text;
}

/// Anything but JSON is for the reader of bundles, which knows what else people pick.
bool is_json(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && text[first] == '{';
}

tl::expected<Side, std::string> from_report(const std::string& text) {
  auto report = report_from_json(text);
  if (!report) return Failure{std::move(report.error())};
  Side side;
  side.kind = "report";
  side.version = report->version;
  side.time = report->started;
  side.report = *std::move(report);
  return side;
}

tl::expected<Side, std::string> from_bundle(const std::string& path) {
  auto opened = open(path);
  if (!opened) return Failure{std::move(opened.error())};
  auto side = from_report(opened->report);
  if (!side) return Failure{"its report: " + side.error()};
  const redact::Redactor redactor;
  const auto safe = [&](const std::string& text) { return util::shown(redactor.redact(text), most_text); };
  side->kind = "bundle";
  side->version = safe(opened->manifest.version);
  side->label = safe(opened->manifest.label);
  side->time = safe(opened->manifest.created);
  for (auto& fact : facts(opened->deployment, opened->tape))
    side->facts.push_back({safe(fact.subject), safe(fact.name), safe(fact.value), fact.is_volatile, fact.is_answer});
  side->deployment = std::move(opened->deployment);
  return side;
}

}  // namespace

tl::expected<Side, std::string> read_side(const std::string& path) {
  const auto text = content(path);
  if (!text) return Failure{text.error()};
  auto side = is_json(*text) ? from_report(*text) : from_bundle(path);
  if (side) side->name = util::shown(path, most_text);
  return side;
}

}  // namespace doctor::bundle
