package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Lease;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Prefix;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.Traffic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** What a call costs the store, counted on the way there. */
public final class CostRules {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int SUBTREES = 50;
    private static final int KEYS = 1_000;

    /** Where each takes a request of its own: ten pages of any store that has pages of a thousand. */
    private static final int KEYS_ONE_BY_ONE = 200;

    private static final int LISTINGS = 10;
    private static final int WRITERS = 16;
    private static final long SLACK_BYTES = 4 * 1024;

    private static final int HAND_OFFS = 200;
    private static final int FEW = 2;
    private static final int MANY = 50;
    private static final int CLIENTS = 10;

    /** Two trees with equal children, of which one has hundreds of times the descendants. */
    @Verifies(value = Rule.LS_05, boundSeconds = 300)
    public void aListingCostsNoMoreForWhatIsFurtherDown(Trial trial) throws Exception {
        Backend writer = trial.open();
        plant(trial, writer, "flat", 1);
        int keys = trial.declares(Capability.TRANSACTIONS) ? KEYS : KEYS_ONE_BY_ONE;
        plant(trial, writer, "deep", keys);
        Link link = trial.link();
        Backend reader = trial.open(link.options());
        Traffic flat = listing(reader, link, "flat");
        Traffic deep = listing(reader, link, "deep");
        if (flat.turns() == 0) {
            throw new UnverifiedException("the link to the store counts nothing");
        }
        String what = LISTINGS + " listings of " + SUBTREES + " subtrees with " + keys + " keys each, against "
                + LISTINGS + " of as many with one key each (" + flat + ")";
        // A heartbeat of the client's may come between; a listing that grows with its descendants is far beyond.
        assertThat(deep.turns()).as("requests of %s", what).isLessThanOrEqualTo(flat.turns() * 3 / 2 + 2);
        assertThat(deep.bytes())
                .as("bytes both ways of %s", what)
                .isLessThanOrEqualTo(flat.bytes() * 2 + SLACK_BYTES * LISTINGS);
    }

    private static Traffic listing(Backend reader, Link link, String tree) {
        Prefix prefix = Prefix.of(tree + "/");
        List<String> expected =
                IntStream.range(0, SUBTREES).mapToObj(i -> name(i) + "/").toList();
        assertThat(reader.list(prefix)).as("list of %s", tree).isEqualTo(expected); // and the connection is warm
        Traffic before = link.traffic();
        for (int i = 0; i < LISTINGS; i++) {
            var unused = reader.list(prefix);
        }
        return link.traffic().since(before);
    }

    private static String name(int number) {
        return String.format(java.util.Locale.ROOT, "%04d", number);
    }

    private static void plant(Trial trial, Backend backend, String tree, int keys) throws Exception {
        List<Entry> entries = new ArrayList<>();
        for (int i = 0; i < SUBTREES; i++) {
            for (int j = 0; j < keys; j++) {
                entries.add(Entry.of(key(tree + "/" + name(i) + "/" + name(j)), bytes("x")));
            }
        }
        int atOnce = trial.declares(Capability.TRANSACTIONS)
                ? Math.min(100, backend.limits().maxMutations())
                : 1;
        AtomicInteger next = new AtomicInteger();
        trial.race(Math.min(WRITERS, SUBTREES), Duration.ofMinutes(4), number -> {
            for (int at = next.getAndAdd(atOnce); at < entries.size(); at = next.getAndAdd(atOnce)) {
                List<Entry> batch = entries.subList(at, Math.min(entries.size(), at + atOnce));
                if (atOnce > 1) {
                    insist(() -> ((TransactionalBackend) backend)
                            .commit(batch.stream()
                                    .map(entry -> (Mutation) new Mutation.Put(entry))
                                    .toList()));
                } else {
                    batch.forEach(entry -> insist(() -> backend.put(entry)));
                }
            }
        });
    }

