#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "support/certificate.hpp"
#include "support/scripted_server.hpp"

/// Stand-ins for what a smoltbot gateway calls on the Internet.
namespace doctor::lab {

/// A site on port 443 of a loopback address, over TLS with a certificate of the lab's authority.
///
/// Modes: "ok"; an HTTP status ("401", "429", ...) for every request; "html"; "gzip" (the answer is compressed); "slow"
/// (4 s); "date-7200" (its clock is two hours behind); "stall" (reads and never answers); "reset"; "close"; "plain" (no
/// TLS); "refuse" (nothing listens); "drop" (a SYN is never answered); "untrusted" (another authority's certificate);
/// "expired"; "other-name". Those up to "stall", "reset" and "close" can be for some paths only: "403 /v1/license".
class Site {
 public:
  /// What it answers in the mode "ok".
  struct Answer {
    int status = 200;
    std::string body = "{}";
  };
  using Service = std::function<Answer(const std::string& head)>;

  Site(std::string name, std::string address, const test::Certificate& authority, Service service);
  Site& mode(const std::string& mode);
  int requests() const { return *requests_; }
  /// Heads and bodies, as they came.
  std::string received() const;

 private:
  void serve(const test::Certificate* certificate, const test::Behaviour& behaviour);

  std::string name_;
  test::Place place_;
  test::Certificate authority_;
  test::Certificate certificate_;
  Service service_;
  std::shared_ptr<std::atomic<int>> requests_ = std::make_shared<std::atomic<int>>(0);
  std::unique_ptr<test::ScriptedServer> server_;
  std::unique_ptr<test::DeafListener> deaf_;
};

/// The authority of all sites; the same for the whole test program.
const test::Certificate& site_authority();

Site::Service anthropic_service();
Site::Service openai_service();
Site::Service gemini_service();
Site::Service mnemom_service();
Site::Service cloudflare_service();

}  // namespace doctor::lab
