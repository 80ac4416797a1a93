package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.driver.LeaseThreads;
import dev.holdfast.spi.driver.LockQueues.Standing;
import io.etcd.jetcd.api.Event;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.KeyValue;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who stands next to the holder is told by the watch alone that the lock is its own, and only when that is so. */
@Timeout(30)
class EtcdNextTest {
    private static final EtcdKeys KEYS = new EtcdKeys("");
    private static final Key LOCK = Key.of("lock");
    private static final ByteString HOLDER = KEYS.contender(LOCK, 1, 1);
    private static final ByteString MINE = KEYS.contender(LOCK, 2, 1);
    private static final ByteString LATER = KEYS.contender(LOCK, 3, 1);
    private static final Standing BEHIND = new Standing(5, Optional.of(HOLDER.toStringUtf8()));
    private static final Standing FIRST = new Standing(5, Optional.empty());

    private final BlockingQueue<StreamObserver<WatchResponse>> watches = new LinkedBlockingQueue<>();
    private final BlockingQueue<WatchRequest> requests = new LinkedBlockingQueue<>();
    private final FakeEtcd store = new FakeEtcd();
    private final AtomicInteger looks = new AtomicInteger();
    private volatile CompletableFuture<Standing> looked = CompletableFuture.completedFuture(BEHIND);
    private volatile long firstAt;
    private final LeaseThreads threads = new LeaseThreads("test");
    private Server server;
    private EtcdClient client;
    private EtcdNext next;
    private StreamObserver<WatchResponse> told;

    @BeforeEach
    void watch() throws Exception {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(new WatchGrpc.WatchImplBase() {
                    @Override
                    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> answers) {
                        watches.add(answers);
                        return new Asked();
                    }
                })
                .addService(new KVGrpc.KVImplBase() {
                    @Override
                    public void range(RangeRequest request, StreamObserver<RangeResponse> answer) {
                        answer.onNext(store.read(request));
                        answer.onCompleted();
                    }
                })
                .build()
                .start();
        client = new EtcdClient(
                EtcdOptions.of(EtcdOptions.SCHEMA.parse(
                        "backend 'etcd'",
                        new HashMap<>(Map.of("endpoints", "http://127.0.0.1:" + server.getPort())),
                        variable -> null)),
                threads);
        next = new EtcdNext(
                client,
                KEYS.queue(LOCK),
                MINE,
                BEHIND,
                () -> {
                    looks.incrementAndGet();
                    return looked;
                },
                revision -> {
                    firstAt = revision;
                    return FIRST;
                });
        told = watches.poll(20, TimeUnit.SECONDS);
        assertThat(told).as("a watch").isNotNull();
    }

    @AfterEach
    void stop() {
        next.close();
        client.close();
        server.shutdownNow();
        threads.close();
    }

    private void created() {
        told.onNext(WatchResponse.newBuilder().setCreated(true).build());
    }

    private void deleted(long revision, ByteString... keys) {
        WatchResponse.Builder message = WatchResponse.newBuilder();
        for (ByteString key : keys) {
            message.addEventsBuilder()
                    .setType(Event.EventType.DELETE)
                    .setKv(KeyValue.newBuilder().setKey(key).setModRevision(revision));
        }
        told.onNext(message.build());
    }

    private Optional<Standing> stirred() throws Exception {
        next.stirred().get(10, TimeUnit.SECONDS);
        return next.standing();
    }

    @Test
    void theLockIsItsOwnWhenTheHolderHasGone() throws Exception {
        created();
        deleted(8, LATER);
        deleted(9, HOLDER);
        assertThat(stirred()).contains(FIRST);
        assertThat(firstAt).isEqualTo(9);
        assertThat(looks).as("looks, before the lock was free").hasValue(1);
    }

    /** Names come again, and the server that the watch is at may be behind: its news may be of who had the name before. */
    @Test
    void whatHappenedToEarlierEntriesOfTheseNamesTellsNothing() throws Exception {
        created();
        deleted(3, MINE);
        deleted(4, HOLDER);
        deleted(9, HOLDER);
        assertThat(stirred()).contains(FIRST);
        assertThat(firstAt).as("when the holder went").isEqualTo(9);
    }

    @Test
    void itIsNotWhenItsOwnEntryWentBefore() throws Exception {
        created();
        deleted(8, MINE);
        deleted(9, HOLDER);
        assertThat(stirred()).isEmpty();
    }

    @Test
    void itIsNotWhenItsOwnEntryWentWithTheHolders() throws Exception {
        created();
        deleted(9, HOLDER, MINE);
        assertThat(stirred()).isEmpty();
    }

    @Test
    void aHolderThatGoesBeforeTheFirstLookIsAnsweredMakesItFirstOnlyAfterThatLook() throws Exception {
        CompletableFuture<Standing> slow = new CompletableFuture<>();
        looked = slow;
        created();
        deleted(9, HOLDER);
        assertThat(next.stirred()).isNotDone();
        slow.complete(Standing.GONE);
        assertThat(stirred()).contains(Standing.GONE);
    }

    @Test
    void theHolderMayHaveGoneBeforeTheWatchBegan() throws Exception {
        looked = CompletableFuture.completedFuture(FIRST);
        created();
        assertThat(stirred()).contains(FIRST);
        assertThat(firstAt).isZero();
    }

    @Test
    void aWatchThatBreaksCallsForALook() throws Exception {
        created();
        told.onNext(WatchResponse.newBuilder().setCanceled(true).build());
        assertThat(stirred()).isEmpty();
    }

    /** etcd serves a watch that starts in its past up to 100 ms late: whoever has just queued would wait that long. */
    @Test
    void noWatchOfAWaiterBeginsInThePast() throws Exception {
        try (EtcdAhead many = new EtcdAhead(client, HOLDER, 5)) {
            assertThat(many.stirred()).isNotDone();
            for (int i = 0; i < 2; i++) {
                WatchRequest request = requests.poll(20, TimeUnit.SECONDS);
                assertThat(request).as("a request to watch").isNotNull();
                assertThat(request.getCreateRequest().getStartRevision())
                        .as("where it begins; 0 is now")
                        .isZero();
            }
        }
    }

    /** Names come again: who has one now may have queued behind the contender that looks for whom it stood ahead. */
    @Test
    void whoHasTheNameOfTheEntryAheadButCameLaterIsNotWaitedFor() throws Exception {
        store.keys.put(
                HOLDER,
                KeyValue.newBuilder().setKey(HOLDER).setCreateRevision(7).build());
        try (EtcdAhead gone = new EtcdAhead(client, HOLDER, 5)) {
            told = watches.poll(20, TimeUnit.SECONDS);
            created();
            gone.stirred().get(10, TimeUnit.SECONDS);
        }
    }

    private final class Asked implements StreamObserver<WatchRequest> {
        @Override
        public void onNext(WatchRequest request) {
            requests.add(request);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }
}
