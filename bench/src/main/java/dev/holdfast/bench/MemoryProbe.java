package dev.holdfast.bench;

import dev.holdfast.bench.raw.RawEtcd;
import dev.holdfast.bench.raw.RawS3;
import dev.holdfast.bench.raw.RawZooKeeper;
import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A JVM with one idle client in it, ours or the raw one, which has been used a little. Arguments: {@code ours} or
 * {@code raw}, the type, and the options. Says how many bytes of heap live.
 */
public final class MemoryProbe {
    private static final byte[] VALUE = "x".getBytes(StandardCharsets.UTF_8);
    private static final int CALLS = 200;

    private MemoryProbe() {}

    /** Says it. */
    public static void main(String[] args) throws Exception {
        PrintStream voice = Jvm.voice();
        Map<String, String> options = new HashMap<>();
        for (int i = 2; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            options.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        Object client = args[0].equals("ours") ? ours(args[1], options) : raw(args[1], options);
        try {
            voice.println("heap " + live());
        } finally {
            Reference.reachabilityFence(client);
        }
        Runtime.getRuntime().halt(0);
    }

    private static long live() throws InterruptedException {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            TimeUnit.MILLISECONDS.sleep(200);
            least = Math.min(
                    least,
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        return least;
    }

    private static Object ours(String type, Map<String, String> options) throws InterruptedException {
        Backend backend = Backends.load().open(type, options);
        for (int i = 0; i < CALLS; i++) {
            backend.put(Entry.of(Key.of("memory/" + i % 10), VALUE));
            var unused = backend.get(Key.of("memory/" + i % 10));
        }
        ((HABackend) backend).lock(Key.of("memory"), "probe").acquire().release();
        return backend;
    }

    private static Object raw(String type, Map<String, String> options) throws Exception {
        var client = switch (type) {
            case "etcd" -> new RawEtcd(option(options, "endpoints"));
            case "zookeeper" -> new RawZooKeeper(option(options, "endpoints"), Duration.ofSeconds(10));
            default ->
                new RawS3(
                        option(options, "endpoint"),
                        option(options, "bucket"),
                        option(options, "access_key"),
                        option(options, "secret_key"),
                        64);
        };
        for (int i = 0; i < CALLS; i++) {
            client.create("raw-memory-" + i % 10, VALUE);
            var unused = client.get("raw-memory-" + i % 10);
        }
        client.twoCommits("raw-memory-lock");
        return client;
    }

    private static String option(Map<String, String> options, String name) {
        return Objects.requireNonNull(options.get(name), name);
    }
}
