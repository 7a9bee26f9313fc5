#include "render/config.hpp"

#include <algorithm>
#include <ostream>

#include "render/printer.hpp"
#include "util/text.hpp"

namespace doctor::render {
namespace {

constexpr std::size_t least_width = 40;

bool without_effect(const Setting& setting) {
  return setting.written_at && (setting.reach == Reach::pinned || setting.reach == Reach::not_passed);
}

/// Nobody but the image has anything to do with it.
bool is_of_image(const Setting& setting) {
  const bool image =
      std::any_of(setting.chain.begin(), setting.chain.end(), [](const Hop& hop) { return hop.kind == "image"; });
  return image && !setting.described && !setting.written_at;
}

bool says_nothing(const Setting& setting) {
  return !setting.configured && !setting.running && !setting.written_at && setting.chain.empty();
}

class Writer {
 public:
  Writer(const Deployment& deployment, const Style& style, std::ostream& out)
      : deployment_{deployment},
        style_{style},
        out_{out},
        width_{std::max(least_width, static_cast<std::size_t>(std::max(style.width, 0)))} {}

  void write() {
    header();
    for (const auto& service : deployment_.services) write(service);
    if (has_settings("compose")) {
      heading("compose");
      line(2, "variables that only " +
                  (deployment_.compose_file.empty() ? std::string{"Docker Compose"} : deployment_.compose_file) +
                  " reads, and names in " + deployment_.env_file + " that nothing reads");
      write_settings("compose");
    }
    write_data_sources();
    write_http();
  }

 private:
  // Lines of at most width_ columns

  std::string emphasised(const std::string& text) const { return style_.colour ? "\x1b[1m" + text + "\x1b[0m" : text; }

  void heading(const std::string& text) {
    out_ << '\n' << emphasised(Printer{style_, out_}.ascii(util::shown(text, width_))) << '\n';
  }

  /// Breaks at blanks, and a word that is too long anywhere. Continued lines stand two columns deeper.
  void line(std::size_t indent, const std::string& text) {
    auto rest = Printer{style_, out_}.ascii(util::shown(text, text.size() * 8 + 8));
    for (std::size_t depth = indent; !rest.empty(); depth = indent + 2) {
      const auto room = width_ - std::min(depth, width_ / 2);
      auto end = rest.size();
      if (end > room) {
        end = rest.rfind(' ', room);
        if (end == std::string::npos || end == 0) end = fitting(rest, room);
      }
      out_ << std::string(depth, ' ') << rest.substr(0, rest.find_last_not_of(' ', end - 1) + 1) << '\n';
      rest.erase(
          0, rest.find_first_not_of(' ', end) == std::string::npos ? rest.size() : rest.find_first_not_of(' ', end));
    }
  }

  /// At most `room` bytes, not within a UTF-8 character.
  static std::size_t fitting(const std::string& text, std::size_t room) {
    while (room > 1 && (static_cast<unsigned char>(text[room]) & 0xc0U) == 0x80U) --room;
    return room;
  }

  /// A value of a few lines at most, unless everything is wanted.
  std::string cut(const std::string& text) const {
    const auto most = width_ * 4;
    return style_.verbose || text.size() <= most ? text : text.substr(0, fitting(text, most)) + "...";
  }

  // Parts

  void header() {
    const auto name = deployment_.system.empty() ? std::string{"unknown application"} : deployment_.system;
    line(0, name + " in " + deployment_.directory + ": " + util::join(deployment_.sources, ", "));
    if (!deployment_.system_note.empty()) line(2, deployment_.system_note);
    if (!deployment_.engine_note.empty()) line(2, deployment_.engine_note);
  }

  static std::string runs_as(const Service& service) {
    if (!service.enabled) return "not enabled: its profile is not active";
    if (service.process) return "process " + std::to_string(service.process->pid) + " (" + service.process->exe + ")";
    if (service.container) return "container " + service.container->name + ", " + service.container->status;
    return "no container or process found";
  }

