package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.Assertions;

/** What is read at a server that knows less than the others. */
public final class LateReadRules {
    private static final Duration ELECTION = Duration.ofSeconds(20);
    private static final int CONTENDERS = 12;

    /** A server that is cut off from the others may refuse to answer, but not answer with what was true before. */
    @Verifies(value = Rule.KV_02, cluster = true, boundSeconds = 120)
    public void aReaderAtAnIsolatedServerIsNotLate(Trial trial) throws Exception {
        isNotLate(trial, false);
    }

    /** As {@link #aReaderAtAnIsolatedServerIsNotLate}, where the server led the others and has to notice that it does not. */
    @Verifies(value = Rule.KV_02, cluster = true, boundSeconds = 120)
    public void aReaderAtADeposedLeaderIsNotLate(Trial trial) throws Exception {
        isNotLate(trial, true);
    }

    private static void isNotLate(Trial trial, boolean leader) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        Duration latest = trial.declares(Capability.LINEARIZABLE_READS) ? Duration.ZERO : trial.requestTimeout();
        StoreServer isolated = servers.stream()
                .filter(server -> server.leads() == leader)
                .findFirst()
                .orElseThrow(() -> new UnverifiedException("no server says that it leads"));
        List<StoreServer> others =
                servers.stream().filter(server -> server != isolated).toList();
        Backend reader = trial.open(trial.optionsFor(List.of(isolated)));
        Backend writer = trial.open(trial.optionsFor(others));
        put(writer, "k", "before");
        trial.await("the reader sees the first value", ELECTION, () -> shows(reader, "before"));
        isolated.isolate();
        try {
            putAfterHealing(trial, writer);
            long acknowledged = System.nanoTime();
            long watched = trial.requestTimeout().multipliedBy(3).toNanos();
            while (System.nanoTime() - acknowledged < watched) {
                long began = System.nanoTime();
                if (began - acknowledged > latest.toNanos() && shows(reader, "before")) {
                    Assertions.fail("a get that began " + (began - acknowledged) / 1_000_000
                            + " ms after another client's put was acknowledged does not show it, through a server that is"
                            + " cut off from the others; no later than " + latest.toMillis() + " ms is allowed");
                }
            }
        } finally {
            isolated.rejoin();
        }
        trial.await("the reader sees the second value", ELECTION, () -> shows(reader, "after"));
    }

    /** A server is cut off, and of the contenders that read there some win their lock through another server. */
    @Verifies(value = Rule.FN_03, cluster = true, boundSeconds = 180)
    public void aNewHolderReadsWhatIsNewAlsoFromAnIsolatedServer(Trial trial) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        StoreServer isolated = follower(servers);
        List<StoreServer> others =
                servers.stream().filter(server -> server != isolated).toList();
        LockHistory history = new LockHistory();
        Contender first = Contender.of(trial, history, "first", trial.optionsFor(others));
        put(first.client(), "k", "before");
        List<Contender> next = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            Contender contender = Contender.of(trial, history, "next-" + i);
            contender.win(key("own/" + i)).release(); // so that all of its connections are there
            trial.await("it reads", ELECTION, () -> shows(contender.client(), "before"));
            next.add(contender);
        }
        Held held = first.win(key("lock"));
        isolated.isolate();
        try {
            putAfterHealing(trial, first.client());
            held.release();
            List<Pending<Boolean>> readers = next.stream()
                    .map(contender -> Pending.call(trial, contender + " in its turn", () -> readsAsHolder(contender)))
                    .toList();
            for (Pending<Boolean> reader : readers) {
                assertThat(reader.get(ELECTION.multipliedBy(2).plus(trial.expiryBound())))
                        .as("a new holder reads what was written before its predecessor released the lock")
                        .isTrue();
            }
        } finally {
            isolated.rejoin();
        }
    }

    /** Whether it wins the lock and then does not read what was true before. */
    private static boolean readsAsHolder(Contender contender) throws Exception {
        Held held = contender.winAfterHealing(key("lock"), ELECTION);
        try {
            return !shows(contender.client(), "before");
        } finally {
            try {
                held.release();
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                // its server is cut off, and the next one waits for the expiry
            }
        }
    }

    private static StoreServer follower(List<StoreServer> servers) {
        return servers.stream().filter(server -> !server.leads()).findFirst().orElseThrow();
    }

    /** The others may have to notice first that one of them is gone. */
    private static void putAfterHealing(Trial trial, Backend writer) throws InterruptedException {
        trial.await("the other servers take a put", ELECTION, () -> {
            try {
                put(writer, "k", "after");
                return true;
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                return false;
            }
        });
    }

    private static boolean shows(Backend reader, String value) {
        try {
            return get(reader, "k").filter(value::equals).isPresent();
        } catch (BackendException.Unavailable e) {
            return false;
        }
    }
}
