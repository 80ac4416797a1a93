package dev.holdfast.backend.zookeeper;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.apache.jute.BinaryOutputArchive;
import org.apache.jute.Record;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.MultiOperationRecord;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.OpResult;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Stat;
import org.apache.zookeeper.proto.CreateRequest;
import org.apache.zookeeper.proto.SetDataRequest;
import org.jspecify.annotations.Nullable;

/**
 * Requests, each with its answer as a future, which fails with a {@link KeeperException} or, for a change that the
 * servers refused, with {@link ZooKeeperErrors.Refused}.
 *
 * <p>They are sent in the order in which they are made here, and answered in it. The futures are completed on the
 * thread of ZooKeeper's client that also brings its events: what depends on them must not block.
 */
final class ZooKeeperCall {
    private static final byte[] NOTHING = {};

    private ZooKeeperCall() {}

    /** A node as it was read. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Node(byte[] data, Stat stat) {}

    /**
     * Has the server catch up with the leader. What is sent next reads all that the leader knew, unless the server is the
     * leader: that answers at once, and may be later than its followers in applying what all of them have agreed on.
     */
    static CompletableFuture<Void> sync(ZooKeeper zk, String path) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        zk.sync(path, (code, at, context) -> done(answer, code, at), null);
        return answer;
    }

    /**
     * A transaction that changes nothing. The servers agree on its place among all others, so what is sent next reads
     * everything that was acknowledged to anybody before.
     *
     * @param path of a node that need not be there
     */
    static CompletableFuture<Void> barrier(ZooKeeper zk, String path) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        zk.multi(
                List.of(Op.check(path, -1)),
                (code, at, context, results) -> done(answer, code == Code.NONODE.intValue() ? 0 : code, path),
                null);
        return answer;
    }

    /** Whether the server has no others beside it. */
    static CompletableFuture<Boolean> isAlone(ZooKeeper zk) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        zk.getConfig(
                false,
                (code, at, context, data, stat) -> complete(answer, code, at, data == null || data.length == 0),
                null);
        return answer;
    }

    /** Reads a node; empty when there is none, and then the watcher is not set. */
    static CompletableFuture<Optional<Node>> read(ZooKeeper zk, String path, @Nullable Watcher watcher) {
        CompletableFuture<Optional<Node>> answer = new CompletableFuture<>();
        zk.getData(
                path,
                watcher,
                (code, at, context, data, stat) -> {
                    if (code == Code.NONODE.intValue()) {
                        answer.complete(Optional.empty());
                    } else if (code != 0) {
                        fail(answer, code, at);
                    } else {
                        answer.complete(Optional.of(new Node(data == null ? NOTHING : data, stat)));
                    }
                },
                null);
        return answer;
    }

    /** Sets a watcher that stays, on a node that need not be there. */
    static CompletableFuture<Void> addWatch(ZooKeeper zk, String path, Watcher watcher, AddWatchMode mode) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        zk.addWatch(path, watcher, mode, (code, at, context) -> done(answer, code, at), null);
        return answer;
    }

    /** Whether there is such a node. */
    static CompletableFuture<Boolean> exists(ZooKeeper zk, String path) {
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        zk.exists(
                path,
                false,
                (code, at, context, stat) -> {
                    if (code == Code.NONODE.intValue()) {
                        answer.complete(false);
                    } else {
                        complete(answer, code, at, true);
                    }
                },
                null);
        return answer;
    }

    /**
     * The names of a node's children, in no order; empty also when there is no such node. Asked for with the node's
     * {@code Stat}, which nobody wants: of such answers alone the server keeps the last ones (since 3.6), so that a large
     * directory that did not change is not written out anew.
     */
    static CompletableFuture<List<String>> children(ZooKeeper zk, String path) {
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        zk.getChildren(
                path,
                false,
                (code, at, context, names, stat) -> {
                    if (code == Code.NONODE.intValue()) {
                        answer.complete(List.of());
                    } else {
                        complete(answer, code, at, names);
                    }
                },
                null);
        return answer;
    }

    /** The nodes below a path that go with the session; servers before 3.6 cannot tell. */
    static CompletableFuture<List<String>> ephemerals(ZooKeeper zk, String path) {
        CompletableFuture<List<String>> answer = new CompletableFuture<>();
        zk.getEphemerals(path, (code, context, nodes) -> complete(answer, code, path, nodes), null);
        return answer;
    }

    /** Makes a node. */
    static CompletableFuture<Void> create(ZooKeeper zk, String path, byte[] data, List<ACL> acl, CreateMode mode) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        AsyncCallback.StringCallback done = (code, at, context, name) -> done(answer, code, at);
        zk.create(path, data, acl, mode, done, null);
        return answer;
    }

    /** Deletes a node, whatever its version. */
    static CompletableFuture<Void> delete(ZooKeeper zk, String path) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        zk.delete(path, -1, (code, at, context) -> done(answer, code, at), null);
        return answer;
    }

    /** Replaces what a node holds. */
    static CompletableFuture<Stat> write(ZooKeeper zk, String path, byte[] data, int version) {
        CompletableFuture<Stat> answer = new CompletableFuture<>();
        zk.setData(path, data, version, (code, at, context, stat) -> complete(answer, code, at, stat), null);
        return answer;
    }

    /** A node that was made under a name that the servers completed, and by which transaction. */
    record Numbered(String path, long zxid) {}

    /**
     * Makes a node that ends with its session, with the next number of its siblings behind its name. Where it was refused,
     * it fails as a {@link #multi} does.
     */
    static CompletableFuture<Numbered> createNumbered(ZooKeeper zk, String path, byte[] data, List<ACL> acl) {
        CompletableFuture<Numbered> answer = new CompletableFuture<>();
        AsyncCallback.Create2Callback done = (code, at, context, name, stat) -> {
            if (code == 0) {
                answer.complete(new Numbered(name, stat.getCzxid()));
            } else {
                failAlone(answer, code, at);
            }
        };
        zk.create(path, data, acl, CreateMode.EPHEMERAL_SEQUENTIAL, done, null);
        return answer;
    }

    /** Does all of these or none. One is sent as itself: a {@code multi} of one means the same, and is more work for all. */
    static CompletableFuture<Void> apply(ZooKeeper zk, List<Op> operations) {
        Record request = operations.size() == 1 ? operations.get(0).toRequestRecord() : null;
        if (request instanceof SetDataRequest change) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            AsyncCallback.StatCallback done = (code, at, context, stat) -> doneAlone(answer, code, at);
            zk.setData(change.getPath(), change.getData(), change.getVersion(), done, null);
            return answer;
        }
        if (request instanceof CreateRequest creation && creation.getFlags() == CreateMode.PERSISTENT.toFlag()) {
            CompletableFuture<Void> answer = new CompletableFuture<>();
            AsyncCallback.StringCallback done = (code, at, context, name) -> doneAlone(answer, code, at);
            zk.create(creation.getPath(), creation.getData(), creation.getAcl(), CreateMode.PERSISTENT, done, null);
            return answer;
        }
        return multi(zk, operations);
    }

    /** Does all of these or none. */
    private static CompletableFuture<Void> multi(ZooKeeper zk, List<Op> operations) {
        CompletableFuture<Void> answer = new CompletableFuture<>();
        zk.multi(
                operations,
                (code, at, context, results) -> {
                    if (code != 0 && results != null && !results.isEmpty()) {
                        answer.completeExceptionally(refused(results));
                    } else {
                        done(answer, code, String.valueOf(at));
                    }
                },
                null);
        return answer;
    }

    /** What these operations take in a request. */
    static int size(List<Op> operations) {
        int[] bytes = {0};
        OutputStream counting = new OutputStream() {
            @Override
            public void write(int one) {
                bytes[0]++;
            }

            @Override
            public void write(byte[] more, int offset, int length) {
                bytes[0] += length;
            }
        };
        try {
            new MultiOperationRecord(operations).serialize(BinaryOutputArchive.getArchive(counting), "request");
        } catch (IOException e) {
            throw new UncheckedIOException(e); // never, for nothing is written anywhere
        }
        return bytes[0];
    }

    private static Throwable refused(List<OpResult> results) {
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) instanceof OpResult.ErrorResult error && error.getErr() != 0) {
                return new ZooKeeperErrors.Refused(i, known(error.getErr()));
            }
        }
        return KeeperException.create(Code.SYSTEMERROR);
    }

    private static void doneAlone(CompletableFuture<Void> answer, int code, String path) {
        if (code == 0) {
            answer.complete(null);
        } else {
            failAlone(answer, code, path);
        }
    }

    /** As a {@link #multi} of one operation would. */
    private static void failAlone(CompletableFuture<?> answer, int code, String path) {
        if (ZooKeeperErrors.isRefusal(known(code))) {
            answer.completeExceptionally(new ZooKeeperErrors.Refused(0, known(code)));
        } else {
            fail(answer, code, path);
        }
    }

    private static void done(CompletableFuture<Void> answer, int code, String path) {
        if (code == 0) {
            answer.complete(null);
        } else {
            fail(answer, code, path);
        }
    }

    private static <T> void complete(CompletableFuture<T> answer, int code, String path, T value) {
        if (code == 0) {
            answer.complete(value);
        } else {
            fail(answer, code, path);
        }
    }

    private static void fail(CompletableFuture<?> answer, int code, String path) {
        answer.completeExceptionally(KeeperException.create(known(code), path));
    }

    private static Code known(int code) {
        Code known = Code.get(code);
        return known == null ? Code.SYSTEMERROR : known; // a newer server may have codes of its own
    }

    /** Runs an action that neither blocks nor throws when a stage is done, well or not. */
    static <T extends @Nullable Object> void whenDone(
            CompletionStage<T> stage, BiConsumer<? super T, ? super @Nullable Throwable> action) {
        stage.whenComplete(action);
    }
}
