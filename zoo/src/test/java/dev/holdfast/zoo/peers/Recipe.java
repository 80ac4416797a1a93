package dev.holdfast.zoo.peers;

/** The recipes that are compared. */
enum Recipe {
    /** {@code org.apache.curator.framework.recipes.leader.LeaderLatch}. */
    LEADER_LATCH("Curator LeaderLatch", true),
    /** {@code org.apache.curator.framework.recipes.locks.InterProcessMutex}. */
    INTER_PROCESS_MUTEX("Curator InterProcessMutex", true),
    /** {@code io.etcd.jetcd.Lock}. */
    JETCD_LOCK("jetcd Lock", false);

    private final String title;
    private final boolean onZooKeeper;

    Recipe(String title, boolean onZooKeeper) {
        this.title = title;
        this.onZooKeeper = onZooKeeper;
    }

    String title() {
        return title;
    }

    boolean onZooKeeper() {
        return onZooKeeper;
    }

    Peer open(PeerOptions options) {
        return switch (this) {
            case LEADER_LATCH -> new LeaderLatchPeer(options);
            case INTER_PROCESS_MUTEX -> new MutexPeer(options);
            case JETCD_LOCK -> new JetcdLockPeer(options);
        };
    }
}
