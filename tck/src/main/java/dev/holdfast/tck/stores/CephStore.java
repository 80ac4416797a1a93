package dev.holdfast.tck.stores;

import dev.holdfast.tck.StoreControl;
import java.util.List;
import java.util.Map;

/** A one-node Ceph in a container that serves S3 with path-style addresses, and has one bucket. */
public final class CephStore implements AutoCloseable {
    private static final String ACCESS_KEY = "holdfast";
    private static final String SECRET_KEY = "holdfast-secret";
    private static final String BUCKET = "holdfast";

    private final StoreContainer container = new StoreContainer(
            new StoreContainer.Plan(
                    "ceph",
                    "holdfast/ceph:18",
                    8080,
                    List.of(),
                    Map.of(
                            "CEPH_DEMO_ACCESS_KEY", ACCESS_KEY,
                            "CEPH_DEMO_SECRET_KEY", SECRET_KEY,
                            "CEPH_DEMO_BUCKET", BUCKET),
                    true),
            // The bucket is made last, after an object was written and read: then radosgw says "denied", not "absent".
            port -> Probe.get(port, "/" + BUCKET).contains("AccessDenied"));

    private CephStore() {}

    /** Returns when objects can be written. */
    public static CephStore start() {
        return new CephStore();
    }

    /** Where clients reach it. */
    public String endpoint() {
        return "http://127.0.0.1:" + container.port();
    }

    /** The bucket that is there. */
    public String bucket() {
        return BUCKET;
    }

    /** The access key of the user who owns the bucket. */
    public String accessKey() {
        return ACCESS_KEY;
    }

    /** The secret key of that user. */
    public String secretKey() {
        return SECRET_KEY;
    }

    /** Product and version. */
    public String product() {
        return container.run("ceph", "--version").replaceAll("(?s)ceph version ([0-9.]+).*", "Ceph RGW $1") + " ("
                + container.image() + ")";
    }

    /** Power over it. */
    public StoreControl control() {
        return container;
    }

    @Override
    public void close() {
        container.close();
    }
}
