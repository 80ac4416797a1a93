package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreControl;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What one holder leaves to the next: a higher token, and everything that it wrote. */
public final class TokenRules {
    /** Hand-offs that show something. */
    private static final int ENOUGH = 20;

    private static final Key LOCK = key("lock");

    /** Whoever wins, by whatever handle and client, and whatever else is held meanwhile. */
    @Verifies(value = Rule.FN_01, parallel = true)
    public void tokensRiseFromLeaseToLease(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender other = Contender.of(trial, history, "other");
        Contender client = Contender.of(trial, history, "client-0");
        for (int round = 0; round < 40; round++) {
            boolean theOthers = round % 3 == 0;
            Held held = (theOthers ? other : client).win(LOCK, trial.atOnce());
            other.win(key("other/" + round % 2)).release();
            assertThat(held.lease().token())
                    .as("round %d: token() of one lease, asked again", round)
                    .isEqualTo(held.token());
            if (theOthers || round % 4 != 2) {
                held.release();
            } else {
                client.client().close(); // and the lease with it
                client = Contender.of(trial, history, "client-" + round);
            }
            Violation.throwIfAny(LockChecker.tokenOrder(history.holds()));
        }
    }

    /** Contenders take the lock from each other. */
    @Verifies(Rule.FN_01)
    public void tokensRiseDuringHandOffs(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Contender> contenders = IntStream.range(0, 4)
                .mapToObj(i -> Contender.of(trial, history, "c" + i))
                .toList();
        Churn churn = new Churn(trial, history, contenders, List.of(LOCK, key("lock/2")), Duration.ofMillis(1));
        churn.start();
        churn.runUntil(500, Duration.ofMillis(300), Duration.ofSeconds(3));
        churn.stop();
        Violation.throwIfAny(LockChecker.tokenOrder(history.holds()));
    }

    /** A rival follows a holder that was cut off, which then comes back. */
    @Verifies(value = Rule.FN_01, parallel = true)
    public void tokensRiseAcrossALoss(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Contender cut = Contender.linked(trial, history, "cut off");
        Contender rival = Contender.of(trial, history, "rival");
        Held lost = cut.win(LOCK);
        Pending<Held> waiting = rival.contend(LOCK);
        waiting.awaitBlocked();
        cut.link().apply(Fault.BLACK_HOLE);
        waiting.get(trial.expiryBound()).release();
        assertThat(lost.lease().token()).as("token() of a lost lease").isEqualTo(lost.token());
        cut.link().heal();
        cut.winAfterHealing(LOCK, trial.requestTimeout().plusSeconds(5)).release();
        Violation.throwIfAny(LockChecker.tokenOrder(history.holds()));
    }

    /** The lock object goes and comes again. */
    @Verifies(value = Rule.FN_01, parallel = true)
    public void tokensRiseAcrossDeletionOfTheLock(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        for (LockRemoval removal : trial.lockRemovals().values()) {
            Contender holder = Contender.of(trial, history, "holder");
            Held held = holder.win(LOCK, trial.atOnce());
            removal.remove(trial.options(), LOCK);
            trial.await("the holder of a lock that was removed loses it", Duration.ofSeconds(1), () -> !held.isHeld());
            Contender.of(trial, history, "next").win(LOCK, trial.atOnce()).release();
        }
        Violation.throwIfAny(LockChecker.tokenOrder(history.holds()));
    }

    /** A store that keeps its data keeps its tokens. */
    @Verifies(Rule.FN_01)
    public void tokensRiseAcrossARestartOfTheStore(Trial trial) throws Exception {
        if (!trial.declares(Capability.DURABLE)) {
            throw new NotApplicableException("DURABLE is not declared");
        }
        StoreControl control = trial.control();
        LockHistory history = new LockHistory();
        Contender before = Contender.of(trial, history, "before");
        for (int i = 0; i < 3; i++) {
            before.win(LOCK, trial.atOnce()).release();
        }
        before.client().close();
        control.restart();
        Contender.of(trial, history, "after")
                .winAfterHealing(
                        LOCK, trial.expiryBound().plus(trial.requestTimeout()).plusSeconds(5))
                .release();
        Violation.throwIfAny(LockChecker.tokenOrder(history.holds()));
    }

    /** A counter and a listing go from holder to holder. */
    @Verifies(Rule.FN_03)
    public void aNewHolderSeesWhatItsPredecessorsWrote(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        List<Contender> contenders = IntStream.range(0, 3)
                .mapToObj(i -> Contender.of(trial, history, "c" + i))
                .toList();
        AtomicInteger acknowledged = new AtomicInteger(); // written by holders only
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        long latest = end + TimeUnit.SECONDS.toNanos(15); // for as long as it takes to prove something
        List<Pending<@Nullable Void>> threads = new ArrayList<>();
        for (Contender contender : contenders) {
            threads.add(Pending.call(trial, contender.name(), () -> {
                while (acknowledged.get() < 1_000
                        && System.nanoTime() - (acknowledged.get() < ENOUGH ? latest : end) < 0) {
                    Held held = contender.win(LOCK, trial.atOnce().multipliedBy(contenders.size()));
                    try {
                        handOver(contender, acknowledged);
                    } finally {
                        held.release(); // lest the others wait for it, and that be what is reported
                    }
                }
                return null;
            }));
        }
        for (Pending<@Nullable Void> thread : threads) {
            thread.get(Duration.ofSeconds(25).plus(trial.requestTimeout()));
        }
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
        if (acknowledged.get() < ENOUGH) {
            throw new UnverifiedException("only " + acknowledged + " hand-offs, which prove nothing");
        }
    }

    private static void handOver(Contender holder, AtomicInteger acknowledged) {
        int last = acknowledged.get();
        Backend client = holder.client();
        assertThat(get(client, "counter").orElse("0"))
                .as("the counter that %s reads after winning the lock, as its predecessors left it", holder)
                .isEqualTo(Integer.toString(last));
        List<String> expected = IntStream.rangeClosed(Math.max(1, last - 4), last)
                .mapToObj(Integer::toString)
                .sorted(Comparator.naturalOrder())
                .toList();
        assertThat(client.list(key("log").asPrefix()))
                .as("the listing that %s reads after winning the lock, as its predecessors left it", holder)
                .isEqualTo(expected);
        int next = last + 1;
        client.put(Entry.of(key("log/" + next), bytes("")));
        if (next > 5) {
            client.delete(key("log/" + (next - 5)));
        }
        client.put(Entry.of(key("counter"), bytes(Integer.toString(next))));
        acknowledged.set(next);
    }
}
