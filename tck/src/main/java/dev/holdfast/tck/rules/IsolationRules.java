package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.Hold;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who knows all servers of a store and waits for news at one that has lost the others, which goes on talking to him and
 * has nothing to say any more.
 */
public final class IsolationRules {
    /** So many that some of them wait at the server that is cut off, whichever they choose. */
    private static final int CLIENTS = 9;

    /** Everybody in the queue has his turn although some of them wait at a server that will never tell them. */
    @Verifies(value = Rule.LV_02, cluster = true, boundSeconds = 120)
    public void nobodyWaitsForEverAtAnIsolatedServer(Trial trial) throws Exception {
        List<StoreServer> servers = Servers.of(trial);
        StoreServer isolated = Servers.one(servers, false);
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender holder = Contender.of(trial, history, "holder", trial.optionsFor(Servers.without(servers, isolated)));
        Held held = holder.win(lock);
        List<Contender> waiters = clients(trial, history, servers, "waiter-");
        Duration bound = trial.requestTimeout().plus(trial.expiryBound()).plusSeconds(4);
        List<Pending<@Nullable Void>> waiting = new ArrayList<>();
        for (Contender waiter : waiters) {
            waiting.add(Pending.call(trial, waiter + " in the queue", () -> {
                winAtLast(waiter, lock, bound.multipliedBy(3));
                return null;
            }));
        }
        for (Pending<@Nullable Void> each : waiting) {
            each.awaitBlocked();
        }
        isolated.isolate();
        try {
            held.release();
            trial.await(
                    () -> "everybody who waited for the lock, which was released through the other servers after "
                            + isolated + " was cut off from them, has had it; so far: "
                            + history.holds(lock).stream().map(Hold::contender).toList(),
                    bound,
                    () -> waiting.stream().allMatch(Pending::isDone));
        } finally {
            isolated.rejoin();
        }
        for (Pending<@Nullable Void> each : waiting) {
            each.get(Duration.ZERO);
        }
        Violation.throwIfAny(LockChecker.overlap(history.holds()));
    }

    /** Wins and lets go, and queues again when it is told that it must. */
    private static void winAtLast(Contender waiter, Key lock, Duration patience) throws InterruptedException {
        Held held = waiter.winAfterHealing(lock, patience);
        try {
            held.release();
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            // then it is told again, or expires
        }
    }

    /** A watch that hears nothing at its server looks for another. */
    @Verifies(value = Rule.HA_09, cluster = true, boundSeconds = 120)
    public void nobodyWatchesForEverAtAnIsolatedServer(Trial trial) throws Exception {
        List<StoreServer> servers = Servers.of(trial);
        StoreServer isolated = Servers.one(servers, false);
        Map<String, String> others = trial.optionsFor(Servers.without(servers, isolated));
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender a = Contender.of(trial, history, "a", others);
        Contender b = Contender.of(trial, history, "b", others);
        Held first = a.win(lock);
        Held own = b.win(key("own")); // so that its connections are there
        List<LockView> views = new ArrayList<>();
        for (Contender watcher : clients(trial, history, servers, "watcher-")) {
            views.add(trial.keep(new LockView(watcher, lock, LockView.poll(trial))));
        }
        for (LockView view : views) {
            view.awaitKnows(trial, "when it begins", trial.requestTimeout(), first, "a");
        }
        Duration bound = trial.requestTimeout().plusSeconds(5).plus(LockView.bound(trial));
        String when = "through the other servers, after " + isolated + " was cut off from them";
        isolated.isolate();
        try {
            first.release();
            Held second = b.win(lock, trial.atOnce());
            Optional<Holder> winner = Optional.of(new Holder("b", second.token()));
            trial.await(
                    "every watcher knows who won the lock " + when,
                    bound,
                    () -> views.stream().allMatch(view -> view.knows(winner)));
            second.release();
            trial.await(
                    "every watcher knows of the next release " + when,
                    LockView.bound(trial),
                    () -> views.stream().allMatch(view -> view.knows(Optional.empty())));
        } finally {
            isolated.rejoin();
        }
        own.release();
    }

    /** Contenders who know all servers, and do not all begin with the same one. */
    private static List<Contender> clients(Trial trial, LockHistory history, List<StoreServer> servers, String name)
            throws InterruptedException {
        List<Contender> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            Contender client = Contender.of(trial, history, name + i, trial.optionsFor(Servers.turned(servers, i)));
            client.win(key("own/" + i)).release(); // so that its connections are there
            clients.add(client);
        }
        return clients;
    }
}
