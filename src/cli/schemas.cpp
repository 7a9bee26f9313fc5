#include "cli/schemas.hpp"

// As the guides are: nothing is parsed or copied at start-up.
asm(R"(
    .section .rodata
    .macro doctor_schema name
    .global doctor_schema_\name
    .global doctor_schema_\name\()_end
doctor_schema_\name:
    .incbin ")" DOCTOR_SCHEMAS R"(/\name\()-v1.json"
doctor_schema_\name\()_end:
    .byte 0
    .endm
    doctor_schema report
    doctor_schema diff
    doctor_schema plan
    doctor_schema plugin
    .purgem doctor_schema
    .previous
)");

extern "C" {
extern const char doctor_schema_report[] __attribute__((visibility("hidden")));
extern const char doctor_schema_report_end[] __attribute__((visibility("hidden")));
extern const char doctor_schema_diff[] __attribute__((visibility("hidden")));
extern const char doctor_schema_diff_end[] __attribute__((visibility("hidden")));
extern const char doctor_schema_plan[] __attribute__((visibility("hidden")));
extern const char doctor_schema_plan_end[] __attribute__((visibility("hidden")));
extern const char doctor_schema_plugin[] __attribute__((visibility("hidden")));
extern const char doctor_schema_plugin_end[] __attribute__((visibility("hidden")));
}

namespace doctor::cli {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::array<Schema, schema_count> schemas() {
  return {{{"report", "doctor-report/v1", "check --format json, analyze --format json, report/report.json of a bundle",
            between(doctor_schema_report, doctor_schema_report_end)},
           {"diff", "doctor-diff/v1", "diff --format json", between(doctor_schema_diff, doctor_schema_diff_end)},
           {"plan", "doctor-plan/v1", "plan --format json", between(doctor_schema_plan, doctor_schema_plan_end)},
           {"plugin", "doctor-plugin/v1", "what plugins read and print",
            between(doctor_schema_plugin, doctor_schema_plugin_end)}}};
}

}  // namespace doctor::cli
