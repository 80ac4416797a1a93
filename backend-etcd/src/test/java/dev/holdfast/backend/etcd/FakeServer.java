package dev.holdfast.backend.etcd;

import dev.holdfast.spi.HABackend;
import io.etcd.jetcd.api.AuthGrpc;
import io.etcd.jetcd.api.AuthenticateRequest;
import io.etcd.jetcd.api.AuthenticateResponse;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.etcd.jetcd.api.LeaseTimeToLiveRequest;
import io.etcd.jetcd.api.LeaseTimeToLiveResponse;
import io.etcd.jetcd.api.RangeRequest;
import io.etcd.jetcd.api.RangeResponse;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.etcd.jetcd.api.WatchGrpc;
import io.etcd.jetcd.api.WatchRequest;
import io.etcd.jetcd.api.WatchResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server on loopback that says what it was told to say. */
final class FakeServer implements AutoCloseable {
    final AtomicInteger failures = new AtomicInteger();
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger tokens = new AtomicInteger();
    final AtomicInteger logins = new AtomicInteger();

    /** So many logins get no answer. */
    volatile AtomicInteger leftUnanswered = new AtomicInteger();

    volatile boolean silent;
    volatile boolean wantsToken;
    volatile boolean holds;

    /** Cut off from the others: says so to who asks, and nothing to anybody else. */
    volatile boolean isolated;

    final Queue<Runnable> held = new ConcurrentLinkedQueue<>();

    /** What reads and transactions are answered, when they are; they may throw a status instead. */
    volatile Function<RangeRequest, RangeResponse> reads = any -> RangeResponse.getDefaultInstance();

    volatile Function<TxnRequest, TxnResponse> transactions =
            any -> TxnResponse.newBuilder().setSucceeded(true).build();

    /** The TTL in seconds of a lease, by what was asked for. */
    volatile LongUnaryOperator grants = asked -> asked;

    /** The TTL in seconds that a renewal is answered with; it may throw a status instead. */
    volatile LongSupplier renewals = () -> 1;

    /** Before a revocation is answered; it may throw a status instead. */
    volatile Runnable revocations = () -> {};

    /** What is attached to a lease, and the present of the store. */
    volatile Supplier<LeaseTimeToLiveResponse> attached = LeaseTimeToLiveResponse::getDefaultInstance;

    /** How a watch is confirmed; null when there are none. Nothing happens in it afterwards. */
    volatile @Nullable Supplier<WatchResponse> watches;

    /** Tokens up to this one are no good. */
    volatile int refusedTokens;

    private final Server server;

