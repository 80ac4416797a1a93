package dev.holdfast.backend.etcd;

import dev.holdfast.spi.driver.LeaseThreads;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import java.lang.ref.WeakReference;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one instance to its cluster.
 *
 * <p>A call waits for a connection until its deadline. While there is none, or only one to a member that has lost the
 * others, connections are sought twice a second for as long as it takes, where gRPC alone would pause for up to two
 * minutes; one that stays silent is replaced, where gRPC alone would trust it for a quarter of a minute.
 */
final class EtcdClient implements AutoCloseable {
    /** A listing's page, and a write's look at the directories around it, are cut to fit this. */
    private static final int LARGEST_ANSWER = 32 << 20;

    private static final int WINDOW = 4 << 20;

    private static final Duration CONNECT = Duration.ofMillis(1_500);
    private static final Duration RECONNECT = Duration.ofMillis(500);
    private static final Duration REPLACE = Duration.ofSeconds(1);

    private final LeaseThreads threads;
    private final Duration timeout;
    private final ManagedChannel channel;
    private final @Nullable EtcdToken token;
    private final int servers;
    private final Duration halfTtl;
    private final AtomicLong replaced = new AtomicLong(System.nanoTime());
    private final AtomicLong sought = new AtomicLong(System.nanoTime() - RECONNECT.toNanos());
    private final AtomicLong reconnected = new AtomicLong();

    EtcdClient(EtcdOptions options, LeaseThreads threads) {
        this.threads = threads;
        // A little less than the caller waits, so that the caller learns from gRPC whether the request was sent.
        Duration bound = options.requestTimeout();
        Duration head = bound.dividedBy(10);
        timeout = bound.minus(head.toMillis() > 50 ? Duration.ofMillis(50) : head);
        channel = channel(options);
        servers = options.endpoints().size();
        token = options.login()
                .map(login -> new EtcdToken(login, this::authenticate))
                .orElse(null);
        halfTtl = options.lockTtl().dividedBy(2);
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
        EtcdAttempts<Q, A> attempts = new EtcdAttempts<>(this, method, request, bound, false, this::login);
        attempts.next();
        return attempts.answer();
    }

    /**
     * A call that does no harm when it is repeated. It is when a connection fails, and another member is asked as well
     * when the first one is silent for a third of the time.
     */
    <Q, A> CompletableFuture<A> repeated(MethodDescriptor<Q, A> method, Q request, Duration bound) {
        return repeated(new EtcdAttempts<>(this, method, request, bound, true, this::login), bound.dividedBy(3));
    }

    /** Asks for a token. All calls wait for it, the renewals of leases among them, so it must not wait for one member. */
    private CompletableFuture<AuthenticateResponse> authenticate(AuthenticateRequest request) {
        Duration patience = timeout.compareTo(halfTtl) < 0 ? timeout : halfTtl;
        return repeated(
                new EtcdAttempts<>(this, AuthGrpc.getAuthenticateMethod(), request, timeout, true, () -> null),
                patience.dividedBy(3));
    }

    /** How many members there are. */
    int servers() {
        return servers;
    }

    /** The login of one call; null where etcd wants no password. */
    EtcdToken.@Nullable Use login() {
        return token == null ? null : token.use();
    }

    /** A watch that is still to be started. */
    ClientCall<WatchRequest, WatchResponse> watch(EtcdToken.@Nullable Use login) {
        return channel.newCall(WatchGrpc.getWatchMethod(), authorized(CallOptions.DEFAULT.withWaitForReady(), login));
    }

    /** @param patience how long one member may be silent before another is asked */
    private <Q, A> CompletableFuture<A> repeated(EtcdAttempts<Q, A> attempts, Duration patience) {
        attempts.next();
        if (servers > 1) {
            // Weakly, because most are answered long before, and an answer may be large.
            askAnotherLater(new WeakReference<>(attempts), patience, 2);
        }
        return attempts.answer();
    }

    private <Q, A> void askAnotherLater(WeakReference<EtcdAttempts<Q, A>> unanswered, Duration pause, int times) {
        var unused = later(pause, () -> {
            EtcdAttempts<Q, A> still = unanswered.get();
            if (still != null && !still.answer().isDone()) {
                still.askAnother(servers);
                if (times > 1) { // it may have refused the token, or not have been connected
                    askAnotherLater(unanswered, pause, times - 1);
                }
            }
        });
    }

    /** One attempt at a call. */
    <Q, A> CompletableFuture<A> attempt(
            MethodDescriptor<Q, A> method,
            Q request,
            long nanos,
            EtcdToken.@Nullable Use login,
            Consumer<SocketAddress> asked) {
        CallOptions options = CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(nanos, TimeUnit.NANOSECONDS);
        return EtcdCall.start(channel, method, authorized(options, login), request, asked);
    }

    private static CallOptions authorized(CallOptions options, EtcdToken.@Nullable Use login) {
        return login == null ? options : options.withCallCredentials(login);
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
        if (state == ConnectivityState.READY) {
            reconnected.incrementAndGet();
        }
        if (state == ConnectivityState.TRANSIENT_FAILURE) {
            later(RECONNECT, () -> {
                channel.resetConnectBackoff();
                seekConnection();
            });
        } else if (state != ConnectivityState.SHUTDOWN) {
            channel.notifyWhenStateChanged(state, this::seekConnection);
        }
    }

    /** The same for those that are not connected while one is, but is of no use without them. */
    void seekOthers() {
        long now = System.nanoTime();
        long last = sought.get();
        if (now - last > RECONNECT.toNanos() && sought.compareAndSet(last, now)) {
            channel.resetConnectBackoff();
        }
    }

    /** How often there was a connection to any member again after there was none. */
    long reconnected() {
        return reconnected.get();
    }

    /** Makes new connections for new calls. What runs on the old ones goes on, in case they are only slow. */
    void replaceConnections() {
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
            channel.awaitTermination(timeout.toMillis() / 5, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
