#include "doctor/format/kubernetes.hpp"

#include "property.hpp"

using doctor::fuzz::require;

/// Kubernetes manifests and Helm values.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace doctor::formats;
  const auto text = doctor::fuzz::text_of(data, size);
  looks_like_manifests(text);
  const auto read = read_manifests(text, "m.yaml");
  for (const auto& fault : read.faults) {
    require(doctor::fuzz::is_place(fault.place.line, fault.place.column), "a fault has a place");
    require(doctor::fuzz::is_printable(fault.reason), "a reason can be shown");
  }
  for (const auto& workload : read.workloads)
    for (const auto& container : workload.containers) {
      component_of(workload, container, {"gateway"});
      for (const auto& one : resolve_environment(read, container))
        require(doctor::fuzz::is_printable(one.missing), "what is missing can be shown");
    }
  for (const auto& config : read.configs)
    for (const auto& value : config.values)
      require(!config.secret || value.empty || value.value.is_secret(), "a Secret's value is secret");
  for (const auto& fault : read_helm_values(text, "values.yaml").faults)
    require(doctor::fuzz::is_printable(fault.reason), "a reason can be shown");
  memory_quantity(text.substr(0, 40));
  destination_of(text.substr(0, 200));
  return 0;
}
