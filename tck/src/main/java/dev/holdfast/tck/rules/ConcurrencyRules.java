package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.key;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
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
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Many at once. */
public final class ConcurrencyRules {
    private static final int THREADS = 64;
    private static final int CALLS = 40;
    private static final int KEYS = 8;
    private static final long STEPS = 5_000_000;

    /** 64 threads on a few keys, through several clients, one of them now and then without replies. */
    @Verifies(Rule.KV_07)
    public void mixedUseIsLinearizablePerKey(Trial trial) throws Exception {
        List<Backend> clients = new ArrayList<>(List.of(trial.open(), trial.open(), trial.open()));
        @Nullable Link link = linkOf(trial);
        if (link != null) {
            clients.add(trial.open(link.options()));
        }
        StorageHistory history = new StorageHistory();
        AtomicInteger running = new AtomicInteger(THREADS);
        long seed = trial.seed();
        trial.race(THREADS + 1, Duration.ofSeconds(50), number -> {
            if (number == THREADS) {
                disturb(link, running, new Random(seed));
                return;
            }
            try {
                use(history, "t" + number, clients.get(number % clients.size()), new Random(seed + number));
            } finally {
                running.decrementAndGet();
            }
        });
        history.byKey().forEach((key, operations) -> {
            Linearizability.Answer answer = Linearizability.check(operations, STEPS);
            assertThat(answer.verdict())
                    .as("%d calls on '%s': %s", operations.size(), key, answer.explanation())
                    .isEqualTo(Linearizability.Verdict.YES);
        });
    }

    private static @Nullable Link linkOf(Trial trial) {
        try {
            return trial.link();
        } catch (UnverifiedException e) {
            return null; // then without lost replies
        }
    }

    private static void use(StorageHistory history, String client, Backend backend, Random random) {
        for (int i = 0; i < CALLS; i++) {
            var key = key("shared/" + random.nextInt(KEYS));
            switch (random.nextInt(5)) {
                case 0, 1 -> history.put(client, backend, key, client + "-" + i);
                case 2 -> history.delete(client, backend, key);
                default -> history.get(client, backend, key);
            }
        }
    }

    private static void disturb(@Nullable Link link, AtomicInteger running, Random random) throws InterruptedException {
        while (link != null && running.get() > 0) {
            Thread.sleep(random.nextInt(20));
            link.apply(random.nextBoolean() ? Fault.LOSE_REPLIES : Fault.RESET);
            Thread.sleep(random.nextInt(20));
            link.heal();
        }
    }
}
