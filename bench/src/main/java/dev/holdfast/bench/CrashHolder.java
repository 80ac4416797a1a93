package dev.holdfast.bench;

import dev.holdfast.bench.raw.Election;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.HABackend;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Lease;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A JVM that holds locks until it is killed, ours and those that people use today, each in a client of its own. Arguments:
 * the type, how many locks, how many milliseconds to wait before each, the TTL in milliseconds, and the options. Says
 * {@code ready}, and ends when its input does.
 */
public final class CrashHolder {
    private CrashHolder() {}

    /** Where the others' locks are; ours are below the path. */
    static String leaderLock(String path, int number) {
        return "leader/" + path.replace('/', '-') + number;
    }

    /** Holds them. */
    public static void main(String[] args) throws Exception {
        PrintStream voice = Jvm.voice();
        Map<String, String> options = new HashMap<>();
        for (int i = 4; i < args.length; i++) {
            int equals = args[i].indexOf('=');
            options.put(args[i].substring(0, equals), args[i].substring(equals + 1));
        }
        Duration ttl = Duration.ofMillis(Long.parseLong(args[3]));
        String endpoints = options.getOrDefault("endpoints", ""); // S3 has one, and no recipe
        String path = Objects.requireNonNull(options.get("path"));
        List<Lease> held = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(args[1]); i++) {
            // So that renewals do not all come at the same time.
            TimeUnit.MILLISECONDS.sleep(Long.parseLong(args[2]));
            HABackend backend = (HABackend) Backends.load().open(args[0], options);
            held.add(backend.lock(Key.of("crash/" + i), "holder").acquire());
            Optional<Election> election = Election.of(args[0], endpoints, ttl);
            if (election.isPresent()) {
                election.get().candidate(leaderLock(path, i)).acquire();
            }
        }
        voice.println("ready " + held.size());
        while (System.in.read() >= 0) {
            // until whoever started it has ended
        }
        Runtime.getRuntime().halt(0);
    }
}
