package dev.holdfast.bench.raw;

import java.util.List;
import java.util.Optional;

/** The raw client of a store, used as its documentation says, giving the guarantees that a backend gives. */
public interface RawStore extends AutoCloseable {
    /** What it is called in reports. */
    String name();

    /** A linearizable read of a key that is there. */
    byte[] get(String key) throws Exception;

    /** Replaces the value of a key that is there, and returns when it is durable. */
    void put(String key, byte[] value) throws Exception;

    /**
     * As {@link #get}, in the way in which a caller can give up at a deadline.
     *
     * @return false when that is how {@code get} does it anyway; then nothing was read
     */
    default boolean getBounded(String key) throws Exception {
        return false;
    }

    /**
     * As {@link #put}, in the way in which a caller can give up at a deadline.
     *
     * @return false when that is how {@code put} does it anyway; then nothing was put
     */
    default boolean putBounded(String key, byte[] value) throws Exception {
        return false;
    }

    /**
     * As {@link #put}, on the condition that another key is there, in one request.
     *
     * @return false when the store has no such conditions; then nothing was put
     */
    default boolean putBelow(String there, String key, byte[] value) throws Exception {
        return false;
    }

    /** Makes a key that may be there or not; not measured. */
    void create(String key, byte[] value) throws Exception;

    /** The names of the keys right below a directory that has keys only, in order and without their values, page by page. */
    List<String> scan(String directory) throws Exception;

    /** As {@link #scan}, in the way in which a caller can give up at a deadline; empty when that is how {@code scan} does it. */
    default Optional<List<String>> scanBounded(String directory) throws Exception {
        return Optional.empty();
    }

    /** Makes something and removes it again, each in one commit, as the least that an acquire and a release cost. */
    void twoCommits(String key) throws Exception;

    /**
     * Makes an entry in a queue, and finds out in the same flight who else is in it; then removes it. Each in one commit, as
     * the least that a lock costs in which who came first is served first.
     */
    default Optional<Peer> queue(String key) throws Exception {
        return Optional.empty();
    }

    /** As {@link #queue}, on the conditions on which our backend does both; empty where those cost nothing to speak of. */
    default Optional<Peer> guardedQueue(String key) throws Exception {
        return Optional.empty();
    }

    @Override
    void close();
}
