package dev.holdfast.bench;

import java.util.ArrayDeque;
import java.util.Deque;

/** What was opened for a measure. It is closed in the reverse order, all of it, whatever one of them throws. */
final class Opened implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    <T extends AutoCloseable> T add(T opened) {
        open.push(opened);
        return opened;
    }

    @Override
    public void close() {
        IllegalStateException failed = new IllegalStateException("not everything could be closed");
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                failed.addSuppressed(e);
            }
        }
        if (failed.getSuppressed().length > 0) {
            throw failed;
        }
    }
}
