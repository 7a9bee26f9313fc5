#include "guides/validate.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <map>
#include <set>

#include "guides/placeholder.hpp"
#include "util/text.hpp"

namespace doctor::guides {
namespace {

using Names = std::vector<std::string>;

bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

int line_at(const std::vector<int>& lines, std::size_t index, int otherwise) {
  return index < lines.size() ? lines[index] : otherwise;
}

/// Where an entry is written.
struct Located {
  const Page* page = nullptr;
  const PageEntry* entry = nullptr;
};

class Validator {
 public:
  Validator(const Sources& sources, Problems& problems) : sources_{sources}, problems_{problems} {
    if (sources.beneath != nullptr) codes_ = sources.beneath->codes();
  }

  void run() {
    for (const auto& page : sources_.pages)
      for (const auto& entry : page.entries) define({&page, &entry});
    for (const auto& at : all_) {
      check_explains(at);
      check_leads_to(at);
      check_log(at);
      check_placeholders(at);
    }
    check_ties();
    for (const auto& file : sources_.descriptions) check_description(file);
    for (const auto& proof : sources_.ledger) check_proof(proof);
  }

 private:
  void problem(const Located& at, int line, std::string message) {
    problems_.push_back({at.page->file, line, 0, std::move(message)});
  }

  void define(const Located& at) {
    const auto& code = at.entry->entry.code;
    if (const auto* built_in = beneath(code))
      problem(at, at.entry->line,
              "the code " + util::shown(code, 80) + " is built in already (" + built_in->guide +
                  ".md); a page of yours adds codes and replaces none");
    const auto [first, is_new] = by_code_.emplace(code, at);
    if (is_new) codes_.push_back(code);
    // A page reports its own twins.
    if (!is_new && first->second.page != at.page)
      problem(at, at.entry->line,
              "the code " + util::shown(code, 80) + " is already in " + first->second.page->file + ":" +
                  std::to_string(first->second.entry->line));
    all_.push_back(at);
  }

  /// An entry of the library that the pages add to.
  const Entry* beneath(const std::string& code) {
    if (sources_.beneath == nullptr) return nullptr;
    auto known = beneath_.find(code);
    if (known == beneath_.end()) known = beneath_.emplace(code, sources_.beneath->entry(code)).first;
    return known->second ? &*known->second : nullptr;
  }

  const Entry* find(const std::string& code) {
    const auto found = by_code_.find(code);
    return found != by_code_.end() ? &found->second.entry->entry : beneath(code);
  }

  const Entry* generic(const std::string& code) {
    const auto* entry = find(code);
    return entry != nullptr && entry->system.empty() ? entry : nullptr;
  }

  std::string unknown(const std::string& code) const { return util::shown(code, 80) + did_you_mean(code, codes_); }

  void check_explains(const Located& at) {
    const auto& entry = at.entry->entry;
    for (std::size_t i = 0; i < entry.explains.size(); ++i) {
      const auto& explains = entry.explains[i];
      const int line = line_at(at.entry->explains_lines, i, at.entry->block_line);
      const auto* code = generic(explains.code);
      if (code == nullptr) {
        problem(at, line, "explains names no generic code: " + unknown(explains.code));
        continue;
      }
      for (const auto& [key, values] : explains.where)
        if (!holds(code->evidence, key))
          problem(at, line,
                  "the code " + explains.code + " has no evidence " + util::shown(key, 40) + "; it has " +
                      util::join(code->evidence, ", "));
    }
  }

  void check_leads_to(const Located& at) {
    for (const auto& code : at.entry->entry.leads_to.value_or(Names{}))
      if (find(code) == nullptr) problem(at, at.entry->block_line, "leads-to names no code: " + unknown(code));
  }

  const SystemDescription* description(const std::string& system) {
    for (const auto& file : sources_.descriptions)
      if (!system.empty() && file.description.name == system) return &file.description;
    if (sources_.beneath == nullptr) return nullptr;
    auto known = systems_.find(system);
    if (known == systems_.end()) known = systems_.emplace(system, sources_.beneath->description(system)).first;
    return known->second ? &*known->second : nullptr;
  }

