#include "logs/scanner.hpp"

#include <algorithm>

#include "logs/docker.hpp"
#include "logs/splitter.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor;

const logs::Patterns& patterns() {
  static const logs::Patterns all = [] {
    logs::Patterns some;
    some.milestones["app"] = {{"started", "Starting App"}, {"listening", "Listening on "}};
    some.signatures = {{"after", "Permission denied", "app", "started", "", ""},
                       {"group", "Account '(?P<account>[^']+)' locked out", "", "", "", ""},
                       {"level", "[a-z]+ [0-9]+", "", "", "listening", "error"}};
    return some;
  }();
  return all;
}

LogsAnswer scan(std::string_view text, std::size_t piece) {
  logs::Scanner scanner{patterns(), "app"};
  for (std::size_t done = 0; done < text.size(); done += piece) scanner.feed(text.substr(done, piece));
  scanner.end_of_file();
  return scanner.result();
}

void check_answer(const LogsAnswer& answer) {
  require(answer.errors <= answer.lines, "an error is a line");
  require(answer.tail.size() <= 5, "the tail is short");
  for (const auto& hit : answer.hits) {
    require(hit.count > 0 && hit.count <= answer.lines, "a hit is counted in lines");
    require(hit.line.size() <= 400, "a line is shown cut");
    for (const auto& [name, value] : hit.groups) require(value.size() <= 400, "a group is cut");
  }
}

}  // namespace

/// The input is a log; the pieces in which it comes must make no difference.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = doctor::fuzz::text_of(data, size);
  const auto whole = scan(text, text.size() + 1);
  const auto pieces = scan(text, 3);
  check_answer(whole);
  require(whole.lines == pieces.lines && whole.errors == pieces.errors && whole.hits.size() == pieces.hits.size(),
          "pieces make no difference");

  std::size_t longest = 0;
  const auto take = [&](std::string_view line, std::int64_t) { longest = std::max(longest, line.size()); };
  logs::JsonFileReader files{take};
  files.feed(text);
  files.finish();
  for (const bool raw : {false, true}) {
    logs::LogStreamReader stream{raw, take};
    stream.feed(text);
    stream.finish();
  }
  require(longest <= logs::LineSplitter::most_line, "a line is kept up to its bound");
  return 0;
}
