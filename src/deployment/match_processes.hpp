#pragma once

#include "deployment/compose.hpp"
#include "deployment/discover.hpp"

/// Which service a bare process is, when several run the same program.
namespace doctor::deployment {

/// Whether its command line holds the word that the rule asks for, and its environment fulfils the rule's condition. A
/// process whose environment cannot be read counts for a service that must be there only.
bool is_process_of(const ServiceRule& rule, const FoundProcess& process);

/// Whether the service belongs to a deployment of bare processes in which none of it runs: it must be there, and .env
/// does not say that this is another role; or .env says that this is its role.
bool is_expected(const ServiceRule& rule, const Dotenv& dotenv);

}  // namespace doctor::deployment
