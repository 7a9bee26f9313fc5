#include "lab/files_case.hpp"

#include "lab/env_file.hpp"
#include "support/places.hpp"

#include <sstream>

namespace doctor::lab {
namespace {

/// The user of the application's image.
constexpr std::uint32_t image_user = 999;

std::string generated_environment(const std::string& password, const std::string& totp_key) {
  return "DATABASE_URL=postgres://chatalot:" + password + "@postgres:5432/chatalot\nDB_PASSWORD=" + password +
         "\nJWT_PRIVATE_KEY_PATH=/run/secrets/jwt_private_key\nJWT_PUBLIC_KEY_PATH=/run/secrets/jwt_public_key\n"
         "TOTP_ENCRYPTION_KEY=" +
         totp_key +
         "\nCLOUDFLARE_TUNNEL_TOKEN=your_tunnel_token_here\nRUST_LOG=chatalot_server=info,tower_http=info\n"
         "FILE_STORAGE_PATH=/app/data/files\nMAX_FILE_SIZE_MB=100\nLISTEN_ADDR=0.0.0.0:8080\n";
}

}  // namespace

FilesCase::FilesCase() {
  const auto password = random_alphanumeric(32);
  const auto totp_key = random_hex(64);
  secrets_.add(password);
  secrets_.add(totp_key);
  directory_.write("docker-compose.yml", chatalot_file("docker-compose.yml"));
  directory_.write(".env.example", chatalot_file(".env.example"));
  directory_.write(".env", generated_environment(password, totp_key), 0600);
  make_keys(directory_, image_user);
  secrets_.add_key(directory_.read("secrets/jwt_private.pem"));
}

FilesCase& FilesCase::set(const std::string& name, const std::string& value) {
  env_file::set(directory_, name, value);
  return *this;
}

FilesCase& FilesCase::unset(const std::string& name) {
  env_file::unset(directory_, name);
  return *this;
}

FilesCase& FilesCase::password(const std::string& value) {
  secrets_.add(value);
  return set("DB_PASSWORD", value).set("DATABASE_URL", "postgres://chatalot:" + value + "@postgres:5432/chatalot");
}

FilesCase& FilesCase::override_file(const std::string& yaml) {
  directory_.write("docker-compose.override.yml", yaml);
  return *this;
}

FilesCase& FilesCase::edit_compose(const std::string& from, const std::string& to) {
  auto text = directory_.read("docker-compose.yml");
  replace(text, from, to);
  directory_.write("docker-compose.yml", text);
  return *this;
}

Result FilesCase::check(Arguments arguments) const {
  return lab::check(directory_.path(), secrets_, arguments);
}

std::string chatalot_file(const std::string& name) {
  return read_file(doctor::test::source_path("tests/systems/chatalot/" + name));
}

}  // namespace doctor::lab
