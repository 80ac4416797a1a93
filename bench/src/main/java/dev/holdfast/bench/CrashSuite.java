package dev.holdfast.bench;

import dev.holdfast.bench.Bench.Figure;
import dev.holdfast.bench.raw.Election;
import dev.holdfast.bench.raw.Peer;
import dev.holdfast.bench.report.Goal;
import dev.holdfast.bench.report.Unit;
import dev.holdfast.bench.stores.Target;
import dev.holdfast.spi.HABackend;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How long a lock is in nobody's hands after its holder was killed. */
final class CrashSuite {
    private static final int LOCKS = 8;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

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

    /** What was seen, in nanoseconds. */
    private record Times(List<Double> ours, List<Double> afterExpiry, List<Double> leaders) {}

    private void crash() throws Exception {
        String id = type + "/crash";
        Random random = bench.random(id);
        Times times = new Times(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        String leaders = "";
        for (int kill = 0; kill < bench.size(8, 1); kill++) {
            leaders = kill("bench-crash-" + kill + "/", random, times);
        }
        String row =
                "crash hand-off, TTL " + Unit.NANOS.text((double) target.ttl().toNanos());
        double most = target.goals().crash().toNanos();
        bench.durations(
                id,
                row + ", kill -9 to the next holder",
                type,
                array(times.ours),
                leaders.isEmpty() ? null : leaders,
                leaders.isEmpty() ? null : array(times.leaders),
                List.of(Figure.p50(null), Figure.p99(Goal.atMost(most, Unit.NANOS))),
                LOCKS
                        + " locks of each kind in each JVM that is killed, each in a session of its own; the store counts"
                        + " from the last renewal, which was sent up to a quarter of the TTL before");
        if (!times.afterExpiry.isEmpty()) {
            bench.durations(
                    id + "/after-expiry",
                    row + ", from the store's expiry",
                    "the store's expiry to the next holder",
                    array(times.afterExpiry),
                    null,
                    null,
                    List.of(Figure.p50(null), Figure.p99(Goal.atMost(100e6, Unit.NANOS))),
                    "a raw watch tells when the store has removed the dead holder's entry; negative: the next holder was told"
                            + " first");
        }
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(each -> each).toArray();
    }

    /** Returns what the others' locks are called; empty where there are none. */
    private String kill(String path, Random random, Times times) throws Exception {
        Map<String, String> options = target.options(path, Map.of());
        long ttl = target.ttl().toMillis();
        long apart = ttl / 4 / LOCKS; // each in another phase of its renewals, which come each quarter of the TTL
        List<String> arguments =
                new ArrayList<>(List.of(type, String.valueOf(LOCKS), String.valueOf(apart), String.valueOf(ttl)));
        options.forEach((name, value) -> arguments.add(name + "=" + value));
        List<CompletableFuture<Long>> removals =
                Stream.generate(CompletableFuture<Long>::new).limit(LOCKS).toList();
        ExecutorService threads = Executors.newCachedThreadPool();
        try (Opened open = new Opened()) {
            Jvm holder = open.add(
                    new Jvm(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"), CrashHolder.class, arguments));
            HABackend backend = open.add(target.open(options));
            if (target.watches()) {
                AutoCloseable unused = open.add(target.onDelete(path, key -> note(key, removals)));
            }
            Optional<Election> election = target.election(target.ttl()).map(open::add);
            String unused = holder.said("ready", PATIENCE);
            List<Future<Long>> waiting = new ArrayList<>();
            List<Future<Long>> leading = new ArrayList<>();
            for (int i = 0; i < LOCKS; i++) {
                waiting.add(threads.submit(whenHeld(new OurPeer(backend, "crash/" + i))));
                if (election.isPresent()) {
                    leading.add(threads.submit(whenHeld(election.get().candidate(CrashHolder.leaderLock(path, i)))));
                }
            }
            TimeUnit.MILLISECONDS.sleep(ttl + random.nextInt((int) ttl));
            long killed = System.nanoTime();
            holder.kill();
            for (int i = 0; i < LOCKS; i++) {
                long won = waiting.get(i).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                requireRenewed(i, won - killed);
                times.ours.add((double) (won - killed));
                if (target.watches()) {
                    // Also those of which the watch hears after the next holder: without them the others look late.
                    times.afterExpiry.add((double) (won - removals.get(i).get(PATIENCE.toSeconds(), TimeUnit.SECONDS)));
                }
            }
            for (Future<Long> won : leading) {
                times.leaders.add((double) (won.get(PATIENCE.toSeconds(), TimeUnit.SECONDS) - killed));
            }
            return election.map(Election::name).orElse("");
        } finally {
            threads.shutdownNow();
        }
    }

    /** Closing the client gives it up. */
    private static Callable<Long> whenHeld(Peer peer) {
        return () -> {
            peer.acquire();
            return System.nanoTime();
        };
    }

    /**
     * A holder that stood still before it was killed would make hand-offs look fast: the store had counted for longer than
     * from the kill.
     */
    private void requireRenewed(int lock, long handOff) {
        if (handOff < target.ttl().toNanos() / 2) {
            throw new IllegalStateException("lock " + lock + " was free " + Unit.NANOS.text((double) handOff)
                    + " after the kill: its holder had not renewed it for more than half of the TTL before");
        }
    }

    /** Notes when the entry of a lock was removed. */
    private static void note(String key, List<CompletableFuture<Long>> removals) {
        Matcher lock = LOCK.matcher(key);
        if (lock.find()) {
            removals.get(Integer.parseInt(lock.group(1))).complete(System.nanoTime());
        }
    }
}
