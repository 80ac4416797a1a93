package dev.holdfast.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.spi.Backends;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsTest {
    /** Two jars have a class of the same name, which tell what they are by it. */
    private static void jar(Path directory, String type) throws IOException {
        Path sources = Files.createDirectories(directory.resolve(type + "-src"));
        Path provider = Files.writeString(sources.resolve("Plugged" + type + ".java"), """
                import dev.holdfast.spi.*;
                import dev.holdfast.spi.config.*;
                public class Plugged%1$s implements BackendProvider {
                    public String type() { return "%1$s-" + Shared.NAME(); }
                    public OptionSchema options() { return OptionSchema.of(); }
                    public Backend open(Config config) { throw new UnsupportedOperationException(); }
                }
                """.formatted(type));
        Path shared = Files.writeString(
                sources.resolve("Shared.java"), "class Shared { static String NAME() { return \"of" + type + "\"; } }");
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "-proc:none",
                        "-cp",
                        System.getProperty("java.class.path"),
                        provider.toString(),
                        shared.toString());
        assertThat(failed).isZero();
        try (OutputStream file = Files.newOutputStream(directory.resolve(type + ".jar"));
                JarOutputStream jar = new JarOutputStream(file)) {
            for (String name : new String[] {"Plugged" + type + ".class", "Shared.class"}) {
                jar.putNextEntry(new JarEntry(name));
                jar.write(Files.readAllBytes(sources.resolve(name)));
            }
            jar.putNextEntry(new JarEntry("META-INF/services/dev.holdfast.spi.BackendProvider"));
            jar.write(("Plugged" + type).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void jarsOfADirectoryAreFoundBesideTheClassPathEachWithItsOwnClasses(@TempDir Path directory) throws IOException {
        jar(directory, "a");
        jar(directory, "b");

        Backends found = Plugins.backends(directory);

        assertThat(found.problems()).isEmpty();
        assertThat(found.types()).contains("a-ofa", "b-ofb", "inmem", "etcd", "zookeeper", "s3");
    }
}
