package dev.holdfast.spi.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.spi.BackendException.InvalidRequest;
import dev.holdfast.spi.BackendException.LimitExceeded;
import dev.holdfast.spi.BackendException.OutcomeUnknown;
import dev.holdfast.spi.BackendException.Unavailable;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Waits.Background;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LockHandleTest {
    private static final Operation PLACE = Operation.at("test", "here");
    private static final Key KEY = Key.of("core/lock");

    private final LeaseThreads threads = new LeaseThreads("test");
    private final LeaseSession session = new LeaseSession(threads, Duration.ofHours(1), System.nanoTime(), loss -> {});
    private final FakeRecipe recipe = new FakeRecipe();
    private final LockHandle handle = new LockHandle(recipe, PLACE, KEY, "me");

    @AfterEach
    void stop() {
        boolean unused = Thread.interrupted();
        threads.close();
    }

    /** Wins at once, unless it is told otherwise. */
    private final class FakeRecipe implements LockHandle.Recipe {
        final AtomicInteger asked = new AtomicInteger();
        final CountDownLatch goOn = new CountDownLatch(1);
        volatile boolean waits;
        volatile boolean occupied;
        volatile boolean fails;
        volatile boolean isUnsure;
        volatile Deadline lastDeadline;

        @Override
        public Optional<? extends Lease> acquire(Key key, String value, Deadline deadline) throws InterruptedException {
            int token = asked.incrementAndGet();
            lastDeadline = deadline;
            assertThat(key).isEqualTo(KEY);
            assertThat(value).isEqualTo("me");
            if (waits) {
                goOn.await();
            }
            if (fails) {
                throw new Unavailable(PLACE, "connection refused", null);
            }
            if (isUnsure) {
                throw new OutcomeUnknown(PLACE.on("acquire", key), "no answer", null);
            }
            return occupied ? Optional.empty() : session.grant(key, token, () -> {});
        }

        @Override
        public Optional<Holder> holder(Key key) {
            return Optional.of(new Holder(key.path(), 7));
        }
    }

    @Test
    void aHandleThatHoldsRefusesToAcquireAgainWithoutAskingTheStore() throws Exception {
        Lease lease = handle.acquire();

        assertThatThrownBy(handle::acquire)
                .isInstanceOf(InvalidRequest.class)
                .hasMessageContaining("test (here): lock 'core/lock'")
                .hasMessageContaining("already holds the lock or is acquiring it");
        assertThatThrownBy(() -> handle.tryAcquire(Duration.ZERO)).isInstanceOf(InvalidRequest.class);

        assertThat(recipe.asked).hasValue(1);
        assertThat(lease.isHeld()).isTrue();
    }

    @Test
    void aHandleThatIsAcquiringRefusesAnotherThread() throws Exception {
        recipe.waits = true;
        Background<Lease> first = Background.start(handle::acquire);
        first.awaitBlocked();

        assertThatThrownBy(handle::acquire).isInstanceOf(InvalidRequest.class);

        recipe.goOn.countDown();
        assertThat(Waits.within(first.result()).isHeld()).isTrue();
        assertThat(recipe.asked).hasValue(1);
    }

    @Test
    void acquiresAgainAfterARelease() throws Exception {
        Lease first = handle.acquire();
        first.release();

        Lease second = handle.acquire();

        assertThat(second.isHeld()).isTrue();
        assertThat(second.token()).isGreaterThan(first.token());
        first.release();
        assertThat(second.isHeld()).as("releasing is idempotent").isTrue();
    }

    @Test
    void acquiresAgainAfterALoss() throws Exception {
        ((SessionLease) handle.acquire()).lose(new Loss(Loss.Reason.REVOKED, "gone"));

        assertThat(handle.acquire().isHeld()).isTrue();
    }

    @Test
    void acquiresAgainAfterAFailureATimeoutAndAnInterrupt() throws Exception {
        recipe.fails = true;
        assertThatThrownBy(handle::acquire).isInstanceOf(Unavailable.class);
        recipe.fails = false;
        recipe.occupied = true;
        assertThat(handle.tryAcquire(Duration.ZERO)).isEmpty();
        recipe.occupied = false;
        recipe.waits = true;
        Background<Lease> waiting = Background.start(handle::acquire);
        waiting.awaitBlocked();
        waiting.thread().interrupt();
        assertThatThrownBy(() -> Waits.within(waiting.result())).hasCauseInstanceOf(InterruptedException.class);
        recipe.waits = false;

        assertThat(handle.acquire().isHeld()).isTrue();
    }

    @Test
    void whatIsUnknownOfTheRequestsIsNotUnknownOfTheLock() {
        recipe.isUnsure = true;

        assertThatThrownBy(handle::acquire)
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("test (here): acquire 'core/lock'")
                .hasMessageContaining("the lock is not held")
                .hasCauseInstanceOf(OutcomeUnknown.class);
    }

    @Test
    void anInterruptedThreadDoesNotEvenAsk() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(handle::acquire).isInstanceOf(InterruptedException.class);

        assertThat(recipe.asked).hasValue(0);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void acquireHasNoDeadlineAndTryAcquireItsOwn() throws Exception {
        handle.acquire().release();
        assertThat(recipe.lastDeadline).isSameAs(Deadline.NEVER);

        handle.tryAcquire(Duration.ZERO).orElseThrow().release();
        assertThat(recipe.lastDeadline.passed()).isTrue();

        handle.tryAcquire(Duration.ofHours(1)).orElseThrow().release();
        assertThat(recipe.lastDeadline.passed()).isFalse();
        assertThat(recipe.lastDeadline.remainingNanos())
                .isLessThanOrEqualTo(Duration.ofHours(1).toNanos());
    }

    @Test
    void aNegativeTimeoutIsAMistake() {
        assertThatThrownBy(() -> handle.tryAcquire(Duration.ofNanos(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThat(recipe.asked).hasValue(0);
    }

    @Test
    void aRecipeThatGivesUpWithoutADeadlineIsADefect() {
        recipe.occupied = true;

        assertThatThrownBy(handle::acquire).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theHolderIsTheRecipesAnswer() {
        assertThat(handle.holder()).contains(new Holder("core/lock", 7));
    }

    @Test
    void aValueThatIsTooLongIsRefusedAtOnce() {
        String longest = "x".repeat(HABackend.MAX_LOCK_VALUE_BYTES);

        assertThat(new LockHandle(recipe, PLACE, KEY, longest)).isNotNull();
        assertThatThrownBy(() -> new LockHandle(recipe, PLACE, KEY, longest + "x"))
                .isInstanceOf(LimitExceeded.class)
                .hasMessageContaining("lock 'core/lock'");
    }
}
