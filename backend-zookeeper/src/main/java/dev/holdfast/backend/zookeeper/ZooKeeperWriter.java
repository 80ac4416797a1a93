package dev.holdfast.backend.zookeeper;

import dev.holdfast.backend.zookeeper.ZooKeeperChange.Seen;
import dev.holdfast.backend.zookeeper.ZooKeeperChange.View;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Batches;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * Applies changes. What was refused was not applied, so it is planned anew until it is either applied or out of time;
 * a request that was lost on the way is never sent again.
 *
 * <p>Puts that come while others are under way share a request when all their keys are known to be there; should one have
 * gone meanwhile, each goes its own way. Everything else, a put of a new key above all, would only make such a request
 * fail: it goes alone and at once, behind what is on its way already.
 */
final class ZooKeeperWriter implements Batches.Sender<ZooKeeperWriter.Single> {
    /** With fewer, a small load waits for its turn; with more, a large one is split into many small requests. */
    static final int UNDER_WAY = 4;

    private static final int MOST_IN_BATCH = 32;

    /** Of all values that share a request; beyond that sharing saves nothing. */
    private static final int LARGEST_BATCH = 256 << 10;

    /** ZooKeeper hangs up on a request of 1 MiB, its frame included. */
    static final int LARGEST_REQUEST = (1 << 20) - (1 << 10);

    private final ZooKeeperClient client;
    private final ZooKeeperReads reads;
    private final ZooKeeperKeys keys;
    private final ZooKeeperRoots roots;
    private final ZooKeeperPresence presence = new ZooKeeperPresence();

    ZooKeeperWriter(ZooKeeperClient client, ZooKeeperReads reads, ZooKeeperKeys keys, ZooKeeperRoots roots) {
        this.client = client;
        this.reads = reads;
        this.keys = keys;
        this.roots = roots;
    }

    /**
     * A write of one key.
     *
     * @param node where its key's value is
     * @param fence the condition that it is bound to, if any
     * @param end when it must be over, on {@link System#nanoTime()}
     */
    record Single(
            Operation operation,
            Mutation mutation,
            String node,
            @Nullable ZooKeeperFence fence,
            long end) {
        int size() {
            return mutation instanceof Mutation.Put put ? put.entry().size() : 0;
        }
    }

    @Override
    public Object subject(Single write) {
        return write.mutation().key();
    }

    @Override
    public boolean goesAlone(Single write) {
        return !(write.mutation() instanceof Mutation.Put && presence.has(write.node()));
    }

    @Override
    public Room room(Single first) {
        return new Room(first);
    }

    /** What still fits into a request that has a first write. */
    final class Room implements Batches.Room<Single> {
        private final Single first;
        private final boolean shared;
        private int writes = 1;
        private int bytes;

        Room(Single first) {
            this.first = first;
            this.shared = !goesAlone(first);
            this.bytes = first.size();
        }

        @Override
        public boolean admits(Single write) {
            boolean fits = shared
                    && writes < MOST_IN_BATCH
                    && bytes + write.size() <= LARGEST_BATCH
                    && Objects.equals(first.fence(), write.fence())
                    && !goesAlone(write);
            if (fits) {
                writes++;
                bytes += write.size();
            }
            return fits;
        }
    }

    @Override
    public CompletableFuture<?> send(List<Single> writes) {
        Single last = writes.get(writes.size() - 1); // the others have less time left, and look after it themselves
        return roots.admitted(last.end(), () -> writes.size() == 1 ? alone(last) : together(writes, last));
    }

    private CompletableFuture<Void> alone(Single write) {
        ZooKeeperChange change = new ZooKeeperChange(keys, roots.acl(), List.of(write.mutation()));
        return apply(write.operation(), change, write.fence(), write.end());
    }

    private CompletableFuture<Void> together(List<Single> writes, Single last) {
        List<Op> operations = new ArrayList<>();
        for (Single write : writes) {
            byte[] value = ((Mutation.Put) write.mutation()).entry().value();
            operations.add(Op.setData(write.node(), value, -1));
        }
        return send(
                last.operation(),
                operations,
                last.fence(),
                last.end(),
                refused -> CompletableFuture.failedFuture(
                        new ZooKeeperErrors.Refused(operations.indexOf(refused), Code.NONODE)));
    }

    @Override
    public @Nullable Throwable expired(Single write) {
        return write.end() - System.nanoTime() > 0 ? null : new ZooKeeperErrors.NotSent("it was too late to send it");
    }

    @Override
    public boolean isOnesOwn(Throwable failure) {
        Throwable root = ZooKeeperErrors.root(failure);
        return root instanceof ZooKeeperErrors.Refused || root instanceof BackendException;
    }

    /**
     * Applies a change.
     *
     * @param fence the condition that it is bound to, if any
     */
    CompletableFuture<Void> apply(
            Operation operation, ZooKeeperChange change, @Nullable ZooKeeperFence fence, long end) {
        return simply(operation, change, change.simple(presence::isNew), fence, end);
    }

    /** A value was read, so its node is there. */
    void found(String node) {
        presence.seen(node);
    }

