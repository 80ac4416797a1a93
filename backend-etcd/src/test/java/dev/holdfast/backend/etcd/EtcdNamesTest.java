package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.tck.stores.FreePort;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.RequestOp;
import io.etcd.jetcd.api.ResponseHeader;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The names of a queue's entries come again, and nobody is taken for another one who had the name; on loopback. */
@Timeout(60)
class EtcdNamesTest {
    private static final Key LOCK = Key.of("core/lock");
    private static final EtcdKeys KEYS = new EtcdKeys("holdfast/");

    /** The lease of every session here has the number 1. */
    private static final ByteString FIRST_NAME = KEYS.contender(LOCK, 1, 0);

    private final FakeEtcd etcd = new FakeEtcd();
    private final Set<ByteString> names = ConcurrentHashMap.newKeySet();
    private final Queue<TxnRequest> removals = new ConcurrentLinkedQueue<>();
    private volatile Consumer<TxnRequest> before = txn -> {};
    private volatile Consumer<TxnRequest> after = txn -> {};
    private FakeServer server;
    private HABackend backend;

    @BeforeEach
    void start() throws IOException {
        start(FreePort.next());
        backend = server.open(Map.of("lock_ttl", "12s", "request_timeout", "20s"));
    }

    private void start(int port) throws IOException {
        server = new FakeServer(port);
        server.reads = etcd::read;
        server.transactions = txn -> {
            before.accept(txn);
            for (RequestOp operation : txn.getSuccessList()) {
                if (operation.hasRequestPut()) {
                    names.add(operation.getRequestPut().getKey());
                } else if (operation.hasRequestDeleteRange()) {
                    removals.add(txn);
                }
            }
            TxnResponse answer = etcd.commit(txn);
            after.accept(txn);
            return answer;
        };
        server.renewals = () -> 12;
    }

    @AfterEach
    void stop() {
        backend.close();
        server.close();
    }

    private List<ByteString> queue() {
        EtcdKeys.Range queue = KEYS.queue(LOCK);
        return List.copyOf(etcd.keys.subMap(queue.start(), queue.end()).keySet());
    }

    /** Etcd keeps every name that was deleted until it is compacted, and looks at all of them when it is asked who waits. */
    @Test
    void aLockThatIsHeldAgainAndAgainLeavesOneName() throws Exception {
        for (int i = 0; i < 30; i++) {
            backend.lock(LOCK, "me").acquire().release();
        }
        assertThat(names).containsExactly(FIRST_NAME);
    }

    @Test
    void thoseWhoWaitAtTheSameTimeHaveNamesOfTheirOwn() throws Exception {
        Lease held = backend.lock(LOCK, "me").acquire();
        for (int i = 0; i < 3; i++) {
            assertThat(backend.lock(LOCK, "rival").tryAcquire(Duration.ofMillis(50)))
                    .isEmpty();
        }
        held.release();
        assertThat(names).containsExactlyInAnyOrder(FIRST_NAME, KEYS.contender(LOCK, 1, 1));
        assertThat(queue()).isEmpty();
    }

    @Test
    void aRemovalThatArrivesOnceMoreLeavesTheNextEntryOfThatNameAlone() throws Exception {
        backend.lock(LOCK, "me").acquire().release();
        List<TxnRequest> sent = new ArrayList<>(removals);
        assertThat(sent).hasSize(1);
        try (Lease next = backend.lock(LOCK, "me").acquire()) {
            etcd.commit(sent.get(0));
            assertThat(queue()).containsExactly(FIRST_NAME);
            assertThat(next.isHeld()).isTrue();
        }
        assertThat(queue()).isEmpty();
    }

    /** After the store was taken back to a backup; the entry of before belongs to this session, which lives on. */
    @Test
    void anEntryThatCameBackInThePlaceOfAnotherGoesWithIt() throws Exception {
        Lease held = backend.lock(LOCK, "me").acquire();
        KeyValue entry = etcd.keys.get(FIRST_NAME);
        etcd.keys.put(FIRST_NAME, entry.toBuilder().setCreateRevision(1).build());
        held.release();
        assertThat(queue()).isEmpty();
    }

    @Test
    void anEntryThatCameBackIsNotTakenOver() throws Exception {
        backend.lock(Key.of("other"), "me").acquire(); // so that there is a session
        etcd.keys.put(FIRST_NAME, entry(1));
        try (Lease lease = backend.lock(LOCK, "me").acquire()) {
            List<ByteString> queue = queue();
            assertThat(queue).containsExactly(KEYS.contender(LOCK, 1, 1));
            assertThat(etcd.keys.get(queue.get(0)).getCreateRevision()).isEqualTo(lease.token());
        }
    }

    /** The removal is on its way when the next contender takes the name that nobody had. */
    @Test
    void theSearchForEntriesThatNobodyKnowsSparesWhoTookTheNameMeanwhile() throws Exception {
        Lease held = backend.lock(Key.of("other"), "me").acquire(); // so that the session is renewed
        etcd.keys.put(FIRST_NAME, entry(1));
        CountDownLatch removal = new CountDownLatch(1);
        before = txn -> {
            if (removesFirst(txn)) {
                etcd.keys.put(FIRST_NAME, entry(1_000));
            }
        };
        after = txn -> {
            if (removesFirst(txn)) {
                removal.countDown();
            }
        };
        int port = server.port();
        server.close();
        start(port);
        server.attached = () -> LeaseTimeToLiveResponse.newBuilder()
                .setHeader(ResponseHeader.newBuilder().setRevision(900))
                .addKeys(FIRST_NAME)
                .build();
        assertThat(removal.await(20, TimeUnit.SECONDS)).as("a removal").isTrue();
        assertThat(held.isHeld()).isTrue();
        assertThat(queue()).containsExactly(FIRST_NAME);
    }

    private static boolean removesFirst(TxnRequest txn) {
        return txn.getSuccessList().stream()
                .anyMatch(
                        operation -> operation.getRequestDeleteRange().getKey().equals(FIRST_NAME));
    }

    private static KeyValue entry(long created) {
        return KeyValue.newBuilder()
                .setKey(FIRST_NAME)
                .setCreateRevision(created)
                .setVersion(1)
                .build();
    }
}