    /** @param port 0 for any */
    FakeServer(int port) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(new KVGrpc.KVImplBase() {
                    @Override
                    public void range(RangeRequest request, StreamObserver<RangeResponse> observer) {
                        answer(observer, () -> reads.apply(request));
                    }

                    @Override
                    public void txn(TxnRequest request, StreamObserver<TxnResponse> observer) {
                        answer(observer, () -> transactions.apply(request));
                    }
                })
                .addService(new Lessor())
                .addService(new WatchGrpc.WatchImplBase() {
                    @Override
                    public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> observer) {
                        Supplier<WatchResponse> confirmation = watches;
                        if (confirmation == null) {
                            return super.watch(observer);
                        }
                        return new Once<>(asked -> observer.onNext(confirmation.get()));
                    }
                })
                .addService(new AuthGrpc.AuthImplBase() {
                    @Override
                    public void authenticate(
                            AuthenticateRequest request, StreamObserver<AuthenticateResponse> observer) {
                        give(request, observer);
                    }
                })
                .intercept(new Entrance())
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    String address() {
        return "http://127.0.0.1:" + server.getPort();
    }

    /** A backend of this server; whoever opens it closes it. */
    HABackend open(Map<String, String> options) {
        Map<String, String> all = new HashMap<>(options);
        all.put("endpoints", address());
        return openAll(all);
    }

    /** A backend of several of them, whose addresses are among the options. */
    static HABackend openAll(Map<String, String> options) {
        return (HABackend)
                new EtcdProvider().open(EtcdOptions.SCHEMA.parse("backend 'etcd'", options, variable -> null));
    }

    /** Its port is free for the next one afterwards. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            if (!server.awaitTermination(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the server does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Answers what was held back, and from now on at once. */
    void release() {
        holds = false;
        held.forEach(Runnable::run);
    }

    private <A> void answer(StreamObserver<A> observer, Supplier<A> given) {
        calls.incrementAndGet();
        A answer;
        try {
            answer = given.get();
        } catch (StatusRuntimeException e) {
            observer.onError(e);
            return;
        }
        if (holds) {
            held.add(() -> {
                observer.onNext(answer);
                observer.onCompleted();
            });
            return;
        }
        if (failures.getAndDecrement() > 0) {
            observer.onError(Status.UNAVAILABLE
                    .withDescription("etcdserver: request timed out")
                    .asRuntimeException());
        } else if (!silent) {
            observer.onNext(answer);
            observer.onCompleted();
        }
    }

    private void give(AuthenticateRequest request, StreamObserver<AuthenticateResponse> observer) {
        logins.incrementAndGet();
        if (silent || leftUnanswered.getAndDecrement() > 0) {
            return;
        }
        if (!request.getPassword().equals("p")) {
            observer.onError(Status.INVALID_ARGUMENT
                    .withDescription("etcdserver: authentication failed, invalid user ID or password")
                    .asRuntimeException());
            return;
        }
        observer.onNext(AuthenticateResponse.newBuilder()
                .setToken(String.valueOf(tokens.incrementAndGet()))
                .build());
        observer.onCompleted();
    }

    /** What a client says, which asks once. */
    private record Once<Q>(Consumer<Q> asked) implements StreamObserver<Q> {
        @Override
        public void onNext(Q request) {
            asked.accept(request);
        }

        @Override
        public void onError(Throwable failure) {
            // the client went away
        }

        @Override
        public void onCompleted() {
            // it has asked
        }
    }

    private final class Lessor extends LeaseGrpc.LeaseImplBase {
        @Override
        public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
            observer.onNext(LeaseGrantResponse.newBuilder()
                    .setID(1)
                    .setTTL(grants.applyAsLong(request.getTTL()))
                    .build());
            observer.onCompleted();
        }

        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
            return new Once<>(request -> {
                try {
                    observer.onNext(LeaseKeepAliveResponse.newBuilder()
                            .setID(request.getID())
                            .setTTL(renewals.getAsLong())
                            .build());
                    observer.onCompleted();
                } catch (StatusRuntimeException e) {
                    observer.onError(e);
                }
            });
        }

        @Override
        public void leaseTimeToLive(LeaseTimeToLiveRequest request, StreamObserver<LeaseTimeToLiveResponse> observer) {
            observer.onNext(attached.get());
            observer.onCompleted();
        }

        @Override
        public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
            try {
                revocations.run();
                observer.onNext(LeaseRevokeResponse.getDefaultInstance());
                observer.onCompleted();
            } catch (StatusRuntimeException e) {
                observer.onError(e);
            }
        }
    }

    private final class Entrance implements ServerInterceptor {
        private final Metadata.Key<String> needsLeader = Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);
        private final Metadata.Key<String> token = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);

        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (isolated) {
                if ("true".equals(headers.get(needsLeader))) {
                    call.close(Status.UNAVAILABLE.withDescription("etcdserver: no leader"), new Metadata());
                }
                return new ServerCall.Listener<>() {};
            }
            boolean fetches = call.getMethodDescriptor().getServiceName().endsWith("Auth");
            String shown = headers.get(token);
            if (wantsToken && !fetches && (shown == null || Integer.parseInt(shown) <= refusedTokens)) {
                call.close(Status.UNAUTHENTICATED.withDescription("etcdserver: invalid auth token"), new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }
}
