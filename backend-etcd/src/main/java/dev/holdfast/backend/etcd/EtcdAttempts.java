package dev.holdfast.backend.etcd;

import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;

/** One call of a client, with everything that repeats it. Any answer will do, and the last failure counts. */
final class EtcdAttempts<Q, A> {
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final EtcdClient client;
    private final MethodDescriptor<Q, A> method;
    private final Q request;
    private final long end;
    private final boolean repeatable;
    private final CompletableFuture<A> answer = new CompletableFuture<>();
    private final Set<SocketAddress> asked = ConcurrentHashMap.newKeySet();

    EtcdAttempts(EtcdClient client, MethodDescriptor<Q, A> method, Q request, Duration bound, boolean repeatable) {
        this.client = client;
        this.method = method;
        this.request = request;
        this.end = System.nanoTime() + bound.toNanos();
        this.repeatable = repeatable;
    }

    /** What the caller waits for, and cancels to give up. */
    CompletableFuture<A> answer() {
        return answer;
    }

    /** Sends the request, unless it was answered. */
    void next() {
        next(true);
    }

    /** Sends the request to a server that was not asked yet, among so many; false when only known ones are connected. */
    boolean askAnother(int servers) {
        int before = asked.size();
        // Each attempt goes to the next server in turn, but other calls take turns as well.
        for (int i = 0; i < servers && asked.size() == before && !answer.isDone(); i++) {
            next();
        }
        return answer.isDone() || asked.size() > before;
    }

    private void next(boolean trustsPassword) {
        if (answer.isDone()) {
            return;
        }
        CompletionStage<Metadata> used = client.tokenInUse();
        CompletableFuture<A> attempt = client.attempt(method, request, end - System.nanoTime(), asked::add);
        EtcdCall.whenDone(answer, (done, failure) -> attempt.cancel(false));
        EtcdCall.whenDone(attempt, (done, failure) -> {
            if (failure == null) {
                answer.complete(done);
            } else if (trustsPassword && EtcdErrors.isStaleToken(failure) && client.tokenRefused(used)) {
                next(false); // what was refused with its token was not applied
            } else if (!repeatable || !EtcdErrors.isPassing(failure) || !nextLater(trustsPassword)) {
                fail(failure);
            }
        });
    }

    private boolean nextLater(boolean trustsPassword) {
        return end - System.nanoTime() > PAUSE.toNanos() && client.later(PAUSE, () -> next(trustsPassword));
    }

    private void fail(Throwable failure) {
        if (EtcdErrors.isSilence(failure)) {
            client.replaceConnections();
        }
        answer.completeExceptionally(failure);
    }
}
