package dev.holdfast.backend.inmem;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The stores of this JVM by name. */
public final class InMemStores {
    private static final Map<String, InMemStore> STORES = new ConcurrentHashMap<>();

    private InMemStores() {}

    /** The store that backends with the option {@code store=name} use; made when it is first asked for. */
    public static InMemStore named(String name) {
        return STORES.computeIfAbsent(name, unused -> new InMemStore());
    }

    /** Forgets a store and its content. Backends that are open keep it; who opens later gets a new, empty one. */
    public static void drop(String name) {
        STORES.remove(name);
    }
}
