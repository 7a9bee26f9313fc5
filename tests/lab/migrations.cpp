#include "lab/migrations.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <stdexcept>

namespace doctor::lab {
namespace {

constexpr std::array<std::string_view, 51> descriptions{
    "users",
    "identity keys",
    "refresh tokens",
    "audit log",
    "prekeys",
    "channels",
    "messages",
    "files",
    "dm pairs",
    "voice sessions",
    "reactions",
    "unread tracking",
    "channel bans",
    "groups",
    "group invites",
    "account deletion fks",
    "admin role",
    "registration invites",
    "communities",
    "user preferences",
    "pinned messages",
    "sender key distributions",
    "instance owner",
    "permissions enhancements",
    "performance indexes",
    "security suite",
    "lockout and quota",
    "blocking and reports",
    "new features",
    "discoverable",
    "group discoverable",
    "personal groups",
    "channel archiving",
    "customization",
    "more indexes",
    "community members index",
    "recovery codes",
    "message edits",
    "threads",
    "read cursors user index",
    "community fk on delete",
    "push subscriptions",
    "scheduled message preview",
    "widen chain id",
    "fix fk on delete",
    "fix remaining fk on delete",
    "user voice background",
    "instance settings",
    "e2e feature flag",
    "thumbnails",
    "gallery channel",
};

/// What doctor asks about, beside the key of each table. The names and types are the application's own.
std::string columns_of(std::string_view table) {
  if (table == "users")
    return ", username TEXT UNIQUE, is_admin BOOLEAN NOT NULL DEFAULT false, is_owner BOOLEAN NOT NULL DEFAULT false,"
           " totp_enabled BOOLEAN NOT NULL DEFAULT false, totp_secret BYTEA,"
           " upload_bytes_used BIGINT NOT NULL DEFAULT 0";
  if (table == "messages")
    return ", deleted_at TIMESTAMPTZ, expires_at TIMESTAMPTZ, reply_to_id UUID REFERENCES messages (id),"
           " thread_id UUID REFERENCES messages (id)";
  if (table == "files")
    return ", uploader_id UUID REFERENCES users (id) ON DELETE SET NULL, storage_path TEXT NOT NULL,"
           " thumbnail_path TEXT, size_bytes BIGINT NOT NULL DEFAULT 0";
  return {};
}

std::vector<Migration> make() {
  std::vector<Migration> all;
  int version = 0;
  for (const auto description : descriptions) {
    ++version;
    std::string name{description};
    std::replace(name.begin(), name.end(), ' ', '_');
    const auto number = std::to_string(1000 + version).substr(1);
    all.push_back(
        {version, std::string{description}, number + "_" + name + ".sql",
         "CREATE TABLE " + name + " (id UUID PRIMARY KEY DEFAULT gen_random_uuid()" + columns_of(name) + ");\n"});
  }
  return all;
}

std::uint32_t crc32(std::string_view text) {
  std::uint32_t crc = 0xffffffffU;
  for (const char c : text) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1U ^ (0xedb88320U & (0U - (crc & 1U)));
  }
  return ~crc;
}

}  // namespace

const std::vector<Migration>& migrations() {
  static const auto all = make();
  return all;
}

std::string sha384(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha384(), nullptr) != 1)
    throw std::runtime_error("SHA-384");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) {
    hex += "0123456789abcdef"[digest[i] >> 4U];
    hex += "0123456789abcdef"[digest[i] & 15U];
  }
  return hex;
}

std::string migrations_table_sql() {
  return "CREATE TABLE IF NOT EXISTS _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, "
         "installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, "
         "execution_time BIGINT NOT NULL)";
}

std::string apply_sql(const Migration& migration) {
  return "BEGIN;\n" + migration.sql + "INSERT INTO _sqlx_migrations VALUES (" + std::to_string(migration.version) +
         ", '" + migration.description + "', now(), true, '\\x" + sha384(migration.sql) + "', 1000000);\nCOMMIT;\n";
}

long long migration_lock(std::string_view database) {
  return 0x3d32ad9eLL * static_cast<long long>(crc32(database));
}

}  // namespace doctor::lab
