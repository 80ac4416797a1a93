package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.LockRemoval;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.Traffic;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** Who watches a lock knows its holder without asking again and again. */
public final class NewsRules {
    private static final int ROUNDS = 8;
    private static final Duration OFTEN = Duration.ofMillis(20);
    private static final Duration QUIET = Duration.ofSeconds(3);

    /** Heartbeats that may fall into one quiet time and not into the other. */
    private static final int HEARTBEATS = 4;

    /** So many that each of them would show, if it went on asking. */
    private static final int CLOSED = 20;

    private static Optional<Holder> holder(Held held, String name) {
        return Optional.of(new Holder(name, held.token()));
    }

    /** Winning a free lock, handing it to a waiter, and releasing it to nobody. */
    @Verifies(value = Rule.HA_09, parallel = true)
    public void everyChangeOfTheHolderIsNews(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Duration bound = LockView.bound(trial);
        Contender a = Contender.of(trial, history, "a");
        Contender b = Contender.of(trial, history, "b");
        LockView view = trial.keep(new LockView(Contender.of(trial, history, "watcher"), lock, LockView.poll(trial)));
        view.awaitKnows(trial, "when it begins", trial.requestTimeout(), Optional.empty());
        for (int i = 0; i < ROUNDS; i++) {
            String round = "in round " + i;
            Held first = a.win(lock);
            view.awaitKnows(trial, "who won a free lock " + round, bound, first, "a");
            Pending<Held> waiting = b.contend(lock);
            waiting.awaitBlocked();
            first.release();
            Held second = waiting.get(trial.atOnce());
            view.awaitKnows(trial, "who waited for it " + round, bound, second, "b");
            second.release();
            view.awaitKnows(trial, "after its release " + round, bound, Optional.empty());
        }
    }

    /** A holder that is cut off for good, and a lock taken away from its holder. */
    @Verifies(value = Rule.HA_09, parallel = true, boundSeconds = 120)
    public void theEndOfAHolderThatDoesNotReleaseIsNews(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender watcher = Contender.of(trial, history, "watcher");
        LockView view = trial.keep(new LockView(watcher, lock, LockView.poll(trial)));
        Contender lonely = Contender.linked(trial, history, "lonely");
        Held lost = lonely.win(lock);
        view.awaitKnows(trial, "who won", LockView.bound(trial), lost, "lonely");
        lonely.link().apply(Fault.BLACK_HOLE);
        view.awaitKnows(
                trial,
                "when its holder was cut off",
                trial.expiryBound().plus(LockView.bound(trial)),
                Optional.empty());
        lonely.link().heal();
        for (Map.Entry<String, LockRemoval> removal : removals(trial).entrySet()) {
            Contender owner = Contender.of(trial, history, "owner");
            Held held = owner.win(lock, trial.atOnce());
            view.awaitKnows(trial, "who won", LockView.bound(trial), held, "owner");
            removal.getValue().remove(trial.options(), lock);
            view.awaitKnows(
                    trial,
                    "with " + removal.getKey(),
                    LockView.bound(trial).plus(trial.harness().pollInterval()),
                    Optional.empty());
        }
    }

    private static Map<String, LockRemoval> removals(Trial trial) {
        return trial.harness().lockRemovals();
    }

    /** The holder changes while the watcher's link is down. */
    @Verifies(value = Rule.HA_09, parallel = true, boundSeconds = 120)
    public void aChangeInAnOutageIsNewsWhenThatIsOver(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender a = Contender.of(trial, history, "a");
        Contender watcher = Contender.linked(trial, history, "watcher");
        LockView view = trial.keep(new LockView(watcher, lock, LockView.poll(trial)));
        view.awaitKnows(trial, "when it begins", trial.requestTimeout(), Optional.empty());
        Duration soon = trial.requestTimeout().plusSeconds(5).plus(LockView.bound(trial));
        for (Fault fault : new Fault[] {Fault.RESET, Fault.BLACK_HOLE}) {
            for (Duration outage :
                    new Duration[] {Duration.ofMillis(200), trial.lockTtl().plusSeconds(1)}) {
                String what = "after an outage (" + fault + ") of " + outage.toMillis() + " ms";
                watcher.link().apply(fault);
                Held held = a.win(lock);
                Thread.sleep(outage.toMillis());
                watcher.link().heal();
                view.awaitKnows(trial, what, soon, held, "a");
                held.release();
                view.awaitKnows(trial, what + " and a release", LockView.bound(trial), Optional.empty());
            }
        }
    }

