package dev.holdfast.backend.etcd;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.ErrorMapping;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What etcd's and gRPC's failures mean. etcd tells its errors apart by their text only; it is the same in every
 * release since 3.0.
 */
final class EtcdErrors implements ErrorMapping {
    /** What a member says that has lost the others, at once, to a request that {@link EtcdCall#headers} came with. */
    private static final String NO_LEADER = "etcdserver: no leader";

    /**
     * What a leader says to a renewal when it finds that it may lead no longer; {@code UNKNOWN}, because etcd has not
     * given it a code.
     */
    private static final String DEPOSED = "not a primary lessor";

    /** What a watch puts before the text of an error. */
    private static final Pattern WRAPPED = Pattern.compile("rpc error: code = \\w+ desc = (.*)", Pattern.DOTALL);

    /**
     * Refused before anything was proposed to the cluster. "database space exceeded" is not one of them: the write that
     * crosses the quota is answered with it, too, and is applied.
     */
    private static final Set<String> NOT_APPLIED = Set.of("etcdserver: too many requests", NO_LEADER);

    private static final String FULL = "etcdserver: mvcc: database space exceeded";

    /** The server was started with smaller limits than etcd's defaults, which this backend keeps to. */
    private static final Set<String> TOO_LARGE =
            Set.of("etcdserver: request is too large", "etcdserver: too many operations in txn request");

    private static final Set<String> ACCESS = Set.of(
            "etcdserver: permission denied",
            "etcdserver: user name is empty",
            "etcdserver: user name not found",
            "etcdserver: authentication failed, invalid user ID or password",
            "etcdserver: authentication is not enabled",
            "etcdserver: invalid auth management");

    /** What says something of the token only: the password for which it was given was right. */
    private static final Set<String> STALE_TOKEN =
            Set.of("etcdserver: invalid auth token", "etcdserver: revision of auth store is old");

    private static final Pattern LAST_FAILURE =
            Pattern.compile("Last Pick Failure=Status\\{code=\\w+, description=([^\n,]*)[^}]*?cause=([^\n}]*)");

    private static final Pattern SERVER = Pattern.compile("remote_addr=([^\\],]*)");

    /** A call that ended before it was handed to any connection: the store cannot have seen it. */
    static final class NotSent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotSent(Status status) {
            super(status.asRuntimeException());
        }
    }

    /** A full store answered that it does not take an entry, which it may have taken; it is removed, and not tried again. */
    static final class Full extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Full(Throwable answer) {
            super(root(answer));
        }
    }

    @Override
    public BackendException map(Operation operation, Throwable failure, boolean write) {
        boolean sent = !isNotSent(failure);
        Status status = status(failure);
        if (isDenied(failure)) {
            return new BackendException.AccessDenied(operation, describe(status, sent), failure);
        }
        if (isStaleToken(failure)) {
            return new BackendException.Unavailable(
                    operation,
                    describe(status, sent) + ": the servers refuse tokens that they have just given for the password",
                    failure);
        }
        String text = text(status);
        if (TOO_LARGE.contains(text)) {
            return new BackendException.InvalidRequest(
                    operation, text + ": the server allows less than etcd does by default");
        }
        if (status.getCode() == Status.Code.DATA_LOSS) {
            return new BackendException.Corrupt(operation, describe(status, sent), failure);
        }
        boolean unknown = write
                && sent
                && !(root(failure) instanceof Full)
                && !NOT_APPLIED.contains(text)
                && status.getCode() != Status.Code.UNIMPLEMENTED;
        return unknown
                ? new BackendException.OutcomeUnknown(operation, describe(status, sent), failure)
                : new BackendException.Unavailable(operation, describe(status, sent), failure);
    }

    /** Whether the store refused the credentials or their permissions. */
    static boolean isDenied(Throwable failure) {
        Status status = status(failure);
        return (status.getCode() == Status.Code.UNAUTHENTICATED && !STALE_TOKEN.contains(text(status)))
                || status.getCode() == Status.Code.PERMISSION_DENIED
                || ACCESS.contains(text(status));
    }

    /** Whether the store refused the request for what it is, and would another one: nothing was applied. */
    static boolean isRefused(Throwable failure) {
        return isDenied(failure) || isStaleToken(failure) || TOO_LARGE.contains(text(status(failure)));
    }

    /** Whether the token is no longer good, which says nothing against the password; nothing was applied. */
    static boolean isStaleToken(Throwable failure) {
        return STALE_TOKEN.contains(text(status(failure)));
    }

    /** Whether the store has no room: the request was answered, and may have been applied, being the one that filled it. */
    static boolean isFull(Throwable failure) {
        return text(status(failure)).equals(FULL);
    }

    /** Whether the store has no such lease: it was revoked, or has expired. */
    static boolean isLeaseGone(Throwable failure) {
        return text(status(failure)).equals("etcdserver: requested lease not found");
    }

    /** Whether repeating a harmless call may help: no connection, a lost one, or a member that has no leader or was it. */
    static boolean isPassing(Throwable failure) {
        Status status = status(failure);
        return status.getCode() == Status.Code.UNAVAILABLE
                || status.getCause() instanceof IOException
                || text(status).equals(DEPOSED);
    }

    /** Whether a member refused the request because it has lost the others, so that another one may take it. */
    static boolean isWithoutLeader(Throwable failure) {
        return text(status(failure)).equals(NO_LEADER);
    }

    /** Whether nothing came back in time: then the connection may be dead, or for ever half open, without knowing. */
    static boolean isSilence(Throwable failure) {
        return status(failure).getCode() == Status.Code.DEADLINE_EXCEEDED;
    }

    /** Whether it is certain that the request left for nowhere. */
    static boolean isNotSent(Throwable failure) {
        return root(failure) instanceof NotSent;
    }

    private static Status status(Throwable failure) {
        Throwable root = root(failure);
        Throwable cause = root instanceof NotSent || root instanceof Full ? root.getCause() : root;
        return cause instanceof StatusRuntimeException known ? known.getStatus() : Status.UNKNOWN.withCause(failure);
    }

    private static Throwable root(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static String text(Status status) {
        if (status.getDescription() == null) {
            return "";
        }
        Matcher wrapped = WRAPPED.matcher(status.getDescription());
        return wrapped.matches() ? wrapped.group(1) : status.getDescription();
    }

    /** One line for a person. What gRPC says is long, and its end shows where in gRPC it happened. */
    private static String describe(Status status, boolean sent) {
        String text = text(status);
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            Matcher server = SERVER.matcher(text);
            Matcher last = LAST_FAILURE.matcher(text);
            return sent
                    ? "no answer in time" + (server.find() ? " from " + server.group(1) : "")
                    : "no connection in time" + (last.find() ? ", " + last.group(1) + ": " + last.group(2) : "");
        }
        String first = text.lines().findFirst().orElse("no details");
        String cause = status.getCause() == null ? "" : " (" + status.getCause() + ")";
        return status.getCode() + ": " + first + cause.lines().findFirst().orElse("");
    }
}
