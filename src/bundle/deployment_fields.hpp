#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "doctor/reach.hpp"
#include "redact/secret_reader.hpp"
#include "util/serialise.hpp"

/// What of a Deployment is written into a bundle: everything but `secrets`. The fields of SystemDescription and what is
/// in it stand in doctor/system.hpp and its parts.
namespace doctor {

/// Of a secret only that there is one, or that it is empty.
template <class Text>
void write_form(const Value& value, util::Json& json, const Text& text) {
  if (value.is_secret())
    json = {{"secret", true}, {"empty", SecretReader::reveal(value).empty()}};
  else
    json = text(value.text());
}

/// A secret that is not empty becomes one whose text says that it is hidden.
inline void read_form(const util::Json& json, Value& value) {
  if (json.is_string()) {
    value = Value::plain(json.get<std::string>());
    return;
  }
  if (!json.at("secret").get<bool>()) throw std::invalid_argument{"neither a text nor a secret"};
  value = Value::secret(json.at("empty").get<bool>() ? "" : "[redacted]");
}

namespace util {
template <>
inline constexpr std::size_t fields_left_out<Deployment> = 1;  // secrets
}  // namespace util

template <class Field>
constexpr void each_field(Field&& field, Place& place) {
  field("file", place.file);
  field("line", place.line);
  field("column", place.column);
}

template <class Field>
constexpr void each_field(Field&& field, Hop& hop) {
  field("kind", hop.kind);
  field("where", hop.where);
  field("expression", hop.expression);
}

template <class Field>
constexpr void each_field(Field&& field, Setting& setting) {
  field("service", setting.service);
  field("name", setting.name);
  field("rule", setting.rule);
  field("described", setting.described);
  field("configured", setting.configured);
  field("running", setting.running);
  field("written", setting.written);
  field("written_at", setting.written_at);
  field("passed_at", setting.passed_at);
  field("reach", setting.reach);
  field("chain", setting.chain);
  field("built_from", setting.built_from);
}

template <class Field>
constexpr void each_field(Field&& field, PublishedPort& port) {
  field("address", port.address);
  field("published", port.published);
  field("target", port.target);
  field("protocol", port.protocol);
  field("place", port.place);
}

template <class Field>
constexpr void each_field(Field&& field, Mount& mount) {
  field("kind", mount.kind);
  field("source", mount.source);
  field("target", mount.target);
  field("read_only", mount.read_only);
  field("place", mount.place);
}

template <class Field>
constexpr void each_field(Field&& field, Container& container) {
  field("id", container.id);
  field("name", container.name);
  field("image", container.image);
  field("status", container.status);
  field("exit_code", container.exit_code);
  field("oom_killed", container.oom_killed);
  field("restarts", container.restarts);
  field("started", container.started);
  field("created", container.created);
  field("health", container.health);
  field("health_log", container.health_log);
  field("pid", container.pid);
  field("image_id", container.image_id);
  field("image_created", container.image_created);
  field("memory_limit", container.memory_limit);
  field("restart_policy", container.restart_policy);
  field("log_driver", container.log_driver);
  field("log_path", container.log_path);
  field("tty", container.tty);
  field("labels", container.labels);
  field("user", container.user);
  field("addresses", container.addresses);
  field("ports", container.ports);
  field("mounts", container.mounts);
  field("finished", container.finished);
  field("error", container.error);
}

template <class Field>
constexpr void each_field(Field&& field, Process& process) {
  field("pid", process.pid);
  field("exe", process.exe);
  field("directory", process.directory);
  field("uid", process.uid);
  field("gids", process.gids);
  field("started", process.started);
}

template <class Field>
constexpr void each_field(Field&& field, Service& service) {
  field("name", service.name);
  field("image", service.image);
  field("build", service.build);
  field("container_name", service.container_name);
  field("user", service.user);
  field("enabled", service.enabled);
  field("read_only", service.read_only);
  field("network_mode", service.network_mode);
  field("networks", service.networks);
  field("depends_on", service.depends_on);
  field("labels", service.labels);
  field("healthcheck", service.healthcheck);
  field("command", service.command);
  field("entrypoint", service.entrypoint);
  field("log_driver", service.log_driver);
  field("stop_grace", service.stop_grace);
  field("dockerfile", service.dockerfile);
  field("memory_limit", service.memory_limit);
  field("restart", service.restart);
  field("replicas", service.replicas);
  field("completes", service.completes);
  field("ports", service.ports);
  field("mounts", service.mounts);
  field("place", service.place);
  field("rule", service.rule);
  field("container", service.container);
  field("process", service.process);
  field("vantage", service.vantage);
  field("vantage_note", service.vantage_note);
}

template <class Field>
constexpr void each_field(Field&& field, Network& network) {
  field("name", network.name);
  field("real_name", network.real_name);
  field("internal", network.internal);
  field("external", network.external);
  field("place", network.place);
  field("exists", network.exists);
}

template <class Field>
constexpr void each_field(Field&& field, Volume& volume) {
  field("name", volume.name);
  field("real_name", volume.real_name);
  field("external", volume.external);
  field("place", volume.place);
  field("created", volume.created);
  field("host_path", volume.host_path);
  field("used_by", volume.used_by);
}

template <class Field>
constexpr void each_field(Field&& field, FileProblem& problem) {
  field("code", problem.code);
  field("subject", problem.subject);
  field("place", problem.place);
  field("evidence", problem.evidence);
}

template <class Field>
constexpr void each_field(Field&& field, Dial& dial) {
  field("host", dial.host);
  field("port", dial.port);
  field("vantage", dial.vantage);
  field("how", dial.how);
  field("reason", dial.reason);
  field("doubt", dial.doubt);
}

template <class Field>
constexpr void each_field(Field&& field, DataSource& source) {
  field("setting", source.setting);
  field("service", source.service);
  field("role", source.role);
  field("scheme", source.scheme);
  field("user", source.user);
  field("host", source.host);
  field("port", source.port);
  field("database", source.database);
  field("tls_mode", source.tls_mode);
  field("problem", source.problem);
  field("endpoint", source.endpoint);
  field("dial", source.dial);
}

template <class Field>
constexpr void each_field(Field&& field, HttpBase& base) {
  field("service", base.service);
  field("endpoint", base.endpoint);
  field("url", base.url);
  field("dial", base.dial);
}

template <class Field>
constexpr void each_field(Field&& field, PublicUrl& url) {
  field("service", url.service);
  field("setting", url.setting);
  field("url", url.url);
  field("host", url.host);
  field("port", url.port);
  field("tls", url.tls);
  field("endpoint", url.endpoint);
}

template <class Field>
constexpr void each_field(Field&& field, Upstream& upstream) {
  field("service", upstream.service);
  field("id", upstream.id);
  field("endpoint", upstream.endpoint);
  field("setting", upstream.setting);
  field("url", upstream.url);
  field("host", upstream.host);
  field("port", upstream.port);
  field("tls", upstream.tls);
  field("own", upstream.own);
  field("vantage", upstream.vantage);
  field("proxy", upstream.proxy);
  field("authorities", upstream.authorities);
  field("note", upstream.note);
  field("rule", upstream.rule);
}

template <class Field>
constexpr void each_field(Field&& field, ManifestFile& file) {
  field("path", file.path);
  field("kind", file.kind);
}

template <class Field>
constexpr void each_field(Field&& field, Proxy& proxy) {
  field("kind", proxy.kind);
  field("service", proxy.service);
  field("config", proxy.config);
  field("subject", proxy.subject);
}

template <class Field>
constexpr void each_field(Field&& field, Edge& edge) {
  field("from", edge.from);
  field("to", edge.to);
}

template <class Field>
constexpr void each_field(Field&& field, Deployment& deployment) {
  field("directory", deployment.directory);
  field("project", deployment.project);
  field("system", deployment.system);
  field("system_note", deployment.system_note);
  field("description", deployment.description);
  field("sources", deployment.sources);
  field("files", deployment.files);
  field("env_file", deployment.env_file);
  field("compose_file", deployment.compose_file);
  field("engine_note", deployment.engine_note);
  field("engine_asked", deployment.engine_asked);
  field("problems", deployment.problems);
  field("services", deployment.services);
  field("settings", deployment.settings);
  field("networks", deployment.networks);
  field("volumes", deployment.volumes);
  field("data_sources", deployment.data_sources);
  field("redis", deployment.redis);
  field("http", deployment.http);
  field("public_urls", deployment.public_urls);
  field("proxies", deployment.proxies);
  field("upstreams", deployment.upstreams);
  field("manifests", deployment.manifests);
  field("env_unread", deployment.env_unread);
  field("offline", deployment.offline);
  field("deep", deployment.deep);
  field("edges", deployment.edges);
  field("disks", deployment.disks);
}

}  // namespace doctor
