package dev.holdfast.bench.raw;

import java.time.Duration;
import java.util.Optional;

/**
 * The recipe by which people elect a leader on a store today, over one client of its own. The store frees what a dead
 * client held when {@code ttl} is over, as it does for ours.
 */
public interface Election extends AutoCloseable {
    /** What it is called in reports. */
    String name();

    /** A candidate. */
    Peer candidate(String lock) throws Exception;

    @Override
    void close();

    /** Empty for a type whose store has none. */
    static Optional<Election> of(String type, String endpoints, Duration ttl) throws InterruptedException {
        return switch (type) {
            case "etcd" -> Optional.of(new RawEtcd(endpoints).election(ttl));
            case "zookeeper" -> Optional.of(new RawZooKeeper(endpoints, ttl).election());
            default -> Optional.empty();
        };
    }
}
