package dev.holdfast.bench;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.TransactionalBackend;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;

/** Fills stores with what is then listed. */
final class Planting {
    private static final int WRITERS = 32;
    private static final byte[] VALUE = "x".getBytes(StandardCharsets.UTF_8);

    private Planting() {}

    /** Through our backend, as many in one commit as it takes. */
    static void ours(Backend backend, int from, int to, IntFunction<String> key) throws Exception {
        int atOnce = backend instanceof TransactionalBackend
                ? Math.min(100, backend.limits().maxMutations())
                : 1;
        inParallel(from, to, atOnce, (begin, end) -> {
            List<Mutation> batch = new ArrayList<>();
            for (int i = begin; i < end; i++) {
                batch.add(new Mutation.Put(Entry.of(Key.of(key.apply(i)), VALUE)));
            }
            if (backend instanceof TransactionalBackend transactional) {
                transactional.commit(batch);
            } else {
                batch.forEach(put -> backend.put(((Mutation.Put) put).entry()));
            }
        });
    }

    /** A writer of the keys from {@code begin}, inclusive, to {@code end}, exclusive. */
    interface Writer {
        void write(int begin, int end) throws Exception;
    }

    static void inParallel(int from, int to, int atOnce, Writer writer) throws Exception {
        AtomicInteger next = new AtomicInteger(from);
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < WRITERS; i++) {
                running.add(threads.submit(() -> {
                    for (int at = next.getAndAdd(atOnce); at < to; at = next.getAndAdd(atOnce)) {
                        writer.write(at, Math.min(to, at + atOnce));
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                var unused = each.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
