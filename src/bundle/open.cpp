#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>

#include "bundle/deployment_json.hpp"
#include "bundle/ignores_json.hpp"
#include "bundle/reader.hpp"
#include "bundle/sha256.hpp"
#include "guides/page.hpp"
#include "util/text.hpp"
#include "util/whole_file.hpp"

namespace doctor::bundle {
namespace {

using Failure = tl::unexpected<std::string>;

constexpr std::size_t most_document = 16UL * 1024 * 1024;
constexpr const char* tape_name = "answers/tape.json";
constexpr const char* deployment_name = "answers/deployment.json";
constexpr const char* report_name = "report/report.json";
constexpr const char* ignores_name = "answers/ignores.json";
constexpr std::string_view guides_folder = "guides/";

std::string about(const std::string& path, const std::string& what) {
  return "its member '" + util::shown(path, 80) + "' " + what;
}

/// Members in the order in which they come. Only those that a diagnosis needs are kept.
class Contents {
 public:
  /// False: problem() says why the bundle is refused.
  bool take(const ArchiveMember& member) {
    if (!manifest_) return take_manifest(member);
    const auto told = told_.find(member.path);
    if (told == told_.end()) return fail(about(member.path, "is not in its manifest"));
    if (member.size != told->second->size) return fail(about(member.path, "has not the size that its manifest says"));
    if (is_guide(member.path) && !take_guide(member.path)) return false;
    const auto kept = kept_.find(member.path);
    const bool read = kept == kept_.end() ? hash(member, *told->second, nullptr, 0)
                                          : hash(member, *told->second, &kept->second.text, kept->second.most);
    if (read && kept != kept_.end()) kept->second.is_there = true;
    if (read) told_.erase(told);
    return read;
  }

  tl::expected<Opened, std::string> opened() {
    if (!manifest_) return Failure{"it has no " + std::string{manifest_name}};
    if (!told_.empty()) return Failure{about(told_.begin()->first, "is missing")};
    for (const auto& [path, document] : kept_)
      if (!document.is_there && path != ignores_name && !is_guide(path)) return Failure{"it has no " + path};
    auto deployment = deployment_from_json(kept_.at(deployment_name).text);
    if (!deployment) return Failure{about(deployment_name, "cannot be used: " + deployment.error())};
    auto tape = probes::Tape::from_json(kept_.at(tape_name).text);
    if (!tape) return Failure{about(tape_name, "cannot be used: " + tape.error())};
    std::vector<diagnosis::Ignore> ignores;
    if (kept_.at(ignores_name).is_there) {
      auto read = ignores_from_json(kept_.at(ignores_name).text);
      if (!read) return Failure{about(ignores_name, "cannot be used: " + read.error())};
      ignores = *std::move(read);
    }
    return Opened{*std::move(manifest_), *std::move(deployment),
                  *std::move(tape),      std::move(kept_.at(report_name).text),
                  std::move(ignores),    guides()};
  }

  const std::string& problem() const { return problem_; }

 private:
  struct Document {
    std::size_t most = most_document;
    std::string text{};
    bool is_there = false;
  };

  static bool is_guide(std::string_view path) { return path.starts_with(guides_folder) && path.ends_with(".md"); }

  /// Makes room for it.
  bool take_guide(const std::string& path) {
    const auto is_one = [](const auto& document) { return is_guide(document.first); };
    if (std::count_if(kept_.begin(), kept_.end(), is_one) == guides::most_own_pages)
      return fail("it holds more than " + std::to_string(guides::most_own_pages) + " guides");
    kept_.emplace(path, Document{guides::most_page_bytes});
    return true;
  }

  std::vector<guides::OwnPage> guides() {
    std::vector<guides::OwnPage> pages;
    for (auto& [path, document] : kept_)
      if (is_guide(path)) pages.push_back({path, "the bundle", std::move(document.text)});
    return pages;
  }

  bool fail(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  bool take_manifest(const ArchiveMember& member) {
    if (member.path != manifest_name) return fail("it does not begin with " + std::string{manifest_name});
    std::string text;
    if (!read(member, &text, most_document, nullptr)) return false;
    auto manifest = manifest_from_json(text);
    if (!manifest) return fail(std::move(manifest.error()));
    manifest_ = *std::move(manifest);
    for (const auto& info : manifest_->members)
      if (!told_.emplace(info.path, &info).second) return fail(about(info.path, "is twice in its manifest"));
    return true;
  }

  bool hash(const ArchiveMember& member, const MemberInfo& info, std::string* text, std::size_t most) {
    Sha256 sum;
    if (!read(member, text, most, &sum)) return false;
    return sum.finish() == info.sha256 || fail(about(member.path, "is not what its manifest says (SHA-256)"));
  }

  bool read(const ArchiveMember& member, std::string* text, std::size_t most, Sha256* sum) {
    if (text != nullptr && member.size > most)
      return fail(about(member.path, "is larger than " + util::bytes(static_cast<std::uint64_t>(most))));
    const auto result = member.bytes([&](std::string_view bytes) {
      if (sum != nullptr) sum->write(bytes);
      if (text != nullptr) text->append(bytes);
      return true;
    });
    return result.has_value() || fail(result.error());
  }

  std::optional<Manifest> manifest_;
  std::map<std::string, const MemberInfo*> told_;  // what the manifest tells of and has not come yet
  std::map<std::string, Document> kept_{
      {tape_name, {probes::Tape::most_bytes}}, {deployment_name, {}}, {report_name, {}}, {ignores_name, {}}};
  std::string problem_;
};

}  // namespace

tl::expected<Opened, std::string> open(const std::string& path) {
  const util::Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.get() < 0) return Failure{"it cannot be read: " + std::string{std::strerror(errno)}};
  Contents contents;
  const auto read = read_archive(file.get(), [&](const ArchiveMember& member) { return contents.take(member); });
  if (!contents.problem().empty()) return Failure{contents.problem()};
  if (!read) return Failure{read.error()};
  return contents.opened();
}

}  // namespace doctor::bundle
