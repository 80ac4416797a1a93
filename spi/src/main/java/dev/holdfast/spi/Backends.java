package dev.holdfast.spi;

import dev.holdfast.spi.config.Config;
import dev.holdfast.spi.config.ConfigException;
import dev.holdfast.spi.config.Spelling;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The backends that a host can open: every {@link BackendProvider} on its class path or module path.
 *
 * <pre>{@code
 * try (Backend backend = Backends.load().open("etcd", Map.of("endpoints", "http://127.0.0.1:2379"))) {
 *     backend.put(Entry.of(Key.of("greeting"), bytes));
 * }
 * }</pre>
 *
 * <p>A provider that cannot be loaded does not hide the others; it is reported by {@link #problems()}. Two different
 * providers of one type are both refused, by name. Immutable.
 */
public final class Backends {
    private final Map<String, List<BackendProvider>> byType = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    private Backends(Iterator<BackendProvider> found) {
        // An iterator of ServiceLoader goes on after a provider that failed, but a failing one may repeat: bound it.
        for (int failures = 0; failures < 100; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                BackendProvider provider = found.next();
                byType.computeIfAbsent(provider.type(), type -> new ArrayList<>())
                        .add(provider);
            } catch (ServiceConfigurationError | LinkageError | RuntimeException e) {
                failures++;
                problems.add(e + (e.getCause() == null ? "" : ", because of " + e.getCause()));
            }
        }
        byType.forEach((type, providers) -> {
            if (providers.size() > 1) {
                problems.add(ambiguous(type, providers));
            }
        });
    }

    /** What the current thread's context class loader sees; the module path of the boot layer included. */
    public static Backends load() {
        return new Backends(ServiceLoader.load(BackendProvider.class).iterator());
    }

    /** What this class loader sees. */
    public static Backends load(ClassLoader loader) {
        return new Backends(ServiceLoader.load(BackendProvider.class, loader).iterator());
    }

    /** What this layer and its parents contain. */
    public static Backends load(ModuleLayer layer) {
        return new Backends(ServiceLoader.load(layer, BackendProvider.class).iterator());
    }

    /** The types that were found, sorted; ambiguous ones included. */
    public Set<String> types() {
        return new LinkedHashSet<>(byType.keySet());
    }

    /** One sentence for every provider that could not be loaded and every type that is ambiguous. */
    public List<String> problems() {
        return List.copyOf(problems);
    }

    /**
     * The provider of a type.
     *
     * @throws ConfigException when there is none, naming the known and the nearest, or more than one, naming them
     */
    public BackendProvider provider(String type) {
        List<BackendProvider> providers = byType.getOrDefault(type, List.of());
        if (providers.isEmpty()) {
            String known = byType.isEmpty() ? "none was found on the class path" : String.join(", ", byType.keySet());
            String broken = problems.isEmpty() ? "" : "; could not be loaded: " + String.join("; ", problems);
            throw new ConfigException(
                    "backend type '" + type + "'",
                    List.of("unknown" + Spelling.hint(type, byType.keySet()) + " (known: " + known + ")" + broken));
        }
        if (providers.size() > 1) {
            throw new ConfigException("backend type '" + type + "'", List.of(ambiguous(type, providers)));
        }
        return providers.get(0);
    }

    /**
     * Checks a configuration without opening anything; environment variables are applied.
     *
     * @throws ConfigException when the type is unknown or the configuration does not fit its schema
     */
    public Config configure(String type, Map<String, String> options) {
        return provider(type).options().parse("backend '" + type + "'", options, System::getenv);
    }

    /**
     * Opens a new instance, which the caller closes.
     *
     * @throws ConfigException when the type is unknown or the configuration does not fit its schema; before any I/O
     * @throws BackendException as {@link BackendProvider#open} does
     */
    public Backend open(String type, Map<String, String> options) {
        return provider(type).open(configure(type, options));
    }

    private static String ambiguous(String type, List<BackendProvider> providers) {
        Set<String> names = new TreeSet<>();
        for (BackendProvider provider : providers) {
            Class<?> implementation = provider.getClass();
            var source = implementation.getProtectionDomain().getCodeSource();
            names.add(implementation.getName() + (source == null ? "" : " in " + source.getLocation()));
        }
        return "type '" + type + "' has more than one provider, remove all but one: " + String.join(" and ", names);
    }
}
