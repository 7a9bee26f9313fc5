#include "deployment/compose_schema_rules.hpp"

namespace doctor::deployment::compose {

const std::string_view schema_rules = R"(
version s
name s
include a
include/[] so !
include/[]/path SL
include/[]/env_file SL
include/[]/project_directory s
services o !
services/* o
services/*/develop o0
services/*/develop/watch a
services/*/develop/watch/[] o &path,action
services/*/develop/watch/[]/ignore LT
services/*/develop/watch/[]/path s
services/*/develop/watch/[]/action s =rebuild|sync|restart|sync+restart|sync+exec
services/*/develop/watch/[]/target s
services/*/develop/watch/[]/exec HO
services/*/deploy o0
services/*/deploy/mode s
services/*/deploy/endpoint_mode s
services/*/deploy/replicas is
services/*/deploy/labels LD
services/*/deploy/rollback_config RC
services/*/deploy/update_config RC
services/*/deploy/resources o
services/*/deploy/resources/limits o
services/*/deploy/resources/limits/cpus ns
services/*/deploy/resources/limits/memory s
services/*/deploy/resources/limits/pids is
services/*/deploy/resources/reservations o
services/*/deploy/resources/reservations/cpus ns
services/*/deploy/resources/reservations/memory s
services/*/deploy/resources/reservations/generic_resources a
services/*/deploy/resources/reservations/generic_resources/[] o
services/*/deploy/resources/reservations/generic_resources/[]/discrete_resource_spec o
services/*/deploy/resources/reservations/generic_resources/[]/discrete_resource_spec/kind s
services/*/deploy/resources/reservations/generic_resources/[]/discrete_resource_spec/value ns
services/*/deploy/resources/reservations/devices DE
services/*/deploy/restart_policy o
services/*/deploy/restart_policy/condition s
services/*/deploy/restart_policy/delay s
services/*/deploy/restart_policy/max_attempts is
services/*/deploy/restart_policy/window s
services/*/deploy/placement o
services/*/deploy/placement/constraints LT
services/*/deploy/placement/preferences a
services/*/deploy/placement/preferences/[] o
services/*/deploy/placement/preferences/[]/spread s
services/*/deploy/placement/max_replicas_per_node is
services/*/annotations LD
services/*/attach bs
services/*/build so
services/*/build/context s
services/*/build/dockerfile s
services/*/build/dockerfile_inline s
services/*/build/entitlements LT
services/*/build/args LD
services/*/build/ssh LD
services/*/build/labels LD
services/*/build/cache_from LT
services/*/build/cache_to LT
services/*/build/no_cache bs
services/*/build/additional_contexts LD
services/*/build/network s
services/*/build/pull bs
services/*/build/target s
services/*/build/shm_size is
services/*/build/extra_hosts EH
services/*/build/isolation s
services/*/build/privileged bs
services/*/build/secrets MO
services/*/build/tags LT
services/*/build/ulimits UL
services/*/build/platforms LT
services/*/blkio_config o !
services/*/blkio_config/device_read_bps BL
services/*/blkio_config/device_read_iops BL
services/*/blkio_config/device_write_bps BL
services/*/blkio_config/device_write_iops BL
services/*/blkio_config/weight is
services/*/blkio_config/weight_device BW
services/*/cap_add LS
services/*/cap_drop LS
services/*/cgroup s =host|private
services/*/cgroup_parent s
services/*/command CO
services/*/configs MO
services/*/container_name s
services/*/cpu_count is
services/*/cpu_percent is
services/*/cpu_shares ns
services/*/cpu_quota ns
services/*/cpu_period ns
services/*/cpu_rt_period ns
services/*/cpu_rt_runtime ns
services/*/cpus ns
services/*/cpuset s
services/*/credential_spec o
services/*/credential_spec/config s
services/*/credential_spec/file s
services/*/credential_spec/registry s
services/*/depends_on ao !u
services/*/depends_on/[] s
services/*/depends_on/* o &condition
services/*/depends_on/*/restart bs
services/*/depends_on/*/required b
services/*/depends_on/*/condition s =service_started|service_healthy|service_completed_successfully
services/*/device_cgroup_rules LS
services/*/devices a
services/*/devices/[] so &source
services/*/devices/[]/source s
services/*/devices/[]/target s
services/*/devices/[]/permissions s
services/*/dns SL
services/*/dns_opt LS
services/*/dns_search SL
services/*/domainname s
services/*/entrypoint CO
services/*/env_file sa
services/*/env_file/[] so !&path
services/*/env_file/[]/path s
services/*/env_file/[]/format s
services/*/env_file/[]/required bs
services/*/label_file sa
services/*/label_file/[] s
services/*/environment LD
services/*/expose a u
services/*/expose/[] sn
services/*/extends so !&service
services/*/extends/service s
services/*/extends/file s
services/*/external_links LS
services/*/extra_hosts EH
services/*/gpus sa =all
services/*/gpus/[] o +
services/*/group_add a u
services/*/group_add/[] sn
services/*/healthcheck o
services/*/healthcheck/disable bs
services/*/healthcheck/interval s
services/*/healthcheck/retries ns
services/*/healthcheck/test sa
services/*/healthcheck/test/[] s
services/*/healthcheck/timeout s
services/*/healthcheck/start_period s
services/*/healthcheck/start_interval s
services/*/hostname s
services/*/image s
services/*/init bs
services/*/ipc s
services/*/isolation s
services/*/labels LD
services/*/links LS
services/*/logging o
services/*/logging/driver s
services/*/logging/options o !
services/*/logging/options/? sn0
services/*/mac_address s
services/*/mem_limit ns
services/*/mem_reservation si
services/*/mem_swappiness is
services/*/memswap_limit ns
services/*/network_mode s
services/*/networks ao !u
services/*/networks/[] s
services/*/networks/* o0
services/*/networks/*/aliases LS
services/*/networks/*/ipv4_address s
services/*/networks/*/ipv6_address s
services/*/networks/*/link_local_ips LS
services/*/networks/*/mac_address s
services/*/networks/*/driver_opts OP
services/*/networks/*/priority n
services/*/networks/*/gw_priority n
services/*/oom_kill_disable bs
services/*/oom_score_adj si
services/*/pid s0
services/*/pids_limit ns
services/*/platform s
services/*/ports a
services/*/ports/[] nso
services/*/ports/[]/name s
services/*/ports/[]/mode s
services/*/ports/[]/host_ip s
services/*/ports/[]/target is
services/*/ports/[]/published si
services/*/ports/[]/protocol s
services/*/ports/[]/app_protocol s
services/*/post_start a
services/*/post_start/[] HO
services/*/pre_stop a
services/*/pre_stop/[] HO
services/*/privileged bs
services/*/profiles LS
services/*/pull_policy s =always|never|if_not_present|build|missing
services/*/read_only bs
services/*/restart s
services/*/runtime s
services/*/scale is
services/*/security_opt LS
services/*/shm_size ns
services/*/secrets MO
services/*/sysctls LD
services/*/stdin_open bs
services/*/stop_grace_period s
services/*/stop_signal s
services/*/storage_opt o +
services/*/tmpfs SL
services/*/tty bs
services/*/ulimits UL
services/*/user s
services/*/uts s
services/*/userns_mode s
services/*/volumes a
services/*/volumes/[] so &type
services/*/volumes/[]/type s
services/*/volumes/[]/source s
services/*/volumes/[]/target s
services/*/volumes/[]/read_only bs
services/*/volumes/[]/consistency s
services/*/volumes/[]/bind o
services/*/volumes/[]/bind/propagation s
services/*/volumes/[]/bind/create_host_path bs
services/*/volumes/[]/bind/recursive s =enabled|disabled|writable|readonly
services/*/volumes/[]/bind/selinux s =z|Z
services/*/volumes/[]/volume o
services/*/volumes/[]/volume/nocopy bs
services/*/volumes/[]/volume/subpath s
services/*/volumes/[]/tmpfs o
services/*/volumes/[]/tmpfs/size is
services/*/volumes/[]/tmpfs/mode ns
services/*/volumes_from LS
services/*/working_dir s
networks o
networks/? o0
networks/?/name s
networks/?/driver s
networks/?/driver_opts OP
networks/?/ipam o
networks/?/ipam/driver s
networks/?/ipam/config a
networks/?/ipam/config/[] o
networks/?/ipam/config/[]/subnet s
networks/?/ipam/config/[]/ip_range s
networks/?/ipam/config/[]/gateway s
networks/?/ipam/config/[]/aux_addresses o !
networks/?/ipam/config/[]/aux_addresses/? s
networks/?/ipam/options o !
networks/?/ipam/options/? s
networks/?/external bso
networks/?/external/name s
networks/?/internal bs
networks/?/enable_ipv4 bs
networks/?/enable_ipv6 bs
networks/?/attachable bs
networks/?/labels LD
volumes o !
volumes/* o0
volumes/*/name s
volumes/*/driver s
volumes/*/driver_opts OP
volumes/*/external bso
volumes/*/external/name s
volumes/*/labels LD
secrets o !
secrets/* o
secrets/*/name s
secrets/*/environment s
secrets/*/file s
secrets/*/external bso +
secrets/*/external/name s
secrets/*/labels LD
secrets/*/driver s
secrets/*/driver_opts OP
secrets/*/template_driver s
configs o !
configs/* o
configs/*/name s
configs/*/content s
configs/*/environment s
configs/*/file s
configs/*/external bso +
configs/*/external/name s
configs/*/labels LD
configs/*/template_driver s
)";

}  // namespace doctor::deployment::compose
