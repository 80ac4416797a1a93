package dev.holdfast.server.cluster;

/** Advertisements of nodes that are not there. */
public final class Advertisements {
    private Advertisements() {}

    public static Advertisement of(String node, long token) {
        return of(node, token, "https://127.0.0.1:1", TermCertificate.create(node));
    }

    public static Advertisement of(String node, long token, String clusterAddr, TermCertificate certificate) {
        return new Advertisement(
                node,
                token,
                "http://127.0.0.1:1",
                clusterAddr,
                certificate.certificateText(),
                certificate.keyText(),
                "host",
                "1",
                "2026-01-01T00:00:00Z");
    }
}
