#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/collect.hpp"
#include "bundle/collect_values.hpp"

/// The parts of collect(): one for each section of a bundle. Each adds its items.
namespace doctor::bundle {

/// A text that is small enough to be held, and what there is to say of it.
struct SmallText {
  std::string text;
  std::string note;  ///< not empty: it is not complete, and this is why
};
using ReadText = std::function<Outcome<SmallText>(const Deadline& deadline)>;

/// What all parts share. Items hold it, so that it lives as long as they do.
struct Patient {
  std::shared_ptr<const Deployment> deployment;
  std::shared_ptr<const probes::Tape> tape;
  Live live;
  CollectOptions options;
  Values values;
};

/// `text` as a path of letters, digits and ._-/, relative, without "." and "..", at most 200 characters.
std::string safe_path(std::string_view text);

class Collection {
 public:
  explicit Collection(std::shared_ptr<const Patient> patient) : patient_{std::move(patient)} {}

  const Patient& patient() const { return *patient_; }
  const std::shared_ptr<const Patient>& shared() const { return patient_; }

  /// Makes the name safe and unique.
  void add(Item item);
  void add_text(const std::string& section, const std::string& name, const std::string& source, std::uint64_t estimate,
                ReadText read);
  /// What is known to be missing.
  void add_missing(const std::string& section, const std::string& name, const std::string& source, std::string reason);

  /// Sorted by path.
  std::vector<Item> take();

 private:
  std::string unique(const std::string& section, const std::string& name);

  std::shared_ptr<const Patient> patient_;
  std::vector<Item> items_;
  std::set<std::string> paths_;
};

void add_config(Collection& collection, const Deadline& deadline);
void add_containers(Collection& collection, const Deadline& deadline);
void add_logs(Collection& collection, const Deadline& deadline);
void add_host(Collection& collection, const Deadline& deadline);
void add_support(Collection& collection);

/// Containers of the project beside those of its services: further replicas, and what was run once.
std::vector<Container> further_containers(const Patient& patient, const Deadline& deadline);

/// Where a path of the project is asked: at the services that are described with it, else at the first with HTTP.
std::vector<const HttpBase*> bases_for(const Deployment& deployment, const std::string& path);

/// What a service answers to a GET of such a path: as the run has it, else it is asked, unless it was asked often
/// enough or its address has answered nothing at all: a silent service must not hold a bundle up for every path.
Outcome<HttpAnswer> support_answer(const Patient& patient, const HttpBase& base, const std::string& path,
                                   const Deadline& deadline);

}  // namespace doctor::bundle
