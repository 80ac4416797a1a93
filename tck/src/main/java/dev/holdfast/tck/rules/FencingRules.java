package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.FencingBackend;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the fence stops. */
public final class FencingRules {
    private static final Duration FOREVER = Duration.ofDays(1);
    private static final Duration GRACE = Duration.ofSeconds(1);
    private static final int WRITES = 20;

    /** Every kind of write; each leaves a trace that is different from what was there. */
    private static Map<String, Runnable> writes(Trial trial, Backend view, String value) {
        Map<String, Runnable> writes = new LinkedHashMap<>();
        writes.put("put", () -> put(view, "put", value));
        writes.put("put of a new key", () -> put(view, "new/" + value, value));
        writes.put("delete", () -> view.delete(key("delete")));
        if (trial.declares(Capability.TRANSACTIONS)) {
            assertThat(view)
                    .as("a view of an instance that declares TRANSACTIONS")
                    .isInstanceOf(TransactionalBackend.class);
            writes.put(
                    "commit",
                    () -> ((TransactionalBackend) view)
                            .commit(List.of(
                                    new Mutation.Put(Entry.of(key("commit"), bytes(value))),
                                    new Mutation.Delete(key("commit/deleted")))));
        }
        return writes;
    }

    /** What the writes would change. */
    static void prepare(Backend view) {
        for (String path : List.of("put", "delete", "commit", "commit/deleted")) {
            put(view, path, "current");
        }
    }

    private static void isUnchanged(Backend witness, String value, String after) {
        for (String path : List.of("put", "delete", "commit", "commit/deleted")) {
            assertThat(get(witness, path))
                    .as("entry '%s' after %s", path, after)
                    .contains("current");
        }
        assertThat(get(witness, "new/" + value))
                .as("entry 'new/%s' after %s", value, after)
                .isEmpty();
    }

    /** The plain case: somebody raised the fence before the write was made. */
    @Verifies(value = Rule.FN_02, parallel = true)
    public void aViewBelowTheFenceWritesNothing(Trial trial) {
        FencingBackend deposed = (FencingBackend) trial.open();
        FencingBackend current = (FencingBackend) trial.open();
        Backend oldest = deposed.fence(3);
        Backend old = deposed.fence(7);
        prepare(old);
        Backend now = current.fence(9);
        for (Backend view : List.of(oldest, old)) {
            writes(trial, view, "stale").forEach((name, write) -> {
                String what = name + " through a view below the fence";
                assertThat(Thrown.by(write::run)).as(what).isInstanceOf(BackendException.Fenced.class);
                isUnchanged(current, "stale", what);
            });
            assertThat(get(view, "put"))
                    .as("get through a view below the fence")
                    .contains("current");
            assertThat(view.list(Prefix.ROOT))
                    .as("list through a view below the fence")
                    .contains("put", "delete");
        }
        put(deposed, "unfenced", "written");
        assertThat(get(current, "unfenced"))
                .as("what the deposed client wrote without a view, which no fence stops")
                .contains("written");
        writes(trial, now, "fresh").values().forEach(Runnable::run);
        assertThat(get(deposed, "put"))
                .as("what was put through the view at the fence")
                .contains("fresh");
        assertThat(get(deposed, "delete"))
                .as("what was deleted through the view at the fence")
                .isEmpty();

        deposed.fence(10);
        assertThat(Thrown.by(() -> put(now, "put", "late")))
                .as("put through the view of another client after the fence was raised once more")
                .isInstanceOf(BackendException.Fenced.class);
        assertThat(get(current, "put")).as("the entry after that").contains("fresh");
    }

    /** The comparison is a part of the write, and no question before it. */
    @Verifies(value = Rule.FN_02, parallel = true)
    public void aFencedWriteCostsNoFurtherRoundTrip(Trial trial) {
        Link link = trial.link();
        FencingBackend client = (FencingBackend) trial.open(link.options());
        Backend view = client.fence(1);
        long plain = turns(link, client);
        long fenced = turns(link, view);
        if (plain == 0) {
            throw new UnverifiedException("the link to the store counts nothing");
        }
        // A heartbeat of the client's may come between, and in one measurement more of them than in another.
        for (int again = 0; again < 3 && fenced >= plain + WRITES / 2; again++) {
            plain = Math.min(plain, turns(link, client));
            fenced = Math.min(fenced, turns(link, view));
        }
        // A question before each write is far beyond what is left of that.
        assertThat(fenced)
                .as("round trips of %d puts through a view, where there are %d without one", WRITES, plain)
                .isLessThan(plain + WRITES / 2);
    }

    private static long turns(Link link, Backend backend) {
        put(backend, "counted", "warm");
        long before = link.traffic().turns();
        for (int i = 0; i < WRITES; i++) {
            put(backend, "counted", "value-" + i);
        }
        return link.traffic().turns() - before;
    }

