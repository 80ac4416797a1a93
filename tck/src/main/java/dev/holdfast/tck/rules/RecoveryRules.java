package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What is left of an instance's work when the whole store went away under it. */
public final class RecoveryRules {
    private static final int LOCKS = 40;
    private static final int WAITERS = 20;
    private static final int FEW_THREADS = 10;
    private static final Duration ELECTION = Duration.ofSeconds(20);

    /** Every server is restarted in turn, and then all at once, under instances that hold and await many locks. */
    @Verifies(value = Rule.ER_04, cluster = true, boundSeconds = 240)
    public void restartsLeaveNothingHanging(Trial trial) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3 || !trial.declares(Capability.LOCKS)) {
            throw new NotApplicableException("the store has fewer than three servers, or no locks");
        }
        LockHistory history = new LockHistory();
        Contender holder = Contender.of(trial, history, "holder");
        Contender waiting = Contender.of(trial, history, "waiting");
        holder.win(key("first")).release();
        waiting.win(key("first")).release();
        Threads before = Threads.now(trial);
        List<Held> held = new ArrayList<>();
        for (int i = 0; i < LOCKS; i++) {
            held.add(holder.win(key("lock/" + i)));
        }
        List<Pending<Held>> waiters = new ArrayList<>();
        for (int i = 0; i < WAITERS; i++) {
            waiters.add(waiting.contend(key("lock/" + i)));
        }
        waiters.get(WAITERS - 1).awaitBlocked();
        Threads busy = Threads.now(trial);
        assertThat(busy.number())
                .as("threads with %d locks held and %d awaited, where there were %s: %s", LOCKS, WAITERS, before, busy)
                .isLessThanOrEqualTo(before.number() + FEW_THREADS);

        for (StoreServer server : servers) {
            server.kill();
            server.start();
        }
        trial.control().restart();

        for (Held lease : held) {
            trial.await(
                    "a lease is held or its loss is told: " + lease,
                    trial.expiryBound(),
                    () -> lease.isHeld() != lease.isLost());
        }
        for (Held lease : held) {
            releaseIfHeld(lease);
        }
        for (Pending<Held> waiter : waiters) {
            endsOneWayOrTheOther(trial, waiter);
        }
        trial.await("the same instances work", ELECTION.plus(trial.requestTimeout()), () -> works(holder, waiting));
        Duration bound = trial.requestTimeout().plus(ELECTION);
        trial.await(
                () -> "the threads that the restarts took have ended: " + Threads.now(trial),
                bound,
                () -> Threads.now(trial).number() <= before.number() + FEW_THREADS);
        trial.await(
                () -> "no thread is stuck in the backend: " + Threads.now(trial).stuckSince(before),
                bound,
                () -> Threads.now(trial).stuckSince(before).isEmpty());
    }

    private static void releaseIfHeld(Held lease) {
        try {
            lease.release();
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            // the backend goes on telling the store, as HA-06 checks
        }
    }

    private static void endsOneWayOrTheOther(Trial trial, Pending<Held> waiter) throws Exception {
        try {
            releaseIfHeld(waiter.get(ELECTION.plus(trial.expiryBound()).plus(trial.requestTimeout())));
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            // the store was out of reach
        }
    }

    private static boolean works(Contender... contenders) {
        try {
            for (Contender contender : contenders) {
                put(contender.client(), contender.name(), "again");
                contender.win(key("last")).release();
            }
            return true;
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
