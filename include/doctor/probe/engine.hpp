#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "doctor/probe/question.hpp"

namespace doctor {

/// What a running container uses now, as the Docker Engine measures it.
struct ContainerUsageAnswer {
  std::uint64_t memory = 0;        ///< bytes, page cache left out
  std::uint64_t memory_limit = 0;  ///< bytes; 0: no limit but the host's
  std::uint64_t throttled = 0;     ///< scheduling periods in which it had to wait for its CPU limit
  std::uint64_t periods = 0;       ///< scheduling periods in all
};
struct ContainerUsageQuestion {
  static constexpr std::string_view probe = "container-usage";
  using Answer = ContainerUsageAnswer;
  std::string container;  ///< name
};

/// How much disk the Docker Engine itself holds.
struct EngineUsageAnswer {
  std::uint64_t images = 0;       ///< bytes
  std::uint64_t containers = 0;   ///< bytes of writable layers
  std::uint64_t volumes = 0;      ///< bytes
  std::uint64_t build_cache = 0;  ///< bytes
  std::uint64_t reclaimable = 0;  ///< bytes of build cache that nothing uses
};
struct EngineUsageQuestion {
  static constexpr std::string_view probe = "engine-usage";
  using Answer = EngineUsageAnswer;
};

template <class Field>
constexpr void each_field(Field&& field, ContainerUsageAnswer& answer) {
  field("memory", answer.memory);
  field("memory_limit", answer.memory_limit);
  field("throttled", answer.throttled);
  field("periods", answer.periods);
}
template <class Field>
constexpr void each_field(Field&& field, ContainerUsageQuestion& question) {
  field("container", question.container);
}
template <class Field>
constexpr void each_field(Field&& field, EngineUsageAnswer& answer) {
  field("images", answer.images);
  field("containers", answer.containers);
  field("volumes", answer.volumes);
  field("build_cache", answer.build_cache);
  field("reclaimable", answer.reclaimable);
}
template <class Field>
constexpr void each_field(Field&&, EngineUsageQuestion&) {}

}  // namespace doctor
