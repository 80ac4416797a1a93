package dev.holdfast.tck.contender;

import dev.holdfast.tck.UnverifiedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A wall clock that can be stepped while processes run, by libfaketime (Debian's package {@code faketime}). Their
 * monotonic clock stays true.
 */
public final class WallClock implements AutoCloseable {
    private final Path library;
    private final Path offset;

    private WallClock(Path library, Path offset) {
        this.library = library;
        this.offset = offset;
    }

    /**
     * A clock that is right until it is stepped.
     *
     * @throws UnverifiedException when libfaketime is not installed
     */
    public static WallClock create() {
        Path library = library()
                .orElseThrow(() -> new UnverifiedException(
                        "the wall clock cannot be stepped: libfaketime is missing (Debian's package 'faketime')"));
        try {
            WallClock clock = new WallClock(library, Files.createTempFile("holdfast-clock-", ".txt"));
            clock.step(Duration.ZERO);
            return clock;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Path> library() {
        return Stream.of("x86_64-linux-gnu", "aarch64-linux-gnu", "")
                .map(directory -> Path.of("/usr/lib", directory, "faketime", "libfaketimeMT.so.1"))
                .filter(Files::isReadable)
                .findFirst();
    }

    /** The environment in which a process has this clock. */
    public Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD", library.toString(),
                "FAKETIME_TIMESTAMP_FILE", offset.toString(),
                "FAKETIME_CACHE_DURATION", "1",
                "FAKETIME_DONT_FAKE_MONOTONIC", "1",
                "DONT_FAKE_MONOTONIC", "1",
                // Its guess about the clock that the JVM waits on is wrong: timed waits would end at once or never.
                "FAKETIME_FORCE_MONOTONIC_FIX", "0");
    }

    /** Sets how far the clock is off from now on. */
    public void step(Duration off) {
        try {
            Path next = Files.createTempFile("holdfast-clock-", ".next");
            Files.writeString(next, String.format("%+d", off.toSeconds()));
            Files.move(next, offset, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot step the clock", e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(offset);
        } catch (IOException e) {
            // a file in the folder for temporary files
        }
    }
}
