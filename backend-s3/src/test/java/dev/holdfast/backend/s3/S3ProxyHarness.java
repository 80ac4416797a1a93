package dev.holdfast.backend.s3;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import dev.holdfast.spi.Capability;
import dev.holdfast.tck.Harness;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.blobstore.TransientApiMetadata;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;

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
        silence();
        started = new S3ProxyStore(new TransientApiMetadata(), files);
    }

    @Override
    public Map<String, String> options() {
        Map<String, String> options = new HashMap<>(
                Objects.requireNonNull(started, "start() comes first").options());
        // That an instance finds out by itself that it must not lock here is a matter of chance, see S3ProxyTest.
        options.putAll(Map.of("path", "holdfast/", "ha_enabled", "false", "request_timeout", "2s"));
        return options;
    }

    /** What the server logs is not what its client logs, which rule LC-02 reads. */
    private static void silence() {
        ((LoggerContext) LoggerFactory.getILoggerFactory()).addTurboFilter(new TurboFilter() {
            @Override
            public FilterReply decide(
                    Marker marker, Logger logger, Level level, String format, Object[] arguments, Throwable thrown) {
                boolean ofTheServer = logger.getName().startsWith("org.gaul.")
                        || logger.getName().startsWith("jclouds.")
                        || logger.getName().startsWith("org.jclouds.");
                return ofTheServer ? FilterReply.DENY : FilterReply.NEUTRAL;
            }
        });
    }

    @Override
    public Optional<Set<Capability>> expectedCapabilities() {
        return Optional.of(EnumSet.of(Capability.LINEARIZABLE_READS, Capability.DURABLE));
    }

    @Override
    public boolean isDisposable() {
        return true;
    }

    @Override
    public String store() {
        return "S3Proxy " + S3Proxy.class.getPackage().getImplementationVersion() + ", objects in memory";
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
