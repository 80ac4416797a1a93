package dev.holdfast.backend.inmem;

import dev.holdfast.backend.inmem.InMemLockTable.Name;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.driver.LeaseThreads;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicLong;

/** Is told by the store of a lock's changes, and learns by a heartbeat what was lost on the way. */
final class InMemWatch implements HALock.Watch {
    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final long UNKNOWN = -1;

    private final InMemStore store;
    private final InMemLink link;
    private final Name lock;
    private final Runnable changed;
    private final Runnable push;
    private final AtomicLong token = new AtomicLong(UNKNOWN);
    private final ScheduledFuture<?> heartbeat;
    private volatile boolean closed;

    InMemWatch(InMemStore store, InMemLink link, LeaseThreads threads, Name lock, Runnable changed) {
        this.store = store;
        this.link = link;
        this.lock = lock;
        this.changed = changed;
        this.push = () -> link.push(changed);
        this.heartbeat = threads.every(HEARTBEAT, this::beat);
    }

    private void beat() {
        CompletionStage<Long> answer =
                link.renew(store, server -> server.locks().watch(lock, push));
        answer.whenComplete((now, failure) -> {
            if (closed) {
                store.locks().unwatch(lock, push);
            } else if (failure == null && token.getAndSet(now) != now) {
                changed.run();
            }
        });
    }

    @Override
    public void close() {
        closed = true;
        heartbeat.cancel(false);
        store.locks().unwatch(lock, push);
    }
}
