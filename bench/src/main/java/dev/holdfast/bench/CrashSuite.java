package dev.holdfast.bench;

import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.HALock;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long a lock is in nobody's hands after its holder was killed. */
final class CrashSuite {
    private static final int LOCKS = 8;

    /** How the lock's name stands in the keys of its entries. */
    private static final Pattern LOCK = Pattern.compile("crash(?:/|%2f)(\\d+)/");

    private final Bench bench;
    private final Target target;
    private final String type;

    CrashSuite(Bench bench, Target target) {
        this.bench = bench;
        this.target = target;
        this.type = target.type();
    }

    void run() throws InterruptedException {
        bench.group(type + "/crash", this::crash);
    }

    private void crash() throws Exception {
        String id = type + "/crash";
        Random random = bench.random(id);
        List<Double> handOffs = new ArrayList<>();
        List<Double> afterExpiry = new ArrayList<>();
        for (int kill = 0; kill < bench.size(8, 1); kill++) {
            kill("bench-crash-" + kill + "/", random, handOffs, afterExpiry);
        }
        String row =
                "crash hand-off, TTL " + Unit.NANOS.text((double) target.ttl().toNanos());
        double most = target.goals().crash().toNanos();
        bench.durations(
                id,
                row,
                "kill -9 to the next holder",
                array(handOffs),
                null,
                null,
                List.of(
                        Figure.p50(null),
                        new Figure("p99", 0.99, Goal.atMost(most, Unit.NANOS)),
                        new Figure("worst", 1, null)),
                LOCKS + " locks in each JVM that is killed, each in a session of its own");
        if (!afterExpiry.isEmpty()) {
            bench.durations(
                    id + "/after-expiry",
                    row + ", from the store's expiry",
                    "the store's expiry to the next holder",
                    array(afterExpiry),
                    null,
                    null,
                    List.of(Figure.p50(null), new Figure("p99", 0.99, Goal.atMost(100e6, Unit.NANOS))),
                    "a raw watch tells when the store has removed the dead holder's entry; negative: the next holder was told"
                            + " first");
        }
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(each -> each).toArray();
    }

    private void kill(String path, Random random, List<Double> handOffs, List<Double> afterExpiry) throws Exception {
        Map<String, String> options = target.options(path, Map.of());
        List<String> arguments = new ArrayList<>(
                List.of(type, String.valueOf(LOCKS), String.valueOf(target.ttl().toMillis() / LOCKS)));
        options.forEach((name, value) -> arguments.add(name + "=" + value));
        Process holder =
                Jvm.start(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), CrashHolder.class, arguments);
        ExecutorService threads = Executors.newFixedThreadPool(LOCKS);
        Map<Integer, Long> expired = new ConcurrentHashMap<>();
        try (HABackend backend = target.open(options);
                BufferedReader said = holder.inputReader(StandardCharsets.UTF_8);
                AutoCloseable watch = target.watches() ? target.onDelete(path, key -> note(key, expired)) : () -> {}) {
            Objects.requireNonNull(watch);
            String line = said.readLine();
            while (line != null && !line.startsWith("ready")) {
                line = said.readLine();
            }
            if (line == null) {
                throw new IllegalStateException("the holder ended before it held its locks");
            }
            List<Future<Long>> waiting = new ArrayList<>();
            for (int i = 0; i < LOCKS; i++) {
                HALock lock = backend.lock(Key.of("crash/" + i), "waiter");
                waiting.add(threads.submit(() -> {
                    Lease unused = lock.acquire(); // closing the backend gives it up
                    return System.nanoTime();
                }));
            }
            TimeUnit.MILLISECONDS.sleep(target.ttl().toMillis() + random.nextInt(1_000));
            expired.clear();
            long killed = System.nanoTime();
            holder.destroyForcibly();
            List<Long> won = new ArrayList<>();
            for (Future<Long> each : waiting) {
                won.add(each.get(60, TimeUnit.SECONDS));
            }
            for (int i = 0; i < LOCKS; i++) {
                handOffs.add((double) (won.get(i) - killed));
                Long removed = expired.get(i);
                if (removed != null) {
                    afterExpiry.add((double) (won.get(i) - removed));
                }
            }
        } finally {
            holder.destroyForcibly();
            threads.shutdownNow();
        }
    }

    /** Notes when the entry of a lock was removed. */
    private static void note(String key, Map<Integer, Long> expired) {
        Matcher lock = LOCK.matcher(key);
        if (lock.find()) {
            expired.put(Integer.parseInt(lock.group(1)), System.nanoTime());
        }
    }
}
