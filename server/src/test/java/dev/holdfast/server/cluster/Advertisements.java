package dev.holdfast.server.cluster;

/** Advertisements of nodes that are not there. */
public final class Advertisements {
    private Advertisements() {}

    public static Advertisement of(String node, long token) {
        TermCertificate certificate = TermCertificate.create(node);
        return new Advertisement(
                node,
                token,
                "http://127.0.0.1:1",
                "https://127.0.0.1:1",
                certificate.certificateText(),
                certificate.keyText(),
                "host",
                "1",
                "2026-01-01T00:00:00Z");
    }
}
