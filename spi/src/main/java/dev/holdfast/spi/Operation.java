package dev.holdfast.spi;

import java.io.Serializable;

/**
 * What was being done where, for the message of a {@link BackendException}.
 *
 * @param backend the backend's type, such as {@code etcd}
 * @param store which store, without secrets, such as {@code http://10.0.0.1:2379 path=vault/}
 * @param action the call, such as {@code put}; empty outside any call
 * @param subject what it was about, normally the key; may be empty
 */
public record Operation(String backend, String store, String action, String subject) implements Serializable {
    private static final int SHOWN = 200;

    /** The place without any call. */
    public static Operation at(String backend, String store) {
        return new Operation(backend, store, "", "");
    }

    /** A call at this place; {@code subject} is normally a {@link Key} or {@link Prefix}. */
    public Operation on(String newAction, Object newSubject) {
        return new Operation(backend, store, newAction, newSubject.toString());
    }

    /** One line; a very long subject is cut. */
    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(backend).append(" (").append(store).append(')');
        if (!action.isEmpty()) {
            text.append(": ").append(action);
        }
        if (!subject.isEmpty()) {
            String shown = subject.length() <= SHOWN ? subject : subject.substring(0, SHOWN) + "…";
            text.append(" '").append(shown).append('\'');
        }
        return text.toString();
    }
}
