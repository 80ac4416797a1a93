package dev.holdfast.server.ui;

import dev.holdfast.ha.HAEvent;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.ReentrantLock;

/** What happened to this node lately. It keeps what and when, not why: errors may name what not everybody is to see. */
final class Journal {
    private static final int MOST = 100;

    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Line> lines = new ArrayDeque<>();

    /** @param token of the lease; 0 for none */
    record Line(Instant at, String what, long token) {}

    void add(HAEvent event) {
        add(new Line(event.at(), event.kind().name().toLowerCase(Locale.ROOT), event.token()));
    }

    void add(Line line) {
        lock.lock();
        try {
            lines.addLast(line);
            if (lines.size() > MOST) {
                lines.removeFirst();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The oldest first. */
    List<Line> lines() {
        lock.lock();
        try {
            return List.copyOf(lines);
        } finally {
            lock.unlock();
        }
    }
}
