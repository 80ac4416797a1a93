package dev.holdfast.server.cluster;

import dev.holdfast.ha.HAEvent;
import dev.holdfast.ha.HAStorage;
import dev.holdfast.server.barrier.Barrier;
import dev.holdfast.server.barrier.KeyBytes;
import dev.holdfast.server.barrier.Seal;
import dev.holdfast.server.barrier.SealConfig;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.HABackend;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process as a member of a cluster: not initialised, sealed, or unsealed and then active or standing by. */
public final class Node implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Node.class);

    private final Identity identity;
    private final HAStorage pair;
    private final @Nullable HABackend locks;
    private final ClusterPort port;
    private final UpgradeCheck upgrade;
    private final Readiness readiness = new Readiness(this);
    private final Seal seal;
    private final List<Consumer<? super HAEvent>> listeners = new CopyOnWriteArrayList<>();
    private final List<Consumer<? super ClusterNode>> unsealed = new CopyOnWriteArrayList<>();
    private final List<Runnable> sealed = new CopyOnWriteArrayList<>();
    private final ReentrantLock changing = new ReentrantLock();
    private volatile @Nullable ClusterNode cluster;
    private boolean closed;

    /**
     * A sealed one. No I/O.
     *
     * @param pair stays the caller's, who closes it after the node
     * @param locks the backend of the pair's lock; null where there is none
     * @param port opened while this node is active
     */
    public Node(Identity identity, HAStorage pair, @Nullable HABackend locks, ClusterPort port) {
        this(identity, pair, locks, port, new UpgradeCheck(identity.release(), false));
    }

    /**
     * As the other.
     *
     * @param upgrade whether this build may take part
     */
    public Node(Identity identity, HAStorage pair, @Nullable HABackend locks, ClusterPort port, UpgradeCheck upgrade) {
        this.identity = identity;
        this.pair = pair;
        this.locks = locks;
        this.port = port;
        this.upgrade = upgrade;
        this.seal = new Seal(pair.storage());
    }

    /** The cluster has been initialised before. */
    public static final class AlreadyInitializedException extends Exception {
        private static final long serialVersionUID = 1L;

        AlreadyInitializedException(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** What this node tells others about itself. */
    public Identity identity() {
        return identity;
    }

    /** The stores. */
    public HAStorage pair() {
        return pair;
    }

    /** Progress of unsealing, and how the cluster is unsealed. */
    public Seal seal() {
        return seal;
    }

    /** The unsealed node; empty while it is sealed. */
    public Optional<ClusterNode> cluster() {
        return Optional.ofNullable(cluster);
    }

    /** Told what happens to the cluster's lock and this node's part in it. */
    public void onEvent(Consumer<? super HAEvent> listener) {
        listeners.add(listener);
    }

    /** Told each time that this node was unsealed; must not block. */
    public void onUnsealed(Consumer<? super ClusterNode> listener) {
        unsealed.add(listener);
    }

    /** Told each time that this node was sealed; must not block. */
    public void onSealed(Runnable listener) {
        sealed.add(listener);
    }

    /**
     * Makes the keys of a new cluster; the node stays sealed.
     *
     * @param fileKey the key of a key file; empty for shares
     * @param first writes what else a new cluster needs, into encrypted storage
     * @return the shares
     */
    public List<byte[]> initialize(int shares, int threshold, Optional<KeyBytes> fileKey, Consumer<Backend> first)
            throws AlreadyInitializedException, InterruptedException {
        try {
            return new Initialization(pair, seal).run(new Initialization.Wish(shares, threshold, fileKey, first));
        } catch (Initialization.AlreadyDoneException e) {
            throw new AlreadyInitializedException(e);
        }
    }

    /** How far it has come. Who made this node starts what logs it by itself, and closes that. */
    public Readiness readiness() {
        return readiness;
    }

    /** Why this build does not take part in the cluster, when that was refused the last time that it was unsealed. */
    public Optional<String> refusal() {
        return upgrade.refusal();
    }

    /**
     * Takes one share; the node is unsealed when it was the last one needed.
     *
     * @throws UpgradeRefusedException when it was, and this build may not take part; the node stays sealed
     */
    public void unseal(SealConfig config, byte[] share) throws Seal.WrongKeyException {
        Optional<Barrier> opened = seal.offer(config, share);
        opened.ifPresent(this::join);
    }

    /**
     * Unseals with the key of a key file.
     *
     * @throws UpgradeRefusedException as {@link #unseal}
     */
    public void unsealWith(SealConfig config, byte[] key) throws Seal.WrongKeyException {
        join(seal.unsealWith(config, key));
    }

    private void join(Barrier barrier) {
        boolean joins = false;
        changing.lock();
        try {
            if (cluster == null && !closed) {
                upgrade.admit(barrier.over(pair.storage()));
                ClusterNode joined = new ClusterNode(identity, pair, locks, barrier, port, this::lead, this::tell);
                cluster = joined;
                joins = true;
                log.info("unsealed; this node {}", joined.isHa() ? "contends for the lock" : "runs alone");
                unsealed.forEach(listener -> listener.accept(joined));
            }
        } finally {
            changing.unlock();
            if (!joins) {
                barrier.destroy();
            }
        }
    }

    /** What is refused is refused every time, so this node leaves the lock to others. */
    private void lead(Backend storage) {
        try {
            upgrade.lead(storage);
        } catch (UpgradeRefusedException e) {
            Thread sealing = new Thread(this::sealNow, "holdfast-server-refused");
            sealing.setDaemon(true);
            sealing.start();
            throw e;
        }
    }

    private void tell(HAEvent event) {
        listeners.forEach(listener -> listener.accept(event));
    }

    /** Forgets the keys. Steps down first when this node is active. */
    public void sealNow() {
        changing.lock();
        try {
            ClusterNode leaving = cluster;
            cluster = null;
            seal.reset();
            if (leaving != null) {
                leaving.close();
                log.info("sealed");
                sealed.forEach(Runnable::run);
            }
        } finally {
            changing.unlock();
        }
    }

    /** As {@link #sealNow}, for good. */
    @Override
    public void close() {
        changing.lock();
        try {
            closed = true;
        } finally {
            changing.unlock();
        }
        sealNow();
    }

    /** One word, for people. */
    public String state() {
        ClusterNode now = cluster;
        if (now == null) {
            return "sealed";
        }
        return now.active().isPresent() ? "active" : "standby";
    }
}
