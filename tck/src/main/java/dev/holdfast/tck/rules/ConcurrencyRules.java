package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.TransactionalBackend;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.UnverifiedException;
import dev.holdfast.tck.Verifies;
import dev.holdfast.tck.faults.Fault;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.history.Linearizability;
import dev.holdfast.tck.history.StorageHistory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Many at once. */
public final class ConcurrencyRules {
    private static final int THREADS = 64;
    private static final int CALLS = 60;
    private static final int KEYS = 32; // a few calls at a time on each, so that their order can be searched
    private static final int UNDISTURBED = 3;
    private static final Duration WATCHED = Duration.ofMillis(200);
    private static final long STEPS = 5_000_000;

    /** 64 threads on a few keys, through several clients, one of them now and then without replies. */
    @Verifies(Rule.KV_07)
    public void mixedUseIsLinearizablePerKey(Trial trial) throws Exception {
        List<Backend> clients = new ArrayList<>();
        for (int i = 0; i < UNDISTURBED; i++) {
            clients.add(trial.open());
        }
        @Nullable Link link = linkOf(trial);
        if (link != null) {
            clients.add(trial.open(link.options()));
        }
        StorageHistory history = trial.timeline().storage(new StorageHistory());
        AtomicInteger running = new AtomicInteger(THREADS);
        long seed = trial.seed();
        trial.race(THREADS + 1, Duration.ofSeconds(50), number -> {
            if (number == THREADS) {
                disturb(link, running, new SplittableRandom(seed));
                return;
            }
            try {
                // A delete of unknown outcome could explain nearly anything, so the disturbed client makes none.
                boolean deletes = number % clients.size() < UNDISTURBED;
                use(
                        history,
                        "t" + number,
                        clients.get(number % clients.size()),
                        deletes,
                        new SplittableRandom(seed + number));
            } finally {
                running.decrementAndGet();
            }
        });
        List<String> undecided = new ArrayList<>();
        history.byKey().forEach((key, operations) -> {
            Linearizability.Answer answer = Linearizability.check(operations, STEPS);
            String text = operations.size() + " calls on '" + key + "': " + answer.explanation();
            if (answer.verdict() == Linearizability.Verdict.UNDECIDED) {
                undecided.add(text); // what another key shows still counts
            } else {
                assertThat(answer.verdict()).as(text).isEqualTo(Linearizability.Verdict.YES);
            }
        });
        if (!undecided.isEmpty()) {
            throw new UnverifiedException("the search for an order of the calls was given up: " + undecided);
        }
    }

    /** A write is applied and its reply is lost; somebody else writes; what the backend then sends again changes nothing. */
    @Verifies(value = Rule.KV_07, parallel = true)
    public void aWriteWhoseReplyWasLostTakesEffectOnce(Trial trial) throws Exception {
        Link link = trial.link();
        Backend writer = trial.open(link.options());
        Backend witness = trial.open();
        boolean observed = false;
        for (Calls.Call call : Calls.storage(writer, "lost")) {
            if (call.write() && !call.name().equals("fence")) {
                observed |= takesEffectOnce(trial, link, call, writer, witness);
            }
        }
        if (!observed) {
            throw new UnverifiedException("no write took effect while its reply was lost");
        }
    }

    /** Whether there was anything to see. */
    private static boolean takesEffectOnce(Trial trial, Link link, Calls.Call call, Backend writer, Backend witness)
            throws Exception {
        String path = "lost/" + call.name();
        put(witness, path, "before");
        assertThat(get(writer, path)).as("'%s' through the link", path).contains("before");
        link.apply(Fault.LOSE_REPLIES);
        Pending<@Nullable Void> writing = Pending.call(trial, call.name(), () -> {
            call.action().run();
            return null;
        });
        Duration bound = trial.requestTimeout().plusSeconds(1);
        trial.await(
                call + " takes effect or ends",
                bound,
                () -> writing.isDone() || !get(witness, path).equals(Optional.of("before")));
        boolean applied = !get(witness, path).equals(Optional.of("before"));
        put(witness, path, "later");
        Thread.sleep(Math.min(50, trial.requestTimeout().dividedBy(10).toMillis())); // the reply is to be lost, too
        link.heal();
        Throwable thrown = writing.failure(bound);
        assertThat(thrown == null || thrown instanceof BackendException)
                .as("the end of a %s whose reply was lost: %s", call, thrown)
                .isTrue();
        long end = System.nanoTime() + WATCHED.toNanos();
        while (applied && System.nanoTime() - end < 0) {
            assertThat(get(witness, path))
                    .as(
                            "'%s', which was put by another client after the %s whose reply was lost had taken effect",
                            path, call)
                    .contains("later");
            Thread.sleep(5);
        }
        return applied;
    }

    private static @Nullable Link linkOf(Trial trial) {
        try {
            return trial.link();
        } catch (UnverifiedException e) {
            return null; // then without lost replies
        }
    }

    private static void use(
            StorageHistory history, String client, Backend backend, boolean deletes, SplittableRandom random) {
        for (int i = 0; i < CALLS; i++) {
            var key = key("shared/" + random.nextInt(KEYS));
            switch (random.nextInt(6)) {
                case 0 -> history.put(client, backend, key, client + "-" + i);
                case 1 -> {
                    if (deletes) {
                        history.delete(client, backend, key);
                    } else {
                        history.put(client, backend, key, client + "-" + i);
                    }
                }
                case 2 -> {
                    String value = client + "-" + i;
                    if (backend.capabilities().contains(Capability.TRANSACTIONS)) {
                        int other = random.nextInt(KEYS);
                        Set<Key> keys = Stream.of(key, key("shared/" + other)).collect(Collectors.toSet());
                        history.commit(client, (TransactionalBackend) backend, keys, value);
                    } else {
                        history.put(client, backend, key, value);
                    }
                }
                default -> history.get(client, backend, key);
            }
        }
    }

    private static void disturb(@Nullable Link link, AtomicInteger running, SplittableRandom random)
            throws InterruptedException {
        while (link != null && running.get() > 0) {
            Thread.sleep(300 + random.nextInt(300)); // a client that is never left alone gets nothing done
            link.apply(random.nextBoolean() ? Fault.LOSE_REPLIES : Fault.RESET);
            Thread.sleep(random.nextInt(20));
            link.heal();
        }
    }
}
