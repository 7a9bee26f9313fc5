#include "doctor/deadline.hpp"
#include "doctor/probe/files.hpp"
#include "doctor/probe/network.hpp"
#include "doctor/probe/postgres.hpp"
#include "probes/helper_frame.hpp"
#include "probes/processes.hpp"
#include "probes/recorder.hpp"
#include "property.hpp"

using doctor::fuzz::require;

namespace {

using namespace doctor;

/// What a tape holds is answered or refused, whatever its form; the seeds have answers to these questions.
void ask_everything(const probes::Tape& tape) {
  probes::ReplayingProbes replaying{tape};
  const auto deadline = Deadline::after(std::chrono::seconds{1});
  auto& set = replaying.probes();
  set.ask(FileQuestion{"/srv/app/.env"}, deadline);
  set.ask(DirectoryQuestion{"/srv/app", ""}, deadline);
  set.ask(TcpQuestion{"localhost", 5432}, deadline);
  set.ask(KeyQuestion{"/srv/app/jwt.pem"}, deadline);
}

void check_tape(std::string_view text) {
  const auto tape = probes::Tape::from_json(text);
  if (!tape) {
    require(!tape.error().empty() && fuzz::is_printable(tape.error()), "a refusal has a reason that can be shown");
    return;
  }
  const auto again = probes::Tape::from_json(tape->to_json());
  require(again && again->to_json() == tape->to_json(), "a tape that was read is written and read the same");
  ask_everything(*tape);
}

void check_frame(std::string_view text) {
  const auto answer = probes::frame::decode(text);
  if (!answer) return;
  require(text.size() >= probes::frame::head, "a whole frame has a head");
  const auto again = probes::frame::decode(probes::frame::encode(*answer));
  require(again && again->has_value() == answer->has_value(), "a frame that was read is written and read the same");
}

}  // namespace

/// Recorded answers, the helper's frames, and the control groups of processes.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check_tape(text);
  check_frame(text);
  const auto container = probes::container_of_cgroup(text);
  require(fuzz::is_printable(container) && container.size() <= 64, "the id of a container is hexadecimal");
  return 0;
}
