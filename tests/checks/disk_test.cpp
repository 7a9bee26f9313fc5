#include "support/catch.hpp"
#include "support/scenarios.hpp"

namespace doctor::test {
namespace {

constexpr std::uint64_t gb = 1'000'000'000;
const std::string storage = "setting:web/STORAGE";

FileSystemAnswer disk(std::uint64_t total, std::uint64_t available, const std::string& mount = "/") {
  FileSystemAnswer answer;
  answer.mount_point = mount;
  answer.total = total;
  answer.available = available;
  answer.inodes = 1000;
  answer.inodes_free = 600;
  return answer;
}

void file_system(World& world, const FileSystemAnswer& answer) {
  world.fakes.on<FileSystemQuestion>().answer_all(answer);
}

void directory(World& world, const std::string& path, std::uint32_t uid, std::uint32_t mode = 0755) {
  FileAnswer answer;
  answer.kind = "directory";
  answer.mode = mode;
  answer.uid = uid;
  answer.gid = uid;
  world.fakes.on<FileQuestion>().answer(FileQuestion{path}, answer);
}

void missing(World& world, const std::string& path) {
  FileAnswer answer;
  answer.kind = "missing";
  world.fakes.on<FileQuestion>().answer(FileQuestion{path}, answer);
}

Mount mount(const std::string& kind, const std::string& source, const std::string& target) {
  Mount result;
  result.kind = kind;
  result.source = source;
  result.target = target;
  return result;
}

const std::string volume_path = "/var/lib/docker/volumes/app_files/_data";

/// A disk half full, and a service whose storage is a volume that its user owns.
void healthy(World& world) {
  world.deployment.disks = {{"docker", "/var/lib/docker"}, {"deployment", "/srv/app"}};
  file_system(world, disk(100 * gb, 50 * gb));
  UsageAnswer usage;
  usage.largest = {{"overlay2", 60 * gb}};
  world.fakes.on<UsageQuestion>().answer_all(usage);
  world.service("web").mounts = {mount("volume", "files", "/app/data")};
  world.container("web");
  Volume volume;
  volume.name = "files";
  volume.real_name = "app_files";
  volume.host_path = volume_path;
  world.deployment.volumes = {volume};
  world.plain("web", "STORAGE", "/app/data").rule.role = "storage-path";
  directory(world, volume_path, 999);
}

void bare(World& world, const AccessAnswer& access) {
  world.deployment.compose_file.clear();
  world.process("web");
  world.plain("web", "STORAGE", "./data").rule.role = "storage-path";
  directory(world, "/opt/app/data", 0);
  world.fakes.on<AccessQuestion>().answer_all(access);
}

const bool added = add_scenarios(
    "disk", {
                {"disks with room are silent", healthy, {}, {}},
                {"nothing is known", [](World& world) { world.service("web"); }, {}, {}},
                {"less than a gibibyte of a large disk is none",
                 [](World& world) {
                   healthy(world);
                   file_system(world, disk(10 * gb, 1 * gb));
                 },
                 {"disk-space-exhausted disk:deployment"},
                 {}},
                {"less than a twentieth of a small disk is none",
                 [](World& world) {
                   healthy(world);
                   file_system(world, disk(2 * gb, gb / 20));
                 },
                 {"disk-space-exhausted disk:deployment"},
                 {}},
                {"a small disk with half its room",
                 [](World& world) {
                   healthy(world);
                   file_system(world, disk(gb, gb / 2));
                 },
                 {},
                 {}},
                {"little room",
                 [](World& world) {
                   healthy(world);
                   file_system(world, disk(100 * gb, 14 * gb));
                 },
                 {"disk-space-low disk:deployment"},
                 {}},
                {"a full disk is told about where most services depend on it",
                 [](World& world) {
                   healthy(world);
                   world.deployment.edges = {{"service:web", "disk:docker"}};
                   file_system(world, disk(100 * gb, 0));
                 },
                 {"disk-space-exhausted disk:docker"},
                 {}},
                {"two file systems, one of them full",
                 [](World& world) {
                   healthy(world);
                   world.fakes.on<FileSystemQuestion>().answer(FileSystemQuestion{"/var/lib/docker"},
                                                               disk(100 * gb, 0, "/var/lib/docker"));
                 },
                 {"disk-space-exhausted disk:docker"},
                 {}},
                {"no inodes",
                 [](World& world) {
                   healthy(world);
                   auto full = disk(100 * gb, 50 * gb);
                   full.inodes_free = 49;
                   file_system(world, full);
                 },
                 {"disk-inodes-exhausted disk:deployment"},
                 {}},
                {"few inodes",
                 [](World& world) {
                   healthy(world);
                   auto full = disk(100 * gb, 50 * gb);
                   full.inodes_free = 100;
                   file_system(world, full);
                 },
                 {"disk-inodes-low disk:deployment"},
                 {}},
                {"a file system that counts no inodes",
                 [](World& world) {
                   healthy(world);
                   auto btrfs = disk(100 * gb, 50 * gb);
                   btrfs.inodes = 0;
                   btrfs.inodes_free = 0;
                   file_system(world, btrfs);
                 },
                 {},
                 {}},
                {"a file system that went read-only",
                 [](World& world) {
                   healthy(world);
                   auto broken = disk(100 * gb, 50 * gb);
                   broken.read_only = true;
                   file_system(world, broken);
                 },
                 {"disk-read-only disk:deployment"},
                 {}},
                {"a directory of settings may be read-only",
                 [](World& world) {
                   healthy(world);
                   auto image = disk(100 * gb, 50 * gb, "/srv");
                   image.read_only = true;
                   world.fakes.on<FileSystemQuestion>().answer(FileSystemQuestion{"/srv/app"}, image);
                 },
                 {},
                 {}},
                {"storage that belongs to root",
                 [](World& world) {
                   healthy(world);
                   directory(world, volume_path, 0);
                 },
                 {"disk-not-writable " + storage},
                 {}},
                {"a directory that the service will create itself",
                 [](World& world) {
                   healthy(world);
                   world.plain("web", "STORAGE", "/app/data/files");
                   missing(world, volume_path + "/files");
                 },
                 {},
                 {}},
                {"the source of the mount is gone",
                 [](World& world) {
                   healthy(world);
                   missing(world, volume_path);
                 },
                 {"disk-path-missing " + storage},
                 {}},
                {"storage in the layer of the container",
                 [](World& world) {
                   healthy(world);
                   world.plain("web", "STORAGE", "/app/elsewhere");
                 },
                 {"disk-storage-not-persistent " + storage},
                 {}},
                {"storage on a tmpfs",
                 [](World& world) {
                   healthy(world);
                   world.service("web").container->mounts = {mount("tmpfs", "", "/app/data")};
                 },
                 {"disk-storage-not-persistent " + storage},
                 {}},
                {"a bare process that may write",
                 [](World& world) {
                   bare(world, AccessAnswer{true, {}, {}, 0, 0, 0});
                 },
                 {},
                 {}},
                {"a bare process that may not",
                 [](World& world) {
                   bare(world, AccessAnswer{false, "mode", "/opt/app/data", 0755, 0, 0});
                 },
                 {"disk-not-writable " + storage},
                 {}},
                {"a volume whose place is not known",
                 [](World& world) {
                   healthy(world);
                   world.deployment.volumes.front().host_path.clear();
                 },
                 {},
                 {storage}},
                {"doctor may not look at the volume",
                 [](World& world) {
                   healthy(world);
                   world.fakes.on<FileQuestion>().answer_all(failed(FailureKind::permission_denied, "EACCES"));
                 },
                 {},
                 {storage}},
                {"a mount that hangs",
                 [](World& world) {
                   healthy(world);
                   world.fakes.on<FileSystemQuestion>().answer(
                       FileSystemQuestion{"/srv/app"},
                       failed(FailureKind::timed_out, "", "", "", std::chrono::seconds{3}));
                 },
                 {},
                 {"disk:deployment"}},
            });

TEST_CASE("disk judges room and rights", "[disk]") {
  expect_scenarios("disk");
}

TEST_CASE("disk tells once about a file system, with all that it serves", "[disk]") {
  World world;
  healthy(world);
  file_system(world, disk(100 * gb, 2 * gb));
  const auto judgement = run_check(check_named("disk"), world);
  CHECK(evidence_of(judgement, "disk-space-exhausted", "role") == "deployment, docker");
  CHECK(evidence_of(judgement, "disk-space-exhausted", "percent") == "2 %");
  CHECK(evidence_of(judgement, "disk-space-exhausted", "largest") == "/srv/app/overlay2 60.0 GB");
  CHECK(world.fakes.on<UsageQuestion>().asked().size() == 1);
}

TEST_CASE("disk measures what takes the room only when it is short", "[disk]") {
  World world;
  healthy(world);
  run_check(check_named("disk"), world);
  CHECK(world.fakes.on<UsageQuestion>().asked().empty());
}

}  // namespace
}  // namespace doctor::test
