package dev.holdfast.backend.s3;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.apis.ApiMetadata;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;

/** S3Proxy in this JVM, with one bucket whose objects are files. */
final class S3ProxyStore implements AutoCloseable {
    private static final String BUCKET = "bucket";

    private final BlobStoreContext blobs;
    private final S3Proxy proxy;

    /** @param kind which of S3Proxy's ways to keep objects in files */
    S3ProxyStore(ApiMetadata kind, Path files) {
        Properties properties = new Properties();
        properties.setProperty("jclouds.filesystem.basedir", files.toString());
        blobs = ContextBuilder.newBuilder(kind)
                .credentials("any", "any")
                .overrides(properties)
                .build(BlobStoreContext.class);
        try {
            BlobStore store = blobs.getBlobStore();
            store.createContainerInLocation(null, BUCKET);
            // It removes directories that have become empty, also beneath a write which is just making one in them.
            store.putBlob(
                    BUCKET,
                    store.blobBuilder("holdfast/stays").payload(new byte[0]).build());
            proxy = S3Proxy.builder()
                    .blobStore(store)
                    .endpoint(URI.create("http://127.0.0.1:0"))
                    .awsAuthentication(AuthenticationType.AWS_V4, "key", "secret")
                    .build();
            proxy.start();
        } catch (Exception e) {
            blobs.close();
            throw new IllegalStateException("S3Proxy does not start", e);
        }
    }

    /** How it is reached. */
    Map<String, String> options() {
        return Map.of(
                "endpoint",
                "http://127.0.0.1:" + proxy.getPort(),
                "bucket",
                BUCKET,
                "access_key",
                "key",
                "secret_key",
                "secret");
    }

    @Override
    public void close() {
        try {
            proxy.stop();
        } catch (Exception e) {
            throw new IllegalStateException("S3Proxy does not stop", e);
        } finally {
            blobs.close();
        }
    }
}
