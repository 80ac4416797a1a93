package dev.holdfast.backend.inmem;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A store of its own for each test, clients on links that the test controls, and waits that end. */
final class Lab implements AfterEachCallback {
    /** Far longer than anything here takes; a wait that reaches it has failed. */
    static final Duration BOUND = Duration.ofSeconds(20);

    final String name = "lab-" + UUID.randomUUID();
    final InMemStore store = InMemStores.named(name);
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Map<String, String> options =
            new HashMap<>(Map.of("store", name, "path", "lab/", "request_timeout", "300ms", "lock_ttl", "600ms"));

    Lab with(String option, String value) {
        options.put(option, value);
        return this;
    }

    /** A backend behind the link of this name. */
    InMemBackend open(String link) {
        Map<String, String> all = new HashMap<>(options);
        all.put("link", name + link);
        InMemBackend backend = (InMemBackend) Backends.load().open("inmem", all);
        opened.add(backend);
        return backend;
    }

    InMemLink link(String link) {
        return InMemLinks.named(name + link);
    }

    static Entry entry(String key, String value) {
        return Entry.of(Key.of(key), value.getBytes(StandardCharsets.UTF_8));
    }

    static <T> T within(CompletableFuture<T> future) throws Exception {
        return future.get(BOUND.toNanos(), TimeUnit.NANOSECONDS);
    }

    static <T> CompletableFuture<T> inBackground(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        start(() -> {
            try {
                result.complete(task.call());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    static Thread start(Runnable task) {
        Thread thread = new Thread(task, "lab");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    static void await(String what, BooleanSupplier condition) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > BOUND.toNanos()) {
                throw new AssertionError("not within " + BOUND + ": " + what);
            }
            LockSupport.parkNanos(100_000); // spinning would take a processor from what is waited for
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        store.resume();
        for (AutoCloseable each : opened) {
            each.close();
        }
        InMemStores.drop(name);
    }
}
