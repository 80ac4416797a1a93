package dev.holdfast.backend.etcd;

import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Mutation;
import dev.holdfast.spi.Operation;
import dev.holdfast.spi.driver.Batches;
import dev.holdfast.spi.driver.Checks;
import dev.holdfast.spi.driver.RecentNames;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.TxnRequest;
import io.etcd.jetcd.api.TxnResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Applies changes, and lets single ones that come while others are under way share a transaction.
 *
 * <p>Puts into directories that are known to be there share one that looks at nothing else; should a directory have gone
 * meanwhile, each goes its own way.
 */
final class EtcdWriter implements Batches.Sender<EtcdWriter.Single> {
    /** With fewer, a small load waits for its turn; with more, a large one is split into many small transactions. */
    static final int UNDER_WAY = 4;

    /** What etcd adds to a transaction when it logs it is less than this. */
    private static final int LARGEST_REQUEST = (3 << 19) - (4 << 10);

    /** Of all that share a transaction; beyond that sharing saves nothing. */
    private static final int LARGEST_BATCH = 256 << 10;

    private final EtcdClient client;
    private final EtcdKeys keys;

    /** The directories that something was put into, and that were not seen to go. */
    private final RecentNames present = new RecentNames(1 << 12);

    EtcdWriter(EtcdClient client, EtcdKeys keys) {
        this.client = client;
        this.keys = keys;
    }

    /**
     * A write of one key.
     *
     * @param fence the condition that it is bound to, if any
     * @param end when it must be over, on {@link System#nanoTime()}
     * @param levels of directories above the key, and itself
     * @param directory right above the key
     * @param size at most what it adds to a transaction, except for the namespace
     */
    record Single(
            Operation operation,
            Mutation mutation,
            @Nullable EtcdFence fence,
            long end,
            String directory,
            int levels,
            int size) {
        /** Measures it, in the thread of its writer. */
        Single(Operation operation, Mutation mutation, @Nullable EtcdFence fence, long end) {
            this(
                    operation,
                    mutation,
                    fence,
                    end,
                    mutation.key().parent().path(),
                    levels(mutation.key()),
                    size(mutation));
        }

        Key key() {
            return mutation.key();
        }

        private static int levels(Key key) {
            return 1 + (int) key.path().chars().filter(c -> c == '/').count();
        }

        private static int size(Mutation mutation) {
            int value = mutation instanceof Mutation.Put put ? put.entry().size() : 0;
            Key key = mutation.key();
            return value + 2 * levels(key) * (Checks.utf8Length(key.path()) + 64);
        }
    }

    @Override
    public Object subject(Single write) {
        return write.key();
    }

    @Override
    public Room room(Single first) {
        return new Room(first);
    }

    /** What still fits into a transaction. */
    final class Room implements Batches.Room<Single> {
        private final @Nullable EtcdFence fence;
        private final boolean intoPresent;
        private int writes = 1;
        private int levels;
        private int size;

        Room(Single first) {
            fence = first.fence();
            intoPresent = isIntoPresent(first);
            levels = first.levels();
            size = first.size();
        }

        @Override
        public boolean admits(Single write) {
            boolean fits = fence == write.fence()
                    && size + write.size() <= LARGEST_BATCH
                    && (intoPresent ? admitsPut(write) : admitsAny(write));
            if (fits) {
                writes++;
                levels += write.levels();
                size += write.size();
            }
            return fits;
        }

        private boolean admitsPut(Single write) {
            return writes < EtcdChange.MOST_PUTS && isIntoPresent(write);
        }

        private boolean admitsAny(Single write) {
            return writes < EtcdChange.MOST_MUTATIONS && levels + write.levels() <= EtcdChange.MOST_DIRECTORIES;
        }
    }

    private boolean isIntoPresent(Single write) {
        return write.mutation() instanceof Mutation.Put
                && (write.directory().isEmpty() || present.contains(write.directory()));
    }

    @Override
    public CompletableFuture<?> send(List<Single> writes) {
        Single last = writes.get(writes.size() - 1);
        Duration left = Duration.ofNanos(last.end() - System.nanoTime());
        List<Mutation> mutations = writes.stream().map(Single::mutation).toList();
        // So many were let in as puts only, and what was known of their directories then may be forgotten by now.
        return writes.size() > EtcdChange.MOST_MUTATIONS || writes.stream().allMatch(this::isIntoPresent)
                ? putIntoPresent(writes, mutations, last, left)
                : apply(last.operation(), mutations, last.fence(), left);
    }

