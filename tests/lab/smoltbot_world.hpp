#pragma once

#include <string>

/// What a smoltbot gateway calls, on loopback addresses of namespaces of this test program's own.
namespace doctor::lab {

inline constexpr const char* anthropic_address = "127.0.0.2";   // api.anthropic.com
inline constexpr const char* openai_address = "127.0.0.3";      // api.openai.com
inline constexpr const char* gemini_address = "127.0.0.4";      // generativelanguage.googleapis.com
inline constexpr const char* mnemom_address = "127.0.0.5";      // api.mnemom.ai
inline constexpr const char* cloudflare_address = "127.0.0.6";  // api.cloudflare.com

/// enter_world(), with an /etc/hosts with those names and no name server.
std::string enter_smoltbot_world();

/// Another name of /etc/hosts there.
void add_host(const std::string& address, const std::string& name);

}  // namespace doctor::lab
