package dev.holdfast.backend.etcd;

import dev.holdfast.spi.driver.LeaseThreads;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one instance to its cluster.
 *
 * <p>A call waits for a connection until its deadline. A lost connection is sought again twice a second for as long as
 * it takes, where gRPC alone would pause for up to two minutes; one that stays silent is replaced, where gRPC alone
 * would trust it for a quarter of a minute.
 */
final class EtcdClient implements AutoCloseable {
    /** A listing's page, and a write's look at the directories around it, are cut to fit this. */
    private static final int LARGEST_ANSWER = 32 << 20;

    private static final int WINDOW = 4 << 20;

    private static final Duration CONNECT = Duration.ofMillis(1_500);
    private static final Duration RECONNECT = Duration.ofMillis(500);
    private static final Duration REPLACE = Duration.ofSeconds(1);
    private static final Duration REPEAT = Duration.ofMillis(50);

    private final LeaseThreads threads;
    private final Duration timeout;
    private final ManagedChannel channel;
    private final @Nullable EtcdToken token;
    private final AtomicLong replaced = new AtomicLong(System.nanoTime());

    EtcdClient(EtcdOptions options, LeaseThreads threads) {
        this.threads = threads;
        // A little less than the caller waits, so that the caller learns from gRPC whether the request was sent.
        Duration bound = options.requestTimeout();
        Duration head = bound.dividedBy(10);
        timeout = bound.minus(head.toMillis() > 50 ? Duration.ofMillis(50) : head);
        channel = channel(options);
        token = options.login()
                .map(login -> new EtcdToken(
                        login,
                        request -> EtcdCall.start(channel, AuthGrpc.getAuthenticateMethod(), bounded(), request)))
                .orElse(null);
        seekConnection();
    }

    private static ManagedChannel channel(EtcdOptions options) {
        NettyChannelBuilder builder = NettyChannelBuilder.forTarget("etcd:///cluster");
        useResolver(builder, options);
        options.tls().ifPresentOrElse(builder::sslContext, builder::usePlaintext);
        options.authority().ifPresent(builder::overrideAuthority);
        long connect = Math.min(CONNECT.toMillis(), options.requestTimeout().toMillis());
        return builder.defaultLoadBalancingPolicy("round_robin")
                .maxInboundMessageSize(LARGEST_ANSWER)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) connect)
                // A fixed window, because adapting it costs a ping for every answer.
                .flowControlWindow(WINDOW)
                // As often as gRPC allows; etcd hangs up on a client that does it without calls.
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(3, TimeUnit.SECONDS)
                .keepAliveWithoutCalls(false)
                // Callbacks only complete futures and start calls: a thread switch would cost more than they do.
                .directExecutor()
                .build();
    }

    @SuppressWarnings("deprecation") // its replacement is one registry for the whole JVM
    private static void useResolver(NettyChannelBuilder builder, EtcdOptions options) {
        builder.nameResolverFactory(EtcdResolver.of(options.endpoints()));
    }

    /** The bound of a call for which the caller waits. */
    Duration timeout() {
        return timeout;
    }

    /** A call that is sent once at most. */
    <Q, A> CompletableFuture<A> once(MethodDescriptor<Q, A> method, Q request, Duration bound) {
        return call(method, request, bound, false);
    }

    /** A call that does no harm when it is repeated: it is, when a connection fails or a member stays silent. */
    <Q, A> CompletableFuture<A> repeated(MethodDescriptor<Q, A> method, Q request, Duration bound) {
        return call(method, request, bound, true);
    }

    /** A watch that is still to be started. */
    ClientCall<WatchRequest, WatchResponse> watch() {
        return channel.newCall(WatchGrpc.getWatchMethod(), authorized(CallOptions.DEFAULT.withWaitForReady()));
    }

    private <Q, A> CompletableFuture<A> call(
            MethodDescriptor<Q, A> method, Q request, Duration bound, boolean repeatable) {
        CompletableFuture<A> answer = new CompletableFuture<>();
        new Attempts<>(method, request, System.nanoTime() + bound.toNanos(), repeatable, answer).next(true);
        return answer;
    }

    /** One call, with what repeats it. */
    private final class Attempts<Q, A> {
        private final MethodDescriptor<Q, A> method;
        private final Q request;
        private final long end;
        private final boolean repeatable;
        private final CompletableFuture<A> answer;

        /** Whether an answer is awaited for a third of the time only, and the request then repeated once. */
        private volatile boolean mayAskElsewhere;

        Attempts(MethodDescriptor<Q, A> method, Q request, long end, boolean repeatable, CompletableFuture<A> answer) {
            this.method = method;
            this.request = request;
            this.end = end;
            this.repeatable = repeatable;
            this.answer = answer;
            this.mayAskElsewhere = repeatable;
        }

        void next(boolean trustsPassword) {
            if (answer.isDone()) {
                return;
            }
            CompletionStage<Metadata> used = token == null ? null : token.inUse();
            long left = end - System.nanoTime();
            CallOptions options = authorized(CallOptions.DEFAULT
                    .withWaitForReady()
                    .withDeadlineAfter(mayAskElsewhere ? left / 3 : left, TimeUnit.NANOSECONDS));
            CompletableFuture<A> attempt = EtcdCall.start(channel, method, options, request);
            EtcdCall.whenDone(answer, (done, failure) -> attempt.cancel(false));
            EtcdCall.whenDone(attempt, (done, failure) -> {
                if (failure == null) {
                    answer.complete(done);
                } else if (token != null && trustsPassword && EtcdErrors.isStaleToken(failure)) {
                    token.refused(used); // and the request with it: not applied
                    next(false);
                } else {
                    recover(failure, trustsPassword);
                }
            });
        }

        private void recover(Throwable failure, boolean trustsPassword) {
            boolean silence = EtcdErrors.isSilence(failure);
            if (silence) {
                replaceConnections();
            }
            if (silence && mayAskElsewhere) {
                mayAskElsewhere = false;
                next(trustsPassword);
            } else if (!repeatable || !EtcdErrors.isPassing(failure) || !pause(() -> next(trustsPassword))) {
                answer.completeExceptionally(failure);
            }
        }

        private boolean pause(Runnable next) {
            return end - System.nanoTime() > REPEAT.toNanos() && later(REPEAT, next);
        }
    }

    private CallOptions bounded() {
        return CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
    }

    private CallOptions authorized(CallOptions options) {
        return token == null ? options : options.withCallCredentials(token);
    }

    /** Runs a task on the timer thread; false when the instance is closed. */
    boolean later(Duration delay, Runnable task) {
        try {
            threads.after(delay.toNanos(), task);
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    /** Cuts gRPC's growing pauses between attempts to connect. */
    private void seekConnection() {
        ConnectivityState state = channel.getState(false);
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            later(RECONNECT, () -> {
                channel.resetConnectBackoff();
                seekConnection();
            });
        } else if (state != ConnectivityState.SHUTDOWN) {
            channel.notifyWhenStateChanged(state, this::seekConnection);
        }
    }

    /** Makes new connections for new calls. What runs on the old ones goes on, in case they are only slow. */
    private void replaceConnections() {
        long now = System.nanoTime();
        long last = replaced.get();
        if (now - last > REPLACE.toNanos() && replaced.compareAndSet(last, now)) {
            channel.enterIdle();
        }
    }

    /** Ends every call and connection. */
    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
