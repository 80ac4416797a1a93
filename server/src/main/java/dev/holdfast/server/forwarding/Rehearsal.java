package dev.holdfast.server.forwarding;

import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.RehearsedTerm;
import dev.holdfast.server.cluster.TermCertificate;
import dev.holdfast.server.config.ListenAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A takeover and both ends of forwarding, in this process alone: in memory and on loopback, with keys and certificates
 * that nobody else ever sees. What they are made of is then loaded and warm when clients wait for a hand-over, of which it
 * would be the longest part.
 */
final class Rehearsal {
    private static final Logger log = LoggerFactory.getLogger(Rehearsal.class);
    private static final AtomicBoolean DONE = new AtomicBoolean();
    private static final int ROUNDS = 5;
    private static final int REQUESTS = 20;

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
            RehearsedTerm cluster = new RehearsedTerm();
            for (int round = 0; round < ROUNDS; round++) {
                play(cluster);
            }
            log.debug("rehearsed within {} ms", (System.nanoTime() - began) / 1_000_000);
        } catch (Exception e) {
            log.debug("the rehearsal was cut short", e);
        }
    }

    private static void play(RehearsedTerm cluster) throws Exception {
        TermCertificate certificate = TermCertificate.create("rehearsal");
        Server server = ClusterListeners.start(List.of(ListenAddress.parse("127.0.0.1:0")), new Nothing(), certificate);
        try {
            int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
            Advertisement seen = cluster.lead(certificate, "https://127.0.0.1:" + port);
            try (Link link = Link.to(seen)) {
                for (int i = 0; i < REQUESTS; i++) {
                    var unused = link.newRequest()
                            .method("PUT")
                            .path("/v1/rehearsal")
                            .body(new StringRequestContent("application/json", "{}"))
                            .timeout(5, TimeUnit.SECONDS)
                            .send();
                }
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
