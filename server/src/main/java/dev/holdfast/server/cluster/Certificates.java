package dev.holdfast.server.cluster;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Has the next term's certificate ready, since making one takes longer than the rest of a takeover. Each is given once. */
final class Certificates {
    private final String node;
    private CompletableFuture<TermCertificate> next;

    Certificates(String node) {
        this.node = node;
        this.next = begin();
    }

    private CompletableFuture<TermCertificate> begin() {
        CompletableFuture<TermCertificate> made = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> made.completeAsync(() -> TermCertificate.create(node), Runnable::run),
                "holdfast-server-certificate");
        thread.setDaemon(true);
        thread.start();
        return made;
    }

    /** Called by one thread at a time. */
    TermCertificate next() throws InterruptedException {
        CompletableFuture<TermCertificate> ready = next;
        next = begin();
        try {
            return ready.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("no certificate could be made", e.getCause());
        }
    }
}
