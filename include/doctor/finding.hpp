#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace doctor {

/// Stable name of one distinguishable problem. Constants are generated from the headings of docs/guides/CHECK.md into
/// doctor/codes/CHECK.hpp; a code that no guide explains therefore does not compile.
class Code {
 public:
  constexpr explicit Code(std::string_view text) : text_{text} {}
  constexpr std::string_view text() const { return text_; }
  friend constexpr bool operator==(Code, Code) = default;

 private:
  std::string_view text_;
};

/// One observation that proves a finding. Every text is safe to print.
struct Evidence {
  std::string name;  ///< a key that the guide entry of the code declares
  std::string value;
  std::string source;   ///< where it was seen: ".env:3", "127.0.0.1:5432", "pg_stat_activity"; may be empty
  std::string vantage;  ///< where doctor stood: "host", "container chatalot-server"; empty means the host's files

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

/// A problem: code, subject, evidence. No prose; that is the guide's.
struct Finding {
  std::string code;
  std::string subject;
  std::vector<Evidence> evidence;
  std::string entry;  ///< the guide entry that a violated expectation names (`else:`); empty: the guides choose

  Finding(Code code_, std::string subject_, std::vector<Evidence> evidence_ = {}, std::string entry_ = {})
      : code{code_.text()}, subject{std::move(subject_)}, evidence{std::move(evidence_)}, entry{std::move(entry_)} {}
};

/// Something that was examined and is well, with the figure that shows it: {"disk:docker", "41 % used"}.
struct Healthy {
  std::string subject;
  std::string figure;
};

/// Something that doctor could not see, or that was pointless to look at, and why.
struct NotLookedAt {
  std::string subject;
  std::string reason;
};

/// What a check concludes. Its status is derived: findings, else unexamined, else passed; skipped when nothing else is
/// there.
struct Judgement {
  std::vector<Finding> findings;
  std::vector<Healthy> healthy;
  std::vector<NotLookedAt> unexamined;
  std::vector<NotLookedAt> skipped;
};

}  // namespace doctor
