package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.put;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.tck.NotApplicableException;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.Assertions;

/** What is read at a server that knows less than the others. */
public final class LateReadRules {
    private static final Duration ELECTION = Duration.ofSeconds(20);

    /** A server that is cut off from the others may refuse to answer, but not answer with what was true before. */
    @Verifies(value = Rule.KV_02, boundSeconds = 120)
    public void aReaderAtAnIsolatedServerIsNotLate(Trial trial) throws Exception {
        List<StoreServer> servers = trial.servers();
        if (servers.size() < 3) {
            throw new NotApplicableException("the store has fewer than three servers");
        }
        Duration latest = trial.declares(Capability.LINEARIZABLE_READS) ? Duration.ZERO : trial.requestTimeout();
        StoreServer isolated =
                servers.stream().filter(server -> !server.leads()).findFirst().orElseThrow();
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