    private CompletableFuture<Long> putIntoPresent(
            List<Single> writes, List<Mutation> puts, Single last, Duration bound) {
        Set<String> directories = writes.stream()
                .map(Single::directory)
                .filter(directory -> !directory.isEmpty())
                .collect(Collectors.toSet());
        EtcdSteps<Long> steps = new EtcdSteps<>(bound);
        TxnRequest txn = EtcdChange.intoPresent(keys, directories, puts);
        Consumer<TxnResponse> applied =
                answer -> steps.finish(answer.getHeader().getRevision());
        send(last.operation(), txn, last.fence(), steps, applied, absent -> {
            directories.forEach(present::remove);
            if (puts.size() > 1) {
                throw new Absent();
            }
            attempt(last.operation(), new EtcdChange(keys, puts), last.fence(), steps);
        });
        return steps.outcome();
    }

    @Override
    public @Nullable Throwable expired(Single write) {
        return write.end() - System.nanoTime() > 0
                ? null
                : new EtcdErrors.NotSent(Status.DEADLINE_EXCEEDED.withDescription("it was too late to send it"));
    }

    @Override
    public boolean isOnesOwn(Throwable failure) {
        Throwable root =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return root instanceof BackendException || root instanceof Absent || EtcdErrors.isRefused(root);
    }

    /** Applies all of these or none. Each of its transactions says for certain whether it was applied. */
    CompletableFuture<Long> apply(
            Operation operation, List<Mutation> mutations, @Nullable EtcdFence fence, Duration bound) {
        EtcdChange change = new EtcdChange(keys, mutations);
        if (change.directories() > EtcdChange.MOST_DIRECTORIES) {
            throw new BackendException.LimitExceeded(
                    operation, "directories above the keys", EtcdChange.MOST_DIRECTORIES, change.directories());
        }
        EtcdSteps<Long> steps = new EtcdSteps<>(bound);
        attempt(operation, change, fence, steps);
        return steps.outcome();
    }

    /** Transactions until one finds what it expects. */
    private void attempt(Operation operation, EtcdChange change, @Nullable EtcdFence fence, EtcdSteps<Long> steps) {
        attempt(operation, change, change.optimistic(), fence, steps);
    }

    private void attempt(
            Operation operation, EtcdChange change, TxnRequest txn, @Nullable EtcdFence fence, EtcdSteps<Long> steps) {
        Consumer<TxnResponse> applied = answer -> {
            change.emptied().forEach(present::remove); // before the caller hears of it and sends the next
            change.homes().forEach(present::add);
            steps.finish(answer.getHeader().getRevision());
        };
        Consumer<TxnResponse> unexpected = found -> change.informed(found)
                .ifPresentOrElse(next -> attempt(operation, change, next, fence, steps), () -> applied.accept(found));
        send(operation, txn, fence, steps, applied, unexpected);
    }

    /**
     * Sends a transaction.
     *
     * @param applied what to do when it found what it expects
     * @param otherwise what to do when it found something else, the fence apart
     */
    private void send(
            Operation operation,
            TxnRequest txn,
            @Nullable EtcdFence fence,
            EtcdSteps<Long> steps,
            Consumer<TxnResponse> applied,
            Consumer<TxnResponse> otherwise) {
        TxnRequest request = fence == null ? txn : fence.guard(txn);
        if (request.getSerializedSize() > LARGEST_REQUEST) {
            throw new BackendException.LimitExceeded(
                    operation,
                    "request with the directories above the keys in bytes",
                    LARGEST_REQUEST,
                    request.getSerializedSize());
        }
        steps.send(left -> client.once(KVGrpc.getTxnMethod(), request, left), answer -> {
            if (answer.getSucceeded()) {
                applied.accept(answer);
                return;
            }
            if (fence != null) {
                fence.requireStanding(operation, answer);
            }
            otherwise.accept(answer);
        });
    }

    /** One of several puts went to a directory that is not there. */
    private static final class Absent extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Absent() {
            super("a directory has gone", null, false, false);
        }
    }
}
