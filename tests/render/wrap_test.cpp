#include "render/wrap.hpp"

#include "support/catch.hpp"

using doctor::render::display_width;
using doctor::render::wrap;

TEST_CASE("display width counts columns, not bytes") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("größe") == 5);
  CHECK(display_width("e\xCC\x81") == 1);         // e and a combining acute accent
  CHECK(display_width("\xE6\xBC\xA2") == 2);      // a CJK ideograph
  CHECK(display_width("\xF0\x9F\x98\x80") == 2);  // an emoji
  CHECK(display_width("a\xFFz") == 3);            // an invalid byte
  CHECK(display_width("\xE6\xBC") == 2);          // cut off: two invalid bytes
}

TEST_CASE("wrap breaks between words and indents") {
  CHECK(wrap("", 10, "  ", "  ").empty());
  CHECK(wrap(" \n\n ", 10, "  ", "  ").empty());
  CHECK(wrap("one two", 20, "- ", "  ") == "- one two");
  CHECK(wrap("one two three", 9, "- ", "  ") == "- one two\n  three");
  CHECK(wrap("one\ntwo\tthree  four", 80, "", "") == "one two three four");
}

TEST_CASE("wrap fills a line to the last column") {
  CHECK(wrap("aaa bbb ccc", 7, "", "") == "aaa bbb\nccc");
  CHECK(wrap("aaa bbb ccc", 6, "", "") == "aaa\nbbb\nccc");
}

TEST_CASE("wrap never cuts a word") {
  CHECK(wrap("a sha256:0123456789 b", 5, " ", " ") == " a\n sha256:0123456789\n b");
}

TEST_CASE("wrap keeps paragraphs") {
  CHECK(wrap("one\n\ntwo", 80, "* ", "  ") == "* one\n\n  two");
  CHECK(wrap("\n\none\r\n\r\ntwo\n\n", 80, "", "") == "one\n\ntwo");
}

TEST_CASE("wrap measures wide characters") {
  CHECK(wrap("\xE6\xBC\xA2 \xE6\xBC\xA2", 4, "", "") == "\xE6\xBC\xA2\n\xE6\xBC\xA2");
}
