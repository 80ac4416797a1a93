package dev.holdfast.backend.inmem;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The links of this JVM that tests control, by name. */
public final class InMemLinks {
    private static final Map<String, InMemLink> LINKS = new ConcurrentHashMap<>();

    private InMemLinks() {}

    /** The link that backends with the option {@code link=name} use; made, in order, when it is first asked for. */
    public static InMemLink named(String name) {
        return LINKS.computeIfAbsent(name, unused -> new InMemLink());
    }

    /** Forgets a link. Backends that are open keep it; who opens later gets a new one. */
    public static void drop(String name) {
        LINKS.remove(name);
    }
}
