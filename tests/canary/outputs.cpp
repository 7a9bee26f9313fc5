#include "canary/outputs.hpp"

#include <filesystem>
#include <stdexcept>

#include "bundle/reader.hpp"
#include "lab/files.hpp"
#include "support/disguise.hpp"

namespace doctor::canary {
namespace {

using lab::Arguments;

constexpr const char* formats[] = {"human", "markdown",   "html",  "short",  "json",   "jsonl", "junit",
                                   "tap",   "prometheus", "sarif", "github", "gitlab", "nagios"};

class Runner {
 public:
  Runner(std::string directory, Arguments options, RunDoctor run)
      : directory_{std::move(directory)}, options_{std::move(options)}, run_{std::move(run)} {}

  Outputs all() {
    for (const auto* format : formats) doctor({"check", directory_, "--format", format}, true);
    doctor({"check", directory_, "-vv", "--color", "always"}, true);
    doctor({"check", directory_, "-v", "--format", "json", "-o", kept_.path("one.json")}, true);
    for (const auto* command : {"config", "plan"})
      for (const auto* format : {"human", "json"}) doctor({command, directory_, "--format", format}, true);
    doctor({"bundle", directory_, "--estimate"}, true);
    bundle("one.tar.gz", {});
    bundle("two.tar.zst", {"--zstd"});
    bundle("hidden.tar.gz", {"--hide-hosts"});
    for (const auto* format : {"human", "json", "html"})
      doctor({"analyze", kept_.path("one.tar.gz"), "--format", format}, false);
    doctor({"analyze", kept_.path("two.tar.zst"), "-vv"}, false);
    doctor({"analyze", kept_.path("hidden.tar.gz"), "--format", "json"}, false);
    for (const auto* format : {"human", "json"})
      doctor({"diff", kept_.path("one.tar.gz"), kept_.path("two.tar.zst"), "--volatile", "--format", format}, false);
    add("check -o", lab::read_file(kept_.path("one.json")));
    return std::move(outputs_);
  }

 private:
  void add(std::string name, std::string bytes) { outputs_.push_back({std::move(name), std::move(bytes)}); }

  lab::CommandResult doctor(Arguments words, bool examines) {
    std::string name;
    for (const auto& word : words) name += (name.empty() ? "" : " ") + word;
    if (examines) words.insert(words.end(), options_.begin(), options_.end());
    const auto result = run_(words);
    if (result.exit < 0 || result.exit > 4)
      throw std::runtime_error(name + " ended with " + std::to_string(result.exit) + ": " + result.err.substr(0, 2000));
    add(name + ": standard output", result.out);
    add(name + ": standard error", result.err);
    return result;
  }

  void bundle(const std::string& file, const Arguments& more) {
    Arguments words{"bundle", directory_, "-o", kept_.path(file), "-vv"};
    words.insert(words.end(), more.begin(), more.end());
    const auto result = doctor(words, true);
    if (result.exit != 0) throw std::runtime_error("no bundle: " + result.err.substr(0, 2000));
    add(file, lab::read_file(kept_.path(file)));
    const auto read = bundle::read_archive(kept_.path(file), [&](const bundle::ArchiveMember& member) {
      Output output{file + ": " + member.path, member.path + "\n"};
      const auto taken = member.bytes([&](std::string_view bytes) {
        output.bytes += bytes;
        return true;
      });
      if (!taken) throw std::runtime_error(taken.error());
      outputs_.push_back(std::move(output));
      return true;
    });
    if (!read) throw std::runtime_error(file + " cannot be read: " + read.error());
  }

  std::string directory_;
  Arguments options_;
  RunDoctor run_;
  lab::Directory kept_{"kept"};
  Outputs outputs_;
};

}  // namespace

Outputs all_outputs(const std::string& directory, const Arguments& options, const RunDoctor& run) {
  const RunDoctor plain = [](Arguments words) {
    words.insert(words.begin(), lab::doctor_binary());
    return lab::run(words);
  };
  return Runner{directory, options, run ? run : plain}.all();
}

std::vector<std::string> leaks(const Outputs& outputs, const std::vector<Canary>& canaries) {
  std::vector<std::string> secrets;
  std::map<std::string, std::string> places;
  for (const auto& canary : canaries) {
    secrets.push_back(canary.secret);
    places.emplace(canary.secret, canary.place);
  }
  std::vector<std::string> found;
  for (const auto& output : outputs)
    for (const auto& secret : test::readable_in(output.bytes, secrets))
      found.push_back(places[secret] + ": " + output.name);
  return found;
}

}  // namespace doctor::canary
