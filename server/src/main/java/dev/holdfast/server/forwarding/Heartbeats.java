package dev.holdfast.server.forwarding;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Heartbeat;
import dev.holdfast.server.cluster.Identity;
import dev.holdfast.server.cluster.Node;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.CompletableResponseListener;
import org.eclipse.jetty.client.ContentResponse;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.StringRequestContent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the active once a second that this standby is there, and learns that the active is. Looks more often whether
 * another one leads, so that nobody waits for the answer of one that was paused or cut off. While nobody answers, it has the
 * lock's store asked once a second.
 */
final class Heartbeats implements AutoCloseable {
    static final String PATH = "/cluster/echo";

    private static final Logger log = LoggerFactory.getLogger(Heartbeats.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PERIOD_MILLIS = 200;
    private static final int TURNS_PER_ECHO = 5;
    private static final long LONGEST_MILLIS = 2_000;

    private final Node node;
    private final Links links;
    private final Runnable look;
    private final Thread thread;
    private @Nullable Asked asked;
    private volatile boolean closed;

    /** An echo that may not have been answered yet. */
    private record Asked(Link link, CompletableFuture<Void> answer) {}

    /** @param look asks the lock's store who leads, and corrects the links by what it says */
    Heartbeats(Node node, Links links, Runnable look) {
        this.node = node;
        this.links = links;
        this.look = look;
        thread = new Thread(this::run, "holdfast-server-heartbeat");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        for (int turn = 0; !closed; turn++) {
            boolean echo = turn % TURNS_PER_ECHO == 0;
            try {
                node.cluster().ifPresentOrElse(cluster -> beat(cluster, echo), links::drop);
            } catch (RuntimeException | Error e) { // or this node would be silent from now on
                log.warn("a heartbeat failed in an unexpected way", e);
            }
            try {
                TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void beat(ClusterNode cluster, boolean echo) {
        if (cluster.active().isPresent()) {
            links.drop();
            return;
        }
        Optional<Advertisement> leader = cluster.leader();
        if (leader.isEmpty()
                || cluster.isSelf(leader.get())
                || leader.get().clusterAddr().isEmpty()) {
            return;
        }
        Link link = links.to(leader.get());
        if (echo && (link == null || cluster.peers().hasMissedBeat())) {
            look.run(); // of a store that counts from the beginning again, only that is believed
        }
        if (link == null) {
            return;
        }
        settle(cluster, link);
        if (echo && asked == null) {
            asked = new Asked(link, echo(cluster, link));
        }
    }

    /** Takes note that an echo was not answered. One who does not lead any more is not waited for. */
    private void settle(ClusterNode cluster, Link link) {
        Asked last = asked;
        if (last == null || (last.link == link && !last.answer.isDone())) {
            return;
        }
        asked = null;
        if (last.link == link && last.answer.isCompletedExceptionally()) {
            cluster.peers().missedBeat();
        }
    }

    /** Sends it and does not wait: this thread is to see when another one leads. */
    private CompletableFuture<Void> echo(ClusterNode cluster, Link link) {
        Identity own = node.identity();
        ObjectNode body = JSON.createObjectNode();
        body.put("node", cluster.name());
        body.put("hostname", own.hostname());
        body.put("api_address", String.valueOf(own.apiAddr()));
        body.put(
                "cluster_address",
                own.clusterAddr() == null ? "" : own.clusterAddr().toString());
        body.put("version", own.version());
        body.put("state", node.readiness().stage().toString());
        long began = System.nanoTime();
        long wall = System.currentTimeMillis();
        Request request = link.newRequest()
                .path(PATH)
                .method("POST")
                .body(new StringRequestContent("application/json", body.toString()))
                .timeout(LONGEST_MILLIS, TimeUnit.MILLISECONDS);
        return new CompletableResponseListener(request)
                .send()
                .thenAccept(answer -> {
                    long roundTrip = (System.nanoTime() - began) / 1_000_000;
                    Echo echo = read(answer);
                    long skew = echo.time() - (wall + roundTrip / 2);
                    cluster.peers()
                            .beat(new Heartbeat(
                                    link.active().token(), echo.keyTerm(), began, roundTrip, skew, echo.members()));
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        log.debug("{} does not answer: {}", link.active(), failure.toString());
                    }
                });
    }

    private static Echo read(ContentResponse answer) {
        if (answer.getStatus() != 200) {
            throw new CompletionException(new IOException("status " + answer.getStatus()));
        }
        try {
            return Echo.read(answer.getContent());
        } catch (IOException e) {
            throw new CompletionException(e);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
