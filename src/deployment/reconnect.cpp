#include "deployment/reconnect.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "deployment/connections.hpp"
#include "deployment/data_source.hpp"
#include "deployment/discover_http.hpp"
#include "deployment/discover_manifests.hpp"
#include "deployment/find_upstreams.hpp"
#include "deployment/public_urls.hpp"

namespace doctor::deployment {
namespace {

auto fields(const Dial& dial) {
  return std::tie(dial.host, dial.port, dial.vantage, dial.how, dial.reason, dial.doubt);
}

bool same(const DataSource& one, const DataSource& other) {
  const auto own = [](const DataSource& source) {
    return std::tie(source.scheme, source.user, source.host, source.port, source.database, source.tls_mode,
                    source.problem, source.endpoint);
  };
  return own(one) == own(other) && fields(one.dial) == fields(other.dial);
}

bool same(const HttpBase& one, const HttpBase& other) {
  return one.endpoint == other.endpoint && one.url == other.url && fields(one.dial) == fields(other.dial);
}

bool same(const PublicUrl& one, const PublicUrl& other) {
  return one.url == other.url && one.endpoint == other.endpoint;
}

bool same(const Upstream& one, const Upstream& other) {
  const auto own = [](const Upstream& upstream) {
    return std::tie(upstream.setting, upstream.url, upstream.own, upstream.vantage, upstream.proxy,
                    upstream.authorities, upstream.note);
  };
  return own(one) == own(other);
}

const std::string& key(const DataSource& source) {
  return source.setting;
}
const std::string& key(const HttpBase& base) {
  return base.service;
}
const std::string& key(const PublicUrl& url) {
  return url.setting;
}
const std::string& key(const Upstream& upstream) {
  return upstream.endpoint;
}

template <class Item>
const Item* find(const std::vector<Item>& items, const std::string& wanted) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const Item& item) { return key(item) == wanted; });
  return found == items.end() ? nullptr : &*found;
}

/// Changes in `recorded` what is found differently for `after` than for `before`.
template <class Item>
void patch(std::vector<Item>& recorded, const std::vector<Item>& before, const std::vector<Item>& after) {
  for (const auto& item : before)
    if (find(after, key(item)) == nullptr)
      recorded.erase(
          std::remove_if(recorded.begin(), recorded.end(), [&](const Item& other) { return key(other) == key(item); }),
          recorded.end());
  for (const auto& item : after) {
    const auto* was = find(before, key(item));
    if (was != nullptr && same(*was, item)) continue;
    const auto place =
        std::find_if(recorded.begin(), recorded.end(), [&](const Item& other) { return key(other) == key(item); });
    if (place == recorded.end())
      recorded.push_back(item);
    else
      *place = item;
  }
}

std::vector<Edge> sorted(std::vector<Edge> edges) {
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

std::vector<Edge> without(const std::vector<Edge>& edges, const std::vector<Edge>& others) {
  std::vector<Edge> left;
  std::set_difference(edges.begin(), edges.end(), others.begin(), others.end(), std::back_inserter(left));
  return left;
}

/// As far as a record tells: the further names of containers are not in it.
EngineView engine_of(const Deployment& deployment) {
  EngineView engine;
  engine.asked = deployment.engine_asked;
  engine.why = deployment.engine_note;
  engine.elsewhere = deployment.compose_file.empty() && deployment.env_file.empty() && !deployment.manifests.empty();
  if (engine.elsewhere) engine.why = in_cluster;
  return engine;
}

std::map<std::string, BaseUrl> given_urls(const Deployment& deployment) {
  std::map<std::string, BaseUrl> given;
  for (const auto& base : deployment.http)
    if (base.dial.how == "--url") given[base.service] = {base.url, base.dial.host, base.dial.port};
  return given;
}

}  // namespace

void reconnect(Deployment& after, const Deployment& before) {
  const auto engine = engine_of(before);
  const auto given = given_urls(before);
  const auto edges_before = sorted(find_edges(before, engine));
  patch(after.data_sources, find_data_sources(before, engine), find_data_sources(after, engine));
  patch(after.redis, find_redis(before, engine), find_redis(after, engine));
  patch(after.http, find_http(before, engine, given), find_http(after, engine, given));
  patch(after.public_urls, find_public_urls(before), find_public_urls(after));
  patch(after.upstreams, find_upstreams(before, engine), find_upstreams(after, engine));
  if (!engine.elsewhere) find_disks(after);
  const auto edges_after = sorted(find_edges(after, engine));
  auto edges = without(sorted(before.edges), without(edges_before, edges_after));
  const auto added = without(edges_after, edges_before);
  edges.insert(edges.end(), added.begin(), added.end());
  after.edges = sorted(std::move(edges));
}

}  // namespace doctor::deployment
