package dev.holdfast.backend.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.backend.s3.FakeS3.Flaw;
import dev.holdfast.backend.s3.FakeS3.Gate;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.driver.LeaseSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the lock's recipe is made of, with a store that is told what to do and when. */
class S3LockTest {
    private static final Key LOCK = Key.of("core/lock");
    private static final String OBJECT = new S3Keys("holdfast/").lock(LOCK);
    private static final Duration TTL = Duration.ofSeconds(3);

    private final FakeS3 store = new FakeS3(Flaw.NONE);
    private final List<HABackend> opened = new ArrayList<>();

    private HABackend open(String... more) {
        Map<String, String> options = new HashMap<>(store.options());
        options.put("lock_ttl", TTL.toMillis() + "ms");
        options.put("lock_poll", "50ms");
        options.put("lock_probe", "brief");
        options.put("request_timeout", "15s"); // a busy machine is none of the store's faults
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        HABackend backend = (HABackend) Backends.load().open("s3", options);
        opened.add(backend);
        return backend;
    }

    @AfterEach
    void close() {
        opened.forEach(HABackend::close);
        store.close();
    }

    private static boolean writes(FakeS3.Call call) {
        return call.method().equals("PUT") && call.path().endsWith(OBJECT);
    }

    /** By when the lease ends, or a little earlier. */
    private static long end(Lease lease) {
        return System.nanoTime() + lease.remaining().toNanos();
    }

    private S3Record record() {
        return S3Record.of(store.read(OBJECT)).orElseThrow();
    }

    private static void await(String what, BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - began)
                    .as(what)
                    .isLessThan(Duration.ofSeconds(20).toNanos());
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static <T> CompletableFuture<T> inBackground(java.util.concurrent.Callable<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        new Thread(() -> {
                    try {
                        done.complete(work.call());
                    } catch (Exception e) {
                        done.completeExceptionally(e);
                    }
                })
                .start();
        return done;
    }

    /** Giving way to others takes a {@code lock_poll}, which may be longer than one call may take. */
    @ParameterizedTest
    @CsvSource({"1s, 1s", "2s, 3s"})
    void anInstanceTakesALockAgainThatItHasJustReleased(String requestTimeout, String lockPoll) throws Exception {
        HABackend backend = open("request_timeout", requestTimeout, "lock_poll", lockPoll, "lock_ttl", "10s");
        Lease first = backend.lock(LOCK, "me").acquire();
        first.release();
        Lease second = backend.lock(LOCK, "me").acquire();
        assertThat(second.token()).isGreaterThan(first.token());
    }

    @Test
    void aRivalWaitsAWholeTtlAfterTheLastChange() throws Exception {
        S3Record held = new S3Record(true, 7, 100, TTL, UUID.randomUUID().toString(), 1, "gone");
        store.write(OBJECT, held.toBytes());
        HABackend rival = open();
        long before = store.calls().size();
        CompletableFuture<Lease> won =
                inBackground(() -> rival.lock(LOCK, "rival").acquire());
        Predicate<FakeS3.Call> looks = call -> call.path().endsWith(OBJECT);
        await(
                "the rival looks again",
                () -> store.calls().stream()
                        .skip(before)
                        .filter(looks)
                        .skip(2)
                        .findAny()
                        .isPresent());
        assertThat(won).isNotDone();
        assertThat(store.calls().stream().skip(before).filter(looks).skip(1))
                .as("looks after the first, which cost no more than a 304")
                .allMatch(call -> "GET".equals(call.method()) && call.headers().containsKey("If-None-Match"));
        long changed = System.nanoTime();
        store.write(OBJECT, held.renewed(2).toBytes());
        assertThat(won.get(20, TimeUnit.SECONDS).token()).isEqualTo(8);
        assertThat(Duration.ofNanos(System.nanoTime() - changed)).isGreaterThanOrEqualTo(TTL);
    }

    @Test
    void aRenewalThatIsAnsweredLateCountsFromWhenItWasSent() throws Exception {
        Duration ttl = Duration.ofSeconds(12);
        Lease lease = open("lock_ttl", "12s").lock(LOCK, "me").acquire();
        Gate renewal = store.holdAnswer(S3LockTest::writes);
        long sent = renewal.await().nanos();
        store.throttle(call -> true);
        Duration before = lease.remaining();
        long later = end(lease) + ttl.dividedBy(8).toNanos(); // by half of what a renewal adds
        TimeUnit.MILLISECONDS.sleep(600); // how late the answer is
        assertThat(lease.remaining()).isLessThan(before);
        renewal.open();
        await("the answer counts", () -> lease.isHeld() && end(lease) - later > 0);
        Duration valid = ttl.minus(LeaseSession.margin(ttl)).minusNanos(System.nanoTime() - sent);
        assertThat(lease.remaining()).isLessThanOrEqualTo(valid);
    }

