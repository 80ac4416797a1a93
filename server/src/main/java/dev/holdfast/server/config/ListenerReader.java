package dev.holdfast.server.config;

import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.Option;
import dev.holdfast.spi.config.OptionSchema;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a {@code listener "tcp"} block means. */
final class ListenerReader {
    private static final Option<String> ADDRESS = Option.string("address", "Where clients come in")
            .defaultsTo("127.0.0.1:8200")
            .check(ListenerReader::address);
    private static final Option<String> CLUSTER_ADDRESS = Option.string(
                    "cluster_address", "Where other nodes come in; the port after that of address when left out")
            .check(ListenerReader::address);
    private static final Option<Boolean> TLS_DISABLE =
            Option.bool("tls_disable", "Whether clients come in without TLS").defaultsTo("false");
    private static final Option<String> TLS_CERT_FILE = Option.string("tls_cert_file", "The certificate chain, in PEM");
    private static final Option<String> TLS_KEY_FILE = Option.string("tls_key_file", "The private key, in PEM");
    private static final Option<String> TLS_MIN_VERSION = Option.string("tls_min_version", "tls12 or tls13")
            .defaultsTo("tls12")
            .check(version -> List.of("tls12", "tls13").contains(version) ? null : "must be tls12 or tls13");
    private static final Option<Long> MAX_REQUEST_SIZE = Option.size("max_request_size", "The longest request body")
            .defaultsTo("32MiB")
            .check(size -> size < 1 || size > Integer.MAX_VALUE - 8 ? "must be from 1 byte to 2 GiB" : null);
    private static final Option<Duration> MAX_REQUEST_DURATION = Option.duration(
                    "max_request_duration", "How long a request may take")
            .defaultsTo("90s")
            .check(ListenerReader::positive);
    private static final Option<Duration> READ_TIMEOUT = Option.duration(
                    "http_read_timeout", "How long a client may be silent within a request")
            .defaultsTo("30s")
            .check(ListenerReader::positive);
    private static final Option<Duration> IDLE_TIMEOUT = Option.duration(
                    "http_idle_timeout", "How long a connection may be idle")
            .defaultsTo("5m")
            .check(ListenerReader::positive);
    private static final Option<Boolean> OPEN_METRICS = Option.bool(
                    "unauthenticated_metrics_access", "Whether metrics are shown without a token")
            .defaultsTo("false");

    private static final OptionSchema SCHEMA = OptionSchema.of(
            ADDRESS,
            CLUSTER_ADDRESS,
            TLS_DISABLE,
            TLS_CERT_FILE,
            TLS_KEY_FILE,
            TLS_MIN_VERSION,
            MAX_REQUEST_SIZE,
            MAX_REQUEST_DURATION,
            READ_TIMEOUT,
            IDLE_TIMEOUT,
            OPEN_METRICS);

    private ListenerReader() {}

    static @Nullable ListenerConfig read(Syntax.Body body, Problems problems) {
        Stanza stanza = new Stanza("listener.tcp", body.place());
        for (Syntax.Entry entry : body.entries()) {
            if (entry.key().equals("telemetry") && entry.value() instanceof Syntax.Body inner) {
                inner.entries().forEach(one -> stanza.add(one, problems));
            } else if (!stanza.ignore(entry, WithoutEffect.LISTENER_BLOCKS, problems)) {
                stanza.add(entry, problems);
            }
        }
        stanza.ignore(WithoutEffect.LISTENER_OPTIONS, problems);
        Config config = stanza.parse(SCHEMA, name -> null, problems);
        return config == null ? null : listener(stanza, config, problems);
    }

    private static ListenerConfig listener(Stanza stanza, Config config, Problems problems) {
        ListenAddress address = ListenAddress.parse(config.get(ADDRESS));
        ListenAddress cluster =
                config.find(CLUSTER_ADDRESS).map(ListenAddress::parse).orElseGet(address::next);
        if (cluster.collides(address)) {
            problems.add(
                    stanza.place("cluster_address"),
                    stanza.name("cluster_address"),
                    "must differ from address, " + address + ": other nodes come in on a port of their own");
        }
        return new ListenerConfig(
                address,
                cluster,
                config.get(TLS_DISABLE) ? null : tls(stanza, config, problems),
                config.get(MAX_REQUEST_SIZE),
                config.get(MAX_REQUEST_DURATION),
                config.get(READ_TIMEOUT),
                config.get(IDLE_TIMEOUT),
                config.get(OPEN_METRICS));
    }

    private static ListenerConfig.@Nullable Tls tls(Stanza stanza, Config config, Problems problems) {
        Optional<String> cert = config.find(TLS_CERT_FILE);
        Optional<String> key = config.find(TLS_KEY_FILE);
        if (cert.isEmpty() || key.isEmpty()) {
            String missing = cert.isEmpty() ? "tls_cert_file" : "tls_key_file";
            problems.add(
                    stanza.place(),
                    stanza.name(missing),
                    "is required; without TLS, for a test, set tls_disable = true instead");
            return null;
        }
        String oldest = config.get(TLS_MIN_VERSION).equals("tls13") ? "TLSv1.3" : "TLSv1.2";
        return new ListenerConfig.Tls(Path.of(cert.get()), Path.of(key.get()), oldest);
    }

    private static @Nullable String address(String text) {
        try {
            ListenAddress unused = ListenAddress.parse(text);
            return null;
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    static @Nullable String positive(Duration value) {
        return value.isZero() ? "must be longer than 0" : null;
    }
}
