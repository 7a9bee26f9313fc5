#pragma once

#include <string>

/// What a smoltbot gateway calls, on loopback addresses of namespaces of this test program's own.
namespace doctor::lab {

inline constexpr const char* anthropic_address = "127.0.0.2";   // api.anthropic.com
inline constexpr const char* openai_address = "127.0.0.3";      // api.openai.com
inline constexpr const char* gemini_address = "127.0.0.4";      // generativelanguage.googleapis.com
inline constexpr const char* mnemom_address = "127.0.0.5";      // api.mnemom.ai
inline constexpr const char* cloudflare_address = "127.0.0.6";  // api.cloudflare.com

/// Goes on in a child of this process that lives in such namespaces, with all that it starts from now on: a loopback
/// device, an /etc/hosts with those names, no name server, and no process of anybody else. This process itself waits
/// for the child and ends as that does. Returns why it could not; empty: it did.
std::string enter_smoltbot_world();

/// Another name of /etc/hosts there.
void add_host(const std::string& address, const std::string& name);

}  // namespace doctor::lab
