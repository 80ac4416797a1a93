package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobApiMetadata;
import org.jclouds.ContextBuilder;
import org.jclouds.apis.ApiMetadata;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.filesystem.FilesystemApiMetadata;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * An S3 other than Ceph: S3Proxy, with both kinds of files that it can keep objects in. It knows conditional writes, but
 * checks first and writes later, so of some that come at once several succeed. Storage works there; locks would not.
 */
class S3ProxyTest {
    /** It must not be by chance that an unfit store is found out. */
    private static final int OPENINGS = 3;

    /** What S3Proxy can keep its objects in here. */
    static Stream<ApiMetadata> stores() {
        return Stream.of(new FilesystemApiMetadata(), new FilesystemNio2BlobApiMetadata());
    }

    @ParameterizedTest
    @MethodSource("stores")
    void storageWorksAndLocksAreRefusedWithTheReason(ApiMetadata kind, @TempDir Path files) throws Exception {
        Properties properties = new Properties();
        properties.setProperty("jclouds.filesystem.basedir", files.toString());
        try (BlobStoreContext blobs = ContextBuilder.newBuilder(kind)
                .credentials("any", "any")
                .overrides(properties)
                .build(BlobStoreContext.class)) {
            assertThat(blobs.getBlobStore().createContainerInLocation(null, "bucket"))
                    .isTrue();
            // It removes directories that have become empty, also beneath a write which is just making one in them.
            blobs.getBlobStore()
                    .putBlob(
                            "bucket",
                            blobs.getBlobStore()
                                    .blobBuilder("holdfast/stays")
                                    .payload(new byte[0])
                                    .build());
            S3Proxy proxy = S3Proxy.builder()
                    .blobStore(blobs.getBlobStore())
                    .endpoint(URI.create("http://127.0.0.1:0"))
                    .awsAuthentication(AuthenticationType.AWS_V4, "key", "secret")
                    .build();
            proxy.start();
            try {
                for (int i = 0; i < OPENINGS; i++) {
                    check(proxy.getPort());
                }
            } finally {
                proxy.stop();
            }
        }
    }

    private static void check(int port) {
        Map<String, String> options = Map.of(
                "endpoint",
                "http://127.0.0.1:" + port,
                "bucket",
                "bucket",
                "access_key",
                "key",
                "secret_key",
                "secret");
        try (HABackend backend = (HABackend) Backends.load().open("s3", options)) {
            Entry entry = Entry.of(Key.of("a/b c"), new byte[] {1, 2, 3});
            backend.put(entry);
            assertThat(backend.get(entry.key())).contains(entry);
            assertThat(backend.list(Prefix.ROOT)).containsExactly("a/");
            backend.delete(entry.key());
            assertThat(backend.get(entry.key())).isEmpty();

            assertThat(backend.haEnabled()).isFalse();
            assertThat(backend.capabilities()).doesNotContain(Capability.LOCKS);
            assertThatThrownBy(() -> backend.lock(Key.of("lock"), "me"))
                    .isInstanceOf(BackendException.InvalidRequest.class)
                    .hasMessageContaining("conditional writes do not work in this store")
                    .hasMessageContaining("succeeded");
        }
    }
}