    /** One listener never returns, and one watch is closed. */
    @Verifies(value = Rule.HA_09, parallel = true)
    public void listenersDoNotDisturbAndClosedOnesAreLeftAlone(Trial trial) throws Exception {
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender a = Contender.of(trial, history, "a");
        Contender watcher = Contender.of(trial, history, "watcher");
        CountDownLatch never = new CountDownLatch(1);
        trial.keep((AutoCloseable) never::countDown);
        CountDownLatch stuck = new CountDownLatch(1);
        trial.keep(watcher.handle(lock).watch(LockView.poll(trial), () -> {
            stuck.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        trial.await("a listener runs when its watch has begun", trial.requestTimeout(), () -> stuck.getCount() == 0);
        Held own = watcher.win(key("own"));
        LockView view = trial.keep(new LockView(watcher, lock, LockView.poll(trial)));
        LockView closed = new LockView(watcher, lock, LockView.poll(trial));
        view.awaitKnows(trial, "when it begins", trial.requestTimeout(), Optional.empty());
        closed.awaitKnows(trial, "when it begins", trial.requestTimeout(), Optional.empty());
        closed.close();
        closed.close();
        Thread.sleep(50); // a run that had begun is over
        int runs = closed.runs();
        Held held = a.win(lock);
        view.awaitKnows(trial, "beside a listener that never returns", LockView.bound(trial), held, "a");
        held.release();
        view.awaitKnows(trial, "beside a listener that never returns", LockView.bound(trial), Optional.empty());
        assertThat(closed.runs())
                .as("runs of a listener after its watch was closed, %d before", runs)
                .isEqualTo(runs);
        assertThat(own.isHeld())
                .as("a lease of the watcher's, beside a listener that never returns: %s", own)
                .isTrue();
    }

    /** Two equal clients, one of which watches: what it sends more than the other is what watching costs. */
    @Verifies(value = Rule.HA_09, parallel = true)
    public void nothingIsAskedWhileNothingChanges(Trial trial) throws Exception {
        if (!trial.declares(Capability.WATCHES)) {
            throw new NotApplicableException("WATCHES is not declared: the store is asked");
        }
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Held held = Contender.of(trial, history, "a").win(lock);
        Contender idle = Contender.linked(trial, history, "idle");
        Contender watcher = Contender.linked(trial, history, "watcher");
        assertThat(idle.holder(lock)).as("holder()").isEqualTo(holder(held, "a"));
        LockView view = trial.keep(new LockView(watcher, lock, OFTEN));
        view.awaitKnows(trial, "when it begins", trial.requestTimeout(), held, "a");
        Traffic asked = watcher.link().traffic();
        if (asked.turns() == 0) {
            throw new UnverifiedException("the link to the store counts nothing");
        }
        Traffic plain = quiet(idle.link());
        Traffic watching = quiet(watcher.link());
        assertThat(watching.turns())
                .as(
                        "requests in %d ms in which nothing changed, watching with an interval of %d ms (%s); without a"
                                + " watch there were %s",
                        QUIET.toMillis(), OFTEN.toMillis(), watching, plain)
                .isLessThanOrEqualTo(plain.turns() + HEARTBEATS);
        for (int i = 0; i < CLOSED; i++) {
            watcher.handle(lock).watch(OFTEN, () -> {}).close();
        }
        Traffic closed = quiet(watcher.link());
        assertThat(closed.turns())
                .as("requests in as much time after %d more watches were closed (%s)", CLOSED, closed)
                .isLessThanOrEqualTo(plain.turns() + HEARTBEATS);
        held.release();
        view.awaitKnows(trial, "after a quiet time", LockView.bound(trial), Optional.empty());
    }

    private static Traffic quiet(Link link) throws InterruptedException {
        Thread.sleep(200); // what the beginning brought with it is over
        Traffic before = link.traffic();
        Thread.sleep(QUIET.toMillis());
        return link.traffic().since(before);
    }
}
