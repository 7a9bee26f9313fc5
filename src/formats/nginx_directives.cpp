#include "formats/nginx_directives.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "doctor/format/nginx.hpp"
#include "util/text.hpp"

namespace doctor::formats::nginx {
namespace {

constexpr int any = std::numeric_limits<int>::max();

// From the documentation of the modules that come with nginx 1.18 to 1.28, sorted by name.
constexpr DirectiveRule rules[] = {
    {"absolute_redirect", "HSL", 1, 1, 'f'},
    {"accept_mutex", "E", 1, 1, 'f'},
    {"accept_mutex_delay", "E", 1, 1, 't'},
    {"access_log", "HSLJX", 1, any, 'a'},
    {"add_after_body", "HSL", 1, 1, 'v'},
    {"add_before_body", "HSL", 1, 1, 'v'},
    {"add_header", "HSLJ", 2, 3, 'a'},
    {"add_trailer", "HSLJ", 2, 3, 'a'},
    {"addition_types", "HSL", 1, any, 'a'},
    {"aio", "HSL", 1, 1, 'a'},
    {"aio_write", "HSL", 1, 1, 'f'},
    {"alias", "L", 1, 1, 'd'},
    {"allow", "HSLX", 1, 1, 'a'},
    {"ancient_browser", "HSL", 1, any, 'a'},
    {"auth_basic", "HSLX", 1, 1, 'v'},
    {"auth_basic_user_file", "HSLX", 1, 1, 'v'},
    {"auth_delay", "HSL", 1, 1, 't'},
    {"auth_request", "HSL", 1, 1, 'd'},
    {"auth_request_set", "HSL", 2, 2, 'a'},
    {"autoindex", "HSL", 1, 1, 'f'},
    {"autoindex_exact_size", "HSL", 1, 1, 'f'},
    {"autoindex_format", "HSL", 1, 1, 'v'},
    {"autoindex_localtime", "HSL", 1, 1, 'f'},
    {"break", "SLIJ", 0, 0, 'a'},
    {"charset", "HSLJ", 1, 1, 'd'},
    {"charset_map", "H", 2, 2, 'b'},
    {"charset_types", "HSL", 1, any, 'a'},
    {"chunked_transfer_encoding", "HSL", 1, 1, 'f'},
    {"client_body_buffer_size", "HSL", 1, 1, 'z'},
    {"client_body_in_file_only", "HSL", 1, 1, 'v'},
    {"client_body_in_single_buffer", "HSL", 1, 1, 'f'},
    {"client_body_temp_path", "HSL", 1, 4, 'd'},
    {"client_body_timeout", "HSL", 1, 1, 't'},
    {"client_header_buffer_size", "HS", 1, 1, 'z'},
    {"client_header_timeout", "HS", 1, 1, 't'},
    {"client_max_body_size", "HSL", 1, 1, 'o'},
    {"connection_pool_size", "HS", 1, 1, 'z'},
    {"create_full_put_path", "HSL", 1, 1, 'f'},
    {"daemon", "M", 1, 1, 'f'},
    {"dav_access", "HSL", 1, 3, 'a'},
    {"dav_methods", "HSL", 1, any, 'a'},
    {"debug_connection", "E", 1, 1, 'a'},
    {"debug_points", "M", 1, 1, 'v'},
    {"default_type", "HSL", 1, 1, 'v'},
    {"deny", "HSLX", 1, 1, 'a'},
    {"directio", "HSL", 1, 1, 'a'},
    {"directio_alignment", "HSL", 1, 1, 'o'},
    {"disable_symlinks", "HSL", 1, 2, 'd'},
    {"empty_gif", "L", 0, 0, 'a'},
    {"env", "M", 1, 1, 'a'},
    {"error_log", "MHSL", 1, any, 'a'},
    {"error_page", "HSLJ", 2, any, 'a'},
    {"etag", "HSL", 1, 1, 'f'},
    {"events", "M", 0, 0, 'b'},
    {"expires", "HSLJ", 1, 2, 'd'},
    {"flv", "L", 0, 0, 'a'},
    {"geo", "H", 1, 2, 'b'},
    {"geoip_city", "H", 1, 2, 'a'},
    {"geoip_country", "H", 1, 2, 'a'},
    {"gunzip", "HSL", 1, 1, 'f'},
    {"gunzip_buffers", "HSL", 2, 2, 'd'},
    {"gzip", "HSLJ", 1, 1, 'f'},
    {"gzip_buffers", "HSL", 2, 2, 'd'},
    {"gzip_comp_level", "HSL", 1, 1, 'n'},
    {"gzip_disable", "HSL", 1, any, 'a'},
    {"gzip_http_version", "HSL", 1, 1, 'v'},
    {"gzip_min_length", "HSL", 1, 1, 'z'},
    {"gzip_proxied", "HSL", 1, any, 'a'},
    {"gzip_static", "HSL", 1, 1, 'v'},
    {"gzip_types", "HSL", 1, any, 'a'},
    {"gzip_vary", "HSL", 1, 1, 'f'},
    {"hash", "U", 1, 2, 'a'},
    {"http", "M", 0, 0, 'b'},
    {"http2", "HS", 1, 1, 'f'},
    {"http2_chunk_size", "HSL", 1, 1, 'z'},
    {"http2_max_concurrent_streams", "HS", 1, 1, 'n'},
    {"http2_push", "HSL", 1, 1, 'a'},
    {"http2_push_preload", "HSL", 1, 1, 'f'},
    {"http2_recv_buffer_size", "H", 1, 1, 'z'},
    {"http3", "HS", 1, 1, 'f'},
    {"if", "SL", 1, any, 'b'},
    {"if_modified_since", "HSL", 1, 1, 'v'},
    {"ignore_invalid_headers", "HS", 1, 1, 'f'},
    {"include", "MEHSLUIJX", 1, 1, 'a'},
    {"index", "HSL", 1, any, 'a'},
    {"internal", "L", 0, 0, 'a'},
    {"ip_hash", "U", 0, 0, 'a'},
    {"keepalive", "U", 1, 1, 'd'},
    {"keepalive_disable", "HSL", 1, 2, 'a'},
    {"keepalive_requests", "HSLU", 1, 1, 'n'},
    {"keepalive_time", "HSLU", 1, 1, 't'},
    {"keepalive_timeout", "HSLU", 1, 2, 'd'},
    {"large_client_header_buffers", "HS", 2, 2, 'd'},
    {"least_conn", "U", 0, 0, 'a'},
    {"limit_conn", "HSL", 2, 2, 'a'},
    {"limit_conn_dry_run", "HSL", 1, 1, 'f'},
    {"limit_conn_log_level", "HSL", 1, 1, 'v'},
    {"limit_conn_status", "HSL", 1, 1, 'n'},
    {"limit_conn_zone", "H", 2, 2, 'a'},
    {"limit_except", "L", 1, any, 'b'},
    {"limit_rate", "HSLJ", 1, 1, 'd'},
    {"limit_rate_after", "HSLJ", 1, 1, 'd'},
    {"limit_req", "HSL", 1, 3, 'a'},
    {"limit_req_dry_run", "HSL", 1, 1, 'f'},
    {"limit_req_log_level", "HSL", 1, 1, 'v'},
    {"limit_req_status", "HSL", 1, 1, 'n'},
    {"limit_req_zone", "H", 3, 4, 'a'},
    {"lingering_close", "HSL", 1, 1, 'v'},
    {"lingering_time", "HSL", 1, 1, 't'},
    {"lingering_timeout", "HSL", 1, 1, 't'},
    {"listen", "S", 1, any, 'a'},
    {"load_module", "M", 1, 1, 'a'},
    {"location", "SL", 1, 2, 'b'},
    {"lock_file", "M", 1, 1, 'v'},
    {"log_format", "H", 2, any, 'a'},
    {"log_not_found", "HSL", 1, 1, 'f'},
    {"log_subrequest", "HSL", 1, 1, 'f'},
    {"mail", "M", 0, 0, 'b'},
    {"map", "H", 2, 2, 'b'},
    {"map_hash_bucket_size", "H", 1, 1, 'n'},
    {"map_hash_max_size", "H", 1, 1, 'n'},
    {"master_process", "M", 1, 1, 'f'},
    {"max_ranges", "HSL", 1, 1, 'n'},
    {"merge_slashes", "HS", 1, 1, 'f'},
    {"mirror", "HSL", 1, 1, 'a'},
    {"mirror_request_body", "HSL", 1, 1, 'f'},
    {"modern_browser", "HSL", 1, 2, 'a'},
    {"mp4", "L", 0, 0, 'a'},
    {"msie_padding", "HSL", 1, 1, 'f'},
    {"msie_refresh", "HSL", 1, 1, 'f'},
    {"multi_accept", "E", 1, 1, 'f'},
    {"open_file_cache", "HSL", 1, 2, 'd'},
    {"open_file_cache_errors", "HSL", 1, 1, 'f'},
    {"open_file_cache_min_uses", "HSL", 1, 1, 'n'},
    {"open_file_cache_valid", "HSL", 1, 1, 's'},
    {"open_log_file_cache", "HSL", 1, 4, 'd'},
    {"output_buffers", "HSL", 2, 2, 'd'},
    {"override_charset", "HSLJ", 1, 1, 'f'},
    {"pcre_jit", "M", 1, 1, 'f'},
    {"pid", "M", 1, 1, 'v'},
    {"port_in_redirect", "HSL", 1, 1, 'f'},
    {"postpone_output", "HSL", 1, 1, 'z'},
    {"proxy_bind", "HSL", 1, 2, 'd'},
    {"proxy_buffer_size", "HSL", 1, 1, 'z'},
    {"proxy_buffering", "HSL", 1, 1, 'f'},
    {"proxy_buffers", "HSL", 2, 2, 'd'},
    {"proxy_busy_buffers_size", "HSL", 1, 1, 'z'},
    {"proxy_cache", "HSL", 1, 1, 'd'},
    {"proxy_cache_background_update", "HSL", 1, 1, 'f'},
    {"proxy_cache_bypass", "HSL", 1, any, 'a'},
    {"proxy_cache_convert_head", "HSL", 1, 1, 'f'},
    {"proxy_cache_key", "HSL", 1, 1, 'd'},
    {"proxy_cache_lock", "HSL", 1, 1, 'f'},
    {"proxy_cache_lock_age", "HSL", 1, 1, 't'},
    {"proxy_cache_lock_timeout", "HSL", 1, 1, 't'},
    {"proxy_cache_max_range_offset", "HSL", 1, 1, 'o'},
    {"proxy_cache_methods", "HSL", 1, any, 'a'},
    {"proxy_cache_min_uses", "HSL", 1, 1, 'n'},
    {"proxy_cache_path", "H", 2, any, 'a'},
    {"proxy_cache_revalidate", "HSL", 1, 1, 'f'},
    {"proxy_cache_use_stale", "HSL", 1, any, 'a'},
    {"proxy_cache_valid", "HSL", 1, any, 'a'},
    {"proxy_connect_timeout", "HSL", 1, 1, 't'},
    {"proxy_cookie_domain", "HSL", 1, 2, 'a'},
    {"proxy_cookie_flags", "HSL", 1, 4, 'a'},
    {"proxy_cookie_path", "HSL", 1, 2, 'a'},
    {"proxy_force_ranges", "HSL", 1, 1, 'f'},
    {"proxy_headers_hash_bucket_size", "HSL", 1, 1, 'n'},
    {"proxy_headers_hash_max_size", "HSL", 1, 1, 'n'},
    {"proxy_hide_header", "HSL", 1, 1, 'a'},
    {"proxy_http_version", "HSL", 1, 1, 'v'},
    {"proxy_ignore_client_abort", "HSL", 1, 1, 'f'},
    {"proxy_ignore_headers", "HSL", 1, any, 'a'},
    {"proxy_intercept_errors", "HSL", 1, 1, 'f'},
    {"proxy_limit_rate", "HSL", 1, 1, 'd'},
    {"proxy_max_temp_file_size", "HSL", 1, 1, 'z'},
    {"proxy_method", "HSL", 1, 1, 'd'},
    {"proxy_next_upstream", "HSL", 1, any, 'a'},
    {"proxy_next_upstream_timeout", "HSL", 1, 1, 't'},
    {"proxy_next_upstream_tries", "HSL", 1, 1, 'n'},
    {"proxy_no_cache", "HSL", 1, any, 'a'},
    {"proxy_pass", "LJX", 1, 1, 'd'},
    {"proxy_pass_header", "HSL", 1, 1, 'a'},
    {"proxy_pass_request_body", "HSL", 1, 1, 'f'},
    {"proxy_pass_request_headers", "HSL", 1, 1, 'f'},
    {"proxy_read_timeout", "HSL", 1, 1, 't'},
    {"proxy_redirect", "HSL", 1, 2, 'a'},
    {"proxy_request_buffering", "HSL", 1, 1, 'f'},
    {"proxy_send_lowat", "HSL", 1, 1, 'z'},
    {"proxy_send_timeout", "HSL", 1, 1, 't'},
    {"proxy_set_body", "HSL", 1, 1, 'v'},
    {"proxy_set_header", "HSL", 2, 2, 'a'},
    {"proxy_socket_keepalive", "HSL", 1, 1, 'f'},
    {"proxy_ssl_certificate", "HSL", 1, 1, 'v'},
    {"proxy_ssl_certificate_key", "HSL", 1, 1, 'v'},
    {"proxy_ssl_ciphers", "HSL", 1, 1, 'v'},
    {"proxy_ssl_conf_command", "HSL", 2, 2, 'a'},
    {"proxy_ssl_crl", "HSL", 1, 1, 'v'},
    {"proxy_ssl_name", "HSL", 1, 1, 'v'},
    {"proxy_ssl_password_file", "HSL", 1, 1, 'd'},
    {"proxy_ssl_protocols", "HSL", 1, any, 'a'},
    {"proxy_ssl_server_name", "HSL", 1, 1, 'f'},
    {"proxy_ssl_session_reuse", "HSL", 1, 1, 'f'},
    {"proxy_ssl_trusted_certificate", "HSL", 1, 1, 'v'},
    {"proxy_ssl_verify", "HSL", 1, 1, 'f'},
    {"proxy_ssl_verify_depth", "HSL", 1, 1, 'n'},
    {"proxy_store", "HSL", 1, 1, 'd'},
    {"proxy_store_access", "HSL", 1, 3, 'a'},
    {"proxy_temp_file_write_size", "HSL", 1, 1, 'z'},
    {"proxy_temp_path", "HSL", 1, 4, 'd'},
    {"random", "U", 0, 2, 'a'},
    {"random_index", "L", 1, 1, 'f'},
    {"read_ahead", "HSL", 1, 1, 'z'},
    {"real_ip_header", "HSL", 1, 1, 'd'},
    {"real_ip_recursive", "HSL", 1, 1, 'f'},
    {"recursive_error_pages", "HSL", 1, 1, 'f'},
    {"referer_hash_bucket_size", "SL", 1, 1, 'n'},
    {"referer_hash_max_size", "SL", 1, 1, 'n'},
    {"request_pool_size", "HS", 1, 1, 'z'},
    {"reset_timedout_connection", "HSL", 1, 1, 'f'},
    {"resolver", "HSLU", 1, any, 'd'},
    {"resolver_timeout", "HSLU", 1, 1, 't'},
    {"return", "SLIJ", 1, 2, 'a'},
    {"rewrite", "SLIJ", 2, 3, 'a'},
    {"rewrite_log", "HSLIJ", 1, 1, 'f'},
    {"root", "HSLJ", 1, 1, 'd'},
    {"satisfy", "HSL", 1, 1, 'v'},
    {"secure_link", "HSL", 1, 1, 'v'},
    {"secure_link_md5", "HSL", 1, 1, 'v'},
    {"secure_link_secret", "L", 1, 1, 'v'},
    {"send_lowat", "HSL", 1, 1, 'z'},
    {"send_timeout", "HSL", 1, 1, 't'},
    {"sendfile", "HSLJ", 1, 1, 'f'},
    {"sendfile_max_chunk", "HSL", 1, 1, 'z'},
    {"server", "HU", 0, any, 'a'},  // a block in http
    {"server_name", "S", 1, any, 'a'},
    {"server_name_in_redirect", "HSL", 1, 1, 'f'},
    {"server_names_hash_bucket_size", "H", 1, 1, 'n'},
    {"server_names_hash_max_size", "H", 1, 1, 'n'},
    {"server_tokens", "HSL", 1, 1, 'v'},
    {"set", "SLIJ", 2, 2, 'a'},
    {"set_real_ip_from", "HSL", 1, 1, 'a'},
    {"slice", "HSL", 1, 1, 'z'},
    {"source_charset", "HSLJ", 1, 1, 'd'},
    {"split_clients", "H", 2, 2, 'b'},
    {"ssi", "HSLJ", 1, 1, 'f'},
    {"ssi_last_modified", "HSL", 1, 1, 'f'},
    {"ssi_types", "HSL", 1, any, 'a'},
    {"ssl", "HS", 1, 1, 'f'},
    {"ssl_buffer_size", "HS", 1, 1, 'z'},
    {"ssl_certificate", "HS", 1, 1, 'a'},
    {"ssl_certificate_key", "HS", 1, 1, 'a'},
    {"ssl_ciphers", "HS", 1, 1, 'v'},
    {"ssl_client_certificate", "HS", 1, 1, 'v'},
    {"ssl_conf_command", "HS", 2, 2, 'a'},
    {"ssl_crl", "HS", 1, 1, 'v'},
    {"ssl_dhparam", "HS", 1, 1, 'v'},
    {"ssl_early_data", "HS", 1, 1, 'f'},
    {"ssl_ecdh_curve", "HS", 1, 1, 'v'},
    {"ssl_engine", "M", 1, 1, 'd'},
    {"ssl_ocsp", "HS", 1, 1, 'v'},
    {"ssl_password_file", "HS", 1, 1, 'd'},
    {"ssl_prefer_server_ciphers", "HS", 1, 1, 'f'},
    {"ssl_protocols", "HS", 1, any, 'a'},
    {"ssl_reject_handshake", "HS", 1, 1, 'f'},
    {"ssl_session_cache", "HS", 1, 2, 'a'},
    {"ssl_session_ticket_key", "HS", 1, 1, 'a'},
    {"ssl_session_tickets", "HS", 1, 1, 'f'},
    {"ssl_session_timeout", "HS", 1, 1, 's'},
    {"ssl_stapling", "HS", 1, 1, 'f'},
    {"ssl_stapling_file", "HS", 1, 1, 'v'},
    {"ssl_stapling_responder", "HS", 1, 1, 'v'},
    {"ssl_stapling_verify", "HS", 1, 1, 'f'},
    {"ssl_trusted_certificate", "HS", 1, 1, 'v'},
    {"ssl_verify_client", "HS", 1, 1, 'v'},
    {"ssl_verify_depth", "HS", 1, 1, 'n'},
    {"stream", "M", 0, 0, 'b'},
    {"stub_status", "SL", 0, 1, 'a'},
    {"sub_filter", "HSL", 2, 2, 'a'},
    {"sub_filter_last_modified", "HSL", 1, 1, 'f'},
    {"sub_filter_once", "HSL", 1, 1, 'f'},
    {"sub_filter_types", "HSL", 1, any, 'a'},
    {"subrequest_output_buffer_size", "HSL", 1, 1, 'z'},
    {"tcp_nodelay", "HSL", 1, 1, 'f'},
    {"tcp_nopush", "HSL", 1, 1, 'f'},
    {"thread_pool", "M", 2, 3, 'a'},
    {"timer_resolution", "M", 1, 1, 't'},
    {"try_files", "SL", 2, any, 'd'},
    {"types", "HSL", 0, 0, 'b'},
    {"types_hash_bucket_size", "HSL", 1, 1, 'n'},
    {"types_hash_max_size", "HSL", 1, 1, 'n'},
    {"underscores_in_headers", "HS", 1, 1, 'f'},
    {"uninitialized_variable_warn", "HSLIJ", 1, 1, 'f'},
    {"upstream", "H", 1, 1, 'b'},
    {"use", "E", 1, 1, 'a'},
    {"user", "M", 1, 2, 'd'},
    {"valid_referers", "SL", 1, any, 'a'},
    {"variables_hash_bucket_size", "H", 1, 1, 'n'},
    {"variables_hash_max_size", "H", 1, 1, 'n'},
    {"worker_aio_requests", "E", 1, 1, 'n'},
    {"worker_connections", "E", 1, 1, 'd'},
    {"worker_cpu_affinity", "M", 1, any, 'd'},
    {"worker_priority", "M", 1, 1, 'd'},
    {"worker_processes", "M", 1, 1, 'd'},
    {"worker_rlimit_core", "M", 1, 1, 'o'},
    {"worker_rlimit_nofile", "M", 1, 1, 'n'},
    {"worker_shutdown_timeout", "M", 1, 1, 't'},
    {"working_directory", "M", 1, 1, 'v'},
    {"zone", "U", 1, 2, 'a'},
};

static_assert(std::is_sorted(std::begin(rules), std::end(rules),
                             [](const DirectiveRule& a, const DirectiveRule& b) { return a.name < b.name; }));

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 18 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_flag(std::string_view text) {
  const auto word = util::lower(text);
  return word == "on" || word == "off";
}

bool counts(const DirectiveRule& rule, const std::vector<std::string>& arguments) {
  const auto count = static_cast<int>(std::min<std::size_t>(arguments.size(), 100'000));
  return count >= rule.least && count <= rule.most;
}

bool is_size(std::string_view text, bool gigabytes) {
  const bool has_giga = !text.empty() && (text.back() == 'g' || text.back() == 'G');
  return nginx_size(text).has_value() && (gigabytes || !has_giga);
}

}  // namespace

const DirectiveRule* directive_rule(std::string_view name) {
  const auto* found =
      std::lower_bound(std::begin(rules), std::end(rules), name,
                       [](const DirectiveRule& rule, std::string_view wanted) { return rule.name < wanted; });
  return found != std::end(rules) && found->name == name ? found : nullptr;
}

bool in_known_family(std::string_view name) {
  static constexpr std::array<std::string_view, 12> families{
      "fastcgi_",     "uwsgi_", "scgi_", "grpc_", "memcached_", "userid",
      "image_filter", "xslt_",  "xml_",  "perl",  "quic_",      "proxy_cache_purge"};
  return std::any_of(families.begin(), families.end(),
                     [&](std::string_view family) { return name.starts_with(family); });
}

std::string near_directive(std::string_view name) {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& rule : rules) all.emplace_back(rule.name);
    return all;
  }();
  return name.size() > 64 ? std::string{} : util::nearest(name, names);
}

char context_within(std::string_view block, char context) {
  if (context == '*' || context == '?') return context;
  if (block == "http") return 'H';
  if (block == "events") return 'E';
  if (block == "server" && context == 'H') return 'S';
  if (block == "location") return 'L';
  if (block == "upstream") return 'U';
  if (block == "if") return context == 'S' ? 'I' : 'J';
  if (block == "limit_except") return 'X';
  const auto* rule = directive_rule(block);
  return rule != nullptr && rule->kind == 'b' && block != "stream" && block != "mail" ? '*' : '?';
}

std::string argument_problem(const DirectiveRule& rule, const std::vector<std::string>& arguments) {
  const std::string name{rule.name};
  if (!counts(rule, arguments)) return "invalid number of arguments in \"" + name + "\" directive";
  const auto& first = arguments.empty() ? std::string{} : arguments.front();
  if (rule.kind == 'f' && !is_flag(first))
    return "invalid value \"" + util::shown(first, 40) + "\" in \"" + name + R"(" directive, it must be "on" or "off")";
  if (rule.kind == 'n' && !is_number(first)) return "\"" + name + "\" directive invalid number";
  const bool wrong = (rule.kind == 'z' && !is_size(first, false)) || (rule.kind == 'o' && !is_size(first, true)) ||
                     ((rule.kind == 't' || rule.kind == 's') && !nginx_time(first));
  return wrong ? "\"" + name + "\" directive invalid value" : std::string{};
}

}  // namespace doctor::formats::nginx
