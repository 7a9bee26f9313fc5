#include "doctor/format/websocket.hpp"

#include <string>
#include <vector>

#include "support/catch.hpp"

using doctor::formats::WebSocketEvent;
using doctor::formats::WebSocketReader;
using Kind = doctor::formats::WebSocketEvent::Kind;
namespace formats = doctor::formats;

namespace {

std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int value : values) text += static_cast<char>(value);
  return text;
}

/// A frame as a server sends it, with the length in its shortest form.
std::string frame(int first, const std::string& payload) {
  std::string text = bytes({first});
  if (payload.size() < 126) return text + bytes({static_cast<int>(payload.size())}) + payload;
  const auto size = payload.size();
  if (size <= 0xFFFF) return text + bytes({126, static_cast<int>(size >> 8), static_cast<int>(size & 0xFF)}) + payload;
  text += bytes({127, 0, 0, 0, 0});
  for (const int shift : {24, 16, 8, 0}) text += static_cast<char>(size >> static_cast<unsigned>(shift) & 0xFFU);
  return text + payload;
}

struct Reading {
  std::vector<WebSocketEvent> events;
  std::string problem;
  bool closed = false;
  bool cut = false;
};

Reading read(const std::string& text, std::size_t piece) {
  WebSocketReader reader;
  Reading reading;
  for (std::size_t at = 0; at < text.size(); at += piece) {
    reader.feed(std::string_view{text}.substr(at, piece));
    while (auto event = reader.next()) reading.events.push_back(*event);
  }
  reading.problem = reader.problem();
  reading.closed = reader.closed();
  reading.cut = reader.cut();
  return reading;
}

/// In one piece and byte by byte; both must say the same.
Reading read(const std::string& text) {
  const auto whole = read(text, text.size() + 1);
  const auto drip = read(text, 1);
  CHECK(whole.events.size() == drip.events.size());
  CHECK(whole.problem == drip.problem);
  CHECK(whole.closed == drip.closed);
  CHECK(whole.cut == drip.cut);
  return whole;
}

std::string problem_of(const std::string& text) {
  return read(text).problem;
}

}  // namespace

TEST_CASE("websocket frames are read as RFC 6455 shows them", "[websocket]") {
  SECTION("a text message, section 5.7") {
    const auto reading = read(bytes({0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f}));
    REQUIRE(reading.events.size() == 1);
    CHECK(reading.events[0].kind == Kind::text);
    CHECK(reading.events[0].payload == "Hello");
    CHECK(reading.problem.empty());
    CHECK_FALSE(reading.cut);
  }
  SECTION("a message in two fragments, section 5.7") {
    const auto reading = read(bytes({0x01, 0x03, 0x48, 0x65, 0x6c, 0x80, 0x02, 0x6c, 0x6f}));
    REQUIRE(reading.events.size() == 1);
    CHECK(reading.events[0].payload == "Hello");
  }
  SECTION("a ping between the fragments of a message") {
    const auto reading = read(frame(0x01, "Hel") + frame(0x89, "you?") + frame(0x00, "") + frame(0x80, "lo"));
    REQUIRE(reading.events.size() == 2);
    CHECK(reading.events[0].kind == Kind::ping);
    CHECK(reading.events[0].payload == "you?");
    CHECK(reading.events[1].payload == "Hello");
  }
  SECTION("binary messages of 256 bytes and of 64 KiB, section 5.7") {
    for (const std::size_t size :
         {std::size_t{125}, std::size_t{126}, std::size_t{256}, std::size_t{65535}, std::size_t{65536}}) {
      const auto reading = read(frame(0x82, std::string(size, '\xff')));
      REQUIRE(reading.events.size() == 1);
      CHECK(reading.events[0].kind == Kind::binary);
      CHECK(reading.events[0].payload.size() == size);
    }
  }
  SECTION("an unasked pong") {
    const auto reading = read(frame(0x8A, ""));
    REQUIRE(reading.events.size() == 1);
    CHECK(reading.events[0].kind == Kind::pong);
  }
  SECTION("an empty message") {
    CHECK(read(frame(0x81, "")).events.size() == 1);
  }
  SECTION("a letter whose bytes lie in two fragments") {
    const auto reading = read(frame(0x01, "\xc3") + frame(0x80, "\xa4"));
    REQUIRE(reading.events.size() == 1);
    CHECK(reading.events[0].payload == "\xc3\xa4");
  }
  SECTION("a close frame with code and reason") {
    const auto reading = read(frame(0x88, formats::websocket_close_payload(1008, "policy")));
    REQUIRE(reading.events.size() == 1);
    CHECK(reading.events[0].kind == Kind::close);
    CHECK(reading.events[0].close_code == 1008);
    CHECK(reading.events[0].payload == "policy");
    CHECK(reading.closed);
  }
  SECTION("a close frame without a code") {
    const auto reading = read(frame(0x88, ""));
    REQUIRE(reading.events.size() == 1);
    CHECK(reading.events[0].close_code == 0);
    CHECK(reading.closed);
  }
}

TEST_CASE("what breaks off within a frame or a message is seen", "[websocket]") {
  CHECK(read(bytes({0x81})).cut);
  CHECK(read(bytes({0x81, 0x05, 'H'})).cut);
  CHECK(read(frame(0x01, "Hel")).cut);
  CHECK_FALSE(read("").cut);
  CHECK_FALSE(read(frame(0x81, "Hello")).cut);
}

