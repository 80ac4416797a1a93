package dev.holdfast.server.barrier;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.BackendException;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Operation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** How everything that the barrier writes begins, and what is said of what does not. */
final class Envelope {
    static final byte FORMAT = 1;

    private Envelope() {}

    static byte[] header(Backend storage, Key key, byte[] sealed, int length) {
        if (sealed.length < length || sealed[0] != FORMAT) {
            throw corrupt(storage, key, "it is not in the barrier's format");
        }
        return Arrays.copyOf(sealed, length);
    }

    static byte[] place(Key key) {
        return key.path().getBytes(StandardCharsets.UTF_8);
    }

    static BackendException.Corrupt corrupt(Backend storage, Key key, String detail) {
        return new BackendException.Corrupt(
                Operation.at("barrier", storage.toString()).on("get", key), detail, null);
    }

    static BackendException.Unavailable sealed(Backend storage, String call, Key key, RawKey.Destroyed why) {
        return new BackendException.Unavailable(
                Operation.at("barrier", storage.toString()).on(call, key), "this node was sealed", why);
    }
}
