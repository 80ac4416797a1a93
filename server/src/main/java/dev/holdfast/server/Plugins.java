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
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The backends of the class path and of a directory of jars. Each jar has a class loader of its own, so that two of them
 * may bring different versions of one library; a provider is found in either place in the same way.
 */
final class Plugins extends ClassLoader {
    private static final String SERVICES = "META-INF/services/";

    private final List<URLClassLoader> jars;

    private Plugins(ClassLoader parent, List<URLClassLoader> jars) {
        super("holdfast-plugins", parent);
        this.jars = jars;
    }

    /**
     * All backends that there are.
     *
     * @param directory null for the class path alone
     * @throws ConfigException when the directory cannot be read
     */
    static Backends backends(@Nullable Path directory) {
        ClassLoader own = Plugins.class.getClassLoader();
        if (directory == null) {
            return Backends.load(own);
        }
        List<URLClassLoader> jars = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList()) {
                URL[] urls = {jar.toUri().toURL()};
                jars.add(new URLClassLoader(jar.getFileName().toString(), urls, own));
            }
        } catch (IOException | UncheckedIOException e) {
            throw new ConfigException("plugin_directory", List.of(directory + " cannot be read: " + e));
        }
        return Backends.load(new Plugins(own, jars));
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
