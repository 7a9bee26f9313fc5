#include "formats/nagios.hpp"

#include "support/catch.hpp"

using doctor::formats::NagiosOutput;
using doctor::formats::read_nagios;

namespace {

std::string figures(const NagiosOutput& output) {
  std::string text;
  for (const auto& one : output.figures)
    text += one.label + "=" + one.value + one.unit + ";" + one.warning + ";" + one.critical + " ";
  return text;
}

}  // namespace

TEST_CASE("the text and the figures of one line") {
  const auto output = read_nagios("DISK OK - free: 3326 MB (56%); | /=2643MB;5948;5958;0;5968 'a b'=1.5s ''''=7\n");
  CHECK(output.text == "DISK OK - free: 3326 MB (56%);");
  CHECK(output.more.empty());
  CHECK(figures(output) == "/=2643MB;5948;5958 a b=1.5s;; '=7;; ");
}

TEST_CASE("further lines hold text and figures, too") {
  const auto output = read_nagios("DISK WARNING | /=1%\n/boot 3 MB\n/home 4 MB | /boot=3MB;1;2\n/home=4MB\n");
  CHECK(output.text == "DISK WARNING");
  CHECK(output.more.find("/home 4 MB") != std::string::npos);
  CHECK(figures(output) == "/=1%;; /boot=3MB;1;2 /home=4MB;; ");
}

TEST_CASE("what breaks the rules is left out") {
  CHECK(figures(read_nagios("x | a b=1 =2 'c=3 d=U e=;; f=-4")) == "b=1;; ");
  CHECK(figures(read_nagios("x | f=-4 g=+.5c")) == "f=-4;; g=+.5c;; ");
  CHECK(read_nagios("").text.empty());
  CHECK(read_nagios("\x1b[31mred|a\x07=1").text == "\\x1b[31mred");
  CHECK(read_nagios("x|" + std::string(100'000, '=')).figures.empty());
  std::string many = "x |";
  for (int i = 0; i < 500; ++i) many += " a" + std::to_string(i) + "=1";
  CHECK(read_nagios(many).figures.size() == doctor::formats::most_performance_data);
}
