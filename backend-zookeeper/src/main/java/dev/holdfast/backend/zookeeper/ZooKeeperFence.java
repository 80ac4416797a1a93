package dev.holdfast.backend.zookeeper;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;

/**
 * A token's place at the fence: the version of the node that holds the token. Whoever raises the fence makes a new
 * version, so a check of it rides in each {@code multi} that it guards.
 */
record ZooKeeperFence(String path, long token, int version) {
    /** The content of a fence that nobody has raised yet. */
    static final byte[] GROUND = encode(0);

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
        return client.repeated(end, zk -> reads.current(zk, () -> ZooKeeperCall.read(zk, path, null)))
                .thenCompose(found -> {
                    if (found.isEmpty()) {
                        return roots.makeFence(end)
                                .thenCompose(made -> raise(operation, client, reads, roots, path, token, end));
                    }
                    int version = found.get().stat().getVersion();
                    long standing = decode(operation, found.get().data());
                    if (standing > token) {
                        throw new BackendException.Fenced(operation, token);
                    }
                    if (standing == token) {
                        return CompletableFuture.completedFuture(new ZooKeeperFence(path, token, version));
                    }
                    return client.once(end, zk -> ZooKeeperCall.write(zk, path, encode(token), version))
                            .thenApply(stat -> new ZooKeeperFence(path, token, stat.getVersion()))
                            .exceptionallyCompose(failure -> ZooKeeperErrors.is(failure, Code.BADVERSION)
                                    ? raise(operation, client, reads, roots, path, token, end)
                                    : CompletableFuture.failedFuture(failure));
                });
    }

    /** The condition that the fence stands where this token has put it. */
    Op check() {
        return Op.check(path, version);
    }

    /**
     * What it means that the condition did not hold: in the future, which always fails. The server that has refused it has
     * seen why.
     *
     * @throws BackendException.Fenced in the future, when the fence was raised
     * @throws BackendException.Corrupt in the future, when it is another one, which only happens outside of this backend
     */
    CompletableFuture<Void> broken(Operation operation, ZooKeeperClient client, long end) {
        return client.repeated(end, zk -> ZooKeeperCall.read(zk, path, null))
                .thenCompose(found -> CompletableFuture.failedFuture(broken(operation, found)));
    }

    /** What it means that the condition did not hold, given the fence that was found. */
    BackendException broken(Operation operation, Optional<ZooKeeperCall.Node> found) {
        if (found.isPresent() && decode(operation, found.get().data()) > token) {
            return new BackendException.Fenced(operation, token);
        }
        String now =
                found.map(node -> "stands at " + decode(operation, node.data())).orElse("is gone");
        return new BackendException.Corrupt(
                operation,
                "the fence was raised to " + token + " and now " + now
                        + ": was the store restored from a backup? Win the lock again",
                null);
    }

    private static byte[] encode(long token) {
        return Long.toString(token).getBytes(StandardCharsets.US_ASCII);
    }

    private static long decode(Operation operation, byte[] data) {
        try {
            return Long.parseLong(new String(data, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            throw new BackendException.Corrupt(operation, "the fence is not a number", e);
        }
    }
}
