package dev.holdfast.tck.rules;

import static dev.holdfast.tck.rules.Data.bytes;
import static dev.holdfast.tck.rules.Data.get;
import static dev.holdfast.tck.rules.Data.key;
import static dev.holdfast.tck.rules.Data.put;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backend;
import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Prefix;
import dev.holdfast.tck.Rule;
import dev.holdfast.tck.Trial;
import dev.holdfast.tck.Verifies;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** The bytes of a value. */
public final class ValueRules {
    private static final int LONG_VALUE = 100_000;

    /** Values come back byte for byte. */
    @Verifies(value = Rule.KV_03, parallel = true)
    public void valuesComeBackByteForByte(Trial trial) {
        Backend backend = trial.open();
        Backend other = trial.open();
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        List<byte[]> values = List.of(
                new byte[0],
                new byte[1],
                all,
                bytes("naïve \uD83D\uDE00\n"),
                new byte[] {(byte) 0xff, (byte) 0xfe},
                bytes(trial.random(), LONG_VALUE));
        for (byte[] value : values) {
            backend.put(Entry.of(key("value"), value));
            Optional<Entry> read = other.get(key("value"));
            assertThat(read).as("a value of " + value.length + " bytes").isPresent();
            assertThat(read.get().value())
                    .as("a value of " + value.length + " bytes")
                    .isEqualTo(value);
            assertThat(read.get().key()).as("the key of the entry").isEqualTo(key("value"));
        }
        put(backend, "empty", "");
        assertThat(other.list(Prefix.ROOT)).as("listing with an empty value").containsExactly("empty", "value");
    }

    /** Arrays are copied both ways. */
    @Verifies(value = Rule.KV_03, parallel = true)
    public void arraysAreNeverShared(Trial trial) {
        Backend backend = trial.open();
        byte[] given = bytes("given");
        backend.put(Entry.of(key("copied"), given));
        given[0] = 'X';
        assertThat(get(backend, "copied"))
                .as("after changing the array that was put")
                .contains("given");
        byte[] got = value(backend, "copied");
        got[0] = 'X';
        assertThat(get(backend, "copied"))
                .as("after changing the array that get gave")
                .contains("given");
    }

    private static byte[] value(Backend backend, String path) {
        return backend.get(key(path))
                .orElseThrow(() -> new AssertionError("get of '" + path + "' is empty, although it was just put"))
                .value();
    }

    /** A short value replaces a long one whole. */
    @Verifies(value = Rule.KV_06, parallel = true)
    public void overwritingReplacesTheWholeValue(Trial trial) {
        Backend backend = trial.open();
        for (int length : new int[] {LONG_VALUE, 10, 0, 1, LONG_VALUE}) {
            byte[] value = bytes(trial.random(), length);
            backend.put(Entry.of(key("same"), value));
            assertThat(value(trial.open(), "same"))
                    .as("a value of " + length + " bytes over another")
                    .isEqualTo(value);
        }
    }

    /** A reader never sees a mix, nor a gap. */
    @Verifies(value = Rule.KV_06, parallel = true)
    public void aReaderSeesOneValueOrTheOther(Trial trial) throws Exception {
        Backend writer = trial.open();
        Backend reader = trial.open();
        List<byte[]> values = List.of(filled('a', LONG_VALUE), filled('b', 3), filled('c', LONG_VALUE / 2));
        writer.put(Entry.of(key("same"), values.get(0)));
        AtomicBoolean done = new AtomicBoolean();
        trial.race(2, Duration.ofSeconds(30), number -> {
            if (number == 0) {
                for (int i = 0; i < 150; i++) {
                    writer.put(Entry.of(key("same"), values.get(i % values.size())));
                }
                done.set(true);
                return;
            }
            while (!done.get()) {
                byte[] seen = reader.get(key("same"))
                        .orElseThrow(() -> new AssertionError("a key that is only overwritten read as absent"))
                        .value();
                assertThat(values)
                        .as("a value of " + seen.length + " bytes read while others were written")
                        .anyMatch(value -> Arrays.equals(value, seen));
            }
        });
    }

    private static byte[] filled(char with, int length) {
        byte[] value = new byte[length];
        Arrays.fill(value, (byte) with);
        return value;
    }
}
