#pragma once

#include <string>
#include <vector>

#include "checks/env/facts.hpp"

/// Judgements of the check `env` about one setting. Pure.
namespace doctor::checks::env_judge {

/// The file in which an operator would look for the variable.
std::string home(const env_facts::SettingFacts& facts, const env_facts::Facts& all);

/// ".env.example", "env.sample" and the like: a file that is published, whose values nobody takes for secrets.
bool is_example_file(const std::string& name);

/// A finding about a setting: the keys that all of them have, and some more. `entry` as in Finding. Services that take
/// the variable from one line of .env have one finding, the first one's.
void report(Judgement& out, Code code, const env_facts::SettingFacts& facts, const env_facts::Facts& all,
            std::vector<Evidence> more = {}, std::string entry = {});

/// Whether a finding is about this setting, be it as that of another service.
bool reported(const env_facts::SettingFacts& facts, const env_facts::Facts& all, const Judgement& out);

/// What is wrong with the value of a setting that is given.
void judge_value(const env_facts::SettingFacts& facts, const env_facts::Facts& all, Judgement& out);

/// What is wrong with a setting that is not given.
void judge_absence(const env_facts::SettingFacts& facts, const env_facts::Facts& all, Judgement& out);

}  // namespace doctor::checks::env_judge
