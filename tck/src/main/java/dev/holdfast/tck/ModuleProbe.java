package dev.holdfast.tck;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import java.util.HashMap;
import java.util.Map;

/** Run in a JVM of its own whose backends are on the module path: opens one and uses it once. */
final class ModuleProbe {
    private ModuleProbe() {}

    /** Arguments: the type, then options as {@code key=value}. */
    public static void main(String[] args) {
        Map<String, String> options = new HashMap<>();
        for (int i = 1; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            options.put(pair[0], pair[1]);
        }
        Backends backends = Backends.load(ModuleLayer.boot());
        Module module = backends.provider(args[0]).getClass().getModule();
        try (Backend backend = backends.open(args[0], options)) {
            backend.put(Entry.of(Key.of("module"), new byte[] {1}));
            boolean there = backend.get(Key.of("module")).isPresent();
            System.out.println("found=" + backends.types() + " module=" + module.getName() + " named="
                    + module.isNamed() + " works=" + there + " problems=" + backends.problems());
        }
        System.exit(0); // whatever threads a client library may have left
    }
}
