package dev.holdfast.spi.config;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * The address of a server: {@code [scheme://]host:port}.
 *
 * @param scheme such as {@code https}; empty when none was given
 * @param host a name, an IPv4 address or an IPv6 address in brackets
 * @param port 1 to 65535
 */
public record Endpoint(String scheme, String host, int port) {
    /** @throws IllegalArgumentException when the host is empty or the port is out of range */
    public Endpoint {
        if (host.isEmpty() || port < 1 || port > 65_535) {
            throw new IllegalArgumentException("an endpoint needs a host and a port from 1 to 65535");
        }
    }

    /**
     * Parses {@code [scheme://]host:port}. User names, paths and queries are refused, so that an endpoint never carries
     * a secret.
     *
     * @throws IllegalArgumentException when {@code text} is anything else; the message does not repeat it
     */
    public static Endpoint parse(String text) {
        URI uri;
        try {
            uri = new URI(text.contains("://") ? text : "none://" + text);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("expected [scheme://]host:port", e);
        }
        boolean bare = uri.getUserInfo() == null
                && (uri.getPath() == null || uri.getPath().isEmpty() || "/".equals(uri.getPath()))
                && uri.getQuery() == null
                && uri.getFragment() == null;
        if (uri.getHost() == null || !bare) {
            throw new IllegalArgumentException("expected [scheme://]host:port and nothing more");
        }
        String scheme = text.contains("://") ? uri.getScheme() : "";
        return new Endpoint(scheme, uri.getHost(), uri.getPort() < 0 ? defaultPort(scheme) : uri.getPort());
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> throw new IllegalArgumentException("the port is missing, expected [scheme://]host:port");
        };
    }

    /** The same scheme at another address; for putting a proxy in between. */
    public Endpoint at(String newHost, int newPort) {
        return new Endpoint(scheme, newHost, newPort);
    }

    @Override
    public String toString() {
        return (scheme.isEmpty() ? "" : scheme + "://") + host + ":" + port;
    }
}