    /** The write is on its way when the fence is raised, and arrives after it. */
    @Verifies(value = Rule.FN_02, parallel = true)
    public void aWriteThatArrivesAfterTheTakeoverIsRejected(Trial trial) throws Exception {
        Link link = trial.link();
        FencingBackend deposed = (FencingBackend) trial.open(link.options());
        FencingBackend successor = (FencingBackend) trial.open();
        Duration late = Duration.ofMillis(
                Math.min(400, trial.requestTimeout().dividedBy(3).toMillis()));
        // On a slow machine these may arrive before the fence; what is held back cannot.
        boolean unused = isRejected(
                trial,
                deposed,
                successor,
                10,
                "writes delayed by " + late.toMillis() + " ms",
                link,
                () -> link.delay(late),
                late);
        for (Fault fault : List.of(Fault.BLACK_HOLE, Fault.LOSE_REQUESTS)) {
            long token = fault == Fault.BLACK_HOLE ? 20 : 30;
            String what = "writes held back by " + fault;
            if (!isRejected(trial, deposed, successor, token, what, link, () -> link.apply(fault), FOREVER)) {
                throw new UnverifiedException(what + " were done before the fence could be raised");
            }
        }
    }

    /**
     * Whether the writes were on their way still when the fence was raised; then none of them may take effect.
     *
     * @param late how long the fault keeps them from arriving
     */
    private static boolean isRejected(
            Trial trial,
            FencingBackend deposed,
            FencingBackend successor,
            long token,
            String what,
            Link link,
            Runnable fault,
            Duration late)
            throws Exception {
        Backend view = deposed.fence(token);
        prepare(view);
        fault.run();
        String value = "stale-" + token;
        long sent = System.nanoTime();
        Map<String, Pending<@Nullable Void>> calls = new LinkedHashMap<>();
        writes(trial, view, value)
                .forEach((name, write) -> calls.put(name, Pending.call(trial, name, () -> {
                    write.run();
                    return null;
                })));
        Thread.sleep(late(trial));
        boolean held = calls.values().stream().noneMatch(Pending::isDone);
        Backend now = successor.fence(token + 1);
        if (!held || System.nanoTime() - sent - late.toNanos() > 0) {
            link.heal();
            trial.await(
                    what + " come to an end",
                    trial.requestTimeout().plus(GRACE),
                    () -> calls.values().stream().allMatch(Pending::isDone));
            return false;
        }
        put(now, "successor", "serves");
        isUnchanged(successor, value, "the takeover, with " + what);
        Thread.sleep(late(trial));
        link.heal();
        for (Map.Entry<String, Pending<@Nullable Void>> call : calls.entrySet()) {
            assertThat(call.getValue().failure(trial.requestTimeout().plus(GRACE)))
                    .as("%s: what the %s throws, after which the fence was raised", what, call.getKey())
                    .isInstanceOfAny(
                            BackendException.Fenced.class,
                            BackendException.OutcomeUnknown.class,
                            BackendException.Unavailable.class);
        }
        // Whatever was held back for this client comes before what it is told now.
        trial.await(
                "the deposed client reads again after its link healed",
                trial.requestTimeout().plusSeconds(5),
                () -> catchThrowable(() -> get(deposed, "successor")) == null);
        long end = System.nanoTime() + Duration.ofMillis(300).toNanos();
        while (System.nanoTime() - end < 0) {
            isUnchanged(successor, value, "the link healed, with " + what);
            Thread.sleep(10);
        }
        return true;
    }

    private static long late(Trial trial) {
        return Math.min(40, trial.requestTimeout().dividedBy(10).toMillis());
    }

    /** A writer that knows of nothing goes on while the fence is raised under it. */
    @Verifies(value = Rule.FN_02, parallel = true)
    public void nothingIsWrittenOnceTheFenceHasBeenRaised(Trial trial) throws Exception {
        FencingBackend writer = (FencingBackend) trial.open();
        FencingBackend successor = (FencingBackend) trial.open();
        for (int round = 1; round <= 40; round++) {
            Backend view = writer.fence(2L * round);
            put(view, "raced", "round-" + round);
            int number = round;
            Pending<Integer> writing = Pending.call(trial, "writer", () -> {
                for (int i = 0; ; i++) {
                    try {
                        put(view, "raced", "round-" + number + "-" + i);
                    } catch (BackendException.Fenced e) {
                        return i;
                    }
                }
            });
            Thread.sleep(trial.random().nextInt(5));
            Backend unused = successor.fence(2L * round + 1);
            String seen = get(successor, "raced").orElse("nothing");
            int written = writing.get(trial.requestTimeout().plus(GRACE));
            assertThat(get(successor, "raced"))
                    .as(
                            "round %d: the entry after the deposed writer was stopped in its write %d, compared with what its"
                                    + " successor read right after raising the fence",
                            round, written)
                    .contains(seen);
        }
    }
}
