package dev.holdfast.server.forwarding;

import dev.holdfast.server.cluster.TermCertificate;
import dev.holdfast.server.config.ListenAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Both ends of forwarding, once, in this process alone: on loopback, with a certificate that nobody else ever sees. What
 * they are made of is then loaded and warm when clients wait for a hand-over, of which it would be the longest part.
 */
final class Rehearsal {
    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
    private static final AtomicBoolean DONE = new AtomicBoolean();
    private static final int ROUNDS = 3;
    private static final int REQUESTS = 10;

    private Rehearsal() {}

    /** In a thread of its own, once for this process. Only what comes later is slower if it fails. */
    static void begin() {
        if (DONE.compareAndSet(false, true)) {
            Thread thread = new Thread(Rehearsal::run, "holdfast-server-rehearsal");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void run() {
        long began = System.nanoTime();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                play();
            }
            log.debug("rehearsed within {} ms", (System.nanoTime() - began) / 1_000_000);
        } catch (Exception e) {
            log.debug("the rehearsal was cut short", e);
        }
    }

    private static void play() throws Exception {
        TermCertificate certificate = TermCertificate.create("rehearsal");
        Server server = ClusterListeners.start(List.of(ListenAddress.parse("127.0.0.1:0")), new Nothing(), certificate);
        try {
            int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
            HttpClient client = Link.client(certificate.sslContext());
            try {
                for (int i = 0; i < REQUESTS; i++) {
                    var unused = client.newRequest("https://127.0.0.1:" + port)
                            .timeout(5, TimeUnit.SECONDS)
                            .send();
                }
            } finally {
                client.stop();
            }
        } finally {
            ClusterListeners.stop(server);
        }
    }

    /** Answers, and that is all. */
    private static final class Nothing extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            response.write(true, null, callback);
            return true;
        }
    }
}
