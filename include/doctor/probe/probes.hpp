#pragma once

#include <tuple>

#include "doctor/probe/engine.hpp"
#include "doctor/probe/files.hpp"
#include "doctor/probe/history.hpp"
#include "doctor/probe/host.hpp"
#include "doctor/probe/logs.hpp"
#include "doctor/probe/network.hpp"
#include "doctor/probe/postgres.hpp"
#include "doctor/probe/question.hpp"
#include "doctor/probe/redis.hpp"
#include "doctor/probe/websocket.hpp"

namespace doctor {

/// The list of all questions: adding one here gives it a recorder, a replayer and a fake.
template <template <class...> class List>
using ForAllQuestions =
    List<ResolveQuestion, TcpQuestion, HttpQuestion, PostgresSessionQuestion, PostgresRowsQuestion, FileQuestion,
         TextQuestion, DirectoryQuestion, AccessQuestion, FileSystemQuestion, UsageQuestion, KeyQuestion,
         ListenersQuestion, ClockQuestion, SecretQuestion, CertificateQuestion, RedisSessionQuestion,
         RedisReplyQuestion, WebSocketQuestion, LogsQuestion, ContainerUsageQuestion, EngineUsageQuestion,
         TimeKeepingQuestion, MemoryQuestion, TokenQuestion, HostHistoryQuestion, EngineHistoryQuestion>;

/// One probe per question. Does not own them.
template <class... Questions>
class ProbeSet {
 public:
  explicit ProbeSet(Probe<Questions>&... probes) : probes_{&probes...} {}

  template <class Question>
  Outcome<typename Question::Answer> ask(const Question& question, const Deadline& deadline) {
    return std::get<Probe<Question>*>(probes_)->ask(question, deadline);
  }

 private:
  std::tuple<Probe<Questions>*...> probes_;
};

using Probes = ForAllQuestions<ProbeSet>;

}  // namespace doctor