  static std::string ports_of(const Service& service) {
    std::vector<std::string> texts;
    const auto& ports =
        service.container && !service.container->ports.empty() ? service.container->ports : service.ports;
    for (const auto& port : ports) {
      if (port.published == 0 && port.address.empty()) continue;
      const auto address = port.address.empty() ? "" : port.address + ":";
      texts.push_back(address + std::to_string(port.published) + " -> " + std::to_string(port.target) + "/" +
                      port.protocol);
    }
    return util::join(texts, ", ");
  }

  void write(const Service& service) {
    heading(service.name);
    line(2, runs_as(service));
    if (!service.image.empty()) line(2, "image " + service.image);
    if (const auto ports = ports_of(service); !ports.empty()) line(2, "ports " + ports);
    write_settings(service.name);
  }

  bool has_settings(const std::string& service) const {
    return std::any_of(deployment_.settings.begin(), deployment_.settings.end(),
                       [&](const Setting& setting) { return setting.service == service; });
  }

  void write_settings(const std::string& service) {
    std::size_t hidden = 0;
    std::vector<std::string> unset;
    for (const auto& setting : deployment_.settings) {
      if (setting.service != service) continue;
      if (!style_.verbose && is_of_image(setting))
        ++hidden;
      else if (says_nothing(setting))
        unset.push_back(setting.name);
      else
        write(setting);
    }
    if (!unset.empty()) line(2, "not set: " + util::join(unset, ", "));
    if (hidden > 0) line(2, std::to_string(hidden) + " more of the image (--verbose)");
  }

  void write(const Setting& setting) {
    const auto& value = setting.value();
    const auto shown = value ? cut(value->shown()) : std::string{};
    line(2, setting.name + (!value ? " is not set" : shown.empty() ? " is empty" : "=" + shown));
    for (const auto& hop : setting.chain) {
      const bool repeats = value && hop.expression == value->shown();
      line(6, hop.where + (repeats || hop.expression.empty() ? "" : "  " + cut(hop.expression)));
    }
    mark(setting);
  }

  void mark(const Setting& setting) {
    if (without_effect(setting)) {
      const auto why = setting.reach == Reach::pinned && setting.passed_at
                           ? setting.passed_at->text() + " sets it without looking there"
                           : deployment_.compose_file + " never passes it";
      line(4, "! written at " + setting.written_at->text() + " without effect: " + why);
    }
    const bool comparable =
        setting.running && setting.configured && !setting.running->is_secret() && !setting.configured->is_secret();
    if (comparable && setting.running->text() != setting.configured->text())
      line(4, "! a process that starts now would get " + setting.configured->shown());
  }

  static std::string dialled(const Dial& dial) {
    if (!dial.reason.empty()) return "not dialled: " + dial.reason;
    return "dialled at " + dial.host + ":" + std::to_string(dial.port) + " from the " + dial.vantage + " (" + dial.how +
           ")";
  }

  void write_data_sources() {
    if (!deployment_.data_sources.empty()) heading("Data sources");
    for (const auto& source : deployment_.data_sources) {
      line(2, source.setting);
      if (!source.problem.empty()) {
        line(4, "cannot be read: " + source.problem);
        continue;
      }
      const auto tls = source.tls_mode.empty() ? "" : ", sslmode " + source.tls_mode;
      line(4, source.scheme + ", host " + source.host + ":" + std::to_string(source.port) + ", database " +
                  source.database + ", user " + source.user + tls);
      line(4, dialled(source.dial));
    }
  }

  void write_http() {
    if (!deployment_.http.empty()) heading("HTTP");
    for (const auto& base : deployment_.http) {
      line(2, base.service + (base.url.empty() ? "" : " at " + base.url));
      line(4, dialled(base.dial));
    }
  }

  const Deployment& deployment_;
  const Style& style_;
  std::ostream& out_;
  std::size_t width_;
};

}  // namespace

void config(const Deployment& deployment, const Style& style, std::ostream& out) {
  Writer{deployment, style, out}.write();
}

}  // namespace doctor::render