    @Test
    void anInterruptedAttemptReplacesWhatItsWriteOnTheWayExpects() throws Exception {
        HABackend other = open();
        other.lock(LOCK, "other").acquire().release();
        HABackend backend = open();
        Gate onTheWay = store.holdRequest(S3LockTest::writes);
        CompletableFuture<Thread> contender = new CompletableFuture<>();
        CompletableFuture<Lease> attempt = inBackground(() -> {
            contender.complete(Thread.currentThread());
            return backend.lock(LOCK, "me").acquire();
        });
        onTheWay.await();
        String expected = record().writer();
        contender.get().interrupt();
        assertThatThrownBy(() -> attempt.get(20, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
        await("a tombstone of the attempt's own", () -> !record().writer().equals(expected));
        int answered = store.conflicts();
        onTheWay.open();
        await("the late write fails", () -> store.conflicts() > answered);
        assertThat(record().held()).isFalse();
        assertThat(other.lock(LOCK, "other").tryAcquire(Duration.ofSeconds(1))).isPresent();
    }

    @Test
    void aDeletedObjectIsTheLossOfTheLockAndNoReasonToBeginTokensAnew() throws Exception {
        HABackend backend = open();
        Lease lease = backend.lock(LOCK, "me").acquire();
        store.delete(OBJECT);
        assertThat(lease.lost().toCompletableFuture().get(20, TimeUnit.SECONDS).reason())
                .isEqualTo(Loss.Reason.REVOKED);
        assertThat(lease.isHeld()).isFalse();
        assertThat(backend.lock(LOCK, "me").acquire().token()).isGreaterThan(lease.token());
    }

    @Test
    void aLeaseOutlastsAStoreThatThrottlesFourOfFiveRenewals() throws Exception {
        Lease lease = open("lock_ttl", "8s").lock(LOCK, "me").acquire();
        AtomicInteger writes = new AtomicInteger();
        store.throttle(call -> writes(call) && writes.incrementAndGet() % 5 != 0);
        long turn = record().turn();
        await("renewals of more than a TTL", () -> record().turn() >= turn + 6 || !lease.isHeld());
        assertThat(lease.isHeld()).isTrue();
        assertThat(writes).hasValueGreaterThan(4);
    }

    /** As a store that has lost its mind, or cannot write. */
    private void refuseWrites(String object, int status) {
        store.refuse(
                call -> call.method().equals("PUT") && call.path().endsWith(object),
                Integer.MAX_VALUE,
                status,
                status == 412 ? "PreconditionFailed" : "InternalError");
    }

    /** The object of the lock, and that of the tokens that were set aside. */
    @ParameterizedTest
    @CsvSource({"/l/core/lock, 412", "/e/core/lock, 412", "/l/core/lock, 500", "/e/core/lock, 500"})
    void aStoreThatRefusesWhatHoldsIsReportedInTimeAndNotStormed(String object, int status) throws Exception {
        HABackend backend = open("request_timeout", "2s");
        refuseWrites(object, status);
        int before = store.requests();
        CompletableFuture<Optional<Lease>> attempt =
                inBackground(() -> backend.lock(LOCK, "me").tryAcquire(Duration.ofSeconds(1)));
        assertThatThrownBy(() -> attempt.get(20, TimeUnit.SECONDS))
                .satisfies(failure -> assertThat(failure.getCause())
                        .isInstanceOfAny(BackendException.Unavailable.class, BackendException.OutcomeUnknown.class));
        assertThat(store.requests() - before).isLessThan(200);
    }

    @Test
    void aLockWhoseReleaseIsRefusedIsLeftToExpireAndTheStoreNotStormed() throws Exception {
        Lease lease = open().lock(LOCK, "me").acquire();
        refuseWrites("/l/core/lock", 412);
        int before = store.requests();
        CompletableFuture<Void> release = inBackground(() -> {
            lease.release();
            return null;
        });
        assertThatThrownBy(() -> release.get(20, TimeUnit.SECONDS))
                .hasCauseInstanceOf(BackendException.Unavailable.class)
                .hasMessageContaining("refuses a conditional write whose condition holds");
        assertThat(store.requests() - before).isLessThan(100);
    }

    @Test
    void aConflictThatPassesIsTriedAgain() throws Exception {
        HABackend backend = open();
        for (String code : List.of("ConditionalRequestConflict", "AnotherConflict")) {
            store.refuse(S3LockTest::writes, 1, 409, code);
            Optional<Lease> lease = backend.lock(LOCK, "me").tryAcquire(Duration.ofSeconds(10));
            assertThat(lease).as(code).isPresent();
            lease.get().release();
        }
    }

    @Test
    void aWatchIsToldOfALeaseThatCameAndWentBetweenTwoQuestions() throws Exception {
        HABackend owner = open();
        owner.lock(LOCK, "owner").acquire().release();
        AtomicInteger told = new AtomicInteger();
        HALock.Watch watch = open().lock(LOCK, "watcher").watch(Duration.ofSeconds(1), told::incrementAndGet);
        await("the watch has begun", () -> told.get() == 1);
        owner.lock(LOCK, "owner").acquire().release();
        await("it is told of the lease since then", () -> told.get() >= 2);
        watch.close();
    }
}
