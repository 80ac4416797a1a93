package dev.holdfast.server.api;

import org.jspecify.annotations.Nullable;

/** What a request wants, whichever of its HTTP methods was used. */
enum Verb {
    READ,
    LIST,
    WRITE,
    DELETE;

    /** @param list whether the query says {@code list=true}; null for a method that means nothing here */
    static @Nullable Verb of(String method, boolean list) {
        return switch (method) {
            case "GET", "HEAD" -> list ? LIST : READ;
            case "LIST" -> LIST;
            case "PUT", "POST" -> WRITE;
            case "DELETE" -> DELETE;
            default -> null;
        };
    }

    boolean isReadOnly() {
        return this == READ || this == LIST;
    }
}
