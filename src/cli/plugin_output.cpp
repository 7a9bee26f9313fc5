#include "cli/plugin_output.hpp"

#include <algorithm>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"
#include "util/text.hpp"

namespace doctor::cli {
namespace {

constexpr std::size_t most_kept = 1000;
constexpr int unknown = 3;

/// Passes everything on and keeps the beginning.
class Keeping : public std::streambuf {
 public:
  explicit Keeping(std::ostream& target) : target_{target} {}
  const std::string& kept() const { return kept_; }

 private:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char byte = traits_type::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
  }
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    kept_.append(bytes, std::min(static_cast<std::size_t>(count), most_kept - kept_.size()));
    return target_.write(bytes, count) ? count : 0;
  }
  int sync() override { return target_.flush() ? 0 : -1; }

  std::ostream& target_;
  std::string kept_;
};

/// Nagios ends the text at a bar or a line break.
std::string one_line(std::string text) {
  constexpr std::string_view own_name = "doctor: ";
  text = text.substr(0, text.find('\n'));
  if (text.starts_with(own_name)) text.erase(0, own_name.size());
  std::replace(text.begin(), text.end(), '|', '/');
  return text.empty() ? "nothing was examined" : util::shown(text, 400);
}

}  // namespace

struct PluginOutput::Parts {
  explicit Parts(Streams streams) : outside{streams}, kept_out{streams.out}, kept_err{streams.err} {}

  Streams outside;
  Keeping kept_out;
  Keeping kept_err;
  std::ostream out{&kept_out};
  std::ostream err{&kept_err};
};

PluginOutput::PluginOutput(Streams streams) : parts_{std::make_unique<Parts>(streams)} {}
PluginOutput::~PluginOutput() = default;

Streams PluginOutput::streams() {
  return {parts_->out, parts_->err};
}

int PluginOutput::ended(int code) {
  constexpr int failed = 2;
  if (code != failed || !parts_->kept_out.kept().empty()) return code;
  parts_->outside.out << "DOCTOR UNKNOWN - " << one_line(parts_->kept_err.kept()) << std::endl;
  return unknown;
}

bool wants_plugin_output(int argc, char** argv) {
  const std::vector<std::string_view> words{argv, argv + argc};
  bool wanted = own_variable("DOCTOR_FORMAT") == "nagios";
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "-o" || words[i].starts_with("--output")) return false;  // the result is elsewhere
    if (words[i] == "--format" && i + 1 < words.size()) wanted = words[i + 1] == "nagios";
    if (words[i].starts_with("--format=")) wanted = words[i] == "--format=nagios";
  }
  return wanted;
}

}  // namespace doctor::cli
