package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Prefix;
import io.etcd.jetcd.api.TxnRequest;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listings of more than one page, from a server on loopback that keeps its keys in memory. */
@Timeout(60)
class EtcdListingTest {
    private static final Prefix DIRECTORY = Prefix.of("a/");

    private final FakeEtcd etcd = new FakeEtcd();
    private final EtcdKeys keys = new EtcdKeys("p/");
    private FakeServer server;
    private Backend backend;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer(0);
        server.reads = etcd::read;
        backend = server.open(Map.of("path", "p/", "request_timeout", "20s"));
    }

    @AfterEach
    void stop() {
        backend.close();
        server.close();
    }

    @Test
    void pagesFollowEachOtherWithoutAGap() {
        List<String> all = IntStream.range(100_000, 100_000 + 2 * EtcdListing.PAGE + 100)
                .mapToObj(String::valueOf)
                .toList();
        all.forEach(name -> put(keys.child("a/", name)));
        put(keys.child("a/b/", "below"));
        put(keys.child("", "beside"));

        assertThat(backend.list(DIRECTORY)).isEqualTo(all);
        assertThat(server.calls).hasValue(3);
        assertThat(backend.list(DIRECTORY, all.get(9), EtcdListing.PAGE + 7))
                .isEqualTo(all.subList(10, 10 + EtcdListing.PAGE + 7));
        assertThat(backend.list(DIRECTORY, all.get(9), EtcdListing.PAGE))
                .isEqualTo(all.subList(10, 10 + EtcdListing.PAGE));
        assertThat(server.calls).as("no page that nobody wants").hasValue(6);
        assertThat(backend.list(DIRECTORY, "zzz", 10)).isEmpty();
    }

    @Test
    void namesAreDecodedInTheThreadOfWhoeverWantsThem() {
        put(keys.child("a/", "").concat(ByteString.copyFrom(new byte[] {(byte) 0xff})));

        BackendException.Corrupt failure =
                catchThrowableOfType(BackendException.Corrupt.class, () -> backend.list(DIRECTORY));

        assertThat(failure).hasMessageContaining("not UTF-8");
        assertThat(Arrays.stream(failure.getStackTrace()).map(StackTraceElement::getClassName))
                .contains(EtcdListingTest.class.getName());
    }

    private void put(ByteString key) {
        etcd.commit(TxnRequest.newBuilder()
                .addSuccess(EtcdTxn.put(key, ByteString.EMPTY))
                .build());
    }
}
