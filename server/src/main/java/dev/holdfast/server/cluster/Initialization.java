package dev.holdfast.server.cluster;

import dev.holdfast.ha.HANode;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.ha.Protection;
import dev.holdfast.ha.Term;
import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.barrier.Seal;
import dev.holdfast.server.barrier.SealConfig;
import dev.holdfast.server.barrier.Secrets;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Operation;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Makes a new cluster. Two nodes may be asked at once, so it is done as the active's work is: by who holds the lock, and
 * through storage that refuses who has lost it.
 */
final class Initialization {
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private final HAStorage pair;
    private final Seal seal;

    Initialization(HAStorage pair, Seal seal) {
        this.pair = pair;
        this.seal = seal;
    }

    /** What is to be made. */
    record Wish(int shares, int threshold, Optional<KeyBytes> fileKey, Consumer<Backend> first) {}

    /** The cluster has been initialised, perhaps a moment ago by another node. */
    static final class AlreadyDoneException extends Exception {
        private static final long serialVersionUID = 1L;

        AlreadyDoneException() {
            super("Vault is already initialized");
        }
    }

    List<byte[]> run(Wish wish) throws AlreadyDoneException, InterruptedException {
        if (seal.config().isPresent()) {
            throw new AlreadyDoneException();
        }
        if (pair.protection() == Protection.NONE) {
            return write(wish, pair.storage());
        }
        CompletableFuture<List<byte[]>> done = new CompletableFuture<>();
        AtomicBoolean writing = new AtomicBoolean();
        HANode node = HANode.of(pair, ClusterNode.LOCK, "initialising " + UUID.randomUUID())
                .onActive(term -> attempt(wish, term, done, writing))
                .start();
        try {
            return await(done);
        } catch (BackendException.Unavailable e) {
            return madeInTheEnd(node, done, writing, e);
        } catch (InterruptedException e) {
            return madeInTheEnd(node, done, writing, e);
        } finally {
            node.close();
        }
    }

    private void attempt(Wish wish, Term term, CompletableFuture<List<byte[]>> done, AtomicBoolean writing) {
        if (done.isDone()) {
            return;
        }
        try {
            writing.set(true);
            List<byte[]> shares = write(wish, term.storage());
            if (!done.complete(shares)) {
                Secrets.wipe(shares);
            }
        } catch (AlreadyDoneException | RuntimeException e) {
            done.completeExceptionally(e);
        } finally {
            writing.set(false);
        }
    }

    private List<byte[]> write(Wish wish, Backend writable) throws AlreadyDoneException {
        if (SealConfig.read(writable).isPresent()) {
            throw new AlreadyDoneException();
        }
        return seal.initialize(writable, wish.shares, wish.threshold, wish.fileKey, wish.first);
    }

    /**
     * What was made is to be told, however late: without its shares a cluster is worth nothing. So is what may have been
     * made by a write that was cut short, or is still under way.
     */
    private static <E extends Exception> List<byte[]> madeInTheEnd(
            HANode node, CompletableFuture<List<byte[]>> done, AtomicBoolean writing, E late) throws E {
        node.close();
        if (writing.get() && !done.isDone()) {
            done.completeExceptionally(new Seal.InDoubtException(late));
        }
        done.completeExceptionally(late);
        try {
            return done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Seal.InDoubtException doubt) {
                throw doubt;
            }
            throw late;
        }
    }

    private List<byte[]> await(CompletableFuture<List<byte[]>> done) throws AlreadyDoneException, InterruptedException {
        try {
            return done.get(LONGEST.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new BackendException.Unavailable(
                    Operation.at("cluster", pair.toString()).on("initialise", ClusterNode.LOCK),
                    "the lock was not won within " + LONGEST.toSeconds() + " s",
                    null);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AlreadyDoneException already) {
                throw already;
            }
            if (e.getCause() instanceof RuntimeException failed) {
                throw failed;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
