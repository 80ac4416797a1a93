package dev.holdfast.server.config;

import java.net.URI;
import java.net.URISyntaxException;
import org.jspecify.annotations.Nullable;

/** The addresses that a node tells others: full URLs without a path. */
final class Address {
    private Address() {}

    /** @throws IllegalArgumentException saying what is missing */
    static URI api(String text) {
        URI uri = parse(text);
        String scheme = uri.getScheme();
        if (scheme == null || uri.getHost() == null) {
            throw new IllegalArgumentException("must be a full URL with its scheme, such as https://node-1:8200");
        }
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw new IllegalArgumentException("must begin with http:// or https://");
        }
        bare(uri);
        return uri(scheme, uri.getHost(), uri.getPort() < 0 ? defaultPort(scheme) : uri.getPort());
    }

    /** Always {@code https}, whatever scheme it was written with, or none. */
    static URI cluster(String text) {
        URI uri = parse(text.contains("://") ? text : "https://" + text);
        if (uri.getHost() == null || uri.getPort() < 1) {
            throw new IllegalArgumentException("must name a host and a port, such as https://node-1:8201");
        }
        bare(uri);
        return uri("https", uri.getHost(), uri.getPort());
    }

    /** The cluster address of a node that only says its API address. */
    static @Nullable URI besides(@Nullable URI api) {
        return api == null || api.getPort() >= 65_535 ? null : uri("https", api.getHost(), api.getPort() + 1);
    }

    static boolean samePlace(URI a, URI b) {
        return a.getHost().equalsIgnoreCase(b.getHost()) && a.getPort() == b.getPort();
    }

    private static void bare(URI uri) {
        boolean more = uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null;
        if (more || !(uri.getPath().isEmpty() || uri.getPath().equals("/"))) {
            throw new IllegalArgumentException("must end after the host and the port");
        }
    }

    private static int defaultPort(String scheme) {
        return scheme.equals("https") ? 443 : 80;
    }

    private static URI uri(String scheme, String host, int port) {
        return URI.create(scheme + "://" + host + ":" + port);
    }

    private static URI parse(String text) {
        try {
            return new URI(text.strip());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("is no URL: " + e.getReason(), e);
        }
    }
}
