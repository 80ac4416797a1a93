package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.ErrorMapping;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;

/** What ZooKeeper's failures mean. */
final class ZooKeeperErrors implements ErrorMapping {
    private static final Set<Code> ACCESS =
            Set.of(Code.NOAUTH, Code.AUTHFAILED, Code.INVALIDACL, Code.SESSIONCLOSEDREQUIRESASLAUTH);

    /** The connection ended, or the session with it: a request that was under way may have been applied. */
    private static final Set<Code> PASSING = Set.of(
            Code.CONNECTIONLOSS, Code.SESSIONEXPIRED, Code.SESSIONMOVED, Code.OPERATIONTIMEOUT, Code.REQUESTTIMEOUT);

    /** Refused before anything was proposed to the ensemble. */
    private static final Set<Code> NOT_APPLIED = Set.of(Code.THROTTLEDOP, Code.NOTREADONLY, Code.QUOTAEXCEEDED);

    /** What servers say to a change that they looked at and that cannot be done as things are. */
    private static final Set<Code> REFUSALS = Set.of(
            Code.NONODE,
            Code.NODEEXISTS,
            Code.NOTEMPTY,
            Code.BADVERSION,
            Code.NOCHILDRENFOREPHEMERALS,
            Code.NOAUTH,
            Code.INVALIDACL);

    private static final Set<Code> UNSUPPORTED = Set.of(Code.UNIMPLEMENTED, Code.BADARGUMENTS, Code.MARSHALLINGERROR);

    /** A request that was never handed to any connection. */
    static final class NotSent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        NotSent(String detail) {
            super(detail, null, false, false);
        }
    }

    /** The queue of a lock that cannot be used before it was empty for a while. */
    static final class WornOut extends RuntimeException {
        private static final long serialVersionUID = 1L;

        WornOut(String queue) {
            super(
                    "the numbers of " + queue
                            + ", of which ZooKeeper has two billion, are used up; they begin anew when"
                            + " nobody has held the lock or waited for it for some minutes",
                    null,
                    false,
                    false);
        }
    }

    /** A change that was not applied, because one of its operations could not be done. */
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int index;
        private final Code code;

        /** @param index of the operation that could not be done */
        Refused(int index, Code code) {
            super(code + " at operation " + index, null, false, false);
            this.index = index;
            this.code = code;
        }

        int index() {
            return index;
        }

        Code code() {
            return code;
        }
    }

    @Override
    public BackendException map(Operation operation, Throwable failure, boolean write) {
        Throwable root = root(failure);
        if (root instanceof NotSent || root instanceof WornOut) {
            return new BackendException.Unavailable(operation, String.valueOf(root.getMessage()), null);
        }
        Code code = code(root);
        boolean refused = root instanceof Refused;
        if (ACCESS.contains(code)) {
            return new BackendException.AccessDenied(operation, "ZooKeeper says " + code, failure);
        }
        if (UNSUPPORTED.contains(code)) {
            return new BackendException.InvalidRequest(
                    operation, "ZooKeeper says " + code + ": its servers must be of version 3.6 or newer");
        }
        String detail = describe(root, code);
        boolean unknown = write && !refused && !NOT_APPLIED.contains(code);
        return unknown
                ? new BackendException.OutcomeUnknown(operation, detail, failure)
                : new BackendException.Unavailable(operation, detail, failure);
    }

    /** Whether ZooKeeper answered with this code, to a request of its own or to one of several. */
    static boolean is(Throwable failure, Code code) {
        return code(root(failure)) == code;
    }

    /** Whether it says that nothing was applied, and why. */
    static boolean isRefusal(Code code) {
        return REFUSALS.contains(code);
    }

    /** Whether repeating a harmless request may help. */
    static boolean isPassing(Throwable failure) {
        return PASSING.contains(code(root(failure)));
    }

    /** Whether the session is over, for good. */
    static boolean isSessionOver(Throwable failure) {
        return is(failure, Code.SESSIONEXPIRED);
    }

    static Throwable root(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static Code code(Throwable root) {
        if (root instanceof KeeperException known) {
            return known.code();
        }
        return root instanceof Refused refused ? refused.code() : Code.SYSTEMERROR;
    }

    private static String describe(Throwable root, Code code) {
        if (root instanceof KeeperException || root instanceof Refused) {
            return PASSING.contains(code) ? "the connection was lost (" + code + ")" : "ZooKeeper says " + code;
        }
        return root.toString();
    }
}
