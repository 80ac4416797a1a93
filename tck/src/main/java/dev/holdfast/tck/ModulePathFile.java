package dev.holdfast.tck;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The list of run-time dependencies that the build leaves beside a backend's classes. */
public final class ModulePathFile {
    private ModulePathFile() {}

    /** The provider's own classes and what they need; empty when the build left no list. */
    public static Optional<List<Path>> of(Class<?> provider) {
        var source = provider.getProtectionDomain().getCodeSource();
        if (source == null) {
            return Optional.empty();
        }
        Path classes = Path.of(URI.create(source.getLocation().toString()));
        Path file = classes.resolveSibling("tck.modulepath");
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            List<Path> entries = new ArrayList<>(List.of(classes));
            for (String entry : Files.readString(file).strip().split(File.pathSeparator, -1)) {
                entries.add(Path.of(entry));
            }
            return Optional.of(entries);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
