package dev.holdfast.server.config;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a listener listens.
 *
 * @param host a name or address, IPv6 in brackets; empty for all of the machine's
 * @param port 0 for any free one
 */
public record ListenAddress(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(|\\[[0-9A-Fa-f:.%]+]|[^:/\\[\\]\\s]+):(\\d{1,5})");

    /**
     * Reads {@code host:port}.
     *
     * @throws IllegalArgumentException when {@code text} is anything else
     */
    public static ListenAddress parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
            throw new IllegalArgumentException("expected host:port, such as 127.0.0.1:8200");
        }
        return new ListenAddress(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }

    /** The address whose port is one more; any free port stays one. */
    public ListenAddress next() {
        return new ListenAddress(host, port == 0 ? 0 : port + 1);
    }

    /** Whether only one of two sockets can be bound, as far as can be told without looking a name up. */
    boolean collides(ListenAddress other) {
        return port != 0
                && port == other.port
                && (isEverywhere() || other.isEverywhere() || host.equalsIgnoreCase(other.host));
    }

    private boolean isEverywhere() {
        return host.isEmpty() || host.equals("0.0.0.0") || host.equals("[::]");
    }

    /** What a socket is bound to; a name is looked up. */
    public InetSocketAddress socketAddress() {
        return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
