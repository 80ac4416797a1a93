package dev.holdfast.server.forwarding;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Heartbeat;
import dev.holdfast.server.cluster.Identity;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.spi.BackendException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.ContentResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the active once a second that this standby is there, and learns that the active is. Looks more often whether
 * another one leads, so that nobody waits for the answer of one that was paused or cut off.
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
    private final Thread thread;
    private volatile boolean closed;

    Heartbeats(Node node, Links links) {
        this.node = node;
        this.links = links;
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
                TimeUnit.MILLISECONDS.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                log.warn("a heartbeat failed in an unexpected way", e);
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
        if (link == null || !echo) {
            return;
        }
        try {
            Heartbeat beat = echo(cluster, link);
            cluster.peers().beat(beat);
            cluster.follow(beat.keyTerm());
        } catch (BackendException e) {
            log.debug("the active's newest key cannot be read yet: {}", e.getMessage());
        } catch (ExecutionException | TimeoutException | IOException e) {
            log.debug("{} does not answer: {}", link.active(), e.toString());
            cluster.peers().missedBeat();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Heartbeat echo(ClusterNode cluster, Link link)
            throws ExecutionException, TimeoutException, InterruptedException, IOException {
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
        ContentResponse answer = link.newRequest()
                .path(PATH)
                .method("POST")
                .body(new BytesRequestContent("application/json", JSON.writeValueAsBytes(body)))
                .timeout(LONGEST_MILLIS, TimeUnit.MILLISECONDS)
                .send();
        if (answer.getStatus() != 200) {
            throw new IOException("status " + answer.getStatus());
        }
        long roundTrip = (System.nanoTime() - began) / 1_000_000;
        Echo echo = Echo.read(answer.getContent());
        return new Heartbeat(
                link.active().token(),
                echo.keyTerm(),
                began,
                roundTrip,
                echo.time() - (wall + roundTrip / 2),
                echo.members());
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
