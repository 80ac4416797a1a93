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
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobApiMetadata;
import org.jclouds.apis.ApiMetadata;
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
    void storageWorksAndLocksAreRefusedWithTheReason(ApiMetadata kind, @TempDir Path files) {
        try (S3ProxyStore store = new S3ProxyStore(kind, files)) {
            for (int i = 0; i < OPENINGS; i++) {
                check(store.options());
            }
        }
    }

    private static void check(Map<String, String> options) {
        try (HABackend backend = (HABackend) Backends.load().open("s3", options)) {
            Entry entry = Entry.of(Key.of("a/b c"), new byte[] {1, 2, 3});
            backend.put(entry);
            assertThat(backend.get(entry.key())).contains(entry);
            assertThat(backend.list(Prefix.ROOT)).containsExactly("a/");
            backend.delete(entry.key());
            assertThat(backend.get(entry.key())).isEmpty();
            OddNames.check(backend);

            assertThat(backend.haEnabled()).isFalse();
            assertThat(backend.capabilities()).doesNotContain(Capability.LOCKS);
            assertThatThrownBy(() -> backend.lock(Key.of("lock"), "me"))
                    .isInstanceOf(BackendException.InvalidRequest.class)
                    .hasMessageContaining("conditional writes do not work in this store")
                    .hasMessageContaining("succeeded");
        }
    }
}
