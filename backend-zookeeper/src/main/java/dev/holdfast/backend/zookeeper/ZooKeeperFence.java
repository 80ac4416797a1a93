package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;

/**
 * A token's place at the fence, whose one child says where it stands: {@code token-mark}. Whoever raises it replaces the
 * child, so a check that his own is there rides in each {@code multi} that it guards.
 *
 * <p>The mark is random. Versions of nodes are given out again after the servers were restored from a backup, and tokens may
 * be: who raised the fence before that must not find it as he left it, whatever was done since.
 *
 * @param name of the child
 */
record ZooKeeperFence(String path, long token, String name) {
    private static final byte[] NOTHING = {};

    /** @param version of the node above, which every raise makes anew, so that one of several at a time succeeds */
    private record Found(int version, List<String> names) {}

    /**
     * Raises the fence to the token, or finds it there.
     *
     * @throws BackendException.Fenced in the future, when it stands higher
     */
    static CompletableFuture<ZooKeeperFence> raise(
            Operation operation,
            ZooKeeperClient client,
            ZooKeeperReads reads,
            ZooKeeperRoots roots,
            String path,
            long token,
            long end) {
        return client.repeated(end, zk -> reads.current(zk, () -> look(zk, path)))
                .thenCompose(found -> {
                    if (found.isEmpty()) {
                        return roots.makeFence(end)
                                .thenCompose(made -> raise(operation, client, reads, roots, path, token, end));
                    }
                    Optional<ZooKeeperFence> standing =
                            standing(operation, path, found.get().names());
                    if (standing.isPresent() && standing.get().token() > token) {
                        throw new BackendException.Fenced(operation, token);
                    }
                    if (standing.isPresent() && standing.get().token() == token) {
                        return CompletableFuture.completedFuture(standing.get());
                    }
                    ZooKeeperFence raised = new ZooKeeperFence(path, token, token + "-" + mark());
                    List<Op> operations = raised.replacing(found.get(), roots.acl());
                    return client.once(end, zk -> ZooKeeperCall.apply(zk, operations))
                            .thenApply(done -> raised)
                            .exceptionallyCompose(failure -> isOvertaken(failure)
                                    ? raise(operation, client, reads, roots, path, token, end)
                                    : CompletableFuture.failedFuture(failure));
                });
    }

    private static CompletableFuture<Optional<Found>> look(ZooKeeper zk, String path) {
        CompletableFuture<Optional<ZooKeeperCall.Node>> node = ZooKeeperCall.read(zk, path, null);
        return node.thenCombine(
                ZooKeeperCall.children(zk, path),
                (there, names) -> there.map(seen -> new Found(seen.stat().getVersion(), names)));
    }

    private static String mark() {
        return Long.toHexString(ThreadLocalRandom.current().nextLong());
    }

    private List<Op> replacing(Found found, List<ACL> acl) {
        List<Op> operations = new ArrayList<>();
        operations.add(Op.setData(path, NOTHING, found.version()));
        found.names().forEach(old -> operations.add(Op.delete(path + "/" + old, -1)));
        operations.add(Op.create(node(), NOTHING, acl, CreateMode.PERSISTENT));
        return operations;
    }

    private static boolean isOvertaken(Throwable failure) {
        return ZooKeeperErrors.is(failure, Code.BADVERSION) || ZooKeeperErrors.is(failure, Code.NONODE);
    }

    private String node() {
        return path + "/" + name;
    }

    /** The condition that the fence stands where this token has put it. */
    Op check() {
        return Op.check(node(), -1);
    }

    /** Whether it is the condition that did not hold, when one of several operations was refused. */
    boolean refused(ZooKeeperErrors.Refused refused) {
        return refused.index() == 0 && refused.code() == Code.NONODE;
    }

    /**
     * What it means that the condition did not hold: in the future, which always fails. The server that has refused it has
     * seen why.
     *
     * @throws BackendException.Fenced in the future, when the fence was raised
     * @throws BackendException.Corrupt in the future, when it is another one, which only happens outside of this backend
     */
    CompletableFuture<Void> broken(Operation operation, ZooKeeperClient client, long end) {
        return client.repeated(end, zk -> ZooKeeperCall.children(zk, path))
                .thenCompose(names -> CompletableFuture.failedFuture(broken(operation, names)));
    }

    /** What it means that the condition did not hold, given the children that the fence was found to have. */
    BackendException broken(Operation operation, List<String> names) {
        Optional<ZooKeeperFence> standing = standing(operation, path, names);
        if (standing.isPresent() && standing.get().token() > token) {
            return new BackendException.Fenced(operation, token);
        }
        String now = standing.map(other -> "stands at " + other.token()).orElse("is gone");
        return new BackendException.Corrupt(
                operation,
                "the fence was raised to " + token + " and now " + now
                        + ": was the store restored from a backup? Win the lock again",
                null);
    }

    private static Optional<ZooKeeperFence> standing(Operation operation, String path, List<String> names) {
        return names.stream()
                .map(name -> new ZooKeeperFence(path, token(operation, name), name))
                .max(Comparator.comparingLong(ZooKeeperFence::token));
    }

    private static long token(Operation operation, String name) {
        try {
            return Long.parseLong(name.substring(0, Math.max(0, name.indexOf('-'))));
        } catch (NumberFormatException e) {
            throw new BackendException.Corrupt(operation, "the fence stands at '" + name + "', which is no token", e);
        }
    }
}
