#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "lab/command.hpp"

/// `doctor check` on a deployment under test, and what is asserted about its report.
namespace doctor::lab {

/// One run of `doctor check --format json`.
struct Result {
  CommandResult run;
  nlohmann::json report;

  /// "entry subject" of every root, sorted.
  std::vector<std::string> roots() const;
  /// "entry subject" of every finding that follows from another, sorted.
  std::vector<std::string> consequences() const;
  /// Subjects of what was not looked at, sorted, each once.
  std::vector<std::string> unexamined() const;
  /// The first finding with that entry; fails the test when there is none.
  const nlohmann::json& finding(const std::string& entry) const;
  /// The value of one piece of evidence of that finding; fails the test when there is none.
  std::string evidence(const std::string& entry, const std::string& name) const;
  /// Entries of the findings that the one with this entry follows from.
  std::vector<std::string> causes_of(const std::string& entry) const;
};

/// What must be hidden in every output: the values, and how to find them again in disguise.
class Secrets {
 public:
  void add(const std::string& value);  ///< shorter than six characters: not looked for
  /// Each line of a key file's body.
  void add_key(const std::string& pem);
  /// Fails the test when `text` holds one of them in any form.
  void expect_absent(const std::string& text, const std::string& where) const;

 private:
  std::vector<std::string> forms_;
};

/// Fails the test when a control character other than a line break is in the text.
void expect_clean(const std::string& text, const std::string& where);

/// Runs `doctor check DIRECTORY --format json ARGUMENTS...` and asserts what is true of every run: JSON with the exit
/// code, no secret in any form, no control character, and a bundle without secrets that tells the same (bundle.hpp).
Result check(const std::string& directory, const Secrets& secrets, const Arguments& arguments = {},
             const CommandOptions& options = {});

/// `doctor check` in the human format, held to the same; its standard output.
std::string check_human(const std::string& directory, const Secrets& secrets, const Arguments& arguments = {});

class ChatalotLab;

/// The same on a lab, whose own secrets are looked for.
Result check(const ChatalotLab& lab, const Arguments& arguments = {});

/// One root that an injected fault must raise.
struct Root {
  std::string entry;
  std::string code;
  std::string check;
  std::string subject;
};

/// Exactly these are the roots, and the exit code.
void expect_roots(const Result& result, const std::vector<Root>& roots, int exit);

/// No finding at all, the exit code, and every subject that was not looked at.
void expect_silent(const Result& result, int exit, const std::vector<std::string>& unexamined = {});

/// The finding is there, root or not, with this code and subject ("" for any). It is written to the ledger of proofs as
/// one that this test case raised (file $DOCTOR_LEDGER, when set).
void expect_finding(const Result& result, const Root& finding);

/// The finding is there and follows from one with the entry `cause`.
void expect_consequence(const Result& result, const Root& finding, const std::string& cause);

/// Leaves the test case as skipped: the program ends with 77 unless something failed. Where CI is true it fails.
void skip(const std::string& reason);
bool skipped();

}  // namespace doctor::lab
