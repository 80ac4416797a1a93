package dev.holdfast.server.config;

import java.util.List;
import java.util.Set;

/**
 * What Vault's users write about what this server does not have, by Vault's names. It is accepted with a warning, so that
 * their configurations can be used as they are. What would leave them less safe than they ask for is not among it, such as
 * {@code entropy}, {@code cluster_cipher_suites}, or certificates of clients: that is refused as unknown.
 */
final class WithoutEffect {
    /** Blocks of a file, with or without a label. */
    static final Set<String> BLOCKS = Set.of(
            "adaptive_overload_protection",
            "replication",
            "reporting",
            "request_limiter",
            "sentinel",
            "service_registration",
            "user_lockout");

    /** Values of a file. */
    static final List<String> OPTIONS = List.of(
            "cache_size",
            "default_lease_ttl",
            "default_max_request_duration",
            "detect_deadlocks",
            "disable_cache",
            "disable_mlock",
            "disable_printable_check",
            "disable_sealwrap",
            "enable_post_unseal_trace",
            "enable_response_header_hostname",
            "enable_response_header_raft_node_id",
            "experiments",
            "imprecise_lease_role_tracking",
            "introspection_endpoint",
            "license_path",
            "log_file",
            "log_format",
            "log_requests_level",
            "log_rotate_bytes",
            "log_rotate_duration",
            "log_rotate_max_files",
            "max_lease_ttl",
            "pid_file",
            "plugin_file_permissions",
            "plugin_file_uid",
            "plugin_tmpdir",
            "post_unseal_trace_directory",
            "raw_storage_endpoint");

    /** Blocks of a listener, all about access to what is not there. */
    static final Set<String> LISTENER_BLOCKS = Set.of("inflight_requests_logging", "profiling");

    /** Values of a listener; what they ask for is so anyway, or is not to be had. */
    static final List<String> LISTENER_OPTIONS = List.of(
            "disable_replication_status_endpoints",
            "disable_request_limiter",
            "http_read_header_timeout",
            "http_write_timeout",
            "proxy_protocol_behavior",
            "tls_disable_client_certs",
            "tls_prefer_server_cipher_suites");

    private WithoutEffect() {}
}
