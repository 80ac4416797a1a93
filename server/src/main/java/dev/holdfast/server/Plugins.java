package dev.holdfast.server;

import dev.holdfast.spi.Backends;
import dev.holdfast.spi.config.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backends of the class path and of directories of jars, whose files are open until this is closed: after the backends
 * that they serve.
 */
final class Plugins implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Plugins.class);

    private final Map<Path, Backends> known = new HashMap<>();
    private final List<URLClassLoader> jars = new ArrayList<>();

    /** The backends of the class path alone. */
    static Backends ofClassPath() {
        return Backends.load(Plugins.class.getClassLoader());
    }

    /**
     * All backends that there are; the same ones for the same directory.
     *
     * @param directory null for the class path alone
     * @throws ConfigException when the directory cannot be read
     */
    Backends backends(@Nullable Path directory) {
        return directory == null ? ofClassPath() : known.computeIfAbsent(directory, this::load);
    }

    private Backends load(Path directory) {
        ClassLoader own = Plugins.class.getClassLoader();
        List<URLClassLoader> opened = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                URL[] urls = {jar.toUri().toURL()};
                opened.add(new URLClassLoader(jar.getFileName().toString(), urls, own));
            }
        } catch (IOException | UncheckedIOException e) {
            throw new ConfigException("plugin_directory", List.of(directory + " cannot be read: " + e));
        }
        jars.addAll(opened);
        return Backends.load(new Jars(own, opened));
    }

    /** No class of theirs can be loaded any more. Idempotent. */
    @Override
    public void close() {
        for (URLClassLoader jar : jars) {
            try {
                jar.close();
            } catch (IOException e) {
                log.warn("{} could not be closed: {}", jar.getName(), e.getMessage());
            }
        }
    }

    /**
     * Each jar has a class loader of its own, so that two of them may bring different versions of one library; a provider is
     * found in either place in the same way.
     */
    private static final class Jars extends ClassLoader {
        private static final String SERVICES = "META-INF/services/";

        private final List<URLClassLoader> jars;

        Jars(ClassLoader parent, List<URLClassLoader> jars) {
            super("holdfast-plugins", parent);
            this.jars = jars;
        }

        @Override
        protected Enumeration<URL> findResources(String name) throws IOException {
            List<URL> found = new ArrayList<>();
            if (name.startsWith(SERVICES)) {
                for (URLClassLoader jar : jars) {
                    found.addAll(Collections.list(jar.findResources(name)));
                }
            }
            return Collections.enumeration(found);
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            for (URLClassLoader jar : jars) {
                if (jar.findResource(name.replace('.', '/') + ".class") != null) {
                    return jar.loadClass(name);
                }
            }
            throw new ClassNotFoundException(name);
        }
    }
}
