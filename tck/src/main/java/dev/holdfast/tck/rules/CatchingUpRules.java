package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;

import dev.holdfast.spi.Key;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** What happens while one server of a store is behind the others; nothing to check where it has one server only. */
public final class CatchingUpRules {
    /** Few, so that each has a lock again and again, and often one alone waits for the holder. */
    private static final int CONTENDERS = 3;

    private static final int LOCKS = 6;
    private static final int ROUNDS = 40;
    private static final int FEWEST_MISSED = 100;
    private static final int LONGEST_PAUSE = 250;
    private static final int LONGEST_REST = 50;

    /** A holder should still be there when the server goes on, and another one have gone while it stood still. */
    private static final Duration HOLD = Duration.ofMillis(40);

    /**
     * Contenders that know all servers take locks from each other while one server stops for a moment, again and again. What
     * it was asked meanwhile it answers before it has caught up, and what it tells of then may be long past.
     */
    @Verifies(value = Rule.HA_01, cluster = true, boundSeconds = 120)
    public void aServerThatIsBehindGivesNobodyALock(Trial trial) throws Exception {
        StoreServer behind = Servers.one(Servers.of(trial), false);
        LockHistory history = new LockHistory();
        List<Contender> contenders = IntStream.range(0, CONTENDERS)
                .mapToObj(i -> Contender.of(trial, history, "c" + i))
                .toList();
        List<Key> locks =
                IntStream.range(0, LOCKS).mapToObj(i -> key("lock/" + i)).toList();
        Churn churn = new Churn(trial, history, contenders, locks, HOLD);
        churn.start();
        int missed = 0;
        for (int round = 0; round < ROUNDS; round++) {
            TimeUnit.MILLISECONDS.sleep(trial.random().nextInt(LONGEST_REST));
            int before = history.size();
            behind.pause();
            try {
                TimeUnit.MILLISECONDS.sleep(trial.random().nextInt(LONGEST_PAUSE));
                missed += history.size() - before;
            } finally {
                behind.resume();
            }
        }
        churn.runUntil(Integer.MAX_VALUE, Duration.ZERO, Duration.ofSeconds(1));
        churn.stop();
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        Violation.throwIfAny(LockChecker.tokenOrder(history.holds()));
        if (missed < FEWEST_MISSED) {
            throw new UnverifiedException("the server that stopped missed only " + missed + " hand-offs in " + ROUNDS
                    + " rounds; at least " + FEWEST_MISSED + " are needed to show anything");
        }
    }
}
