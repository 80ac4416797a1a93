package dev.holdfast.bench.inmem;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * One get or put of a host, which has a key and bytes, and wants bytes back. The map does the same: it has the same order,
 * and shares no array with its caller.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InMemJmh {
    /** So many, so that a look-up descends as deep as in a store that is in use. */
    private static final int KEYS = 10_000;

    /** What is stored. */
    @State(Scope.Benchmark)
    public static class Data {
        /** The length of each value. */
        @Param({"256"})
        public int bytes;

        byte[] value = {};
        String[] paths = {};
        Key[] keys = {};

        /** Makes it. */
        @Setup
        public void setUp() {
            value = new byte[bytes];
            Arrays.fill(value, (byte) 'v');
            paths = new String[KEYS];
            for (int i = 0; i < KEYS; i++) {
                paths[i] = "app/users/" + (1_000_000 + 7_919L * i % KEYS);
            }
            keys = Arrays.stream(paths).map(Key::of).toArray(Key[]::new);
        }
    }

    /** Where a thread is in it. */
    @State(Scope.Thread)
    public static class Walk {
        private int at;

        int next() {
            at = at + 1 == KEYS ? 0 : at + 1;
            return at;
        }
    }

    /** The backend, filled. */
    @State(Scope.Benchmark)
    public static class Ours {
        private @Nullable Backend opened;

        /** Fills it. */
        @Setup
        public void setUp(Data data) {
            opened = Backends.load().open("inmem", Map.of("store", "bench"));
            for (Key key : data.keys) {
                backend().put(Entry.of(key, data.value));
            }
        }

        /** Closes it. */
        @TearDown
        public void tearDown() {
            backend().close();
        }

        Backend backend() {
            return Objects.requireNonNull(opened);
        }
    }

    /** The map, filled. */
    @State(Scope.Benchmark)
    public static class Theirs {
        final ConcurrentSkipListMap<String, byte[]> map = new ConcurrentSkipListMap<>(Prefix.NAME_ORDER);

        /** Fills it. */
        @Setup
        public void setUp(Data data) {
            for (String path : data.paths) {
                map.put(path, data.value.clone());
            }
        }
    }

    /** Ours. */
    @Benchmark
    public byte[] getOurs(Data data, Ours ours, Walk walk) {
        return ours.backend().get(data.keys[walk.next()]).orElseThrow().value();
    }

    /** Theirs. */
    @Benchmark
    public byte[] getTheirs(Data data, Theirs theirs, Walk walk) {
        return Objects.requireNonNull(theirs.map.get(data.paths[walk.next()])).clone();
    }

    /** Ours. */
    @Benchmark
    public void putOurs(Data data, Ours ours, Walk walk) {
        ours.backend().put(Entry.of(data.keys[walk.next()], data.value));
    }

    /** Theirs. */
    @Benchmark
    public byte @Nullable [] putTheirs(Data data, Theirs theirs, Walk walk) {
        return theirs.map.put(data.paths[walk.next()], data.value.clone());
    }
}
