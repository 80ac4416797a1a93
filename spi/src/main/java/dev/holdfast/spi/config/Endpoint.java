package dev.holdfast.spi.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a server: {@code [scheme://]host:port}.
 *
 * @param scheme such as {@code https}; empty when none was given
 * @param host a name, an IPv4 address or an IPv6 address in brackets
 * @param port 1 to 65535
 */
public record Endpoint(String scheme, String host, int port) {
    private static final Pattern FORM = Pattern.compile(
            "(?:([A-Za-z][A-Za-z0-9+.-]*)://)?(\\[[0-9A-Fa-f:.]+]|[\\p{L}\\p{N}._-]+)(?::(\\d{1,5}))?/?");

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
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("expected [scheme://]host:port and nothing more");
        }
        String scheme = matcher.group(1) == null ? "" : matcher.group(1).toLowerCase(Locale.ROOT);
        int port = matcher.group(3) == null ? defaultPort(scheme) : Integer.parseInt(matcher.group(3));
        return new Endpoint(scheme, matcher.group(2), port);
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
