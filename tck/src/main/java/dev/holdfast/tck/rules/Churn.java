package dev.holdfast.tck.rules;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Contenders that take locks from each other, one thread for each contender and lock, until they are stopped. */
final class Churn {
    /** How long an attempt lasts that may be cut off; long enough to win, short enough to be given up now and then. */
    private static final Duration DISTURBED = Duration.ofMillis(500);

    /** How long any other attempt lasts: it is never given up, so every lease that the store grants is recorded. */
    private static final Duration UNDISTURBED = Duration.ofSeconds(20);

    private final Trial trial;
    private final LockHistory history;
    private final List<Contender> contenders;
    private final List<Key> locks;
    private final Duration hold;
    private final List<Pending<@Nullable Void>> threads = new ArrayList<>();
    private final Set<Contender> hostages = ConcurrentHashMap.newKeySet();
    private final Map<Key, Contender> holders = new ConcurrentHashMap<>();
    private volatile @Nullable BackendException outage;
    private volatile boolean stopped;

    /** @param hold the longest time for which a lease is held */
    Churn(Trial trial, LockHistory history, List<Contender> contenders, List<Key> locks, Duration hold) {
        this.trial = trial;
        this.history = history;
        this.contenders = contenders;
        this.locks = locks;
        this.hold = hold;
    }

    void start() {
        for (Contender contender : contenders) {
            for (Key lock : locks) {
                Random random = new Random(trial.random().nextLong());
                threads.add(Pending.call(trial, contender + " on " + lock, () -> {
                    contend(contender, lock, random);
                    return null;
                }));
            }
        }
    }

    /** Whether it holds a lock at the moment, as far as it knows. */
    boolean holds(Contender contender) {
        return holders.containsValue(contender);
    }

    /** Makes a contender keep what it holds or wins for as long as it is held. */
    void keep(Contender contender) {
        hostages.add(contender);
    }

    /** Ends {@link #keep}. */
    void letGo(Contender contender) {
        hostages.remove(contender);
    }

    /** Lets every attempt end, and throws what the first failing thread threw. */
    void stop() throws Exception {
        stopped = true;
        hostages.clear();
        Duration bound = UNDISTURBED
                .plus(trial.requestTimeout().multipliedBy(2))
                .plus(trial.lockTtl())
                .plusSeconds(5);
        for (Pending<@Nullable Void> thread : threads) {
            thread.get(bound);
        }
    }

    /**
     * Makes sure that the store has answered every call of a contender whose link was left alone: only then is every
     * lease on record.
     *
     * @throws UnverifiedException when it has not
     */
    void requireNoOutage() {
        if (outage != null) {
            throw new UnverifiedException("the store failed although nobody disturbed it: " + outage.getMessage());
        }
    }

    /** Waits until so many leases have been won and so much time has passed, but no longer than {@code longest}. */
    void runUntil(int enough, Duration shortest, Duration longest) throws InterruptedException {
        long start = System.nanoTime();
        while (!threads.stream().anyMatch(Pending::isDone)) {
            long ran = System.nanoTime() - start;
            if (ran > longest.toNanos() || (history.size() >= enough && ran > shortest.toNanos())) {
                return;
            }
            Thread.sleep(2);
        }
    }

    private void contend(Contender contender, Key lock, Random random) throws InterruptedException {
        Duration patience = contender.disturbed() ? DISTURBED : UNDISTURBED;
        while (!stopped) {
            try {
                Held held = contender.tryWin(lock, patience).orElse(null);
                if (held != null) {
                    holders.put(lock, contender);
                    try {
                        hold(contender, held, (long) (random.nextDouble() * hold.toNanos()));
                    } finally {
                        holders.remove(lock, contender);
                    }
                    held.release();
                    pause(random.nextInt(1_000_000));
                }
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                if (!contender.disturbed()) {
                    outage = e;
                }
                pause(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }
    }

    private void hold(Contender contender, Held held, long nanos) {
        long end = System.nanoTime() + nanos;
        while (held.isHeld() && (hostages.contains(contender) || System.nanoTime() - end < 0)) {
            pause(100_000);
        }
    }

    private static void pause(long nanos) {
        LockSupport.parkNanos(nanos);
    }
}
