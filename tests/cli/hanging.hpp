#pragma once

#include "cli/shop.hpp"
#include "lab/command.hpp"
#include "support/scripted_server.hpp"

namespace doctor::lab {

/// An application of its own whose server accepts and says nothing: the check of it takes seconds. What else runs on
/// this machine has no part in it.
class Hanging {
 public:
  Hanging();

  /// `doctor check` on it, with a deadline that the test does not reach.
  Arguments command(const Arguments& more) const;

  /// How often the server was connected to.
  int connections() const { return server_.connections(); }

  /// Waits until there are more connections than `before`. False: there were none within 30 s.
  bool is_asked(int before = 0) const;

 private:
  test::ScriptedServer server_;
  Shop shop_;
};

}  // namespace doctor::lab
