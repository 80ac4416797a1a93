package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockChecker;
import dev.holdfast.tck.history.LockChecker.LateLoss;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** What happens when single servers of a store fail; nothing to check where it has one server only. */
public final class ClusterRules {
    private static final int HOLDERS = 7;
    private static final int WAVES = 3;
    private static final int CALLS_IN_A_ROW = 30;
    private static final Duration ELECTION = Duration.ofSeconds(20);

    /** A server that is cut off from the others serves nobody, the others do, and so does it afterwards. */
    @Verifies(value = Rule.H_03, cluster = true, boundSeconds = 120)
    public void anIsolatedServerServesNobody(Trial trial) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        StoreServer isolated = servers.get(0);
        Backend alone = trial.open(trial.optionsFor(List.of(isolated)));
        Backend rest = trial.open(trial.optionsFor(servers.subList(1, servers.size())));
        work(trial, List.of(alone, rest), "before any fault");
        isolated.isolate();
        try {
            assertThat(Thrown.by(() -> put(alone, "isolated", "1")))
                    .as("a put through a server that is cut off from the others")
                    .isInstanceOf(BackendException.class);
            work(trial, List.of(rest), "through the other servers");
        } finally {
            isolated.rejoin();
        }
        work(trial, List.of(alone, rest), "after the server was let back");
    }

    /** The holder's server is cut off from the others, and goes on talking to the holder. */
    @Verifies(value = Rule.LO_02, cluster = true, boundSeconds = 180)
    public void aHolderOnAnIsolatedServerKnowsBeforeARival(Trial trial) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        LockHistory history = new LockHistory();
        int decided = 0;
        for (int wave = 0; wave < WAVES; wave++) {
            boolean leader = wave == WAVES - 1; // the one that leads must notice by itself that nobody follows
            StoreServer isolated = servers.stream()
                    .filter(server -> server.leads() == leader)
                    .findFirst()
                    .orElseThrow(() -> new UnverifiedException("no server says that it leads"));
            decided += isolate(trial, history, servers, isolated, wave);
            Violation.throwIfAny(LockChecker.overlap(history.holds()));
            for (LateLoss late : LockChecker.lateLosses(history.holds())) {
                if (late.stillHeld() || !LossRules.isOwedToTheMachine(trial, history, late)) {
                    throw new Violation(late.toString());
                }
            }
        }
        LockChecker.lateLoss(history.holds()).ifPresent(late -> {
            throw new UnverifiedException("this machine is too busy: a loss was signalled after a rival had won, but at"
                    + " that time everything that was due came late\n" + late);
        });
        if (decided < HOLDERS * WAVES) {
            throw new UnverifiedException("rivals won only " + decided + " of " + HOLDERS * WAVES
                    + " locks while their holders' server was isolated");
        }
    }

    /** Returns how many rivals won. */
    private static int isolate(
            Trial trial, LockHistory history, List<StoreServer> servers, StoreServer isolated, int wave)
            throws Exception {
        List<StoreServer> others =
                servers.stream().filter(server -> server != isolated).toList();
        List<Held> held = new ArrayList<>();
        List<Pending<Held>> rivals = new ArrayList<>();
        for (int i = 0; i < HOLDERS; i++) {
            Contender holder =
                    Contender.of(trial, history, isolated + "-" + wave + i, trial.optionsFor(List.of(isolated)));
            held.add(holder.winAfterHealing(key("wave-" + wave + "/" + i), ELECTION));
            Thread.sleep(trial.random().nextInt(100)); // so that their renewals are not all due together
        }
        for (int i = 0; i < HOLDERS; i++) {
            Contender rival = Contender.of(trial, history, "rival-" + wave + i, trial.optionsFor(others));
            Key lock = key("wave-" + wave + "/" + i);
            rivals.add(Pending.call(
                    trial,
                    rival.name() + " waiting for " + lock,
                    () -> rival.winAfterHealing(lock, ELECTION.plus(trial.expiryBound()))));
        }
        rivals.get(HOLDERS - 1).awaitBlocked();
        isolated.isolate();
        int won = 0;
        try {
            for (int i = 0; i < HOLDERS; i++) {
                Held next = rivals.get(i).get(ELECTION.plus(trial.expiryBound()).plusSeconds(1));
                assertThat(next.token())
                        .as("the rival's token")
                        .isGreaterThan(held.get(i).token());
                won++;
            }
        } finally {
            isolated.rejoin();
        }
        return won;
    }

    /** The same instances go on working while every server is restarted in turn, and after all were at once. */
    @Verifies(value = Rule.ER_04, cluster = true, boundSeconds = 180)
    public void instancesOutliveARollingRestart(Trial trial) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        List<Backend> clients =
                IntStream.range(0, 3).mapToObj(i -> trial.open()).toList();
        for (StoreServer server : servers) {
            server.kill();
            work(trial, clients, "without " + server);
            server.start();
            work(trial, clients, "with " + server + " again");
        }
        trial.control().restart();
        work(trial, clients, "after all servers were restarted");
    }

    /** Who knows all servers is not kept by the one that has lost the others. */
    @Verifies(value = Rule.ER_04, cluster = true, boundSeconds = 120)
    public void aServerThatIsCutOffFromTheOthersStopsNobody(Trial trial) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        StoreServer isolated = servers.get(trial.random().nextInt(servers.size()));
        Backend client = trial.open();
        Backend rest = trial.open(trial.optionsFor(
                servers.stream().filter(server -> server != isolated).toList()));
        work(trial, List.of(client, rest), "before any fault");
        isolated.isolate();
        try {
            work(trial, List.of(rest), "through the other servers");
            AtomicInteger inARow = new AtomicInteger();
            trial.await(
                    CALLS_IN_A_ROW + " puts in a row by a client of all servers, while " + isolated
                            + " is cut off from the others",
                    trial.requestTimeout().plusSeconds(5),
                    () -> {
                        try {
                            put(client, "through any", "value");
                            return inARow.incrementAndGet() >= CALLS_IN_A_ROW;
                        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                            inARow.set(0);
                            return false;
                        }
                    });
        } finally {
            isolated.rejoin();
        }
    }

    private static void work(Trial trial, List<Backend> clients, String when) throws InterruptedException {
        for (int i = 0; i < clients.size(); i++) {
            Backend client = clients.get(i);
            String path = "client-" + i;
            trial.await(
                    "put, get and locks of client " + i + " work " + when,
                    trial.requestTimeout().plus(ELECTION).plusSeconds(5),
                    () -> works(trial, client, path, when));
        }
    }

    private static boolean works(Trial trial, Backend client, String path, String value) {
        try {
            put(client, path, value);
            if (trial.declares(Capability.LOCKS)) {
                ((HABackend) client)
                        .lock(key("lock-of-" + path), "kit")
                        .tryAcquire(trial.requestTimeout())
                        .ifPresent(lease -> lease.release());
            }
            return get(client, path).filter(value::equals).isPresent();
        } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
