#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <stdexcept>

#include "cli/commands.hpp"
#include "cli/init_draft.hpp"
#include "cli/output.hpp"
#include "cli/own_file.hpp"
#include "cli/target.hpp"
#include "guides/description.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

/// Puts a question to somebody at a terminal; elsewhere, and when nothing is typed, the proposal is the answer.
class Questions {
 public:
  Questions(bool asked, const Interrupt& interrupt, std::ostream& out)
      : asks_{asked && isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0}, interrupt_{interrupt}, out_{out} {}

  std::string ask(const std::string& question, const std::string& proposal) {
    if (!asks_) return proposal;
    out_ << question << (proposal.empty() ? "" : " [" + proposal + "]") << ": " << std::flush;
    std::string answer;
    if (!is_typed() || !std::getline(std::cin, answer)) {
      asks_ = false;
      return proposal;
    }
    answer = util::trim(answer);
    return answer.empty() ? proposal : answer;
  }

 private:
  /// Waits for a line, or for the user's interrupt.
  bool is_typed() const {
    constexpr int step = 200;
    pollfd input{STDIN_FILENO, POLLIN, 0};
    while (interrupt_.signal() == 0)
      if (poll(&input, 1, step) > 0) return true;
    return false;
  }

  bool asks_;
  const Interrupt& interrupt_;
  std::ostream& out_;
};

constexpr std::array<const char*, 6> usual_paths{"/health",       "/healthz", "/api/health",
                                                 "/health/ready", "/readyz",  "/status"};

/// An answer that only an endpoint made for it gives: applications of one page answer every path with that page.
bool is_health(const HttpAnswer& answer) {
  return answer.status == 200 && answer.header("content-type").find("text/html") == std::string::npos;
}

/// Asks the service itself, on its published port, for what is usual.
void look_for_health(DraftService& service, Probes& probes, const Interrupt& interrupt) {
  if (!service.health.empty() || service.published == 0) return;
  for (const auto* path : usual_paths) {
    HttpQuestion question;
    question.url = "http://127.0.0.1:" + std::to_string(service.published) + path;
    question.limit = std::chrono::milliseconds{2000};
    const auto answer = probes.ask(question, Deadline::after(std::chrono::milliseconds{3000}, interrupt.token()));
    if (!answer) return;
    if (!is_health(*answer)) continue;
    service.health = path;
    service.health_source = "its answer just now";
    return;
  }
}

/// The path that --health gives a service: PATH for all, or SERVICE=PATH.
std::string health_flag(const std::vector<std::string>& flags, const std::string& service) {
  for (const auto& flag : flags) {
    const auto equals = flag.find('=');
    if (equals == std::string::npos) return flag;
    if (flag.substr(0, equals) == service) return flag.substr(equals + 1);
  }
  return {};
}

void complete(Draft& draft, const InitCommand& command, Probes& probes, const Interrupt& interrupt, std::ostream& out) {
  Questions questions{!command.no_questions, interrupt, out};
  draft.name = system_name(questions.ask("Name of the application", command.name.empty() ? draft.name : command.name));
  for (auto& service : draft.services) {
    if (const auto path = health_flag(command.health, service.name); !path.empty()) {
      service.health = path;
      service.health_source = "--health";
    }
    if (service.port == 0) continue;
    look_for_health(service, probes, interrupt);
    const auto path = questions.ask("Path that tells that " + service.name + " is well", service.health);
    if (path != service.health) service.health_source = "what you said";
    service.health = path;
  }
}

void check_paths(const Draft& draft) {
  for (const auto& service : draft.services)
    if (!service.health.empty() &&
        (service.health.front() != '/' || util::shown(service.health, 300) != service.health))
      throw BadInput{"'" + util::shown(service.health, 60) + "' is no path: it begins with / (" + service.name + ")"};
}

void check_text(const std::string& text) {
  guides::Problems problems;
  guides::read_project_file(text, "doctor.yaml", problems);
  if (!problems.empty()) throw std::logic_error{"the doctor.yaml that was made is no good: " + problems.front().text()};
}

std::string summary(const Draft& draft) {
  if (!draft.known_system.empty()) return "This is " + draft.known_system + ", which doctor knows.";
  std::size_t settings = 0;
  std::size_t secret = 0;
  for (const auto& service : draft.services) {
    settings += service.settings.size();
    secret += static_cast<std::size_t>(std::count_if(service.settings.begin(), service.settings.end(),
                                                     [](const SettingRule& rule) { return rule.secret; }));
  }
  return std::to_string(draft.services.size()) + " services, " + std::to_string(settings) + " settings, " +
         std::to_string(secret) + " of them secret.";
}

int initialise(const InitCommand& command, Streams streams) {
  const World world{own_environment()};
  const Interrupt interrupt;
  const auto path = absolute(command.target.directory) + "/doctor.yaml";
  const auto there = world.file(path, interrupt.token());
  if (!there) throw BadInput{util::shown(path) + " cannot be examined: " + there.error().detail};
  if (there->kind != "missing") throw BadInput{util::shown(path) + " is there already; doctor does not overwrite it"};
  const guides::Library library{guides::embedded()};
  const auto deployment = discover(command.target, world, library, interrupt, streams).deployment;
  if (!deployment) return interrupt.code_or(2);
  auto draft = draft_of(*deployment);
  if (draft.known_system.empty()) complete(draft, command, *world.open(deployment, {}).probes, interrupt, streams.out);
  if (interrupt.signal() != 0) return interrupt.code_or(0);
  check_paths(draft);
  const auto text = text_of(draft);
  check_text(text);
  if (const auto problem = write_new_file(path, text)) throw BadInput{*problem};
  streams.out << "Wrote " << util::shown(path) << ": " << summary(draft) << "\nRead it, then run: doctor check "
              << util::shell_quoted(command.target.directory) << std::endl;
  return 0;
}

}  // namespace

int init(const InitCommand& command, Streams streams) {
  try {
    return initialise(command, streams);
  } catch (const BadInput& bad) {
    streams.err << "doctor: " << bad.message << ".\n";
    return 2;
  }
}

}  // namespace doctor::cli
