package dev.holdfast.bench.stores;

import dev.holdfast.bench.raw.Election;
import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.raw.RawStore;
import dev.holdfast.bench.raw.RawWatch;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.tck.faults.TcpLink;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** A store in a container, its backend, its raw client and the locks that people use on it. */
public interface Target extends AutoCloseable {
    /** The backend's type. */
    String type();

    /** Product and version. */
    String product();

    /** What the backend is opened with, except for its path. */
    Map<String, String> options();

    /** The shortest life of a lock that the store allows, in which locks are measured. */
    Duration ttl();

    /** What is wanted of it. */
    Goals goals();

    /** A new raw client. */
    RawStore raw() throws Exception;

    /** Clears away what earlier measures left that nobody can see, where a store keeps such things. */
    default void tidy() throws Exception {}

    /** Whether the store tells of changes, so that nobody polls. */
    default boolean watches() {
        return true;
    }

    /**
     * What a hand-off costs at the least.
     *
     * @param behind how many wait behind the one that is next; with none, it need not ask who is ahead
     */
    RawWatch watch(String key, int behind) throws Exception;

    /** How many requests the store has had of those who came over this link, and perhaps of others; and who says so. */
    default Count requests(TcpLink link) throws Exception {
        return new Count(link.traffic().turns(), "counted on the wire");
    }

    /** The locks that people use today. */
    String peerName();

    /** A contender with them, in a client of its own; {@code close} is called with what ends that client. */
    Peer peer(String lock, Consumer<AutoCloseable> close) throws Exception;

    /** The same lock as somebody uses it who has measured: with what can be made once for all its turns. */
    default Optional<Peer> thriftyPeer(String lock, Consumer<AutoCloseable> close) throws Exception {
        return Optional.empty();
    }

    /** How people elect a leader on it today, over a client of its own; empty where they have no recipe. */
    default Optional<Election> election(Duration ttl) throws InterruptedException {
        return Optional.empty();
    }

    /** Tells the key of what goes below the path of our backend, by whomever; until the returned client is closed. */
    AutoCloseable onDelete(String path, Consumer<String> told) throws Exception;

    @Override
    void close();

    /**
     * What the project wants of this store; the reasons are in docs/BENCH.md.
     *
     * @param fencedPut times an unfenced one
     * @param concurrentPuts times the throughput of the raw client
     * @param crash until the next holder, at the 99th hundredth
     */
    record Goals(double fencedPut, double concurrentPuts, Duration crash) {}

    /**
     * A number of requests.
     *
     * @param by who counted them
     */
    record Count(long requests, String by) {}

    /** The options of a backend with a path and more; later ones win. */
    default Map<String, String> options(String path, Map<String, String> more) {
        Map<String, String> all = new HashMap<>(options());
        all.put("path", path);
        all.putAll(more);
        return all;
    }

    /** Our backend. */
    default HABackend open(String path) {
        return open(options(path, Map.of()));
    }

    /** Our backend. */
    default HABackend open(Map<String, String> options) {
        Backend backend = Backends.load().open(type(), options);
        return (HABackend) backend;
    }
}
