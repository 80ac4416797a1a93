package dev.holdfast.backend.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.driver.LeaseThreads;
import io.etcd.jetcd.api.LeaseGrantRequest;
import io.etcd.jetcd.api.LeaseGrantResponse;
import io.etcd.jetcd.api.LeaseGrpc;
import io.etcd.jetcd.api.LeaseKeepAliveRequest;
import io.etcd.jetcd.api.LeaseKeepAliveResponse;
import io.etcd.jetcd.api.LeaseRevokeRequest;
import io.etcd.jetcd.api.LeaseRevokeResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When a session is renewed for the first time, as a server sees it. */
@Timeout(60)
class EtcdSessionTest {
    private static final Duration TTL = Duration.ofSeconds(20);
    private static final Duration PERIOD = TTL.dividedBy(4);

    private final Leases leases = new Leases();

    /** The time for which a lease is waited for is the lease's own: it began when etcd granted it, or later. */
    @Test
    void aSessionThatWasLongInComingIsRenewedAtOnce() throws Exception {
        Duration sinceTheAnswer = firstRenewal(PERIOD.plusMillis(200));
        assertThat(sinceTheAnswer).isLessThan(PERIOD.minusSeconds(1));
    }

    /** How long after the answer to its grant a session is renewed. */
    private Duration firstRenewal(Duration grantTakes) throws Exception {
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(leases)
                .build()
                .start();
        EtcdOptions options = EtcdOptions.of(new EtcdProvider()
                .options()
                .parse(
                        "backend 'etcd'",
                        Map.of("endpoints", "http://127.0.0.1:" + server.getPort(), "request_timeout", "30s"),
                        variable -> null));
        try (LeaseThreads threads = new LeaseThreads("etcd");
                EtcdClient client = new EtcdClient(options, threads)) {
            CompletableFuture<EtcdSession> opening = EtcdSession.open(client, new EtcdKeys(""), threads, TTL, () -> {});
            Runnable grant = leases.grants.take();
            TimeUnit.NANOSECONDS.sleep(grantTakes.toNanos());
            grant.run();
            long answered = System.nanoTime();
            EtcdSession session = opening.get(20, TimeUnit.SECONDS);
            assertThat(session.leases().isAlive()).isTrue();
            return Duration.ofNanos(leases.renewals.take() - answered);
        } finally {
            server.shutdownNow();
        }
    }

    /** Grants a lease when it is told to, and notes when one is renewed. */
    private static final class Leases extends LeaseGrpc.LeaseImplBase {
        private final BlockingQueue<Runnable> grants = new LinkedBlockingQueue<>();
        private final BlockingQueue<Long> renewals = new LinkedBlockingQueue<>();

        @Override
        public void leaseGrant(LeaseGrantRequest request, StreamObserver<LeaseGrantResponse> observer) {
            grants.add(() -> {
                observer.onNext(LeaseGrantResponse.newBuilder()
                        .setID(1)
                        .setTTL(request.getTTL())
                        .build());
                observer.onCompleted();
            });
        }

        @Override
        public StreamObserver<LeaseKeepAliveRequest> leaseKeepAlive(StreamObserver<LeaseKeepAliveResponse> observer) {
            return new StreamObserver<>() {
                @Override
                public void onNext(LeaseKeepAliveRequest request) {
                    renewals.add(System.nanoTime());
                    observer.onNext(LeaseKeepAliveResponse.newBuilder()
                            .setID(request.getID())
                            .setTTL(TTL.toSeconds())
                            .build());
                    observer.onCompleted();
                }

                @Override
                public void onError(Throwable failure) {
                    // the client went away
                }

                @Override
                public void onCompleted() {
                    // it has asked once
                }
            };
        }

        @Override
        public void leaseRevoke(LeaseRevokeRequest request, StreamObserver<LeaseRevokeResponse> observer) {
            observer.onNext(LeaseRevokeResponse.getDefaultInstance());
            observer.onCompleted();
        }
    }
}