  void check_log(const Located& at) {
    const auto& entry = at.entry->entry;
    const auto* system = description(entry.system);
    if (system == nullptr) return;
    for (std::size_t i = 0; i < entry.log.size(); ++i) {
      const auto& signature = entry.log[i];
      const int line = line_at(at.entry->log_lines, i, at.entry->block_line);
      for (const auto* milestone : {&signature.after, &signature.before})
        if (!milestone->empty() && !has_milestone(*system, signature.service, *milestone))
          problem(at, line, util::shown(*milestone, 60) + " is no milestone of the system " + system->name);
    }
  }

  static bool has_milestone(const SystemDescription& system, const std::string& service, const std::string& id) {
    for (const auto& rule : system.services)
      for (const auto& milestone : rule.milestones)
        if (milestone.id == id && (service.empty() || service == rule.name)) return true;
    return false;
  }

  /// The names that the texts of an entry may use.
  Names names_for(const Entry& entry) {
    Names names = fixed_placeholders();
    names.insert(names.end(), entry.evidence.begin(), entry.evidence.end());
    for (const auto& explains : entry.explains)
      if (const auto* code = generic(explains.code))
        names.insert(names.end(), code->evidence.begin(), code->evidence.end());
    for (const auto& signature : entry.log) {
      const RE2 pattern{signature.match, RE2::Quiet};
      for (const auto& [name, index] : pattern.NamedCapturingGroups()) names.push_back(name);
    }
    return names;
  }

  void check_placeholders(const Located& at) {
    const auto names = names_for(at.entry->entry);
    for (const auto& passage : at.entry->passages) {
      for (const auto& name : placeholders(passage.text))
        if (!holds(names, name))
          problem(at, line_of(passage, "{" + name + "}"),
                  "the placeholder {" + util::shown(name, 40) + "} has no source" + did_you_mean(name, names));
      if (const auto mistake = brace_mistake(passage.text); !mistake.message.empty())
        problem(at, passage.line + mistake.line - 1, mistake.message);
    }
  }

  static int line_of(const Passage& passage, const std::string& text) {
    const auto found = std::min(passage.text.find(text), passage.text.size());
    const auto end = passage.text.begin() + static_cast<std::ptrdiff_t>(found);
    return passage.line + static_cast<int>(std::count(passage.text.begin(), end, '\n'));
  }

  /// One of the conditions under which entries of a system explain a code.
  struct Condition {
    Located at;  ///< nothing: the entry is built in
    const Entry* entry;
    const Explains* explains;
    int line;
  };
  using Rivals = std::map<std::pair<std::string, std::string>, std::vector<Condition>>;

  void check_ties() {
    Rivals conditions;
    const auto built_in = rivals_beneath();
    for (const auto& entry : built_in)
      for (const auto& explains : entry.explains)
        conditions[{entry.system, explains.code}].push_back({{}, &entry, &explains, 0});
    for (const auto& at : all_) {
      const auto& entry = at.entry->entry;
      for (std::size_t i = 0; i < entry.explains.size(); ++i)
        conditions[{entry.system, entry.explains[i].code}].push_back(
            {at, &entry, &entry.explains[i], line_at(at.entry->explains_lines, i, at.entry->block_line)});
    }
    for (const auto& [key, rivals] : conditions)
      for (std::size_t later = 1; later < rivals.size(); ++later)
        for (std::size_t earlier = 0; earlier < later; ++earlier) check_tie(rivals[earlier], rivals[later]);
  }

  /// The entries that are built in for the systems of these pages.
  std::vector<Entry> rivals_beneath() const {
    std::vector<Entry> entries;
    std::set<std::string> systems;
    for (const auto& page : sources_.pages)
      if (sources_.beneath != nullptr && page.kind == PageKind::system && systems.insert(page.name).second)
        for (auto& entry : sources_.beneath->entries_of(page.name)) entries.push_back(std::move(entry));
    return entries;
  }

