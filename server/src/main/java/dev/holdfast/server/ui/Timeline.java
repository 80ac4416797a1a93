package dev.holdfast.server.ui;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who was active from when to when, as far as this node has seen. Used by one thread. */
final class Timeline {
    private static final int MOST = 200;

    private final Deque<Entry> entries = new ArrayDeque<>();

    /** Who is active. */
    record Leader(String node, String hostname, String apiAddr, long token, Instant since) {
        private boolean isSameTerm(Leader other) {
            return token == other.token && node.equals(other.node);
        }
    }

    /**
     * One time of being active.
     *
     * @param until null while it lasts
     */
    record Entry(Leader leader, @Nullable Instant until) {}

    /** What is seen at this moment. */
    void see(Optional<Leader> now, Instant at) {
        Entry last = entries.peekLast();
        if (now.isEmpty()) {
            if (last != null && last.until == null) {
                replaceLast(new Entry(last.leader, at));
            }
            return;
        }
        Leader leader = now.get();
        if (last != null && last.leader.isSameTerm(leader)) {
            replaceLast(new Entry(last.leader, null));
            return;
        }
        if (last != null && last.until == null) {
            // Nobody saw the end, which was before the next one began.
            replaceLast(new Entry(last.leader, earlier(at, leader.since)));
        }
        entries.addLast(new Entry(leader, null));
        if (entries.size() > MOST) {
            entries.removeFirst();
        }
    }

    private void replaceLast(Entry entry) {
        entries.removeLast();
        entries.addLast(entry);
    }

    private static Instant earlier(Instant a, Instant b) {
        return a.isBefore(b) ? a : b;
    }

    /** The oldest first. */
    List<Entry> entries() {
        return List.copyOf(entries);
    }
}
