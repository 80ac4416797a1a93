package dev.holdfast.server.forwarding;

import dev.holdfast.server.api.Bodies;
import dev.holdfast.server.api.Handover;
import dev.holdfast.server.cluster.Advertisement;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.spi.driver.Deadline;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Hands requests of a standby to the active. While one active goes and another comes, a request that was applied nowhere
 * waits for a moment; then, or when its body is gone, the client is redirected.
 */
public final class Forwarder implements Handover, AutoCloseable {
    /** How long a request waits for the next active, as docs/OPERATE.md says. */
    public static final Duration PATIENCE = Duration.ofSeconds(2);

    /** Bodies up to here are read first, if there is room, so that they can be sent again to the right node. */
    private static final int SMALL = 256 << 10;

    private final Node node;
    private final Bodies bodies;
    private final Links links;
    private final Heartbeats heartbeats;
    private final Waiting waiting;
    private final long bodyMillis;
    private final long timeoutMillis;
    private final Duration patience;

    /**
     * @param bodies of all clients
     * @param bodyMillis how long the body of a request may take to arrive
     * @param timeoutMillis how long an answer may take
     * @param patience {@link #PATIENCE}, where no test says otherwise
     */
    public Forwarder(Node node, Bodies bodies, long bodyMillis, long timeoutMillis, Duration patience) {
        this.node = node;
        this.bodies = bodies;
        this.bodyMillis = bodyMillis;
        this.timeoutMillis = timeoutMillis;
        this.patience = patience;
        this.links = new Links(link -> link.introduce(node));
        this.heartbeats = new Heartbeats(node, links, this::look);
        this.waiting = new Waiting(this::look);
    }

    /** Begins to tell the active that this node is there. What a hand-over takes is rehearsed meanwhile. */
    public void start() {
        Rehearsal.begin();
        heartbeats.start();
        waiting.start();
    }

    @Override
    public void take(
            Request request, Optional<ByteBuffer> body, Response response, Callback callback, Instead instead) {
        Attempt attempt = new Attempt(request, response, callback, instead);
        long length = Bodies.length(request);
        if (body.isPresent()) {
            attempt.begin(body);
        } else if (length == 0) {
            attempt.begin(Optional.of(ByteBuffer.allocate(0)));
        } else if (length < 0 || length > SMALL || !readAhead(request, (int) length, response, callback, attempt)) {
            attempt.begin(Optional.empty());
        }
    }

    private boolean readAhead(Request request, int length, Response response, Callback callback, Attempt attempt) {
        return bodies.readAhead(
                request,
                length,
                bodyMillis,
                read -> attempt.begin(Optional.of(ByteBuffer.wrap(read))),
                failure -> Response.writeError(request, response, callback, HttpStatus.REQUEST_TIMEOUT_408));
    }

    /** One request until it is answered, or given up. */
    private final class Attempt {
        private final Request request;
        private final Response response;
        private final Callback callback;
        private final Instead instead;
        private Deadline until = Deadline.after(patience);
        private @Nullable Link inVain;

        Attempt(Request request, Response response, Callback callback, Instead instead) {
            this.request = request;
            this.response = response;
            this.callback = callback;
            this.instead = instead;
        }

        void begin(Optional<ByteBuffer> small) {
            Link link = link();
            if (link != null) {
                send(link, small);
            } else if (takesNothing()) {
                giveUp(small);
            } else {
                waitWith(small);
            }
        }

        /** Also in the threads of a link, which are not to wait for a store. */
        private void waitWith(Optional<ByteBuffer> small) {
            waiting.add(until, () -> proceed(small), () -> giveUp(small));
        }

        /** Whether it is settled by now. */
        private boolean proceed(Optional<ByteBuffer> small) {
            if (small.isPresent() && isActive()) {
                instead.answerHere(small.get());
                return true;
            }
            Link link = link();
            if (link != null) {
                send(link, small);
            } else if (takesNothing()) {
                giveUp(small);
            } else {
                return false;
            }
            return true;
        }

        private void send(Link link, Optional<ByteBuffer> small) {
            Runnable notApplied = () -> {
                renewPatience(link);
                if (small.isPresent()) {
                    waitWith(small);
                } else {
                    giveUp(small);
                }
            };
            new Exchange(link, request, response, callback, small, notApplied, timeoutMillis).send();
        }

        /** What an active took that was silent does not count, once for each. */
        private void renewPatience(Link link) {
            if (link != inVain) {
                inVain = link;
                until = Deadline.after(patience);
            }
        }

        /** In a thread of the request's own: it asks the lock's store, and those that wait are not to wait for that. */
        private void giveUp(Optional<ByteBuffer> small) {
            try {
                if (small.isPresent() && isActive()) {
                    instead.answerHere(small.get());
                } else {
                    request.getComponents().getExecutor().execute(instead::redirect);
                }
            } catch (RejectedExecutionException e) {
                callback.failed(e);
            }
        }
    }

    private boolean isActive() {
        return node.cluster().filter(cluster -> cluster.active().isPresent()).isPresent();
    }

    /** Whether there is an active that takes nothing: it does not understand this node, or has no port for others. */
    private boolean takesNothing() {
        ClusterNode cluster = node.cluster().orElse(null);
        return cluster != null
                && (cluster.refusalOfActive().isPresent()
                        || cluster.leader()
                                .filter(leader -> !cluster.isSelf(leader))
                                .filter(leader -> leader.clusterAddr().isEmpty())
                                .isPresent());
    }

    /** Asks the lock's store who leads; what it says is what {@link #link} goes by then. */
    private void look() {
        long asked = System.nanoTime();
        node.cluster().flatMap(ClusterNode::confirmLeader).ifPresent(leader -> links.correct(leader, asked));
    }

    private @Nullable Link link() {
        ClusterNode cluster = node.cluster().orElse(null);
        if (cluster == null) {
            return null;
        }
        Optional<Advertisement> leader = cluster.leader();
        if (leader.isEmpty()
                || cluster.isSelf(leader.get())
                || leader.get().clusterAddr().isEmpty()) {
            return null;
        }
        Link link = links.to(leader.get());
        return link == null || link.isOver() ? null : link;
    }

    /** No heartbeats from now on. They would also end the link to the active, as soon as this node is sealed. */
    public void retire() {
        heartbeats.close();
    }

    @Override
    public void close() {
        heartbeats.close();
        waiting.close();
        links.close();
    }
}