  void check_tie(const Condition& earlier, const Condition& later) {
    if (earlier.entry == later.entry || later.at.entry == nullptr) return;
    if (earlier.explains->where.size() != later.explains->where.size()) return;
    if (!can_both_match(*earlier.explains, *later.explains)) return;
    problem(later.at, later.line,
            later.entry->code + " and " + earlier.entry->code + place_of(earlier) + " explain " + later.explains->code +
                " equally well; one needs a further condition");
  }

  static std::string place_of(const Condition& condition) {
    return condition.at.entry == nullptr ? " (built in)" : " (line " + std::to_string(condition.line) + ")";
  }

  /// Two conditions exclude each other when some key of both has no value in common.
  static bool can_both_match(const Explains& a, const Explains& b) {
    return std::all_of(a.where.begin(), a.where.end(), [&](const auto& condition) {
      const auto other = b.where.find(condition.first);
      if (other == b.where.end()) return true;
      return std::any_of(condition.second.begin(), condition.second.end(),
                         [&](const std::string& value) { return holds(other->second, value); });
    });
  }

  void check_description(const DescriptionFile& file) {
    const auto& system = file.description;
    const bool has_page = std::any_of(sources_.pages.begin(), sources_.pages.end(), [&](const Page& page) {
      return page.name == system.name && page.kind == PageKind::system;
    });
    if (!has_page && sources_.beneath == nullptr)
      return problems_.push_back({file.file, 0, 0, "the system has no guide page (" + system.name + ".md)"});
    check_all(file, system.files);
    check_all(file, system.singletons);
    check_settings(file, system.variables);
    for (const auto& service : system.services) {
      check_settings(file, service.settings);
      check_all(file, service.expect);
      for (const auto& expectation : service.expect) check_else(file, expectation.outlived);
      for (const auto& expectation : service.expect) check_all(file, expectation.answers);
      for (const auto& upstream : service.upstreams) check_all(file, upstream.answers);
      if (service.metrics) check_all(file, service.metrics->rules);
    }
  }

  void check_settings(const DescriptionFile& file, const std::vector<SettingRule>& settings) {
    for (const auto& setting : settings) check_all(file, setting.refuses);
  }

  template <class Rule>
  void check_all(const DescriptionFile& file, const std::vector<Rule>& rules) {
    for (const auto& rule : rules) check_else(file, rule.violated);
  }

  void check_else(const DescriptionFile& file, const std::string& code) {
    if (code.empty()) return;
    const auto* entry = find(code);
    if (entry != nullptr && entry->system == file.description.name) return;
    const auto at = file.entries.find(code);
    const auto place = at == file.entries.end() ? Place{} : at->second;
    Problem unknown_entry{file.file, place.line, place.column,
                          "else names no entry of " + file.description.name + "'s page: " + util::shown(code, 80) +
                              did_you_mean(code, codes_of(file.description.name))};
    const auto is_told = [&](const Problem& told) { return told.text() == unknown_entry.text(); };
    if (std::none_of(problems_.begin(), problems_.end(), is_told)) problems_.push_back(std::move(unknown_entry));
  }

  Names codes_of(const std::string& system) {
    Names own;
    for (const auto& code : codes_)
      if (code.starts_with(system + "-") && find(code)->system == system) own.push_back(code);
    return own;
  }

  void check_proof(const Proof& proof) {
    const auto found = by_code_.find(proof.entry);
    const auto report = [&](std::string message) {
      problems_.push_back({sources_.ledger_file, proof.line, 0, std::move(message)});
    };
    if (found == by_code_.end()) return report("no guide has the entry " + unknown(proof.entry));
    if (!found->second.entry->entry.reason.empty())
      report("the entry " + proof.entry + " was detected, and its guide says why it cannot be");
  }

  const Sources& sources_;
  Problems& problems_;
  std::vector<Located> all_;
  std::map<std::string, Located> by_code_;
  std::map<std::string, std::optional<Entry>> beneath_;
  std::map<std::string, std::optional<SystemDescription>> systems_;
  Names codes_;
};

}  // namespace

void validate(const Sources& sources, Problems& problems) {
  Validator{sources, problems}.run();
}

}  // namespace doctor::guides