TEST_CASE("every rule that a server can break is seen", "[websocket]") {
  SECTION("5.1: a server must not mask") {
    CHECK(problem_of(bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58})) ==
          "a frame is masked, which only a client may do");
  }
  SECTION("5.2: reserved bits without an extension") {
    for (const int bit : {0x40, 0x20, 0x10})
      CHECK(problem_of(frame(0x81 | bit, "Hello")) == "a frame has a reserved bit set");
  }
  SECTION("5.2: reserved opcodes") {
    for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15})
      CHECK(problem_of(frame(0x80 | opcode, "x")) == "a frame has an opcode that is not defined");
  }
  SECTION("5.2: lengths in their shortest form") {
    CHECK(problem_of(bytes({0x82, 126, 0, 125})) == "a length is not written in its shortest form");
    CHECK(problem_of(bytes({0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) ==
          "a length is not written in its shortest form");
    CHECK(problem_of(bytes({0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0})) == "a length has its highest bit set");
  }
  SECTION("5.4: fragments") {
    CHECK(problem_of(frame(0x80, "lo")) == "a message is continued that never began");
    CHECK(problem_of(frame(0x01, "Hel") + frame(0x81, "x")) == "a message begins within another one");
    CHECK(problem_of(frame(0x81, "Hello") + frame(0x80, "lo")) == "a message is continued that never began");
  }
  SECTION("5.5: control frames") {
    for (const int opcode : {0x8, 0x9, 0xA}) {
      CHECK(problem_of(frame(opcode, "")) == "a control frame is fragmented");
      CHECK(problem_of(frame(0x80 | opcode, std::string(126, 'x'))) == "a control frame is longer than 125 bytes");
    }
  }
  SECTION("5.5.1: the payload of a close frame") {
    CHECK(problem_of(frame(0x88, "x")) == "a close frame has half a code");
    CHECK(problem_of(frame(0x88, formats::websocket_close_payload(1000, "\xff"))) ==
          "the reason of a close frame is not UTF-8");
    CHECK(problem_of(frame(0x88, "") + frame(0x81, "x")) == "data comes after the close frame");
  }
  SECTION("7.4: close codes that must not be sent") {
    for (const int code : {0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535})
      CHECK(problem_of(frame(0x88, formats::websocket_close_payload(code, ""))) ==
            "a close frame has a code that is not allowed");
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999})
      CHECK(problem_of(frame(0x88, formats::websocket_close_payload(code, ""))).empty());
  }
  SECTION("8.1: text is UTF-8") {
    for (const std::string text : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3"})
      CHECK(problem_of(frame(0x81, text)) == "a text message is not UTF-8");
    CHECK(problem_of(frame(0x01, "\xc3") + frame(0x80, "x")) == "a text message is not UTF-8");
  }
}

TEST_CASE("the bounds of websocket messages hold", "[websocket]") {
  SECTION("1 MB in one frame is refused by its header alone") {
    CHECK(problem_of(bytes({0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1})) == "a message is longer than 1 MB");
    CHECK(problem_of(bytes({0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})) ==
          "a message is longer than 1 MB");
  }
  SECTION("1 MB in fragments") {
    const auto piece = std::string(formats::most_websocket_message / 16, 'x');
    std::string text = frame(0x02, piece);
    for (int i = 0; i < 15; ++i) text += frame(0x00, piece);
    const auto whole = read(text + frame(0x80, ""), text.size());
    REQUIRE(whole.events.size() == 1);
    CHECK(whole.events[0].payload.size() == formats::most_websocket_message);
    CHECK(read(text + frame(0x80, "x"), text.size()).problem == "a message is longer than 1 MB");
  }
  SECTION("100 control frames") {
    std::string text;
    for (int i = 0; i < 100; ++i) text += frame(0x89, "");
    CHECK(problem_of(text).empty());
    CHECK(problem_of(text + frame(0x8A, "")) == "there are more than 100 control frames");
  }
}

TEST_CASE("nothing is read after a broken rule", "[websocket]") {
  const auto reading = read(frame(0x81, "one") + frame(0x83, "") + frame(0x81, "two"));
  REQUIRE(reading.events.size() == 1);
  CHECK(reading.events[0].payload == "one");
  CHECK_FALSE(reading.cut);
}

TEST_CASE("websocket frames are written as a client must", "[websocket]") {
  const std::array<std::uint8_t, 4> mask{0x37, 0xfa, 0x21, 0x3d};
  CHECK(formats::websocket_frame(Kind::text, "Hello", mask) ==
        bytes({0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58}));  // section 5.7
  const std::array<std::uint8_t, 4> none{};
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{125}, std::size_t{126}, std::size_t{65535}, std::size_t{65536}}) {
    const std::string payload(size, 'x');
    auto expected = frame(0x82, payload);
    expected[1] = static_cast<char>(expected[1] | '\x80');
    const auto written = formats::websocket_frame(Kind::binary, payload, none);
    CHECK(written.size() == expected.size() + 4);
    CHECK(written.substr(written.size() - size) == payload);
    CHECK(written.substr(0, 2) == expected.substr(0, 2));
  }
  CHECK(formats::websocket_frame(Kind::close, formats::websocket_close_payload(1000, ""), none) ==
        bytes({0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8}));
  CHECK(formats::websocket_frame(Kind::pong, "", none) == bytes({0x8A, 0x80, 0, 0, 0, 0}));
  CHECK_THROWS_AS(formats::websocket_frame(Kind::ping, std::string(126, 'x'), none), std::invalid_argument);
}
