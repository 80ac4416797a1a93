package dev.holdfast.backend.etcd;

import io.grpc.MethodDescriptor;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One call of a client, with everything that repeats it. Any answer will do, and the last failure counts. */
final class EtcdAttempts<Q, A> {
    private static final Duration PAUSE = Duration.ofMillis(50);

    /**
     * What an attempt after a refusal must have left for its answer: without one, a write that was certainly not applied
     * would become one that may have been.
     */
    private static final Duration ROOM = Duration.ofMillis(100);

    private final EtcdClient client;
    private final MethodDescriptor<Q, A> method;
    private final Q request;
    private final long end;
    private final boolean repeatable;
    private final Supplier<EtcdToken.@Nullable Use> logins;
    private final CompletableFuture<A> answer = new CompletableFuture<>();

    /** Those that may still answer, or have. */
    private final Set<SocketAddress> asked = ConcurrentHashMap.newKeySet();

    /** @param logins gives each attempt its login */
    EtcdAttempts(
            EtcdClient client,
            MethodDescriptor<Q, A> method,
            Q request,
            Duration bound,
            boolean repeatable,
            Supplier<EtcdToken.@Nullable Use> logins) {
        this.client = client;
        this.method = method;
        this.request = request;
        this.end = System.nanoTime() + bound.toNanos();
        this.repeatable = repeatable;
        this.logins = logins;
    }

    /** What the caller waits for, and cancels to give up. */
    CompletableFuture<A> answer() {
        return answer;
    }

    /** Sends the request, unless it was answered. */
    void next() {
        next(0);
    }

    /** Sends the request to a second server, among so many. */
    void askAnother(int servers) {
        int before = asked.size();
        if (before > 1) {
            return;
        }
        // Each attempt goes to the next server in turn, but other calls take turns as well.
        for (int i = 0; i < servers && asked.size() == before && !answer.isDone(); i++) {
            next();
        }
    }

    /** @param refusals how often members refused it unseen */
    private void next(int refusals) {
        if (answer.isDone()) {
            return;
        }
        EtcdToken.Use login = logins.get();
        Set<SocketAddress> here = ConcurrentHashMap.newKeySet(1);
        CompletableFuture<A> attempt = client.attempt(method, request, end - System.nanoTime(), login, server -> {
            here.add(server);
            asked.add(server);
        });
        EtcdCall.whenDone(answer, (done, failure) -> attempt.cancel(false));
        EtcdCall.whenDone(attempt, (done, failure) -> {
            if (failure == null) {
                answer.complete(done);
            } else if (login != null && EtcdErrors.isStaleToken(failure)) {
                login.refused();
                asked.removeAll(here); // it would answer now
                nextAfterRefusal(refusals, 1, 4, failure); // checking a password is work, hence the growth
            } else if (EtcdErrors.isWithoutLeader(failure)) {
                client.seekOthers();
                nextAfterRefusal(refusals, client.servers() - 1, 1, failure);
            } else if (!repeatable || !EtcdErrors.isPassing(failure) || !nextLater(PAUSE, refusals)) {
                fail(failure);
            }
        });
    }

    /**
     * Asks again, also where the request must be sent once only, because a refusal is no use of it. More than once:
     * each member knows by itself which tokens are good and forgets them when it is restarted, so that the next one
     * asked may refuse even a token that was given a moment ago; and more than one member may have lost the others.
     *
     * @param atOnce how many times there is no reason to wait
     * @param doublings how often the pause doubles after that
     */
    private void nextAfterRefusal(int refusals, int atOnce, int doublings, Throwable failure) {
        if (refusals < atOnce) {
            next(refusals + 1);
            return;
        }
        Duration pause = PAUSE.multipliedBy(1L << Math.min(refusals - atOnce, doublings));
        boolean worthwhile = end - System.nanoTime() > pause.plus(ROOM).toNanos();
        if (!worthwhile || !nextLater(pause, refusals + 1)) {
            fail(failure);
        }
    }

    private boolean nextLater(Duration pause, int refusals) {
        return end - System.nanoTime() > pause.toNanos() && client.later(pause, () -> next(refusals));
    }

    private void fail(Throwable failure) {
        if (EtcdErrors.isSilence(failure)) {
            client.replaceConnections();
        }
        answer.completeExceptionally(failure);
    }
}
