package dev.holdfast.server.api;

import dev.holdfast.server.cluster.Active;
import dev.holdfast.server.cluster.ClusterNode;
import dev.holdfast.server.cluster.Node;
import dev.holdfast.spi.BackendException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers calls, as far as this node may; who carries them, and where else they go, is not its business. */
final class Service {
    private static final Logger log = LoggerFactory.getLogger(Service.class);

    private final Node node;
    private final Routes routes;
    private final TokenStore tokens;
    private final boolean standbyReads;
    private final boolean relayed;

    /** @param relayed whether calls come from other nodes, which look elsewhere when this one is sealed */
    Service(Node node, Routes routes, TokenStore tokens, boolean standbyReads, boolean relayed) {
        this.node = node;
        this.routes = routes;
        this.tokens = tokens;
        this.standbyReads = standbyReads;
        this.relayed = relayed;
    }

    /** Whether each node answers this itself, also without a token. */
    boolean isLocal(String path) {
        return routes.isLocal(path);
    }

    /** The answer; null when it is for the active to give, which this node is not. */
    @Nullable
    Answer answer(Call call) throws InterruptedException {
        try {
            return answerOrThrow(call);
        } catch (Refusal e) {
            return e.answer();
        } catch (BackendException e) {
            return failed(call, e);
        }
    }

    private @Nullable Answer answerOrThrow(Call call) throws InterruptedException {
        Routes.Local local = routes.local(call);
        if (local != null) {
            return local.handle(call);
        }
        Optional<ClusterNode> unsealed = node.cluster();
        if (unsealed.isEmpty()) {
            if (relayed) {
                return null;
            }
            throw notThere();
        }
        ClusterNode cluster = unsealed.get();
        Routes.Route route = routes.served(call);
        Active active = cluster.active().orElse(null);
        if (active != null && receive(call, route, active, cluster) && active.enter()) {
            try {
                Answer answer = serve(call, route, Session.of(active, cluster, tokens.of(cluster)));
                // What was read while the lease ran out may be an old answer already.
                return active.isActive() || !call.verb().isReadOnly() ? answer : null;
            } finally {
                active.leave();
            }
        }
        boolean readsHere = standbyReads && cluster.refusalOfActive().isEmpty();
        if (readsHere && route != null && route.onStandby() && call.verb().isReadOnly()) {
            return serve(call, route, Session.reading(cluster, tokens.of(cluster)));
        }
        return null;
    }

    /**
     * Has the body arrive before the request is one that stepping down waits for. What other nodes forward comes as a stream
     * that ends with this node's term, so it has to be answered within.
     *
     * @return false when this node is not the active any more
     */
    private boolean receive(Call call, Routes.@Nullable Route route, Active active, ClusterNode cluster) {
        if (relayed || route == null || call.verb() != Verb.WRITE) {
            return true;
        }
        if (!call.isShort() && !isAdmitted(call, active, cluster)) {
            return false;
        }
        byte[] unused = call.receive();
        return true;
    }

    /** Who has no token does not fill this node's memory. */
    private boolean isAdmitted(Call call, Active active, ClusterNode cluster) {
        if (!active.enter()) {
            return false;
        }
        try {
            Token unused = Session.of(active, cluster, tokens.of(cluster)).authenticate(call);
            return true;
        } finally {
            active.leave();
        }
    }

    private static Answer serve(Call call, Routes.@Nullable Route route, Session session) {
        if (route == null) {
            throw Refusal.noRoute(call.path());
        }
        return route.served().handle(call, session);
    }

    private Refusal notThere() {
        return node.seal().config().isPresent() ? SealApi.sealed() : new Refusal(503, "Vault is not initialized");
    }

    /** What is said to who has shown no valid token: nothing about the stores, which the log has. */
    private static String forAnybody(BackendException e) {
        if (e instanceof BackendException.Corrupt) {
            return "what is stored cannot be read";
        }
        return e.maybeApplied()
                ? "a store did not answer; it may have been done"
                : "a store could not be used; nothing was done";
    }

    /** What it means for the client that storage failed, by type. */
    private static Answer failed(Call call, BackendException e) {
        log.warn("{} {}: {}", call.verb(), Paths.printable(call.path()), e.getMessage());
        String message = call.isAdmitted() ? String.valueOf(e.getMessage()) : forAnybody(e);
        if (e instanceof BackendException.LimitExceeded) {
            return Answer.error(413, message);
        }
        if (e instanceof BackendException.InvalidRequest) {
            return Answer.error(400, message);
        }
        boolean later = e instanceof BackendException.Unavailable
                || e instanceof BackendException.Fenced
                || e instanceof BackendException.Closed;
        return later && !e.maybeApplied()
                ? Answer.error(503, message).with("Retry-After", "1")
                : Answer.error(500, message);
    }
}
