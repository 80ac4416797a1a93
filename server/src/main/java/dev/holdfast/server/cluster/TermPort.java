package dev.holdfast.server.cluster;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for other nodes, from one term to the next: opened and closed beside the rest, since neither the takeover nor
 * the lock's release is to wait for it. Used by one thread at a time, but for {@link #awaitClosed}.
 */
final class TermPort {
    private static final Logger log = LoggerFactory.getLogger(TermPort.class);

    /**
     * How long other nodes are told that this one is not active any more. What they had sent meanwhile would be cut off
     * with the port, and nobody would know whether it was applied.
     */
    private static final Duration LINGER = Duration.ofMillis(200);

    private final ClusterPort port;
    private @Nullable CompletableFuture<ClusterPort.Open> opening;
    private CompletableFuture<?> wanted = new CompletableFuture<>();
    private volatile CompletableFuture<?> closed = CompletableFuture.completedFuture(null);

    TermPort(ClusterPort port) {
        this.port = port;
    }

    /** Begins to open it for this term, once the last one's is closed. */
    void open(TermCertificate certificate) {
        wanted.complete(null);
        opening = closed.thenApplyAsync(free -> openNow(certificate), TermPort::inAThread);
    }

    private ClusterPort.Open openNow(TermCertificate certificate) {
        try {
            return port.open(certificate);
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    /** Waits until it is open; throws what it could not be opened for. */
    void awaitOpen() throws Exception {
        CompletableFuture<ClusterPort.Open> now = opening;
        if (now == null) {
            throw new IllegalStateException("nobody has begun to open it");
        }
        try {
            Object unused = now.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Begins to close it; until that is done, which is when the next term wants it or soon after, it refuses what comes. */
    void close() {
        CompletableFuture<ClusterPort.Open> closing = opening;
        opening = null;
        if (closing != null) {
            CompletableFuture<?> next = new CompletableFuture<>();
            wanted = next;
            closed = closing.handle((open, failure) -> open)
                    .thenCombine(
                            next.completeOnTimeout(null, LINGER.toMillis(), TimeUnit.MILLISECONDS),
                            (open, late) -> open)
                    .thenAcceptAsync(TermPort::closeNow, TermPort::inAThread);
        }
    }

    private static void closeNow(ClusterPort.@Nullable Open open) {
        if (open != null) {
            open.close();
        }
    }

    /** Waits until it is closed, if it was to be. */
    void awaitClosed(Duration longest) {
        try {
            Object unused = closed.get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("the port for other nodes was not closed in order", e);
        }
    }

    private static void inAThread(Runnable task) {
        Thread thread = new Thread(task, "holdfast-server-port");
        thread.setDaemon(true);
        thread.start();
    }
}
