package dev.holdfast.backend.s3;

import dev.holdfast.tck.Harness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobApiMetadata;

/** How the kit reaches an S3Proxy in this JVM: {@code ./holdfast tck s3proxy}. */
public final class S3ProxyHarness implements Harness {
    private static final String NAME = "s3proxy";

    private S3ProxyStore started;
    private Path files;

    @Override
    public String type() {
        return "s3";
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String commandLine() {
        return NAME;
    }

    @Override
    public void start() {
        try {
            files = Files.createTempDirectory("holdfast-s3proxy-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        started = new S3ProxyStore(new FilesystemNio2BlobApiMetadata(), files);
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new HashMap<>(
                Objects.requireNonNull(started, "start() comes first").options());
        options.putAll(Map.of("path", "holdfast/", "lock_ttl", "3s", "lock_poll", "200ms", "request_timeout", "2s"));
        return options;
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return "S3Proxy " + S3Proxy.class.getPackage().getImplementationVersion() + ", objects in files";
    }

    // What it declares is not expected: that an instance finds out that it must not lock here is a matter of chance.

    @Override
    public Duration pollInterval() {
        return Duration.ofMillis(200);
    }

    @Override
    public Optional<Map<String, String>> wrongCredentials() {
        return Optional.of(Map.of("secret_key", "not-secret"));
    }

    @Override
    public void close() {
        if (started != null) {
            started.close();
        }
        if (files != null) {
            delete(files);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> all = Files.walk(directory)) {
            all.sorted(Comparator.reverseOrder()).forEach(path -> {
                boolean unused = path.toFile().delete();
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
