package dev.holdfast.server.config;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One {@code listener "tcp"} block.
 *
 * @param address where clients come in
 * @param clusterAddress where other nodes come in while this one is active
 * @param tls null when TLS is turned off
 * @param maxRequestSize the longest body in bytes
 * @param maxRequestDuration how long a request may take
 * @param readTimeout how long a client may be silent within a request
 * @param idleTimeout how long a connection may be idle
 * @param openMetrics whether metrics are shown without a token
 */
public record ListenerConfig(
        ListenAddress address,
        ListenAddress clusterAddress,
        @Nullable Tls tls,
        long maxRequestSize,
        Duration maxRequestDuration,
        Duration readTimeout,
        Duration idleTimeout,
        boolean openMetrics) {

    /**
     * The certificate of a listener.
     *
     * @param certFile the chain, in PEM
     * @param keyFile the private key, in PEM
     * @param oldest {@code TLSv1.2} or {@code TLSv1.3}
     */
    public record Tls(Path certFile, Path keyFile, String oldest) {}
}
