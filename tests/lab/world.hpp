#pragma once

#include <string>

/// Namespaces (namespaces(7)) of a test program's own, so that labs run side by side and see nothing of each other.
/// Each returns why it could not; empty: it did.
namespace doctor::lab {

/// Leaves for a network with nothing but a loopback device. The processes of this machine stay in sight.
std::string leave_network();

/// Goes on in a child of this process that lives in a network, mounts and processes of its own, with all that it starts
/// from now on. This process itself waits for the child and ends as that does.
std::string enter_world();

}  // namespace doctor::lab
