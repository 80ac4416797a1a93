package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Loss;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Closing. */
public final class LifeCycleRules {
    private static final int ROUNDS = 100;
    private static final int WARM_UP = 5;

    /** A closed instance frees its locks at once and says that it is closed. */
    @Verifies(Rule.LC_01)
    public void closingReleasesEverything(Trial trial) throws Exception {
        Backend backend = trial.open();
        put(backend, "value", "1");
        boolean locks = trial.declares(Capability.LOCKS);
        @Nullable HALock handle = locks ? ((HABackend) backend).lock(key("lock"), "kit") : null;
        @Nullable Lease lease = handle == null ? null : handle.acquire();
        backend.close();
        backend.close();
        for (Calls.Call call : Calls.storage(backend, "closed")) {
            assertThat(Thrown.by(call.action()::run))
                    .as(call + " after close")
                    .isInstanceOf(BackendException.Closed.class);
        }
        if (backend instanceof TransactionalBackend transactional && trial.declares(Capability.TRANSACTIONS)) {
            assertThat(Thrown.by(() -> transactional.commit(List.of())))
                    .as("a commit of nothing after close")
                    .isInstanceOf(BackendException.Closed.class);
        }
        if (handle != null && lease != null) {
            assertThat(Thrown.by(() -> ((HABackend) backend).lock(key("lock"), "kit")))
                    .as("lock() after close")
                    .isInstanceOf(BackendException.Closed.class);
            assertThat(Thrown.by(handle::acquire))
                    .as("acquire after close")
                    .isInstanceOf(BackendException.Closed.class);
            assertThat(lease.isHeld()).as("a lease of a closed instance").isFalse();
            Loss loss = lease.lost().toCompletableFuture().get(1, TimeUnit.SECONDS);
            assertThat(loss.reason()).as("why the lease ended").isEqualTo(Loss.Reason.CLOSED);
            assertThat(trial.openHA().lock(key("lock"), "rival").tryAcquire(Duration.ofSeconds(1)))
                    .as("a rival's acquire within 1 s of the close")
                    .isPresent();
        }
        assertThat(get(trial.open(), "value"))
                .as("a value after its writer was closed")
                .contains("1");
    }

    /** Calls that are under way when the instance is closed end, and closing does not wait for a dead store. */
    @Verifies(Rule.LC_01)
    public void closingEndsPendingCalls(Trial trial) throws Exception {
        Link link = trial.link();
        Backend backend = trial.open(link.options());
        put(backend, "value", "1");
        @Nullable
        Lease lease = trial.declares(Capability.LOCKS)
                ? ((HABackend) backend).lock(key("lock"), "kit").acquire()
                : null;
        link.apply(Fault.LOSE_REPLIES);
        AtomicReference<@Nullable Throwable> end = new AtomicReference<>();
        Thread pending = trial.thread("pending", () -> {
            try {
                var unused = get(backend, "value");
            } catch (Throwable e) {
                end.set(e);
            }
        });
        trial.await(
                "a get blocks",
                Duration.ofSeconds(1),
                () -> pending.getState() == Thread.State.TIMED_WAITING || pending.getState() == Thread.State.WAITING);
        long start = System.nanoTime();
        Thread closing = trial.thread("closing", backend::close);
        trial.await("the pending get ends", Duration.ofSeconds(1), () -> !pending.isAlive());
        assertThat(end.get()).as("a get that was pending at close").isInstanceOf(BackendException.Closed.class);
        Duration bound = trial.requestTimeout().plusSeconds(1);
        trial.await("close returns although the store does not answer", bound, () -> !closing.isAlive());
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .as("time to close")
                .isLessThan(bound);
        if (lease != null) {
            assertThat(lease.isHeld())
                    .as("a lease of an instance that was closed without a store")
                    .isFalse();
            assertThat(lease.lost()
                            .toCompletableFuture()
                            .get(1, TimeUnit.SECONDS)
                            .reason())
                    .as("why it ended")
                    .isEqualTo(Loss.Reason.CLOSED);
        }
    }

    /** A contender that waits is ended by close, and leaves nothing in the queue. */
    @Verifies(Rule.LC_01)
    public void closingEndsWaitingContenders(Trial trial) throws Exception {
        if (!trial.declares(Capability.LOCKS)) {
            throw new NotApplicableException("LOCKS is not declared");
        }
        Lease held = trial.openHA().lock(key("lock"), "holder").acquire();
        HABackend waiter = trial.openHA();
        CompletableFuture<@Nullable Throwable> end = new CompletableFuture<>();
        Thread waiting = trial.thread("waiter", () -> {
            try {
                waiter.lock(key("lock"), "waiter").acquire();
                end.complete(null);
            } catch (Throwable e) {
                end.complete(e);
            }
        });
        trial.await("the waiter blocks", Duration.ofSeconds(5), () -> waiting.getState() != Thread.State.RUNNABLE);
        waiter.close();
        assertThat(end.get(1, TimeUnit.SECONDS))
                .as("a waiting acquire when its instance is closed")
                .isInstanceOf(BackendException.Closed.class);
        held.release();
        assertThat(trial.openHA().lock(key("lock"), "rival").tryAcquire(Duration.ofSeconds(1)))
                .as("a rival's acquire after the holder released")
                .isPresent();
    }

    /** A hundred instances leave no thread and no connection behind. */
    @Verifies(Rule.LC_01)
    public void aHundredInstancesLeaveNothingBehind(Trial trial) throws Exception {
        boolean locks = trial.declares(Capability.LOCKS);
        Link link = trial.link();
        for (int i = 0; i < WARM_UP; i++) {
            useOnce(trial, link, locks);
        }
        Duration settle = Duration.ofSeconds(10);
        trial.await("connections of closed instances are closed", settle, () -> link.connections() == 0);
        Set<Thread> before = threads();
        for (int i = 0; i < ROUNDS; i++) {
            useOnce(trial, link, locks);
        }
        trial.await("connections of " + ROUNDS + " closed instances are closed", settle, () -> link.connections() == 0);
        long end = System.nanoTime() + settle.toNanos();
        while (threads().size() > before.size()) {
            Set<Thread> left = threads();
            left.removeAll(before);
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(
                        "after " + ROUNDS + " instances there are " + threads().size()
                                + " threads instead of " + before.size() + ", new ones: "
                                + left.stream().map(Thread::getName).sorted().collect(Collectors.joining(", ")));
            }
            Thread.sleep(20);
        }
    }

    private static void useOnce(Trial trial, Link link, boolean locks) throws InterruptedException {
        try (Backend backend = Backends.load().open(trial.harness().type(), link.options())) {
            put(backend, "value", "1");
            if (locks) {
                Lease unused = ((HABackend) backend).lock(key("lock"), "kit").acquire();
            }
        }
    }

    private static Set<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !thread.getName().startsWith("holdfast-tck-"))
                .collect(Collectors.toSet());
    }
}
