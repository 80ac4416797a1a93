package dev.holdfast.ha;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Holder;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the active's marker now and then, so that this node, should it be the successor, knows for how long it has not
 * been renewed. By this node's clock alone: what was seen at a time was written before it. Markers of earlier terms it
 * removes when their writes have arrived.
 */
final class MarkerWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(MarkerWatch.class);

    private static final int BETWEEN_LISTINGS = 4;

    /** What was in storage, and when that was known for the first time. */
    record Sight(Entry entry, long at) {}

    private final Backend storage;
    private final Key lock;
    private final Timings timings;
    private final Supplier<Optional<Holder>> active;
    private final Map<Key, Sight> sights = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean closed;

    /** @param active who is, when it is not this node */
    MarkerWatch(Backend storage, Key lock, Timings timings, Supplier<Optional<Holder>> active) {
        this.storage = storage;
        this.lock = lock;
        this.timings = timings;
        this.active = active;
        thread = new Thread(this::run, "holdfast-ha-markers");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            long due = System.nanoTime();
            for (int i = 0; !closed; i++) {
                long now = System.nanoTime(); // however long the last look took
                due = Math.max(
                        due + timings.renewal().toNanos(),
                        now + timings.renewal().toNanos() / 2);
                TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                boolean list = i % BETWEEN_LISTINGS == 0;
                attempt(() -> lookAtAll(list));
            }
        } catch (InterruptedException e) {
            // closed
        }
    }

    private static void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            log.debug(
                    "a marker in storage could not be read or removed, so a takeover may wait longer: {}",
                    e.toString());
        }
    }

    /**
     * One that was seen is looked at until it is gone: there may be a successor by now who does not outlive its takeover.
     * Nobody knows of one that came back, with a renewal that was late: so they are listed now and then.
     */
    private void lookAtAll(boolean list) {
        Optional<Holder> leader = active.get();
        Set<Key> keys = new LinkedHashSet<>();
        leader.ifPresent(holder -> keys.add(Marker.key(lock, holder.token())));
        keys.addAll(sights.keySet());
        if (list && leader.isPresent()) {
            Prefix all = Marker.all(lock);
            attempt(() -> storage.list(all).forEach(name -> keys.add(all.key(name))));
        }
        keys.forEach(key -> attempt(() -> lookOrRemove(key, leader)));
    }

    private void lookOrRemove(Key key, Optional<Holder> leader) {
        boolean over = leader.flatMap(holder -> Marker.token(key).map(token -> token < holder.token()))
                .orElse(false);
        if (left(key).isZero() && over) { // and its writes have arrived
            storage.delete(key);
        }
    }

    /** What this node has put itself. */
    void saw(Sight put) {
        var unused = sights.merge(
                put.entry().key(), put, (known, own) -> known.entry().equals(own.entry()) ? known : own);
    }

    private Optional<Sight> look(Key key) {
        Optional<Entry> entry = storage.get(key);
        Sight now = entry.map(found -> new Sight(found, System.nanoTime())).orElse(null);
        return Optional.ofNullable(sights.compute(
                key,
                (any, known) -> known != null && now != null && known.entry().equals(now.entry()) ? known : now));
    }

    /**
     * How long writes of a marker's term may still arrive.
     *
     * @param key of a marker that was there a moment ago; where it is not, its term ended cleanly, or was outwaited by
     *     somebody else
     */
    Duration left(Key key) {
        return look(key).map(this::left).orElse(Duration.ZERO);
    }

    /** Who writes something else into it, as another version may, does not renew it. */
    private Duration left(Sight sight) {
        Optional<Marker> marker = Marker.of(sight.entry());
        if (marker.isEmpty()) {
            return timings.settled();
        }
        Duration theirs = marker.get().settled();
        Duration settled = theirs.compareTo(timings.settled()) > 0 ? theirs : timings.settled();
        Duration left = settled.minusNanos(System.nanoTime() - sight.at());
        return left.isNegative() ? Duration.ZERO : left;
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
