package dev.holdfast.ha;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs events and tells them to listeners, in order, in a thread of its own: a slow listener delays nobody but the other
 * listeners. When it is more than {@value #BACKLOG} behind, it misses the oldest.
 */
final class Events implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(HANode.class);
    private static final int BACKLOG = 1024;

    private final String who;
    private final List<Consumer<? super HAEvent>> listeners = new CopyOnWriteArrayList<>();
    private final ThreadPoolExecutor teller = new ThreadPoolExecutor(
            0,
            1,
            1,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(BACKLOG),
            task -> {
                Thread thread = new Thread(task, "holdfast-ha-events");
                thread.setDaemon(true);
                return thread;
            },
            new ThreadPoolExecutor.DiscardOldestPolicy());

    Events(String who) {
        this.who = who;
    }

    void add(Consumer<? super HAEvent> listener) {
        listeners.add(listener);
    }

    void remove(Consumer<? super HAEvent> listener) {
        listeners.remove(listener);
    }

    HAEvent happened(HAEvent.Kind kind, long token, String why) {
        HAEvent event = new HAEvent(Instant.now(), who, kind, token, why);
        if (event.isTrouble()) {
            log.warn("{}", event);
        } else {
            log.info("{}", event);
        }
        if (!listeners.isEmpty()) {
            teller.execute(() -> listeners.forEach(listener -> tell(listener, event)));
        }
        return event;
    }

    private static void tell(Consumer<? super HAEvent> listener, HAEvent event) {
        try {
            listener.accept(event);
        } catch (RuntimeException | Error e) { // the others are told all the same
            log.warn("a listener to events failed", e);
        }
    }

    /** Takes no more events; those under way are told. */
    @Override
    public void close() {
        teller.shutdown();
    }
}
