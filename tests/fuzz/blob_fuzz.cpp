#include <functional>
#include <stdexcept>
#include <typeinfo>

#include "guides/blob.hpp"
#include "guides/library.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor::guides;

/// Damage is refused by std::runtime_error; what else is thrown ends the program.
void expect_refusal_at_most(const std::function<void()>& use) {
  try {
    use();
  } catch (const std::runtime_error&) {
  }
}

/// A code that no page has is a std::logic_error and none of its children.
void explain(const Library& library, const std::string& code) {
  try {
    library.explain("chatalot", code, {{"service", "chatalot"}});
  } catch (const std::logic_error& error) {
    require(typeid(error) == typeid(std::logic_error), "an unknown code is a logic_error");
  }
}

void use_library(std::string_view bytes) {
  expect_refusal_at_most([&] {
    const Library library{bytes};
    for (const auto& code : {"database-auth-failed", "chatalot-database-auth-failed", ""}) {
      expect_refusal_at_most([&] { library.entry(code); });
      expect_refusal_at_most([&] { explain(library, code); });
    }
    expect_refusal_at_most([&] { library.description("chatalot"); });
    expect_refusal_at_most([&] { library.codes(); });
    expect_refusal_at_most([&] { library.systems(); });
  });
}

/// A blob of ours: two entries and a system.
std::string whole_blob() {
  Entry generic;
  generic.code = "database-auth-failed";
  generic.guide = "database";
  generic.title = "The database refuses the password";
  generic.severity = "error";
  generic.fix = {{"text", "Say the right password.", "", "", "", ""}};
  Entry special = generic;
  special.code = "chatalot-database-auth-failed";
  special.system = "chatalot";
  special.explains = {{"database-auth-failed", {{"service", {"chatalot"}}}}};
  doctor::SystemDescription system;
  system.name = "chatalot";
  return write_blob({generic, special}, {system});
}

/// Overwrites bytes of a whole blob: an input is triples of offset (2 bytes) and value.
std::string patched(std::string blob, std::string_view patches) {
  for (std::size_t i = 0; i + 3 <= patches.size(); i += 3) {
    const auto high = static_cast<unsigned char>(patches[i]);
    const auto low = static_cast<unsigned char>(patches[i + 1]);
    blob[(high * 256U + low) % blob.size()] = patches[i + 2];
  }
  return blob;
}

/// A blob whose only code has the input as its record: the bytes of the record decide.
std::string with_record(std::string_view record) {
  auto blob = write_blob({Entry{}}, {});
  const auto number = [&](std::size_t at, std::size_t value) {
    for (unsigned i = 0; i < 4; ++i) blob.at(at + i) = static_cast<char>((value >> (8 * i)) & 0xFFU);
  };
  constexpr std::size_t record_span = 24 + 16;  // behind the header and two spans of the first row
  number(record_span, blob.size());
  number(record_span + 4, record.size());
  return blob + std::string{record};
}

}  // namespace

/// The compiled guides: garbage, a damaged blob, and a whole blob with a damaged record.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::string blob = whole_blob();
  static const bool is_whole =
      Library{blob}.explain("chatalot", "database-auth-failed", {{"service", "chatalot"}}).code ==
      "chatalot-database-auth-failed";
  require(is_whole, "a whole blob is read");
  const auto bytes = doctor::fuzz::text_of(data, size);
  use_library(bytes);
  use_library(patched(blob, bytes));
  const auto one_record = with_record(bytes);
  use_library(one_record);
  return 0;
}
