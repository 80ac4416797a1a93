package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.put;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.tck.StoreServer;
import dev.holdfast.tck.Trial;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes through each of some servers by itself, all the time, and knows for how long none of them has acknowledged
 * anything. A client that fails is replaced by a new one, so that one which is slow to find its way does not make the
 * store look silent.
 */
final class StoreWitness implements AutoCloseable {
    /** How long one write may take: by so much the silence may seem longer than it is. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Trial trial;
    private final AtomicLong last = new AtomicLong(System.nanoTime());
    private final AtomicLong longest = new AtomicLong();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> writers = new ArrayList<>();

    StoreWitness(Trial trial, List<StoreServer> servers) {
        this.trial = trial;
        for (StoreServer server : servers) {
            Map<String, String> options = new HashMap<>(trial.optionsFor(List.of(server)));
            if (Backends.load()
                    .provider(trial.harness().type())
                    .options()
                    .find("request_timeout")
                    .isPresent()) {
                options.put("request_timeout", PATIENCE.toMillis() + "ms");
            }
            writers.add(trial.thread("witness-at-" + server, () -> write(options, "witness/" + server)));
        }
    }

    private void write(Map<String, String> options, String path) {
        try {
            while (!stop.get()) {
                writeUntilItFails(options, path);
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (InterruptedException e) {
            // the check is over
        }
    }

    private void writeUntilItFails(Map<String, String> options, String path) throws InterruptedException {
        try (Backend client = trial.open(options)) {
            for (int i = 0; !stop.get(); i++) {
                put(client, path, "beat " + i);
                acknowledged();
                Thread.sleep(PAUSE.toMillis());
            }
        } catch (BackendException e) {
            // the silence goes on, for the next client to end
        }
    }

    private void acknowledged() {
        long now = System.nanoTime();
        longest.accumulateAndGet(now - last.getAndSet(now), Math::max);
    }

    /** Waits until something is acknowledged, or this time has passed, and forgets what was until then. */
    void begin(Duration bound) throws InterruptedException {
        long from = System.nanoTime();
        while (last.get() - from <= 0 && System.nanoTime() - from < bound.toNanos()) {
            Thread.sleep(2);
        }
        last.set(System.nanoTime());
        longest.set(0);
    }

    /** The longest time since it began in which nothing was acknowledged. */
    Duration silence() {
        return Duration.ofNanos(Math.max(longest.get(), System.nanoTime() - last.get()));
    }

    @Override
    public void close() {
        stop.set(true);
        for (Thread writer : writers) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(writer, PATIENCE.multipliedBy(4).toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
