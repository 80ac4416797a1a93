package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.Violation;
import dev.holdfast.tck.history.Held;
import dev.holdfast.tck.history.LockHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is read at a server that knows less than the others. */
public final class LateReadRules {
    private static final Duration ELECTION = Duration.ofSeconds(20);
    private static final int CONTENDERS = 12;

    /** What there is before a server is cut off, and what the others acknowledge afterwards, as a get and a list show it. */
    private static final List<Object> BEFORE = List.of(Optional.of("before"), List.of("k", "old"));

    private static final List<Object> AFTER = List.of(Optional.of("after"), List.of("k", "new"));

    /** What may be there instead of any answer. */
    private static final Object REFUSED = "refused";

    /** A server that is cut off from the others may refuse to answer, and answer with what they have acknowledged only. */
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
        List<StoreServer> servers = Servers.of(trial);
        StoreServer isolated = Servers.one(servers, leader);
        Backend reader = trial.open(trial.optionsFor(List.of(isolated)));
        Backend writer = trial.open(trial.optionsFor(Servers.without(servers, isolated)));
        writeBefore(writer);
        trial.await("the reader sees what was there before", ELECTION, () -> BEFORE.equals(reads(reader)));
        isolated.isolate();
        try {
            writeAfter(trial, writer);
            long acknowledged = System.nanoTime();
            // At once, for where one of them waits until it is refused the other would begin when its server knows
            // more.
            Pending<@Nullable Void> listing = Pending.call(trial, "list", () -> {
                isNotLate(trial, "list", () -> list(reader), AFTER.get(1), acknowledged);
                return null;
            });
            isNotLate(trial, "get", () -> get(reader, "k"), AFTER.get(0), acknowledged);
            listing.get(trial.requestTimeout().multipliedBy(2));
        } finally {
            isolated.rejoin();
        }
        trial.await("the reader sees what was written then", ELECTION, () -> AFTER.equals(reads(reader)));
    }

    private static void isNotLate(Trial trial, String name, Supplier<?> read, Object right, long acknowledged) {
        Duration latest = trial.declares(Capability.LINEARIZABLE_READS) ? Duration.ZERO : trial.requestTimeout();
        long watched = trial.requestTimeout().multipliedBy(3).toNanos();
        while (System.nanoTime() - acknowledged < watched) {
            long began = System.nanoTime();
            Object seen = answer(read);
            if (began - acknowledged > latest.toNanos() && !seen.equals(right) && !seen.equals(REFUSED)) {
                throw new Violation("a " + name + " that began " + (began - acknowledged) / 1_000_000
                        + " ms after another"
                        + " client's writes were acknowledged says " + seen + " instead of " + right
                        + ", through a server that is cut off from the others; no later than " + latest.toMillis()
                        + " ms is allowed");
            }
        }
    }

    /** A server is cut off, and of the contenders that read there some win their lock through another server. */
    @Verifies(value = Rule.FN_03, cluster = true, boundSeconds = 180)
    public void aNewHolderReadsWhatIsNewAlsoFromAnIsolatedServer(Trial trial) throws Exception {
        List<StoreServer> servers = Servers.of(trial);
        StoreServer isolated = Servers.one(servers, false);
        LockHistory history = new LockHistory();
        Contender first = Contender.of(trial, history, "first", trial.optionsFor(Servers.without(servers, isolated)));
        writeBefore(first.client());
        List<Contender> next = new ArrayList<>();
        for (int i = 0; i < CONTENDERS; i++) {
            Contender contender = Contender.of(trial, history, "next-" + i);
            contender.win(key("own/" + i)).release(); // so that all of its connections are there
            trial.await("it reads", ELECTION, () -> BEFORE.equals(reads(contender.client())));
            next.add(contender);
        }
        Held held = first.win(key("lock"));
        isolated.isolate();
        try {
            writeAfter(trial, first.client());
            held.release();
            List<Pending<List<Object>>> readers = next.stream()
                    .map(contender ->
                            Pending.call(trial, contender + " in its turn", () -> readsAsHolder(trial, contender)))
                    .toList();
            for (Pending<List<Object>> reader : readers) {
                List<Object> seen = reader.get(ELECTION.multipliedBy(2).plus(trial.expiryBound()));
                assertThat(isRight(seen))
                        .as(
                                "a new holder reads what was written before its predecessor released the lock, %s: %s",
                                AFTER, seen)
                        .isTrue();
            }
        } finally {
            isolated.rejoin();
        }
    }

    /** What it reads when it has won the lock. */
    private static List<Object> readsAsHolder(Trial trial, Contender contender) throws Exception {
        Held held = contender.winAfterHealing(key("lock"), ELECTION);
        try {
            Pending<Object> listing =
                    Pending.call(trial, "list of " + contender, () -> answer(() -> list(contender.client())));
            Object got = answer(() -> get(contender.client(), "k"));
            return List.of(got, listing.get(trial.requestTimeout().multipliedBy(2)));
        } finally {
            try {
                held.release();
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                // its server is cut off, and the next one waits for the expiry
            }
        }
    }

    /** The lock changes hands through the other servers: the one that is cut off may refuse to say whose it is. */
    @Verifies(value = Rule.HA_08, cluster = true, boundSeconds = 120)
    public void anIsolatedServerNamesNoPastHolder(Trial trial) throws Exception {
        List<StoreServer> servers = Servers.of(trial);
        StoreServer isolated = Servers.one(servers, false);
        Map<String, String> others = trial.optionsFor(Servers.without(servers, isolated));
        LockHistory history = new LockHistory();
        Key lock = key("lock");
        Contender past = Contender.of(trial, history, "past", others);
        Contender present = Contender.of(trial, history, "present", others);
        Contender reader = Contender.of(trial, history, "reader", trial.optionsFor(List.of(isolated)));
        Held old = past.win(lock);
        Optional<Holder> first = Optional.of(new Holder("past", old.token()));
        trial.await(
                "the reader knows the first holder", ELECTION, () -> first.equals(answer(() -> reader.holder(lock))));
        isolated.isolate();
        try {
            old.release();
            Held held = present.winAfterHealing(lock, ELECTION);
            Optional<Holder> second = Optional.of(new Holder("present", held.token()));
            long won = System.nanoTime();
            while (System.nanoTime() - won
                    < trial.requestTimeout().multipliedBy(2).toNanos()) {
                Object named = answer(() -> reader.holder(lock));
                if (!held.isHeld()) {
                    throw new UnverifiedException("'present', whom nothing was done to, lost its lease: " + held);
                }
                assertThat(named)
                        .as("holder() asked through a server that is cut off, where another lease is over")
                        .isIn(second, REFUSED);
            }
        } finally {
            isolated.rejoin();
        }
    }

    private static void writeBefore(Backend writer) {
        put(writer, "k", "before");
        put(writer, "old", "");
    }

    /** The others may have to notice first that one of them is gone. */
    private static void writeAfter(Trial trial, Backend writer) throws InterruptedException {
        trial.await("the other servers take a put, a new key and a delete", ELECTION, () -> {
            try {
                put(writer, "k", "after");
                put(writer, "new", "");
                writer.delete(key("old"));
                return true;
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                return false;
            }
        });
    }

    /** What a get and a list say. */
    private static List<Object> reads(Backend reader) {
        return List.of(answer(() -> get(reader, "k")), answer(() -> list(reader)));
    }

    private static List<String> list(Backend reader) {
        return reader.list(Prefix.ROOT);
    }

    /** Whether each of them shows what was acknowledged, or was refused. */
    private static boolean isRight(List<Object> reads) {
        return (reads.get(0).equals(AFTER.get(0)) || reads.get(0).equals(REFUSED))
                && (reads.get(1).equals(AFTER.get(1)) || reads.get(1).equals(REFUSED));
    }

    private static Object answer(Supplier<?> read) {
        try {
            return read.get();
        } catch (BackendException.Unavailable e) {
            return REFUSED;
        }
    }
}
