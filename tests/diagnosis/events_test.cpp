#include "diagnosis/events.hpp"

#include "support/catch.hpp"

using namespace doctor::diagnosis;

namespace {

constexpr std::int64_t noon = 1'770'000'000;
constexpr std::int64_t a_day = 86'400;

Event event(std::int64_t at, const std::string& text, bool failure = false) {
  return {at, "edited", "file:.env", text, "file time", failure, false};
}

std::string marked(const std::vector<Event>& events) {
  std::string text;
  for (const auto& one : events) text += one.text + (one.failure ? "!" : one.just_before ? ">" : "") + " ";
  return text;
}

}  // namespace

TEST_CASE("events are put in order, and what came within the hour before the first failure is marked") {
  std::vector<Event> events{event(noon, "exit", true), event(noon - 4000, "upgrade"),  event(noon - 3600, "edit"),
                            event(noon + 5, "start"),  event(noon + 9, "again", true), event(noon, "same moment")};
  put_in_order(events, std::nullopt);
  CHECK(marked(events) == "upgrade edit> exit! same moment start again! ");
}

TEST_CASE("what was over for a day is another story") {
  std::vector<Event> events{event(noon - a_day - 60, "old", true), event(noon - 100, "edit"), event(noon, "new", true),
                            event(noon - a_day - 100, "old edit")};
  put_in_order(events, std::nullopt);
  CHECK(marked(events) == "old edit old! edit> new! ");
  CHECK(first_failure(events) == 3U);
}

TEST_CASE("failures of one story reach back to its beginning") {
  std::vector<Event> events{event(noon - a_day, "first", true), event(noon, "last", true), event(noon - 10, "edit"),
                            event(noon - a_day - 10, "cause")};
  put_in_order(events, std::nullopt);
  CHECK(marked(events) == "cause> first! edit last! ");
}

TEST_CASE("an error that no event shows has the last hour marked, and a healthy deployment has nothing") {
  std::vector<Event> events{event(noon - 7200, "old"), event(noon - 60, "edit")};
  put_in_order(events, std::nullopt);
  CHECK(marked(events) == "old edit ");
  CHECK(excerpt(events, 12).empty());
  put_in_order(events, noon);
  CHECK(marked(events) == "old edit> ");
  CHECK(marked(excerpt(events, 12)) == "edit> ");
}

TEST_CASE("an excerpt holds the beginning and the end") {
  std::vector<Event> events;
  for (int i = 0; i < 20; ++i) events.push_back(event(noon - 100 + i, "b" + std::to_string(i)));
  for (int i = 0; i < 20; ++i) events.push_back(event(noon + i, "f" + std::to_string(i), true));
  put_in_order(events, std::nullopt);
  CHECK(marked(excerpt(events, 12)) == "b14> b15> b16> b17> b18> b19> f0! f1! f2! f3! f18! f19! ");
  CHECK(excerpt(events, 100).size() == 40);
  CHECK(marked(excerpt({events.begin() + 18, events.begin() + 22}, 12)) == "b18> b19> f0! f1! ");
}

TEST_CASE("a timeline can be cut") {
  const std::vector<Event> events{event(noon - 1, "a"), event(noon, "b"), event(noon + 1, "c")};
  CHECK(marked(events_since(events, noon)) == "b c ");
}
