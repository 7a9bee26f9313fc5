#include "guides/library.hpp"

// The blob stays as it is in the read-only section: nothing is parsed, copied or relocated at start-up.
asm(R"(
    .section .rodata
    .balign 16
    .global doctor_blob_begin
    .global doctor_blob_end
doctor_blob_begin:
    .incbin ")" DOCTOR_BLOB R"("
doctor_blob_end:
    .byte 0
    .previous
)");

extern "C" {
extern const char doctor_blob_begin[] __attribute__((visibility("hidden")));
extern const char doctor_blob_end[] __attribute__((visibility("hidden")));
}

namespace doctor::guides {

std::string_view embedded() {
  return {doctor_blob_begin, static_cast<std::size_t>(doctor_blob_end - doctor_blob_begin)};
}

}  // namespace doctor::guides
