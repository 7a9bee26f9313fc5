#include <ostream>

#include "checks/registry.hpp"
#include "cli/commands.hpp"
#include "cli/completion.hpp"
#include "cli/own_guides.hpp"
#include "cli/target.hpp"
#include "deployment/discover.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

constexpr std::chrono::milliseconds patience{2000};  // somebody waits with a finger on the key

/// What the files of a directory say; nobody else is asked.
std::shared_ptr<const Deployment> read_directory(const World& world, const guides::Library& library,
                                                 const std::string& directory) {
  const auto all = world.sources(patience, {});
  deployment::Sources files;
  files.read = all.read;
  files.kind = all.kind;
  files.list = all.list;
  std::vector<SystemDescription> candidates;
  for (const auto& name : library.systems())
    if (auto description = library.description(name)) candidates.push_back(std::move(*description));
  deployment::DiscoverOptions options;
  options.directory = absolute(directory);
  const auto found = deployment::discover(options, files, candidates);
  return found ? *found : nullptr;
}

std::vector<Candidate> service_words(const Deployment& deployment) {
  std::vector<Candidate> words;
  for (const auto& service : deployment.services) words.push_back({service.name + "=", service.image});
  return words;
}

std::vector<Candidate> setting_words(const Deployment& deployment) {
  std::vector<Candidate> words;
  for (const auto& setting : deployment.settings) words.push_back({setting.service + "." + setting.name + "=", ""});
  return words;
}

Vocabulary vocabulary(const World& world, const guides::Library& library) {
  Vocabulary words;
  words.checks = [] {
    std::vector<Candidate> found;
    for (const auto* check : checks::all()) found.push_back({std::string{check->id}, std::string{check->healthy}});
    return found;
  };
  words.codes = [&library] {
    std::vector<Candidate> found;
    for (const auto& code : library.codes()) found.push_back({code, library.entry(code)->title});
    return found;
  };
  words.systems = [&library] {
    std::vector<Candidate> found;
    for (const auto& system : library.systems()) found.push_back({system, ""});
    return found;
  };
  words.services = [&world, &library](const std::string& directory) {
    const auto deployment = read_directory(world, library, directory);
    return deployment ? service_words(*deployment) : std::vector<Candidate>{};
  };
  words.settings = [&world, &library](const std::string& directory) {
    const auto deployment = read_directory(world, library, directory);
    return deployment ? setting_words(*deployment) : std::vector<Candidate>{};
  };
  return words;
}

/// The folders of --guides, as far as they are typed, else of DOCTOR_GUIDES.
std::vector<std::string> given_guides(const std::vector<std::string>& words) {
  constexpr std::string_view option = "--guides";
  std::vector<std::string> given;
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    if (words[i] == option && i + 2 < words.size()) given.push_back(words[i + 1]);
    if (words[i].starts_with("--guides=")) given.push_back(words[i].substr(option.size() + 1));
  }
  const auto environment = own_environment();
  const auto variable = environment.find("DOCTOR_GUIDES");
  if (given.empty() && variable != environment.end()) given.push_back(variable->second);
  return given;
}

/// With a mistake in the user's own there are still those that are built in: nobody wants messages while typing.
Guides guides_of_words(const std::vector<std::string>& words, const FileAccess& files) {
  try {
    return read_guides(given_guides(words), project_here(files), files);
  } catch (const BadInput&) {
    return read_guides({}, "", files);
  }
}

}  // namespace

int completion(const CompletionCommand& command, Streams streams) {
  streams.out << *completion_script(command.shell) << std::flush;
  return streams.out ? 0 : 2;
}

int complete_words(const std::vector<std::string>& words, Streams streams) {
  const World world{own_environment()};
  const auto guides = guides_of_words(words, file_access(world, {}));
  const auto completion = complete(command_help(), vocabulary(world, guides.known), words);
  for (const auto& candidate : completion.candidates) {
    streams.out << util::shown(candidate.word, 200);
    if (!candidate.description.empty()) streams.out << '\t' << util::shown(candidate.description, 100);
    streams.out << '\n';
  }
  streams.out << ':' << completion.files << '\n' << std::flush;
  return streams.out ? 0 : 2;
}

}  // namespace doctor::cli
