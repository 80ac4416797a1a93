package dev.holdfast.ha;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.holdfast.spi.Entry;
import dev.holdfast.spi.Key;
import dev.holdfast.spi.Prefix;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the active of a bounded pair keeps in storage for as long as writes of its may be on the way.
 *
 * @param renewals how often it was renewed; whoever sees another number knows that the active was there meanwhile
 * @param settled how long after a renewal the last write that it allowed has arrived, as its writer reckons
 */
record Marker(long renewals, Duration settled) {
    private static final Pattern TEXT = Pattern.compile("([0-9]{1,18}) ([0-9]{1,12})");

    static Prefix all(Key lock) {
        return Prefix.of(lock.path() + "/terms/");
    }

    /** @param token of the term whose marker it is */
    static Key key(Key lock, long token) {
        return all(lock).key(String.valueOf(token));
    }

    /** Of the term whose marker this is; empty for any other name. */
    static Optional<Long> token(Key key) {
        try {
            return Optional.of(Long.parseLong(key.name()));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    Entry at(Key key) {
        return Entry.of(key, (renewals + " " + settled.toMillis()).getBytes(US_ASCII));
    }

    /** Empty when this says something else, as that of another version may. */
    static Optional<Marker> of(Entry entry) {
        Matcher text = TEXT.matcher(new String(entry.value(), US_ASCII));
        return text.matches()
                ? Optional.of(
                        new Marker(Long.parseLong(text.group(1)), Duration.ofMillis(Long.parseLong(text.group(2)))))
                : Optional.empty();
    }
}
