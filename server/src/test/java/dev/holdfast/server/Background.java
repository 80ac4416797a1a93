package dev.holdfast.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Something that takes long to start, started while other things go on. */
final class Background<T> {
    private final CompletableFuture<T> started = new CompletableFuture<>();

    Background(Supplier<T> start) {
        Thread thread = new Thread(() -> started.completeAsync(start, Runnable::run), "background");
        thread.setDaemon(true);
        thread.start();
    }

    T get() throws Exception {
        return started.get(180, TimeUnit.SECONDS);
    }
}
