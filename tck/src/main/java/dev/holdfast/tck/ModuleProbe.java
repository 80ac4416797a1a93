package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Run in a JVM of its own whose backends are on the module path: opens one and uses it once. */
final class ModuleProbe {
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private ModuleProbe() {}

    /** Input: the type, then options as {@code key=value}, one a line; arguments would show in lists of processes. */
    public static void main(String[] args) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String type = in.readLine();
        Map<String, String> options = new HashMap<>();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int equals = line.indexOf('=');
            options.put(line.substring(0, equals), line.substring(equals + 1));
        }
        Backends backends = Backends.load(ModuleLayer.boot());
        Module module = backends.provider(type).getClass().getModule();
        try (Backend backend = backends.open(type, options)) {
            patiently(() -> backend.put(Entry.of(Key.of("module"), new byte[] {1})));
            boolean there = patiently(() -> backend.get(Key.of("module")).isPresent());
            System.out.println("found=" + backends.types() + " module=" + module.getName() + " named="
                    + module.isNamed() + " works=" + there + " problems=" + backends.problems());
        }
        System.exit(0); // whatever threads a client library may have left
    }

    private static void patiently(Runnable harmless) {
        boolean unused = patiently(() -> {
            harmless.run();
            return true;
        });
    }

    /** A JVM that is a second old may take longer for its first call than a call may take; it may be made again. */
    private static boolean patiently(BooleanSupplier harmless) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                return harmless.getAsBoolean();
            } catch (BackendException.Unavailable | BackendException.OutcomeUnknown e) {
                if (System.nanoTime() - end > 0) {
                    throw e;
                }
            }
        }
    }
}
