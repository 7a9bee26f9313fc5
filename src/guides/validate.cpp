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
  Validator(const Sources& sources, Problems& problems) : sources_{sources}, problems_{problems} {}

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
    const auto [first, is_new] = by_code_.emplace(code, at);
    if (is_new) codes_.push_back(code);
    // A page reports its own twins.
    if (!is_new && first->second.page != at.page)
      problem(at, at.entry->line,
              "the code " + util::shown(code, 80) + " is already in " + first->second.page->file + ":" +
                  std::to_string(first->second.entry->line));
    all_.push_back(at);
  }

  const Entry* generic(const std::string& code) const {
    const auto found = by_code_.find(code);
    return found != by_code_.end() && found->second.entry->entry.system.empty() ? &found->second.entry->entry : nullptr;
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
      if (by_code_.count(code) == 0) problem(at, at.entry->block_line, "leads-to names no code: " + unknown(code));
  }

  const SystemDescription* description(const std::string& system) const {
    for (const auto& file : sources_.descriptions)
      if (!system.empty() && file.description.name == system) return &file.description;
    return nullptr;
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
  Names names_for(const Entry& entry) const {
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

  struct Condition {
    Located at;
    const Explains* explains;
    int line;
  };

  void check_ties() {
    std::map<std::pair<std::string, std::string>, std::vector<Condition>> conditions;
    for (const auto& at : all_) {
      const auto& entry = at.entry->entry;
      for (std::size_t i = 0; i < entry.explains.size(); ++i)
        conditions[{entry.system, entry.explains[i].code}].push_back(
            {at, &entry.explains[i], line_at(at.entry->explains_lines, i, at.entry->block_line)});
    }
    for (const auto& [key, rivals] : conditions)
      for (std::size_t later = 1; later < rivals.size(); ++later)
        for (std::size_t earlier = 0; earlier < later; ++earlier) check_tie(rivals[earlier], rivals[later]);
  }

  void check_tie(const Condition& earlier, const Condition& later) {
    if (earlier.at.entry == later.at.entry) return;
    if (earlier.explains->where.size() != later.explains->where.size()) return;
    if (!can_both_match(*earlier.explains, *later.explains)) return;
    problem(later.at, later.line,
            later.at.entry->entry.code + " and " + earlier.at.entry->entry.code + " (line " +
                std::to_string(earlier.line) + ") explain " + later.explains->code +
                " equally well; one needs a further condition");
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
    if (!has_page)
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
    const auto found = by_code_.find(code);
    if (found == by_code_.end() || found->second.entry->entry.system != file.description.name)
      problems_.push_back({file.file, 0, 0, "else names no entry of the system's page: " + unknown(code)});
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
  Names codes_;
};

}  // namespace

void validate(const Sources& sources, Problems& problems) {
  Validator{sources, problems}.run();
}

}  // namespace doctor::guides
