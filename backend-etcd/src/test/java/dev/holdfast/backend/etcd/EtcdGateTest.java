package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How an entry whose creation failed is kept out of its queue, also by a store that takes nothing any more; on loopback. */
@Timeout(60)
class EtcdGateTest {
    private static final Key HELD = Key.of("held");
    private static final Key WANTED = Key.of("wanted");
    private static final EtcdKeys KEYS = new EtcdKeys("holdfast/");

    /** The lease of every session here has the number 1. */
    private static final ByteString GATE = KEYS.gate(1);

    private static final ByteString ENTRY = KEYS.contender(WANTED, 1, 0);

    private final FakeEtcd etcd = new FakeEtcd();
    private final BlockingQueue<TxnRequest> committed = new LinkedBlockingQueue<>();
    private volatile boolean full;
    private FakeServer server;
    private HABackend backend;

    @BeforeEach
    void start() throws IOException {
        server = new FakeServer(0);
        server.reads = etcd::read;
        server.transactions = this::commit;
        server.renewals = () -> 12;
        backend = server.open(Map.of("lock_ttl", "12s", "request_timeout", "20s"));
    }

    /** The write that fills a store is applied, and answered as those that are not. */
    private TxnResponse commit(TxnRequest txn) {
        boolean fills = full && txn.getSuccessList().stream().anyMatch(RequestOp::hasRequestPut);
        if (fills && etcd.keys.containsKey(ENTRY)) {
            throw noSpace();
        }
        TxnResponse answer = etcd.commit(txn);
        if (fills) {
            throw noSpace();
        }
        committed.add(txn);
        return answer;
    }

    private static RuntimeException noSpace() {
        return Status.RESOURCE_EXHAUSTED
                .withDescription("etcdserver: mvcc: database space exceeded")
                .asRuntimeException();
    }

    @AfterEach
    void stop() {
        backend.close();
        server.close();
    }

    @Test
    void aFullStoreTakesNoLockFromWhoHoldsOneAndWantsAnother() throws Exception {
        Lease held = backend.lock(HELD, "me").acquire();
        full = true;
        assertThatThrownBy(() -> backend.lock(WANTED, "me").tryAcquire(Duration.ofSeconds(10)))
                .isInstanceOf(BackendException.class)
                .hasMessageContaining("database space exceeded");

        TxnRequest removal;
        do {
            removal = committed.poll(20, TimeUnit.SECONDS);
            assertThat(removal).as("a removal that a full store does").isNotNull();
        } while (!removal.getSuccessList().equals(List.of(EtcdTxn.delete(ENTRY))));
        assertThat(etcd.keys).doesNotContainKey(ENTRY);
        assertThat(held.isHeld()).isTrue();

        full = false;
        try (Lease other = backend.lock(WANTED, "me").acquire()) {
            assertThat(other.isHeld()).isTrue();
            assertThat(etcd.keys).as("a name that no late removal has").doesNotContainKey(ENTRY);
        }
    }

    /** As when the store was taken back to a backup, and the session lives on. */
    @Test
    void aGateThatFellIsLearnedAsOneThatRose() throws Exception {
        etcd.keys.put(
                GATE,
                KeyValue.newBuilder()
                        .setKey(GATE)
                        .setVersion(3)
                        .setCreateRevision(1)
                        .build());
        backend.lock(HELD, "me").acquire().release();
        etcd.keys.remove(GATE);
        int before = server.calls.get();
        try (Lease lease = backend.lock(WANTED, "me").acquire()) {
            assertThat(lease.isHeld()).isTrue();
            assertThat(server.calls.get() - before).as("requests").isEqualTo(2);
        }
    }
}
