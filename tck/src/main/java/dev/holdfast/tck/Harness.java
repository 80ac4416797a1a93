package dev.holdfast.tck;

import dev.holdfast.spi.BackendProvider;
import dev.holdfast.spi.Backends;
import dev.holdfast.spi.Capability;
import dev.holdfast.spi.config.Option;
import dev.holdfast.tck.faults.Link;
import dev.holdfast.tck.faults.TcpLink;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells the kit how to reach a store through the backend under test, and what may be done to that store. Only
 * {@link #type()} and {@link #options()} must be given; whatever a harness cannot do leaves the rules that need it
 * UNVERIFIED, which the report says.
 *
 * <p>One harness serves a whole run: {@link #start()}, then the checks, one after the other, then {@link #close()}. A
 * harness named in {@code META-INF/services/dev.holdfast.tck.Harness} is the one that the command line uses for its
 * {@link #name()} when no option is given.
 */
public interface Harness extends AutoCloseable {
    /** A harness for a store that is there already and is reached with these options. */
    static Harness of(String type, Map<String, String> options) {
        return new OptionsHarness(type, options);
    }

    /** The backend's type. */
    String type();

    /** The configuration that reaches the store; after {@link #start()}. */
    Map<String, String> options();

    /** How many servers the store consists of, as far as the harness decides that; see {@link #withServers}. */
    default int servers() {
        return 1;
    }

    /** What a run with this harness is called, in file names: the type, and what tells it from others of the type. */
    default String name() {
        return servers() == 1 ? type() : type() + "-" + servers();
    }

    /** What to give to {@code ./holdfast tck} to run the kit this way again; secrets show as {@code …}. */
    default String commandLine() {
        return servers() == 1 ? type() : type() + " --servers " + servers();
    }

    /**
     * Whether the store ends with this harness. In one that stays, the kit deletes the entries that it has written, all of
     * them in namespaces of its own with random names; it deletes nothing else anywhere.
     */
    default boolean isDisposable() {
        return false;
    }

    /** What the store is, for the report: product and version. */
    default String store() {
        return "unnamed store";
    }

    /** Brings the store up; called once, first. */
    default void start() {}

    /**
     * A harness like this one, not started yet, for a store of the same kind that consists of so many servers.
     *
     * @throws UnverifiedException when it cannot make one
     */
    default Harness withServers(int servers) {
        throw new UnverifiedException(
                "the harness of '" + type() + "' cannot start a store of " + servers + " servers");
    }

    /**
     * The store that the rules about pairs put the lock into, while the data is in this one; empty to put both into this
     * one. Started and closed by this harness.
     */
    default Optional<Harness> haStorage() {
        return Optional.empty();
    }

    /** What the backend must declare, neither more nor less; empty to take whatever it declares. */
    default Optional<Set<Capability>> expectedCapabilities() {
        return Optional.empty();
    }

    /** How much later than the TTL the store may expire a lock, because it looks only every so often. */
    default Duration expiryStep() {
        return Duration.ofSeconds(1);
    }

    /** How often the backend looks whether a lock is free; zero where the store tells it. */
    default Duration pollInterval() {
        return Duration.ZERO;
    }

    /**
     * {@link #options()} for a place of its own inside the store. The default puts {@code name} below the value of the
     * option that the backend's schema marks as its namespace.
     */
    default Map<String, String> optionsFor(String name) {
        BackendProvider provider = Backends.load().provider(type());
        Option<?> namespace = provider.options()
                .namespace()
                .orElseThrow(() -> new IllegalStateException("backend '" + type()
                        + "' marks no option as its namespace: mark one, or override Harness.optionsFor"));
        Map<String, String> options = new HashMap<>(options());
        String base = options.getOrDefault(namespace.name(), "");
        options.put(namespace.name(), base.isEmpty() || base.endsWith("/") ? base + name : base + "/" + name);
        return options;
    }

    /**
     * A link that the kit controls, between one client opened with these options and the store. The default leads every
     * endpoint option through a TCP proxy in this process.
     *
     * @throws UnverifiedException when no such link can be made
     */
    default Link link(Map<String, String> options) {
        return TcpLink.between(Backends.load().provider(type()).options(), options);
    }

    /** Power over the store itself. */
    default Optional<StoreControl> control() {
        return Optional.empty();
    }

    /** The ways in which a lock can be taken away from its holder in this store, each by a few words for it. */
    default Map<String, LockRemoval> lockRemovals() {
        return Map.of();
    }

    /** Whether other processes on this machine reach the same store with the same options. */
    default boolean sharedByProcesses() {
        return true;
    }

    /** What to change in the options so that the store refuses the credentials. */
    default Optional<Map<String, String>> wrongCredentials() {
        return Optional.empty();
    }

    /**
     * The jars and class folders that the backend needs at run time, itself included, for a JVM that has them on its
     * module path. The default reads the file {@code tck.modulepath} that this project's build writes beside the
     * backend's classes.
     */
    default Optional<List<Path>> modulePath() {
        return ModulePathFile.of(Backends.load().provider(type()).getClass());
    }

    /** Takes the store down; called once, last. */
    @Override
    default void close() {}
}