    private void learn(List<Op> done) {
        for (Op operation : done) {
            switch (operation.getType()) {
                case ZooDefs.OpCode.setData -> presence.changed(operation.getPath());
                case ZooDefs.OpCode.create -> presence.made(operation.getPath());
                case ZooDefs.OpCode.delete -> presence.gone(operation.getPath());
                default -> {} // a check
            }
        }
    }

    private CompletableFuture<Void> simply(
            Operation operation,
            ZooKeeperChange change,
            List<List<Op>> attempts,
            @Nullable ZooKeeperFence fence,
            long end) {
        if (attempts.isEmpty()) {
            return informed(operation, change, fence, end);
        }
        List<List<Op>> others = attempts.subList(1, attempts.size());
        return send(operation, attempts.get(0), fence, end, refused -> simply(operation, change, others, fence, end));
    }

    private CompletableFuture<Void> informed(
            Operation operation, ZooKeeperChange change, @Nullable ZooKeeperFence fence, long end) {
        // What a look is taken for is checked again by what is sent, unless it is that there is nothing to send.
        boolean decides = fence == null && change.mayBeVoid();
        return client.repeated(end, zk -> look(zk, change, decides)).thenCompose(view -> {
            if (decides && change.isVoid(view)) {
                return CompletableFuture.completedFuture(null);
            }
            Optional<List<Op>> plan = change.plan(view);
            if (plan.isEmpty()) {
                return informed(operation, change, fence, end);
            }
            return send(operation, plan.get(), fence, end, refused -> {
                if (refused.getType() == ZooDefs.OpCode.check) {
                    change.failed(refused);
                }
                return isBelowRoot(refused)
                        ? roots.makeData(end).thenCompose(made -> informed(operation, change, fence, end))
                        : informed(operation, change, fence, end);
            });
        });
    }

    /** Whether it can have failed because the root itself is missing. */
    private boolean isBelowRoot(Op refused) {
        String path = refused.getPath();
        return path.substring(0, path.lastIndexOf('/')).equals(keys.directory(""));
    }

    private interface Otherwise {
        CompletableFuture<Void> after(Op refused);
    }

    /** @param otherwise what to do when something came in between */
    private CompletableFuture<Void> send(
            Operation operation, List<Op> operations, @Nullable ZooKeeperFence fence, long end, Otherwise otherwise) {
        List<Op> all = new ArrayList<>(operations.size() + 1);
        if (fence != null) {
            all.add(fence.check());
        }
        all.addAll(operations);
        int size = ZooKeeperCall.size(all);
        if (size > LARGEST_REQUEST) {
            throw new BackendException.LimitExceeded(
                    operation, "request with the directories above the keys in bytes", LARGEST_REQUEST, size);
        }
        CompletableFuture<Void> sent = client.once(end, zk -> ZooKeeperCall.apply(zk, all));
        return sent.handle((results, failure) -> failure).thenCompose(failure -> {
            if (failure == null) {
                learn(operations);
                return CompletableFuture.completedFuture(null);
            }
            return judge(operation, all, fence, end, failure, otherwise);
        });
    }

    private CompletableFuture<Void> judge(
            Operation operation,
            List<Op> all,
            @Nullable ZooKeeperFence fence,
            long end,
            Throwable failure,
            Otherwise otherwise) {
        if (!(ZooKeeperErrors.root(failure) instanceof ZooKeeperErrors.Refused refused)) {
            return CompletableFuture.failedFuture(failure);
        }
        if (fence != null && fence.refused(refused)) {
            return fence.broken(operation, client, end);
        }
        boolean conflict = Set.of(Code.NONODE, Code.NODEEXISTS, Code.NOTEMPTY).contains(refused.code());
        if (!conflict) {
            return CompletableFuture.failedFuture(failure);
        }
        Op impossible = all.get(refused.index());
        if (impossible.getType() == ZooDefs.OpCode.setData) {
            presence.gone(impossible.getPath());
        }
        return otherwise.after(impossible);
    }

    private CompletableFuture<View> look(ZooKeeper zk, ZooKeeperChange change, boolean decides) {
        Set<Key> present = new HashSet<>();
        Map<String, Seen> directories = new HashMap<>();
        List<CompletableFuture<?>> all = new ArrayList<>();
        all.add(decides ? reads.barrier(zk) : ZooKeeperCall.sync(zk, keys.path()));
        for (Mutation mutation : change.mutations()) {
            all.add(ZooKeeperCall.exists(zk, keys.value(mutation.key())).thenAccept(there -> {
                if (there) {
                    present.add(mutation.key());
                }
            }));
        }
        for (String directory : change.directories()) {
            String node = keys.directory(directory);
            CompletableFuture<Optional<ZooKeeperCall.Node>> found = ZooKeeperCall.read(zk, node, null);
            CompletableFuture<Optional<List<String>>> names = change.mustList(directory)
                    ? ZooKeeperCall.children(zk, node).thenApply(Optional::of)
                    : CompletableFuture.completedFuture(Optional.empty());
            all.add(found.thenAcceptBoth(
                    names,
                    (there, listed) -> there.ifPresent(seen -> directories.put(
                            directory,
                            new Seen(
                                    new String(seen.data(), StandardCharsets.UTF_8),
                                    seen.stat().getNumChildren(),
                                    listed)))));
        }
        // All on the one thread that brings answers, and done when the last one is.
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
                .thenApply(done -> new View(present, directories));
    }
}