    /** So much at once may be more than a store can take in a call's time; what is here to be counted comes later. */
    private static void insist(Runnable write) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                write.run();
                return;
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
            }
        }
    }

    /** Hand-offs among two contenders and among fifty. */
    @Verifies(value = Rule.LV_03, boundSeconds = 120)
    public void aHandOffCostsNoMoreWithManyWaiters(Trial trial) throws Exception {
        Cost few = handOffs(trial, FEW);
        Cost many = handOffs(trial, MANY);
        if (few.perHandOff() <= 0) {
            throw new UnverifiedException("the link to the store counts nothing");
        }
        assertThat(many.perHandOff())
                .as("%s per hand-off with %d contenders (%s), with %d it is (%s)", few.unit(), MANY, many, FEW, few)
                .isLessThanOrEqualTo(few.perHandOff() * 3 / 2);
    }

    /** What went to the store during hand-offs, and in an equally long time in which nothing happened. */
    private record Cost(Traffic busy, Traffic idle, int handOffs) {
        boolean inBytes() {
            return busy.toStore() > 0;
        }

        String unit() {
            return inBytes() ? "bytes sent to the store" : "requests";
        }

        double perHandOff() {
            long cost = inBytes() ? busy.toStore() - idle.toStore() : busy.turns() - idle.turns();
            return (double) cost / handOffs;
        }
    }

    /** Whoever takes the lock again before a waiter can has handed it to nobody. */
    private static void awaitSuccessor(Trial trial, AtomicInteger won, int mine, AtomicBoolean stopped)
            throws InterruptedException {
        long patience = System.nanoTime() + trial.atOnce().toNanos();
        while (won.get() == mine && !stopped.get() && System.nanoTime() - patience < 0) {
            TimeUnit.MICROSECONDS.sleep(100);
        }
    }

    private static Cost handOffs(Trial trial, int contenders) throws Exception {
        Link link = trial.link();
        List<HABackend> clients = IntStream.range(0, Math.min(contenders, CLIENTS))
                .mapToObj(i -> (HABackend) trial.open(link.options()))
                .toList();
        String lock = "lock-of-" + contenders;
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicBoolean still = new AtomicBoolean();
        AtomicInteger won = new AtomicInteger();
        AtomicInteger asking = new AtomicInteger();
        List<Pending<Void>> threads = new ArrayList<>();
        for (int i = 0; i < contenders; i++) {
            HABackend client = clients.get(i % clients.size());
            String name = "c" + i;
            threads.add(Pending.call(trial, name, () -> {
                while (!stopped.get()) {
                    asking.incrementAndGet();
                    Lease lease = client.lock(key(lock), name).acquire();
                    asking.decrementAndGet();
                    int mine = won.incrementAndGet();
                    do {
                        Thread.sleep(1); // and who was woken in vain asks
                    } while (still.get() && !stopped.get());
                    lease.release();
                    awaitSuccessor(trial, won, mine, stopped);
                }
                return null;
            }));
        }
        Duration bound = Duration.ofSeconds(40);
        trial.await(contenders + " contenders have begun", bound, () -> won.get() > 2 * contenders);
        Traffic before = link.traffic();
        int first = won.get();
        long start = System.nanoTime();
        trial.await(HAND_OFFS + " hand-offs among " + contenders, bound, () -> won.get() >= first + HAND_OFFS);
        Traffic busy = link.traffic().since(before);
        int handOffs = won.get() - first;
        long took = System.nanoTime() - start;
        still.set(true);
        trial.await("one holds and the others wait", bound, () -> asking.get() == contenders - 1);
        Traffic quiet = link.traffic();
        Thread.sleep(Math.max(1, took / 1_000_000));
        Traffic idle = link.traffic().since(quiet);
        stopped.set(true);
        for (Pending<Void> thread : threads) {
            thread.get(bound);
        }
        return new Cost(busy, idle, handOffs);
    }
}
